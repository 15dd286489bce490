"""Train the reports' experiments and store what they measure: checkpoints/measured/reproduced.json.

    python scripts/reproduce.py --status
    python scripts/reproduce.py --queue --list
    python scripts/reproduce.py --queue --workers 2
    python scripts/reproduce.py --only A5 A6 --scale laptop
    KERAS_BACKEND=jax python scripts/reproduce.py --only B1 --scale full

An id is a system (A6) or an experiment (a6_linear). `full` trains what the report trained; `laptop` cuts images,
epochs and seeds as lib/catalog/report_grids.py says, and every stored row says what it was trained on. `--queue` trains
everything at full scale in the order of QUEUE, each run in a process of its own, a network with convolutions in the
precision that was the faster one when `--costs` timed it. Trials that are stored are not repeated; stop it at any moment
(Ctrl+C), and it goes on after the last finished epoch, also on another machine if the folder --home is taken along.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import shutil
import signal
import subprocess
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
from lib.base.drafts import replace_text  # noqa: E402
from lib.base.errors import DivergedError  # noqa: E402
from lib.base.percent import count_text  # noqa: E402
from lib.catalog.experiments import Experiment, Trial  # noqa: E402
from lib.catalog.report_grids import EXPERIMENTS, QUEUE  # noqa: E402
from lib.measures.forecast import cost_key  # noqa: E402
from lib.measures.measured import REPRODUCED, history_columns, read_rows, write_rows  # noqa: E402
from lib.measures.results import most_hours, timed_network  # noqa: E402
from lib.spec.runs import EpochLog, RunControl, RunEvent, RunResult  # noqa: E402
from lib.spec.specs import PRECISIONS, RunSpec  # noqa: E402

#: The precision that was the faster one for a network when its steps were timed.
FASTER = "faster"
#: How often the queue looks whether a run has ended.
POLL_SECONDS = 0.5
#: A process that died without a word is tried again so often.
ATTEMPTS = 2


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


def with_precision(trial: Trial, precision: str) -> Trial:
    """The trial in this precision if its network convolves; dense networks gain nothing and stay as they are."""
    if not any(layer.kind == "conv" for layer in trial.spec.architecture.layers):
        return trial
    if precision == FASTER:
        precision = timed_network(trial.spec).get("precision", "float32")
    return replace(trial, spec=replace(trial.spec, train=replace(trial.spec.train, precision=precision)))


def queued(groups: Iterable[int], names: Iterable[str] = (), precision: str = "float32",
           most_seeds: int | None = None) -> list[tuple[Experiment, Trial]]:
    """The trials of these groups of QUEUE at full scale, of these systems or experiments only; each once, in order."""
    wanted = {experiment.name for experiment in chosen_experiments(names)} or set(EXPERIMENTS)
    found: dict[tuple[str, str], tuple[Experiment, Trial]] = {}
    for group in groups:
        for name, seeds in QUEUE[group]:
            experiment = replace(EXPERIMENTS[name], seeds=tuple(range(min(seeds, most_seeds or seeds))))
            for trial in experiment.trials() if name in wanted else ():
                found.setdefault((name, trial.label), (experiment, with_precision(trial, precision)))
    return list(found.values())


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
            replace_text(self._path, json.dumps(rows))


def measured_row(experiment: Experiment, trial: Trial, scale: str, home: Path) -> dict[str, Any]:
    """Train the trial to its end; the row about it. A training that diverges is a row too: state "failed".

    Whatever else ends it (a full disk, too little memory) says nothing about the network: it is raised, the folder stays.
    A clock network's predictions of the test clocks stay in the trial's folder as test.npz.
    """
    from lib.models.runtime import backend_name
    from lib.models.training import train

    folder = home / trial.digest
    folder.mkdir(parents=True, exist_ok=True)
    history, data, clock = History(folder), datasets.load(trial.spec.data), time.monotonic()
    try:
        result, state = train(trial.spec, data, history, RunControl(), folder, all_splits=True), "finished"
    except DivergedError as error:
        result, state = RunResult(state="failed", metrics=error.metrics, message=str(error)), "failed"
    epochs = history.epochs
    if trial.spec.data.dataset.startswith("clocks_table") and state == "finished":
        result = replace(result, metrics=dict(result.metrics) | background_figures(trial.spec, folder))
    return {
        "experiment": experiment.name, "system": experiment.system, "cell": dict(trial.cell), "seed": trial.seed,
        "state": state, "scale": scale, "digest": trial.digest, "network": trial.spec.architecture.name,
        "data": trial.spec.data.dataset, "train_images": history.totals.get("train_images", len(data.x_train)),
        "validation_images": len(data.x_validation), "epochs": len(epochs), "epochs_asked": trial.spec.train.epochs,
        "precision": trial.spec.train.precision,
        "parameters": history.totals.get("parameters"), "date": date.today().isoformat(),
        "device": f"{history.totals.get('device', '?')}, {platform.machine()}, {backend_name()}",
        "seconds": round(epochs[-1].seconds if epochs else time.monotonic() - clock, 1), "message": result.message,
        "note": data.note, **_last(epochs), **result.metrics, "history": history_columns(epochs),
    }


def background_figures(spec: RunSpec, folder: Path) -> dict[str, float]:
    """How a network that learned the table's clocks reads them where background and light are turned by themselves."""
    from lib.models.files import load_model
    from lib.models.tasks.clock import background_report

    report = background_report(spec, load_model(folder / "model.keras"))
    return {f"background_{name}": report[name] for name in ("minutes", "median_minutes")}


