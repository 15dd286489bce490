"""Sentences about curves: there when the numbers say so, silent otherwise."""

import numpy as np
import pytest

from lib.catalog.presets import PRESETS
from lib.measures.diagnosis import overfitting, rate_too_high, validation_ahead, why_so_low
from lib.spec.specs import ArchitectureSpec, DenseSpec, FlattenSpec, RunSpec


def epochs(losses, validation):
    return [{"loss": a, "val_loss": b} for a, b in zip(losses, validation, strict=True)]


def test_over_fitting_is_named_with_its_epoch_and_numbers():
    words = overfitting(epochs([1, 0.5, 0.3, 0.2, 0.1, 0.05], [1, 0.6, 0.7, 0.8, 0.9, 1.2]))
    assert "since epoch 2" in words
    assert "0.5000 to 0.0500" in words and "0.6000 to 1.2000" in words  # as test losses are written


@pytest.mark.parametrize(("losses", "validation"), [
    ([1, 0.5, 0.3, 0.2, 0.1, 0.05], [1, 0.6, 0.5, 0.45, 0.4, 0.39]),
    ([1, 0.5, 0.3], [1, 0.6, 0.9]),
    ([1, 0.5, 0.5, 0.5, 0.5, 0.5], [1, 0.6, 0.9, 0.9, 0.9, 0.9]),
    ([1, 0.5, 0.3, 0.2, 0.1, 0.05], [1, 0.6, 0.61, 0.6, 0.61, 0.61]),
    ([], []),
], ids=["still learning", "too early", "training stands still", "validation stands still", "nothing yet"])
def test_no_over_fitting_no_word(losses, validation):
    assert overfitting(epochs(losses, validation)) == ""


def test_jumping_validation_loss_is_no_over_fitting():
    """The default run on the bundled digits: 150 validation images, whose loss halves and doubles at random."""
    rng = np.random.default_rng(3)
    validation = [*np.geomspace(1, 0.02, 20), *0.03 * rng.uniform(0.7, 3, 40)]
    told = [n for n in range(1, 61) if overfitting(epochs(np.geomspace(1, 0.001, n), validation[:n]))]
    assert len(told) <= 2
    rising = [*np.geomspace(1, 0.02, 20), *np.geomspace(0.02, 0.2, 40) * rng.uniform(0.8, 1.2, 40)]
    told = [n for n in range(1, 61) if overfitting(epochs(np.geomspace(1, 0.001, n), rising[:n]))]
    assert set(range(30, 61)) <= set(told)


def test_without_validation_there_is_no_word():
    assert overfitting([{"loss": 1.0 / (n + 1)} for n in range(9)]) == ""


def test_why_validation_is_ahead():
    with_dropout, without = (RunSpec(PRESETS[name].architecture) for name in ("a1_model3_relu", "a5_64_64"))
    ahead = [{"accuracy": 0.9, "val_accuracy": 0.95}]
    assert "dropout is off" in validation_ahead(ahead, with_dropout)
    assert "dropout" not in validation_ahead(ahead, without)
    assert "average over the epoch" in validation_ahead(ahead, without)
    assert validation_ahead([{"accuracy": 0.95, "val_accuracy": 0.951}], with_dropout) == ""
    assert validation_ahead([], with_dropout) == ""


def test_a_penalty_in_the_loss_is_not_taken_for_a_rate_that_is_too_high():
    high = [{"loss": 9.0 + 0.01 * (n % 2)} for n in range(12)]
    plain, penalised = (RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(8, l1=l1), DenseSpec(10, "softmax"))))
                        for l1 in (0.0, 0.01))
    assert "too high" in rate_too_high(high, plain, 10) and rate_too_high(high, penalised, 10) == ""


def test_a_poor_network_is_named_with_its_likely_reason():
    good = RunSpec(PRESETS["a1_model3_relu"].architecture)
    assert why_so_low(0.9, 10, good, 5000) == ""
    assert "learning rate" in why_so_low(0.1, 10, good, 5000)
    assert "120 steps are few" in why_so_low(0.1, 10, good, 120)
    assert "66 steps are few" in why_so_low(0.25, 10, good, 66) and why_so_low(0.25, 10, good, 5000) == ""
    without_softmax = RunSpec(PRESETS["a2_relu_relu_relu"].architecture)
    assert "output layer is relu" in why_so_low(0.1, 10, without_softmax, 5000)
    hidden = RunSpec(PRESETS["a2_softmax_softmax_softmax"].architecture)
    assert "hidden layer is softmax" in why_so_low(0.1, 10, hidden, 5000)
