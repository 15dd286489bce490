"""Temperature, reliability, and the threshold below which nothing is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.measures.reliability import (
    Detector,
    detector_inputs,
    fitted_temperature,
    least_score,
    log_loss,
    logarithms,
    reliability,
    tempered,
)


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
    temperature = fitted_temperature(logarithms(probabilities), labels)
    assert temperature == pytest.approx(sharpness, rel=0.1)
    calibrated = tempered(logarithms(probabilities), temperature)
    assert log_loss(calibrated, labels) <= log_loss(probabilities, labels) + 1e-6
    right = probabilities.argmax(axis=1) == labels
    assert reliability(calibrated.max(axis=1), right)[1] < 0.04


@given(st.floats(0.3, 4))
def test_softening_keeps_the_order_and_sums_to_one(temperature):
    probabilities, _ = answers(1.0, count=50)
    softer = tempered(logarithms(probabilities), temperature)
    assert softer.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(softer.argmax(axis=1), probabilities.argmax(axis=1))


def test_reliability_counts_every_image_once_and_measures_the_distance():
    confidence, right = np.array([0.95, 0.95, 0.95, 0.95, 0.55]), np.array([1, 1, 1, 0, 1], bool)
    rows, error = reliability(confidence, right, bins=10)
    assert [row["images"] for row in rows] == [1, 4] and [row["accuracy"] for row in rows] == [1.0, 0.75]
    assert error == pytest.approx(0.8 * 0.2 + 0.2 * 0.45)


def test_the_threshold_refuses_at_most_the_share_of_every_kind():
    rng = np.random.default_rng(0)
    sharp, vague = rng.normal(5, 1, 1000), rng.normal(2, 1, 1000)
    least = least_score({0.01: sharp, 0.05: vague})
    assert (sharp < least).mean() <= 0.01 and (vague < least).mean() <= 0.05
    assert max((sharp < least).mean() / 0.01, (vague < least).mean() / 0.05) > 0.9


def test_a_detector_weighs_features_and_sorted_outputs():
    features, logits = np.array([[0.0, 1.0]]), np.array([[3.0, -1.0, 20.0]])
    inputs = detector_inputs(features, logits)
    assert inputs == pytest.approx(np.array([[0.0, np.log(11), -0.1, 0.3, 2.0]]))
    detector = Detector(np.array([0, 1, 0, 0, 1.0]), -1.0, least=0.0)
    assert detector.scores(features, logits) == pytest.approx([np.log(11) + 1])
    assert detector.scores(features, logits[:, ::-1]) == pytest.approx([np.log(11) + 1])
