"""Collages: squares filled with whole photographs of one source."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lib.datasets.backgrounds import collage

SOURCES = [np.full((3, 32, 32), 40, np.uint8), np.full((2, 64, 64), 200, np.uint8)]


@given(st.integers(0, 2**31), st.integers(16, 200))
def test_a_collage_is_filled_and_of_one_source(seed, side):
    square = collage(np.random.default_rng(seed), SOURCES, side)
    assert square.shape == (side, side) and square.dtype == np.uint8
    assert set(np.unique(square)) in ({40}, {200})


def test_a_seed_decides_a_collage():
    rng = np.random.default_rng(0)
    sources = [rng.integers(0, 256, (5, 28, 28), dtype=np.uint8)]
    one, same, other = (collage(np.random.default_rng(seed), sources, 90) for seed in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
