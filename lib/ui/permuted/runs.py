"""The runs of a comparison: which specs it has, and which runs of this app are those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.catalog.networks import trained_title
from lib.catalog.permuted import CONTESTANTS, SHIPPED_PRESETS, comparison_spec
from lib.spec.permutations import PermutationSpec
from lib.spec.runs import EpochLog, RunSnapshot, RunState
from lib.spec.specs import DataSpec, RunSpec
from lib.ui.resources import runner, session_id
from lib.ui.visitors import may_steer, steer_run, submit_run

#: A contestant's key and a seed.
Cell = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared: a CNN beside the MLP, images, permutation, seeds and epochs."""

    cnn: str
    data: DataSpec
    permutation: PermutationSpec
    seeds: tuple[int, ...]
    mlp_epochs: int
    cnn_epochs: int

    def specs(self) -> dict[Cell, RunSpec]:
        """The run of every contestant and seed: both versions of a network share everything but the order of pixels."""
        found: dict[Cell, RunSpec] = {}
        for seed in self.seeds:
            for contestant in CONTESTANTS:
                preset = SHIPPED_PRESETS["mlp"] if contestant.role == "mlp" else self.cnn
                epochs = self.mlp_epochs if contestant.role == "mlp" else self.cnn_epochs
                permutation = self.permutation if contestant.permuted else None
                found[contestant.key, seed] = comparison_spec(preset, self.data, permutation, seed, epochs)
        return found


_USEFUL = (RunState.QUEUED, RunState.RUNNING, RunState.FINISHED)


def find_runs(specs: Mapping[Cell, RunSpec]) -> dict[Cell, str]:
    """The newest run of each spec that is queued, running or finished; else the newest at all."""
    cells: dict[str, list[Cell]] = {}
    for cell, spec in specs.items():
        cells.setdefault(spec.digest, []).append(cell)
    found: dict[Cell, str] = {}
    useful: set[Cell] = set()
    for record in runner().store.records():
        for cell in cells.get(record.spec.digest, ()):
            is_useful = str(record.state) in [str(state) for state in _USEFUL]
            if cell not in found or (is_useful and cell not in useful):
                found[cell] = record.id
                useful |= {cell} if is_useful else set()
    return found


def start_missing(specs: Mapping[Cell, RunSpec], dataset_title: str) -> int:
    """Queue what has no run yet, resume what was interrupted or stopped (of others: train it anew); the number of runs."""
    found, started = find_runs(specs), 0
    for cell, spec in specs.items():
        record = runner().store.record(found[cell]) if cell in found else None
        state = record.state if record else None
        if state in _USEFUL:
            continue
        if record is not None and record.state.can_resume and may_steer(record):
            steer_run("resume", record.id, session_id())
        else:
            submit_run(spec, run_title(spec, dataset_title))
        started += 1
    return started


def run_title(spec: RunSpec, dataset_title: str) -> str:
    """"Light CNN with pooling · MNIST · all pixels permuted · seed 0"."""
    pixels = "original pixels" if spec.data.permutation is None else f"{permutation_title(spec.data.permutation)} permuted"
    return f"{trained_title(spec.architecture)} · {dataset_title} · {pixels} · seed {spec.seed}"


def permutation_title(spec: PermutationSpec) -> str:
    """"all pixels", "7x7 blocks", "rows", "50 % of the pixels"."""
    return {"blocks": f"{spec.amount}x{spec.amount} blocks", "rows": "rows",
            "share": f"{spec.amount} % of the pixels"}.get(spec.kind, "all pixels")


@dataclass(frozen=True, slots=True)
class CellView:
    """One run as the comparison shows it."""

    state: RunState
    epochs: Sequence[EpochLog]
    metrics: Mapping[str, float]
    message: str
    progress: str = ""


def look_at(runs: Mapping[Cell, str]) -> dict[Cell, CellView]:
    """Every run as it is now; those in flight from memory, the others from the store without their step curves."""
    active = {snapshot.record.id: snapshot for snapshot in runner().active(max_steps=3)}
    return {cell: _view(run_id, active.get(run_id)) for cell, run_id in runs.items()}


def _view(run_id: str, snapshot: RunSnapshot | None) -> CellView:
    if snapshot is not None:
        return CellView(snapshot.state, snapshot.epochs, {}, "", _progress(snapshot))
    record = runner().store.record(run_id)
    return CellView(record.state, runner().store.epochs(run_id), record.metrics, record.message)


def _progress(snapshot: RunSnapshot) -> str:
    if snapshot.position is not None:
        return f"place {snapshot.position} in the queue"
    if snapshot.started is None:
        return snapshot.note or "starting"
    return f"epoch {min(len(snapshot.epochs) + 1, snapshot.started.epochs)} of {snapshot.started.epochs}"
