"""Stored measurements: one row per trained trial, as scripts/reproduce.py writes and the pages read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.base.drafts import replace_text
from lib.base.folders import MEASURED
from lib.base.json_files import read_json
from lib.catalog.experiments import Cell, Experiment
from lib.catalog.report_grids import EXPERIMENTS
from lib.measures.replicates import TrialResult
from lib.spec.runs import EpochLog

REPRODUCED = MEASURED / "reproduced.json"
#: Metrics of every epoch that a row keeps, for its curves.
HISTORY = ("accuracy", "val_accuracy", "val_loss", "val_minutes")
Row = Mapping[str, Any]


def stored_figures(name: str, default: Any, folder: Path = MEASURED) -> Any:
    """What the file `name`.json of measurements holds, `default` when there is none; not to be changed."""
    return read_json(folder / f"{name}.json", default)


def read_rows(path: Path = REPRODUCED) -> list[dict[str, Any]]:
    """The rows in a file of measurements, none when there is no file; the rows themselves are not to be changed."""
    return list(read_json(path, ()))


def write_rows(rows: Sequence[Row], path: Path = REPRODUCED) -> None:
    """Replace the file by these rows, one to a line, in one step."""
    replace_text(path, "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")


def history_columns(epochs: Sequence[EpochLog]) -> dict[str, list[float]]:
    """Metric -> its value after every epoch, four digits."""
    return {
        name: [float(f"{log.metrics.get(name, float('nan')):.4g}") for log in epochs]
        for name in HISTORY if any(name in log.metrics for log in epochs)
    }


def _epochs(row: Row) -> tuple[EpochLog, ...]:
    columns = row.get("history", {})
    count = max(map(len, columns.values()), default=0)
    return tuple(EpochLog(i, 0, 0.0, {name: values[i] for name, values in columns.items()}) for i in range(count))


def row_cell(row: Row) -> Cell:
    """The cell of the grid that the row is about."""
    return tuple((name, value) for name, value in row.get("cell", {}).items())


def row_result(row: Row) -> TrialResult:
    """The row as the charts and the reading take it."""
    metrics = {name: value for name, value in row.items() if name.startswith(("test_", "best_", "val_", "train_acc"))}
    return TrialResult(row_cell(row), row["seed"], row.get("state", "finished"), _epochs(row), metrics,
                       row.get("message", ""), planned=int(row["epochs"]))


def budget(row: Row) -> tuple[int, int]:
    """(training images, epochs, 0 for the report's own): rows of different budgets are not to be compared.

    The report's own epochs may differ from cell to cell: one of its changes is "40 epochs".
    """
    asked = int(row.get("epochs_asked", row["epochs"]))
    experiment = EXPERIMENTS.get(str(row.get("experiment")))
    own = experiment is not None and experiment.spec(row_cell(row)).train.epochs == asked
    return int(row["train_images"]), 0 if own else asked


def best_budget_rows(rows: Sequence[Row], replicates_first: bool = False) -> list[Row]:
    """The rows of one budget: the one that most cells have, of these the largest, or the one of most seeds."""
    groups: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        groups.setdefault(budget(row), []).append(row)

    def rank(group: list[Row]) -> tuple[int, int, int]:
        seeds = len({row["seed"] for row in group}) if replicates_first else 0
        return len({row_cell(row) for row in group}), seeds, max(_work(row) for row in group)

    return max(groups.values(), key=rank, default=[])


def _work(row: Row) -> int:
    return int(row["train_images"]) * int(row.get("epochs_asked", row["epochs"]))


def stored_results(experiment: Experiment, rows: Sequence[Row]) -> tuple[list[TrialResult], list[Row]]:
    """What was measured of an experiment, as results of its own cells, and the rows themselves.

    A figure with a spread says more than a longer training of one seed, so the budget of most seeds is taken.
    """
    cells = set(experiment.cells())
    own = [row for row in rows if row.get("experiment") == experiment.name and row_cell(row) in cells]
    kept = best_budget_rows(own, replicates_first=True)
    return [row_result(row) for row in kept], kept


def source_text(rows: Sequence[Row]) -> str:
    """Where stored figures come from: images, epochs, seeds, dates, device. "" for no rows."""
    if not rows:
        return ""
    images = _span([int(row["train_images"]) for row in rows])
    epochs = _span([int(row["epochs"]) for row in rows])
    seeds = sorted({int(row["seed"]) for row in rows})
    dates = sorted({row["date"] for row in rows})
    devices = " and ".join(sorted(set(map(row_device, rows))))
    words = "seed" if len(seeds) == 1 else "seeds"
    tests = _span([int(row["test_images"]) for row in rows if "test_images" in row] or [0])
    return (f"{images} training and {tests} test images, {epochs} epochs, {words} {', '.join(map(str, seeds))}; "
            f"measured {' to '.join(dict.fromkeys([dates[0], dates[-1]]))} on {devices}.")


def row_device(row: Row) -> str:
    """The device of a stored training, and its precision unless that is float32: "CPU (x86_64), mixed bfloat16"."""
    precision = str(row.get("precision", "float32"))
    return device_text(str(row["device"])) + ("" if precision == "float32" else ", " + precision.replace("_", " "))


def device_text(device: str) -> str:
    """A stored run's device as people call it: "CPU (x86_64, jax)" for "cpu:0, x86_64, jax"."""
    name, _, rest = device.partition(", ")
    kind, _, number = name.partition(":")
    if not number.isdigit():
        return device
    return kind.upper() + ("" if number == "0" else f" {number}") + (f" ({rest})" if rest else "")


def _span(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
