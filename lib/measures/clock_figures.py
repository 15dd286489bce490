"""How well times were read: figures of predictions, and what was measured of the small networks and of the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lib.base.folders import MEASURED
from lib.base.json_files import read_json
from lib.clockface.geometry import PERIOD, circular_error, hand_angles, minutes_from_angles

#: How many freely turned clocks every head's answers are kept of, and the seed of these: a gallery.
GALLERY = (12, (401, 12))
HEAD_ROWS, READING_ROWS = MEASURED / "clock_heads.json", MEASURED / "clock_reader.json"
#: Small images in which a clock was not found, or one was found that is none: `images`, `frames`, `what`.
SCENE_FAILURES = MEASURED / "clock_failures.npz"
#: What holds before anything was measured: probabilities as they are, sure from nine tenths on.
_UNMEASURED = {"temperature": 1.0, "sure_from": 0.9}
#: Chance level of the mean error: guesses spread evenly over the dial are 180 minutes off on average.
CHANCE_MINUTES = PERIOD / 4


def clock_report(true: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Figures of predicted against true minutes after 12:00, arrays (N,) with values in [0, 720).

    `minutes`, `median_minutes`, `p95_minutes`: mean, median and 95th percentile of the circular error;
    `within_1`, `within_5`: shares; `hour_accuracy`: share whose hour is right; `hand_swaps`: share whose error
    exceeds five minutes and vanishes (to three minutes) once the hands are exchanged; `wraps`: share that is
    within an hour on the dial and yet more than ten hours off as a number, the trap of plain regression.
    """
    true, predicted = np.asarray(true, np.float64), np.asarray(predicted, np.float64) % PERIOD
    error = circular_error(true, predicted)
    hour_angle, minute_angle = hand_angles(true)
    swapped = minutes_from_angles(minute_angle, hour_angle)
    same_hour = np.floor(np.rint(predicted) % PERIOD / 60) == np.floor(true / 60)
    return {
        "minutes": float(error.mean()),
        "median_minutes": float(np.median(error)),
        "p95_minutes": float(np.percentile(error, 95)),
        "within_1": float((error <= 1).mean()),
        "within_5": float((error <= 5).mean()),
        "hour_accuracy": float(same_hour.mean()),
        "hand_swaps": float(((error > 5) & (circular_error(swapped, predicted) <= 3)).mean()),
        "wraps": float(((error < 60) & (np.abs(true - predicted) > 600)).mean()),
    }


def head_rows(path: Path = HEAD_ROWS) -> list[dict[str, Any]]:
    """One row a head: `kind`, `seed`, `test_seed`, `date`, `curve` (a row for each block of training: turn, loss,
    val_minutes, val_median_minutes), `bands` (`clock_report` with from, to and images, by the turn in degrees), `kinds`
    (kind of answer -> share, see `lib.measures.clock_confidence`) and `gallery` (answers in minutes to `GALLERY`)."""
    return list(read_json(path, ()))


def reading_figures(path: Path = READING_ROWS) -> dict[str, Any]:
    """`temperature` and `sure_from` of the reader's probabilities, and what `scripts/measure_clock_reader.py` measured."""
    return read_json(path, _UNMEASURED)
