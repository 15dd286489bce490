"""Reading a search for a learning rate: on losses whose shape is known."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.measures.rate_reading import Attempt, has_seen_enough, read_range, read_thirds, smoothed
from lib.spec.rate_search import RANGE, SEARCHES, THIRDS, RateSearch

RATES = RateSearch(RANGE, 1e-6, 10.0, 211).rates()


def valley(lowest, start=2.3, low=0.5):
    """A loss that is flat, falls to `low` at rate `lowest`, and rises beyond."""
    distance = np.log10(np.asarray(RATES) / lowest)
    falling = low + (start - low) * np.clip(-distance / 2, 0, 1)
    return np.where(distance < 0, falling, low * 10 ** (2 * np.maximum(distance, 0)))


def test_rates_rise_by_the_same_factor_or_fall_by_three():
    factors = np.diff(np.log(RATES))
    assert RATES[0] == 1e-6 and RATES[-1] == pytest.approx(10.0) and np.allclose(factors, factors[0])
    thirds = SEARCHES[THIRDS].rates()
    assert thirds[0] == 10.0 and all(a / b == pytest.approx(3) for a, b in pairwise(thirds))
    assert 1e-6 <= thirds[-1] < 3e-6


@pytest.mark.parametrize("lowest", [0.003, 0.1, 1.0])
def test_a_tenth_of_the_rate_of_the_lowest_loss_is_suggested(lowest):
    losses = list(valley(lowest))
    count = next((i for i in range(2, len(losses)) if has_seen_enough(losses[:i])), len(losses))
    reading = read_range(RATES, losses[:count])
    # Smoothing looks back, so the lowest point of the smoothed curve comes a little later.
    assert lowest / 10 <= reading.suggested <= 2.5 * lowest / 10
    assert lowest <= reading.lowest <= 2.5 * lowest
    assert f"{reading.lowest:.2g}" in reading.reason and "A tenth" in reading.reason
    if lowest < 1:
        assert reading.diverged > reading.lowest and "worse than untrained" in reading.reason


def test_noise_moves_the_suggestion_little():
    noise = np.random.default_rng(0).normal(0, 0.2, len(RATES))
    quiet, loud = read_range(RATES, list(valley(0.1))), read_range(RATES, list(valley(0.1) + noise))
    assert 0.5 < loud.suggested / quiet.suggested < 2


def test_a_loss_that_is_no_number_ends_the_range():
    losses = [*valley(0.1)[:160], math.nan, math.nan]
    assert has_seen_enough(losses) and not has_seen_enough(losses[:150])
    reading = read_range(RATES, losses)
    assert reading.suggested is not None and reading.diverged <= RATES[160]
    assert read_range(RATES, [math.nan] * 4).suggested is None
    assert "NaN" in read_range(RATES, [2.3, math.inf]).reason


def test_a_loss_that_never_falls_suggests_nothing_and_says_why():
    reading = read_range(RATES, [2.3] * len(RATES))
    assert reading.suggested is None and "did not fall at any rate: it began at 2.3" in reading.reason


def test_smoothing_starts_at_the_first_loss():
    assert smoothed([2.0, 2.0, 2.0]) == pytest.approx([2.0, 2.0, 2.0]) and len(smoothed([])) == 0


def test_dividing_by_three_takes_the_first_rate_that_learns():
    attempts = [Attempt(10.0, 2.3, math.nan), Attempt(10 / 3, 2.3, 2.31), Attempt(10 / 9, 2.3, 1.2)]
    reading = read_thirds(attempts)
    assert reading.suggested == 1.1 and reading.diverged == 10 / 3
    assert "from 10, divided by three" in reading.reason
    assert "went from 2.3 to 2.31, at 1.1 to 1.2" in reading.reason
    assert "to NaN" in read_thirds([attempts[0], Attempt(3.3, 2.3, 1.0)]).reason


def test_dividing_by_three_can_find_nothing_or_everything():
    assert read_thirds([]).suggested is None and read_thirds([Attempt(10.0, 2.3, 2.2)]).suggested is None
    reading = read_thirds([Attempt(10.0, 2.3, 0.5)])
    assert reading.suggested == 10.0 and "even at 10" in reading.reason


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_no_smoothing_changes_nothing(values):
    np.testing.assert_allclose(smoothed(values, 0.0), values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 0.99))
def test_smoothing_is_a_weighted_mean_of_the_past(values, weight):
    result = smoothed(values, weight)
    for i, value in enumerate(result):
        weights = weight ** np.arange(i, -1, -1.0)
        assert value == pytest.approx(np.average(values[: i + 1], weights=weights), rel=1e-6, abs=1e-6)


def test_smoothing_refuses_a_weight_of_one():
    with pytest.raises(ValueError, match="weight"):
        smoothed([1.0], 1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 0.99))
def test_smoothing_is_that_of_pandas(values, weight):
    expected = pd.Series(values).ewm(alpha=1 - weight).mean().to_numpy()
    np.testing.assert_allclose(smoothed(values, weight), expected, rtol=1e-6, atol=1e-6)
