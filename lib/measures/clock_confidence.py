"""How sure a reading is: calibrated probabilities, the two likeliest times, and kinds of mistakes.

`log_probabilities` are a reader's, float (N, 720), of the times in whole minutes after 12:00.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.clockface.geometry import PERIOD, circular_error, hand_angles, minutes_from_angles
from lib.measures.reliability import tempered

#: An answer this close counts as right, and its probability is that of all times this close.
NEAR = 1
#: Times this far from a likelier one are another answer.
APART = 4


def near_probability(probabilities: np.ndarray) -> np.ndarray:
    """For every time the probability that the true one is within `NEAR` minutes of it, same shape."""
    return np.sum([np.roll(probabilities, shift, axis=-1) for shift in range(-NEAR, NEAR + 1)], axis=0)


@dataclass(frozen=True, slots=True)
class Reading:
    """The likeliest time in minutes after 12:00 and its probability, and the likeliest that is another answer."""

    minutes: int
    probability: float
    other: int
    other_probability: float


def reading(log_probabilities: np.ndarray, temperature: float) -> Reading:
    """What one image's `log_probabilities` (720,) say: the two best answers, each with all times near it."""
    probabilities = tempered(log_probabilities, temperature)
    near = near_probability(probabilities)
    best = int(probabilities.argmax())
    away = circular_error(best, np.arange(PERIOD)) > APART
    other = int(np.where(away, probabilities, -1.0).argmax())
    return Reading(best, float(near[best]), other, float(near[other]))


def answers(log_probabilities: np.ndarray, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest minute of each image, int64 (N,), and its probability, float64 (N,)."""
    probabilities = tempered(log_probabilities, temperature)
    best = probabilities.argmax(axis=1)
    return best, near_probability(probabilities)[np.arange(len(best)), best]


def sure_threshold(confidence: np.ndarray, right: np.ndarray, wanted: float) -> float:
    """The least probability above which at least the share `wanted` of a validation split's answers is right."""
    order = np.argsort(-confidence)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share >= wanted)
    return float(confidence[order[good[-1]]]) if len(good) else 1.0


#: Kinds of answers, in the order in which they are tried: the first that fits counts.
KINDS = {
    "right": "right, to a minute", "near": "two to five minutes off", "swapped": "hands swapped",
    "hour": "an hour off", "mirrored": "read as in a mirror", "half_turn": "dial upside down",
    "turned": "dial turned otherwise", "hour_hand": "minute right, hour wrong", "minute_hand": "hour right, minute wrong",
    "else": "anything else",
}


def kinds_of_answers(true: np.ndarray, predicted: np.ndarray) -> list[str]:
    """The kind (a key of `KINDS`) of every answer; minutes after 12:00, arrays (N,)."""
    true, predicted = np.asarray(true, np.float64), np.asarray(predicted, np.float64) % PERIOD
    off = circular_error(true, predicted)
    hour, minute = hand_angles(true)
    said_hour, said_minute = hand_angles(predicted)
    by_minute, by_hour = (_signed(a - b) for a, b in ((said_minute, minute), (said_hour, hour)))
    together = np.abs(_signed(by_minute - by_hour)) <= 18  # both hands are off by the same turn
    tests = {
        "right": off <= NEAR, "near": off <= 5,
        "swapped": circular_error(minutes_from_angles(minute, hour), predicted) <= 4,
        "hour": np.abs(off - 60) <= 2, "mirrored": circular_error(-true % PERIOD, predicted) <= 2,
        "half_turn": together & (np.abs(by_minute) >= 162), "turned": together & (np.abs(by_minute) > 18),
        "hour_hand": np.abs(by_minute) <= 12, "minute_hand": np.abs(by_hour) <= 15,
    }
    found = np.full(len(true), "else", dtype=object)
    for name, fits in reversed(tests.items()):
        found[fits] = name
    return found.tolist()


def _signed(angle: np.ndarray) -> np.ndarray:
    return (angle + 180.0) % 360.0 - 180.0
