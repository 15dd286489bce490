"""What was measured of the clock reader: how sure it may be, what it gets wrong, how often it finds a clock in an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.base.json_files import read_json

READING_ROWS = Path(__file__).resolve().parents[2] / "checkpoints" / "measured" / "clock_reader.json"
#: Small images in which a clock was not found, or one was found that is none: `images`, `frames`, `what`.
SCENE_FAILURES = READING_ROWS.with_name("clock_failures.npz")
#: What holds before anything was measured: probabilities as they are, sure from nine tenths on.
_UNMEASURED = {"temperature": 1.0, "sure_from": 0.9}


def reading_figures(path: Path = READING_ROWS) -> dict[str, Any]:
    """`temperature` and `sure_from` of the reader's probabilities, and what `scripts/measure_clock_reader.py` measured."""
    return read_json(path, _UNMEASURED)