def _last(epochs: list[EpochLog]) -> dict[str, float]:
    if not epochs:
        return {}
    metrics = epochs[-1].metrics
    found = {"train_accuracy": metrics.get("accuracy"), "val_accuracy": metrics.get("val_accuracy"),
             "val_loss": metrics.get("val_loss"), "val_minutes": metrics.get("val_minutes")}
    return {name: value for name, value in found.items() if value is not None}


@functools.cache
def digests_of(trial: Trial) -> frozenset[str]:
    """The digests of this training in every precision."""
    return frozenset(with_precision(trial, precision).digest for precision in PRECISIONS)


def stored_row(rows: Iterable[dict[str, Any]], experiment: Experiment, trial: Trial) -> dict[str, Any] | None:
    """The row of this training in any precision, of whichever experiment; of this one where both have it."""
    digests = digests_of(trial)
    same = [row for row in rows if row["digest"] in digests]
    own = [row for row in same if is_own(row, experiment, trial)]
    return (own or same or [None])[0]


def relabelled(row: dict[str, Any], experiment: Experiment, trial: Trial) -> dict[str, Any]:
    """A row that another experiment or another cell trained, as one of this experiment's."""
    return {**row, "experiment": experiment.name, "system": experiment.system, "cell": dict(trial.cell)}


def is_own(row: dict[str, Any], experiment: Experiment, trial: Trial) -> bool:
    """Whether the row is stored for this cell of this experiment."""
    return row["experiment"] == experiment.name and row["cell"] == dict(trial.cell)


def keep(row: dict[str, Any], args: argparse.Namespace) -> None:
    """Append the row, and keep what its training leaves for the images of the Results page."""
    write_rows([*read_rows(args.out), row], args.out)
    folder = args.home / row["digest"]
    if row["data"].startswith("clocks") and (folder / "test.npz").exists():
        kept = args.out.parent / "clocks"
        kept.mkdir(exist_ok=True)
        shutil.copyfile(folder / "test.npz", kept / f"{row['digest']}.npz")
    shutil.rmtree(folder, ignore_errors=True)


def report(number: int, total: int, trial: Trial, row: dict[str, Any]) -> None:
    """One line about a stored trial."""
    figure = row.get("test_accuracy", row.get("test_minutes", float("nan")))
    print(f"{row['experiment']} {number}/{total} {trial.label}: test {figure:.4f}, {row['seconds']} s, {row['state']}",
          flush=True)


def measure(experiment: Experiment, args: argparse.Namespace) -> None:
    """Train what is not stored yet, in this process, and store each trial as it ends."""
    trials = [with_precision(trial, args.precision) for trial in experiment.trials()]
    for number, trial in enumerate(trials, start=1):
        row = stored_row(read_rows(args.out), experiment, trial)
        if row is not None and is_own(row, experiment, trial):
            continue
        row = relabelled(row, experiment, trial) if row else measured_row(experiment, trial, args.scale, args.home)
        keep(row, args)
        report(number, len(trials), trial, row)


