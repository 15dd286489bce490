"""Probabilities of times: honest ones are left as they are, and every kind of mistake has its name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.clockface import PERIOD, circular_error
from lib.measures.clock_confidence import (
    KINDS,
    answers,
    kinds_of_answers,
    near_probability,
    reading,
    sure_threshold,
)
from lib.measures.reliability import fitted_temperature, reliability, tempered


def peaks(**at):
    """Log-probabilities with so much on each of the minutes m<minute>, the rest spread."""
    shares = np.full(PERIOD, (1 - sum(at.values())) / PERIOD)
    for name, share in at.items():
        shares[int(name[1:])] += share
    return np.log(shares)


def test_the_two_likeliest_answers_are_apart():
    said = reading(peaks(m278=0.5, m279=0.2, m443=0.25), 1.0)
    assert (said.minutes, said.other) == (278, 443)
    assert said.probability == pytest.approx(0.7, abs=0.01) and said.other_probability == pytest.approx(0.25, abs=0.01)


def test_midnight_is_no_edge():
    said = reading(peaks(m719=0.5, m0=0.4), 1.0)
    assert said.minutes == 719 and said.probability > 0.89
    assert circular_error(said.minutes, said.other) > 4


@given(st.floats(0.5, 8))
def test_probabilities_sum_to_one_at_every_temperature(temperature):
    scores = np.random.default_rng(3).normal(0, 4, (5, PERIOD))
    shares = tempered(scores, temperature)
    assert shares.sum(axis=1) == pytest.approx(np.ones(5))
    assert near_probability(shares).sum(axis=1) == pytest.approx(np.full(5, 3))
    assert np.array_equal(shares.argmax(1), scores.argmax(1))


def test_a_boastful_reader_is_cooled_down():
    rng = np.random.default_rng(0)
    true = rng.integers(PERIOD, size=600)
    modest = np.stack([peaks(**{f"m{t}": 0.6, f"m{(t + 300) % PERIOD}": 0.3}) for t in true])
    wrong = rng.random(600) < 1 / 3
    modest[wrong] = np.roll(modest[wrong], -300, axis=1)  # the second answer is right in a third
    temperature = fitted_temperature(3 * modest, true, near_probability)
    assert 2 < temperature < 5
    _, before = reliability(*confidence_and_right(3 * modest, true, 1.0))
    _, after = reliability(*confidence_and_right(3 * modest, true, temperature))
    assert after < before / 2


def confidence_and_right(scores, true, temperature):
    said, confidence = answers(scores, temperature)
    return confidence, circular_error(true, said) <= 1


def test_sure_answers_are_as_right_as_asked():
    confidence, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True])
    assert sure_threshold(confidence, right, 1.0) == 0.8
    assert sure_threshold(confidence, right, 0.75) == 0.6
    assert sure_threshold(confidence, ~right, 1.0) == 1.0  # none can be


def minutes(text):
    hour, minute = text.split(":")
    return int(hour) % 12 * 60 + int(minute)


@pytest.mark.parametrize(("true", "said", "kind"), [
    ("4:38", "4:39", "right"), ("12:00", "11:59", "right"), ("4:38", "4:42", "near"), ("4:38", "7:23", "swapped"),
    ("4:38", "5:38", "hour"), ("4:38", "7:22", "swapped"), ("2:00", "10:00", "mirrored"), ("1:00", "7:30", "half_turn"),
    ("1:00", "3:10", "turned"), ("4:38", "10:38", "hour_hand"), ("4:38", "4:10", "minute_hand"), ("4:38", "9:05", "else"),
])
def test_every_mistake_has_its_name(true, said, kind):
    assert kinds_of_answers(np.array([minutes(true)]), np.array([minutes(said)])) == [kind]


@given(st.lists(st.tuples(st.integers(0, 719), st.integers(0, 719)), min_size=1))
def test_every_answer_has_a_kind(pairs):
    true, said = map(np.array, zip(*pairs, strict=True))
    kinds = kinds_of_answers(true, said)
    assert set(kinds) <= set(KINDS)
    assert all((kind == "right") == (circular_error(t, s) <= 1) for kind, t, s in zip(kinds, true, said, strict=True))
