"""A run's history as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from lib.spec.runs import EpochLog


def history_csv(epochs: Sequence[EpochLog]) -> str:
    """One row per epoch (numbered from 1): epoch, step, seconds, then every metric; empty where one is missing."""
    names = list(dict.fromkeys(name for log in epochs for name in log.metrics))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", "step", "seconds", *map(cell_text, names)])
    for log in epochs:
        writer.writerow([log.epoch + 1, log.step, round(log.seconds, 3), *(log.metrics.get(n, "") for n in names)])
    return text.getvalue()


def cell_text(text: str) -> str:
    """`text` for a cell of a table: with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
