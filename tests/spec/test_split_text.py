"""Splits in links."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.spec.permutations import PermutationSpec
from lib.spec.specs import DataSpec
from lib.spec.split_text import USUAL, split_text, with_split

_ORDERS = st.none() | st.builds(PermutationSpec, st.just("full"), st.just(0), st.integers(0, 99)) | st.builds(
    PermutationSpec, st.just("blocks"), st.integers(1, 28), st.integers(0, 99))
_DATA = st.builds(DataSpec, st.just("mnist"), st.none(), st.none() | st.integers(0, 9000), st.integers(0, 99), _ORDERS,
                  st.sampled_from(["random", "start"]), st.sampled_from([0.0, 0.1, 0.25, 0.5]))


@given(_DATA, _DATA)
def test_a_split_is_read_as_it_was_written(data, usual):
    text = split_text(data, usual)
    assert (with_split(DataSpec("mnist"), text) == data) if text else replace(usual) == data
    assert split_text(data, data) == ""


def test_the_usual_split_has_a_word_where_another_one_is_usual():
    assert split_text(DataSpec(), DataSpec(validation_size=50)) == USUAL and with_split(DataSpec(), USUAL) == DataSpec()


@pytest.mark.parametrize("text", ["x", "v", "v-1", "vx", "o2", "pfull", "pnone.0.0", "pblocks.x.1", "s-1", "~", "v1~~"])
def test_nonsense_is_a_sentence(text):
    with pytest.raises(SpecError):
        with_split(DataSpec(), text)
