"""Runs and their histories as tables for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from lib.spec.runs import EpochLog, RunRecord
from lib.spec.words import spec_facts


def history_csv(epochs: Sequence[EpochLog]) -> str:
    """One row per epoch (numbered from 1): epoch, step, seconds, then every metric; empty where one is missing."""
    names = list(dict.fromkeys(name for log in epochs for name in log.metrics))
    rows = ([log.epoch + 1, log.step, round(log.seconds, 3), *(log.metrics.get(n, "") for n in names)] for log in epochs)
    return _csv(["epoch", "step", "seconds", *map(cell_text, names)], rows)


def curves_csv(runs: Iterable[tuple[RunRecord, Sequence[EpochLog]]]) -> str:
    """One row per run and epoch (numbered from 1): id, name, seed, epoch, step, seconds, then every metric of any run."""
    found = list(runs)
    names = list(dict.fromkeys(name for _, epochs in found for log in epochs for name in log.metrics))
    rows = ([record.id, cell_text(record.name), record.spec.seed, log.epoch + 1, log.step, round(log.seconds, 3),
             *(log.metrics.get(name, "") for name in names)] for record, epochs in found for log in epochs)
    return _csv(["id", "name", "seed", "epoch", "step", "seconds", *map(cell_text, names)], rows)


def runs_csv(records: Sequence[RunRecord]) -> str:
    """One row per run: what it is called and noted, how it went, everything that decides its curve, its final figures.

    Times are in seconds and in ISO 8601, UTC; empty where a run has no value.
    """
    facts = [spec_facts(record.spec) for record in records]
    fact_names = list(dict.fromkeys(name for found in facts for name in found))
    metrics = list(dict.fromkeys(name for record in records for name in record.metrics))
    head = ["id", "name", "starred", "note", "state", "message", "created", "seconds", "device", "forked from",
            "forked after epoch"]
    rows = ([record.id, cell_text(record.name), int(record.starred), cell_text(record.note), str(record.state),
             cell_text(record.message), _iso(record.created), _seconds(record), cell_text(record.device),
             record.parent, record.forked_epoch if record.parent else "",
             *(cell_text(found.get(name, "")) for name in fact_names),
             *(record.metrics.get(name, "") for name in metrics)] for record, found in zip(records, facts, strict=True))
    return _csv([*head, *map(cell_text, fact_names), *map(cell_text, metrics)], rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _iso(timestamp: float) -> str:
    try:
        return datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return ""


def _seconds(record: RunRecord) -> float | str:
    return "" if record.started is None or record.ended is None else round(max(record.ended - record.started, 0.0), 3)


def cell_text(text: str) -> str:
    """`text` for a cell of a table: with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
