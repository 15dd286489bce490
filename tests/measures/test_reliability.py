"""Temperature, reliability, and the threshold below which nothing is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.measures.reliability import fitted_temperature, least_confidence, log_loss, reliability, softened


def answers(sharpness, seed=0, count=4000):
    """Probabilities whose logarithms are `sharpness` times as large as they should be, and labels."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (count, 5))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
    sharp = np.exp(sharpness * logits)
    return sharp / sharp.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_how_much_too_sharp_they_are(sharpness):
    probabilities, labels = answers(sharpness)
    temperature = fitted_temperature(probabilities, labels)
    assert temperature == pytest.approx(sharpness, rel=0.1)
    calibrated = softened(probabilities, temperature)
    assert log_loss(calibrated, labels) <= log_loss(probabilities, labels) + 1e-6
    right = probabilities.argmax(axis=1) == labels
    assert reliability(calibrated.max(axis=1), right)[1] < 0.04


@given(st.floats(0.3, 4))
def test_softening_keeps_the_order_and_sums_to_one(temperature):
    probabilities, _ = answers(1.0, count=50)
    softer = softened(probabilities, temperature)
    assert softer.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(softer.argmax(axis=1), probabilities.argmax(axis=1))


def test_reliability_counts_every_image_once_and_measures_the_distance():
    confidence, right = np.array([0.95, 0.95, 0.95, 0.95, 0.55]), np.array([1, 1, 1, 0, 1], bool)
    rows, error = reliability(confidence, right, bins=10)
    assert [row["images"] for row in rows] == [1, 4] and [row["accuracy"] for row in rows] == [1.0, 0.75]
    assert error == pytest.approx(0.8 * 0.2 + 0.2 * 0.45)


def test_the_threshold_lies_between_what_is_known_and_what_is_not():
    known, unknown = np.array([0.8, 0.9, 0.99]), np.array([0.2, 0.3, 0.4])
    least = least_confidence([known, known - 0.1], unknown)
    assert 0.4 < least <= 0.7


def test_a_digit_that_is_refused_weighs_more_than_a_scribble_that_is_read():
    known, unknown = np.array([0.5] * 10 + [0.9] * 90), np.array([0.6] * 30 + [0.1] * 70)
    assert least_confidence([known], unknown) <= 0.5
