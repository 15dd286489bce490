"""What was measured of the small clock networks: how each learned turned dials, and its errors by the dial's turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.base.json_files import read_json

#: How many freely turned clocks every head's answers are kept of, and the seed of these: a gallery.
GALLERY = (12, (401, 12))
HEAD_ROWS = Path(__file__).resolve().parents[2] / "checkpoints" / "measured" / "clock_heads.json"


def head_rows(path: Path = HEAD_ROWS) -> list[dict[str, Any]]:
    """One row a head: `kind`, `seed`, `test_seed`, `date`, `curve` (a row for each block of training: turn, loss,
    val_minutes, val_median_minutes), `bands` (`clock_report` with from, to and images, by the turn in degrees), `kinds`
    (kind of answer -> share, see `lib.measures.clock_confidence`) and `gallery` (answers in minutes to `GALLERY`)."""
    return list(read_json(path, ()))
