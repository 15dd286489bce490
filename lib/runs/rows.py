"""Values to and from the columns of the run store."""

from __future__ import annotations

import contextlib
import functools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lib.base.errors import RunError, cause_text
from lib.spec.runs import RunRecord, RunState
from lib.spec.specs import RunSpec, run_from_dict


@contextlib.contextmanager
def damage_reported(run_id: str) -> Iterator[None]:
    """Turn whatever reading a damaged row raises into a RunError that names the run."""
    try:
        yield
    except Exception as error:  # another version, another program or a bad disk may have written anything
        raise RunError(f"The stored run {run_id!r} cannot be read: {cause_text(error)}") from error


def record_from_row(row: sqlite3.Row) -> RunRecord:
    """The record in a row of `runs`; raises RunError for one that makes no sense to this version."""
    with damage_reported(row["id"]):
        return RunRecord(
            id=_text(row["id"]), name=_text(row["name"]), spec=_spec_from_text(row["spec"]),
            state=RunState(row["state"]), created=float(row["created"]), started=_time(row["started"]),
            ended=_time(row["ended"]), message=_text(row["message"]), metrics=metrics_from_text(row["metrics"]),
            device=_text(row["device"]), owner=_text(row["owner"]), browser=_text(row["browser"]),
            starred=bool(row["starred"]), note=_text(row["note"]),
            parent=_text(row["parent"]), forked_epoch=int(row["forked_epoch"]),
            spent=float(row["spent"]),
        )


@functools.lru_cache(maxsize=4096)
def _spec_from_text(text: str) -> RunSpec:
    """The spec that a row holds. Remembered: pages that list runs read hundreds of rows again and again."""
    return run_from_dict(json.loads(text))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is {type(value).__name__}")
    return value


def _time(value: Any) -> float | None:
    return None if value is None else float(value)


def metrics_text(metrics: Mapping[str, float]) -> str:
    """Metrics as JSON, NaN and infinity in Python's spelling."""
    return json.dumps({name: float(value) for name, value in metrics.items()})


def metrics_from_text(text: str) -> dict[str, float]:
    """The metrics that `metrics_text` wrote."""
    return {name: float(value) for name, value in json.loads(text).items()}


def pack(metrics: Mapping[str, Sequence[float]]) -> tuple[str, bytes]:
    """Names as JSON and values as one block of little-endian float64, metric by metric: exact, NaN included."""
    if len({len(values) for values in metrics.values()}) > 1:
        raise RunError("A step log's metrics differ in length.", expected="one value per step in each metric")
    return json.dumps(list(metrics)), np.array(list(metrics.values()), dtype="<f8").tobytes()


def unpack(names: str, block: bytes) -> dict[str, tuple[float, ...]]:
    """The metrics that `pack` wrote."""
    labels = json.loads(names)
    if not labels:
        return {}
    values = np.frombuffer(block, dtype="<f8").reshape(len(labels), -1)
    return {label: tuple(row) for label, row in zip(labels, values.tolist(), strict=True)}
