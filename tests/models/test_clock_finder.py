"""The finder's arithmetic: what it should answer is what is read from its answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.models.clock_finder import STRIDE, TYPICAL, WINDOW, Candidate, decode, separate, targets


def answer_for(dials):
    """A network's answer that is sure of `dials` (x, y, diameter)."""
    wanted, places = targets(np.array([dials], float))
    return np.concatenate([np.where(wanted[0, ..., None] == 1, 9.0, -9.0), places[0]], axis=-1).astype(np.float32)


@given(st.floats(10, 86), st.floats(10, 86), st.floats(16, 100))
def test_a_dial_is_read_back_from_what_is_wanted(x, y, diameter):
    found = decode(answer_for([(x, y, diameter)]), WINDOW, 0.5)
    assert found
    for candidate in found:
        assert candidate.x * WINDOW == pytest.approx(x, abs=0.01) and candidate.y * WINDOW == pytest.approx(y, abs=0.01)
        assert candidate.diameter * WINDOW == pytest.approx(diameter, rel=0.001)


def test_the_middle_of_a_dial_beyond_the_image_counts_for_nothing():
    wanted, _ = targets(np.array([[(48, 48, 150), (0, 0, 0)]], float))
    assert set(np.unique(wanted)) == {-1, 0}


def test_an_empty_image_wants_nothing():
    wanted, places = targets(np.zeros((2, 3, 3)))
    assert not wanted.any() and not places.any() and wanted.shape == (2, WINDOW // STRIDE, WINDOW // STRIDE)


def test_the_likeliest_of_overlapping_candidates_stays():
    one, same, other = (Candidate(0.5, 0.5, 0.2, 0.9), Candidate(0.52, 0.5, 0.22, 0.8), Candidate(0.8, 0.5, 0.2, 0.7))
    inner = Candidate(0.5, 0.51, 0.1, 0.6)
    assert separate([one, same, other, inner]) == [one, other]


def test_sizes_that_make_no_sense_are_bounded():
    answer = np.zeros((1, 1, 4), np.float32)
    answer[..., 0], answer[..., 3] = 5, 50
    assert decode(answer, WINDOW, 0.5)[0].diameter * WINDOW < 10 * TYPICAL
