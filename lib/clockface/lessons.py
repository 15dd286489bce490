"""Small demonstrations for the clock page: what two losses say about predictions that do not look at the image."""

from __future__ import annotations

import numpy as np

from lib.clockface.geometry import PERIOD, circular_error

#: Minutes after 12:00 that a blurred image of "about twelve" may mean, equally likely.
ABOUT_TWELVE = np.concatenate([np.arange(710, 720), np.arange(10)])
#: Predictions that the demonstrations compare.
PREDICTIONS = (0, 180, 360, 540, 719)


def _words(minute: int) -> str:
    return f"{minute // 60 or 12}:{minute % 60:02d}"


def regression_rows() -> list[tuple[str, float, float, str]]:
    """(prediction, its mean absolute error, its mean circular error, where the absolute error pulls it) about twelve."""
    rows = []
    for minute in PREDICTIONS:
        slope = absolute_slope(minute, ABOUT_TWELVE)
        pull = "nowhere" if slope == 0 else "back" if slope > 0 else "on"
        rows.append((_words(minute), float(np.abs(ABOUT_TWELVE - minute).mean()),
                     float(circular_error(ABOUT_TWELVE, np.full(len(ABOUT_TWELVE), minute)).mean()), pull))
    return rows


def constant_rows() -> list[tuple[str, float, float, float, float]]:
    """(constant prediction, mean absolute error and its slope, mean circular error and its slope) over all 720 minutes."""
    every = np.arange(PERIOD)
    return [(_words(minute), float(np.abs(every - minute).mean()), absolute_slope(minute, every),
             float(circular_error(every, np.full(PERIOD, minute)).mean()), circular_slope(minute, every))
            for minute in PREDICTIONS]


def absolute_slope(prediction: float, true: np.ndarray) -> float:
    """How fast the mean absolute error grows with the prediction: from -1 to 1."""
    return float(np.sign(prediction - true).mean())


def circular_slope(prediction: float, true: np.ndarray) -> float:
    """How fast the mean circular error grows with the prediction, 0 where the two ways round are equally long."""
    ahead = (prediction - true) % PERIOD
    return float(np.where((ahead == 0) | (ahead == PERIOD / 2), 0, np.where(ahead < PERIOD / 2, 1, -1)).mean())
