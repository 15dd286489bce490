"""Where a convolution through spectra pays, by counting: the cases were timed on two cores when the rule was made."""

from __future__ import annotations

import pytest

from lib.spec.spectra import Spectra


@pytest.mark.parametrize(("maps", "size", "filters", "padding"), [
    ((14, 14, 64), 7, 256, "same"),  # the second convolution of report 000's model 4: a fifth of the time
    ((14, 14, 128), 7, 128, "same"),
    ((7, 7, 256), 7, 256, "same"),
    ((14, 14, 64), 5, 64, "valid"),
])
def test_large_kernels_over_many_maps_pay(maps: tuple[int, int, int], size: int, filters: int, padding: str) -> None:
    assert Spectra(maps, (size, size), filters, padding).pays


@pytest.mark.parametrize(("maps", "size", "filters", "padding"), [
    ((28, 28, 1), 7, 64, "same"),
    ((14, 14, 64), 3, 64, "same"),
    ((75, 75, 64), 7, 256, "same"),  # spectra of large maps fill the memory
    ((5, 5, 64), 7, 64, "valid"),  # does not fit at all
])
def test_small_kernels_few_maps_and_large_maps_do_not(
    maps: tuple[int, int, int], size: int, filters: int, padding: str,
) -> None:
    assert not Spectra(maps, (size, size), filters, padding).pays