def adopt(args: argparse.Namespace) -> None:
    """Store what one experiment trained for every other one that has exactly this training."""
    rows = read_rows(args.out)
    for experiment, trial in queued(QUEUE):
        row = stored_row(rows, experiment, trial)
        if row is not None and not is_own(row, experiment, trial):
            rows.append(relabelled(row, experiment, trial))
    write_rows(rows, args.out)


# --- the queue ----------------------------------------------------------------------------


class Queue:
    """Trains trials at full scale, so many at once, each in a process of its own: memory of a process only grows."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.running: dict[str, tuple[subprocess.Popen[bytes], Experiment, Trial]] = {}
        self.attempts: dict[str, int] = {}
        self.cores: dict[int, set[int]] = {}
        self.trials = queued(args.groups, args.only, args.precision, args.seeds)
        self.deadline = time.monotonic() + 60 * args.minutes if args.minutes else float("inf")

    def run(self) -> None:
        """Train until nothing is left, or until the time is over."""
        adopt(self.args)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            while time.monotonic() < self.deadline and (self._fill() or self.running):
                while not any(process.poll() is not None for process, _, _ in self.running.values()):
                    time.sleep(POLL_SECONDS)
                    if time.monotonic() >= self.deadline:
                        break
                self._collect()
        finally:
            for process, _, _ in self.running.values():
                process.kill()
                process.wait()

    def print_left(self) -> None:
        """A line for every experiment that is not complete: its trainings left and the hours that they take at most."""
        rows, left = read_rows(self.args.out), dict[str, list[float | None]]()
        for experiment, trial in self.trials:
            if stored_row(rows, experiment, trial) is None:
                left.setdefault(experiment.name, []).append(most_hours(trial.spec))
        for name, hours in [*left.items(), ("all", [value for values in left.values() for value in values])]:
            known = [value for value in hours if value is not None]
            unknown = f", {len(hours) - len(known)} of them not timed" if len(known) < len(hours) else ""
            print(f"{name:20} {count_text(len(hours), 'training')}{unknown}, at most {sum(known):.1f} hours on two cores")

    def _fill(self) -> bool:
        """Start processes as far as there is room; whether anything is left to do."""
        left = False
        rows = read_rows(self.args.out)
        for experiment, trial in self.trials:
            row = stored_row(rows, experiment, trial)
            if row is not None:
                if not is_own(row, experiment, trial):  # a twin of this cell has just been trained
                    keep(relabelled(row, experiment, trial), self.args)
                    rows = read_rows(self.args.out)
                continue
            if trial.digest in self.running or self.attempts.get(trial.digest, 0) >= ATTEMPTS:
                continue
            left = True
            if len(self.running) >= self.args.workers:
                break
            self._start(experiment, trial)
        return left

    def _start(self, experiment: Experiment, trial: Trial) -> None:
        self.attempts[trial.digest] = self.attempts.get(trial.digest, 0) + 1
        folder = self.args.home / trial.digest
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(Path(__file__).resolve()), "--only", experiment.name, "--trial", trial.digest,
                   "--seeds", str(trial.seed + 1), "--scale", "full", "--home", str(self.args.home),
                   "--precision", self.args.precision]
        cores = self._free_cores()
        limits = {"TF_NUM_INTRAOP_THREADS": str(len(cores)), "TF_NUM_INTEROP_THREADS": "1"}
        with (folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env={**limits, **os.environ})
        if hasattr(os, "sched_setaffinity"):  # small networks are faster on one core than on two
            os.sched_setaffinity(process.pid, cores)
        self.running[trial.digest] = (process, experiment, trial)
        self.cores[process.pid] = cores

    def _free_cores(self) -> set[int]:
        """The cores of a share of this machine that no process of the queue has."""
        everything = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
        shares = [set(everything[start :: self.args.workers]) or set(everything) for start in range(self.args.workers)]
        taken = [self.cores[process.pid] for process, _, _ in self.running.values()]
        return next((share for share in shares if share not in taken), shares[0])

    def _collect(self) -> None:
        for digest, (process, experiment, trial) in list(self.running.items()):
            if process.poll() is None:
                continue
            del self.running[digest]
            result = self.args.home / digest / "row.json"
            if not result.exists():
                print(f"{experiment.name} {trial.label}: the process ended with {process.returncode}, see "
                      f"{self.args.home / digest / 'log.txt'}", flush=True)
                continue
            row = relabelled(json.loads(result.read_text()), experiment, trial)
            keep(row, self.args)
            report(trial.seed + 1, len(experiment.seeds), trial, row)


def train_one(experiment: Experiment, digest: str, args: argparse.Namespace) -> None:
    """Train the trial of this digest and leave its row in its folder: what a process of the queue does."""
    trials = (with_precision(trial, args.precision) for trial in experiment.trials())
    trial = next(trial for trial in trials if trial.digest == digest)
    row = measured_row(experiment, trial, args.scale, args.home)
    replace_text(args.home / digest / "row.json", json.dumps(row))


# --- what is not measured yet, and what it would take ---------------------------------------


def measure_costs(path: Path) -> None:
    """Time a few steps of every network of the queue, and store them in the faster precision; needs an idle machine."""
    from lib.models.calibration import measure_step

    stored = json.loads(path.read_text()) if path.exists() else {"networks": {}}
    for _, trial in queued(QUEUE):
        key = cost_key(replace(trial.spec, seed=0))
        if key in stored["networks"]:
            continue
        specs = dict.fromkeys(with_precision(trial, precision).spec for precision in PRECISIONS)
        timed = [(measure_step(spec, datasets.info(spec.data.dataset)), spec) for spec in specs]
        cost, fast = min(timed, key=lambda pair: pair[0].step)
        stored["networks"][key] = {
            "network": fast.architecture.name, "data": fast.data.dataset, "batch": fast.train.batch_size,
            "precision": fast.train.precision, "step": round(cost.step, 6), "image": round(cost.image, 7),
            "date": date.today().isoformat(), "device": f"{os.cpu_count()} cores, {platform.machine()}"}
        path.write_text(json.dumps(stored, indent=0) + "\n")
        print(fast.architecture.name, f"{1000 * cost.step:.1f} ms a step", flush=True)


def main() -> None:
    """Measure what is asked for and not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="systems or experiments")
    parser.add_argument("--scale", choices=("laptop", "full"), default="laptop")
    parser.add_argument("--list", action="store_true",
                        help="name the experiments and their trials; with --queue, what it has left to train")
    parser.add_argument("--status", action="store_true", help="how many figures are measured, and as what")
    parser.add_argument("--costs", action="store_true", help="time every network of the queue")
    parser.add_argument("--queue", action="store_true", help="train everything at full scale, in order")
    parser.add_argument("--groups", nargs="+", type=int, default=list(QUEUE), choices=list(QUEUE), help="of the queue")
    parser.add_argument("--workers", type=int, default=1, help="runs of the queue at once; the cores are shared")
    parser.add_argument("--precision", choices=(*PRECISIONS, FASTER),
                        help="of networks with convolutions: float32, but in the queue the one that was faster when "
                             "timed; B4 in 16 bits is in checkpoints/measured/precision.json")
    parser.add_argument("--minutes", type=float, help="end the queue after this time")
    parser.add_argument("--trial", help=argparse.SUPPRESS)
    parser.add_argument("--epochs", type=int, help="instead of the experiment's own")
    parser.add_argument("--images", type=int, help="training images, instead of the experiment's own")
    parser.add_argument("--seeds", type=int, help="number of seeds, instead of the experiment's own; of the queue at most")
    parser.add_argument("--data", help="data set, instead of the experiment's own")
    parser.add_argument("--out", type=Path, default=REPRODUCED)
    parser.add_argument("--home", type=Path, help="where unfinished trials are kept",
                        default=Path(os.environ.get("NEURAL_LAB_HOME") or "runs") / "reproduce")
    args = parser.parse_args()
    args.precision = args.precision or (FASTER if args.queue else "float32")
    if args.status:
        from lib.measures.results import status_line

        print(status_line())
    elif args.costs:
        measure_costs(args.out.parent / "costs.json")
    elif args.queue and args.list:
        Queue(args).print_left()
    elif args.queue:
        Queue(args).run()
    elif args.trial:
        # By its name alone: "d10" is also a system of several experiments.
        train_one(scaled(EXPERIMENTS[args.only[0]], args), args.trial, args)
    elif args.list or not args.only:
        for experiment in EXPERIMENTS.values():
            print(f"{experiment.system:4} {experiment.name:20} {experiment.trial_count:3} trials  {experiment.title}")
    else:
        for experiment in chosen_experiments(args.only):
            measure(scaled(experiment, args), args)


if __name__ == "__main__":
    main()
