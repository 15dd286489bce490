"""Train the reports' experiments and store what they measure: checkpoints/measured/reproduced.json.

    python scripts/reproduce.py --list
    python scripts/reproduce.py --only A5 A6 --scale laptop
    KERAS_BACKEND=jax python scripts/reproduce.py --only B1 --scale full

An id is a system (A6) or an experiment (a6_linear). `full` trains what the report trained; `laptop` cuts images,
epochs and seeds as lib/core/report_grids.py says, and every stored row says what it was trained on. Trials that are
stored are not repeated; an interrupted one goes on after its last epoch.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if os.environ.get("KERAS_BACKEND") == "jax":
    # Saving a model, Keras imports TensorFlow merely to ask whether it is there: seconds and a gigabyte for nothing.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]

from lib import datasets  # noqa: E402 - needs the path above
from lib.core.errors import LabError  # noqa: E402
from lib.core.experiments import Experiment, Trial  # noqa: E402
from lib.core.measured import REPRODUCED, history_columns, read_rows, write_rows  # noqa: E402
from lib.core.report_grids import EXPERIMENTS  # noqa: E402
from lib.core.runs import EpochLog, RunControl, RunEvent, RunResult  # noqa: E402


def chosen_experiments(ids: Iterable[str]) -> list[Experiment]:
    """The experiments of systems ("A6") or of that name; raises SystemExit for an unknown id."""
    found: list[Experiment] = []
    for text in ids:
        matches = [e for e in EXPERIMENTS.values() if text.lower() == e.name or text.upper() == e.system]
        if not matches:
            raise SystemExit(f"There is no experiment {text!r}. Known: {', '.join(EXPERIMENTS)}.")
        found += [e for e in matches if e not in found]
    return found


def scaled(experiment: Experiment, args: argparse.Namespace) -> Experiment:
    """The experiment at the scale that was asked for."""
    experiment = experiment.reduced() if args.scale == "laptop" else experiment
    changes: dict[str, Any] = {"epochs": args.epochs, "train_size": args.images}
    changes = {name: value for name, value in changes.items() if value is not None}
    if args.seeds is not None:
        changes["seeds"] = tuple(range(args.seeds))
    if args.data and experiment.axis("dataset") is None:
        changes["dataset"] = args.data
    return replace(experiment, **changes)


class History:
    """The epochs of a trial, kept in its folder so that a resumed one has them all. Called with run events."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "epochs.json"
        stored = json.loads(self._path.read_text()) if self._path.exists() else []
        self.epochs = [EpochLog(*values) for values in stored]
        self.totals: dict[str, Any] = {}

    def __call__(self, event: RunEvent) -> None:
        """Take in what a training reports."""
        kind = type(event).__name__
        if kind == "RunStarted":
            self.totals = {"train_images": event.train_images, "device": event.device, "parameters": event.parameters}
            self.epochs = [log for log in self.epochs if log.epoch < event.first_epoch]
        elif kind == "EpochLog":
            self.epochs.append(event)
            rows = [[log.epoch, log.step, log.seconds, dict(log.metrics)] for log in self.epochs]
            self._path.write_text(json.dumps(rows))


def measured_row(experiment: Experiment, trial: Trial, scale: str, home: Path) -> dict[str, Any]:
    """Train the trial to its end; the row about it. A training that fails is a row too: state "failed"."""
    from lib.models.runtime import backend_name
    from lib.models.training import train

    folder = home / trial.digest
    folder.mkdir(parents=True, exist_ok=True)
    history, data, clock = History(folder), datasets.load(trial.spec.data), time.monotonic()
    try:
        result, state = train(trial.spec, data, history, RunControl(), folder), "finished"
    except LabError as error:
        result, state = RunResult(state="failed", metrics={}, message=str(error)), "failed"
    epochs = history.epochs
    row = {
        "experiment": experiment.name, "system": experiment.system, "cell": dict(trial.cell), "seed": trial.seed,
        "state": state, "scale": scale, "digest": trial.digest, "network": trial.spec.architecture.name,
        "data": trial.spec.data.dataset, "train_images": history.totals.get("train_images", len(data.x_train)),
        "validation_images": len(data.x_validation), "epochs": len(epochs), "epochs_asked": trial.spec.train.epochs,
        "parameters": history.totals.get("parameters"), "date": date.today().isoformat(),
        "device": f"{history.totals.get('device', '?')}, {platform.machine()}, {backend_name()}",
        "seconds": round(epochs[-1].seconds if epochs else time.monotonic() - clock, 1), "message": result.message,
        "note": data.note, **_last(epochs), **result.metrics, "history": history_columns(epochs),
    }
    shutil.rmtree(folder, ignore_errors=True)
    return row


def _last(epochs: list[EpochLog]) -> dict[str, float]:
    if not epochs:
        return {}
    metrics = epochs[-1].metrics
    found = {"train_accuracy": metrics.get("accuracy"), "val_accuracy": metrics.get("val_accuracy"),
             "val_minutes": metrics.get("val_minutes")}
    return {name: value for name, value in found.items() if value is not None}


def measure(experiment: Experiment, args: argparse.Namespace) -> None:
    """Train what is not stored yet, and store each trial as it ends."""
    trials = experiment.trials()
    for number, trial in enumerate(trials, start=1):
        rows = read_rows(args.out)
        same = [row for row in rows if row["digest"] == trial.digest]
        if any(row["experiment"] == experiment.name for row in same):
            continue
        if same:  # another experiment trained exactly this run
            row = {**same[0], "experiment": experiment.name, "system": experiment.system, "cell": dict(trial.cell)}
        else:
            row = measured_row(experiment, trial, args.scale, args.home)
        write_rows([*read_rows(args.out), row], args.out)
        accuracy = row.get("test_accuracy", row.get("test_minutes", float("nan")))
        print(f"{experiment.name} {number}/{len(trials)} {trial.label}: test {accuracy:.4f}, {row['seconds']} s, "
              f"{row['state']}", flush=True)


def main() -> None:
    """Measure what is asked for and not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="systems or experiments")
    parser.add_argument("--scale", choices=("laptop", "full"), default="laptop")
    parser.add_argument("--list", action="store_true", help="name the experiments and their trials")
    parser.add_argument("--epochs", type=int, help="instead of the experiment's own")
    parser.add_argument("--images", type=int, help="training images, instead of the experiment's own")
    parser.add_argument("--seeds", type=int, help="number of seeds, instead of the experiment's own")
    parser.add_argument("--data", help="data set, instead of the experiment's own")
    parser.add_argument("--out", type=Path, default=REPRODUCED)
    parser.add_argument("--home", type=Path, help="where unfinished trials are kept",
                        default=Path(os.environ.get("NEURAL_LAB_HOME") or "runs") / "reproduce")
    args = parser.parse_args()
    if args.list or not args.only:
        for experiment in EXPERIMENTS.values():
            print(f"{experiment.system:4} {experiment.name:20} {experiment.trial_count:3} trials  {experiment.title}")
        return
    for experiment in chosen_experiments(args.only):
        measure(scaled(experiment, args), args)


if __name__ == "__main__":
    main()
