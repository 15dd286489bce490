"""Runs on this machine, or on a Ray cluster: what a worker executes, how many there are, and the runner that owns them."""

from __future__ import annotations

import os
from pathlib import Path

# Altair (on a page) and scikit-learn (in a worker) both import narwhals, whose modules import each other: two threads at
# once end in Python's "deadlock detected". Every page and worker imports this module first, so it is there by then.
import narwhals.stable.v1
import narwhals.stable.v2  # noqa: F401

from lib.base.errors import SpecError
from lib.base.folders import run_home
from lib.runs.ray_cluster import cluster_address, connect_in_background
from lib.runs.runner import Runner
from lib.runs.store import RunStore
from lib.spec.rate_search import search_of
from lib.spec.runs import Control, OnEvent, RunNote, RunResult
from lib.spec.specs import RunSpec


def execute(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Load the data of `spec` and train it, or search its learning rate: what a worker of the runner does."""
    from lib import datasets
    from lib.models.rate_search import search_rate
    from lib.models.training import train

    dataset = datasets.load(spec.data, on_progress=lambda text, _part: on_event(RunNote(text)), home=run_home())
    if search_of(spec) is not None:
        return search_rate(spec, dataset, on_event, control)
    return train(spec, dataset, on_event, control, folder)


def worker_count() -> int:
    """`$NEURAL_LAB_WORKERS`; else one worker for each NVIDIA GPU; else one, since runs on a CPU share its cores."""
    text = os.environ.get("NEURAL_LAB_WORKERS", "")
    if text and not (text.isdigit() and 1 <= int(text) <= 64):
        raise SpecError("NEURAL_LAB_WORKERS is out of range.", expected="a whole number from 1 to 64", received=text)
    return int(text) if text else max(1, _gpu_count())


def _gpu_count() -> int:
    """NVIDIA GPUs by the driver's own listing: asking TensorFlow would import it before the first page."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([name for name in visible.split(",") if name.strip() not in ("", "-1")])
    folder = Path("/proc/driver/nvidia/gpus")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def make_runner() -> Runner:
    """Workers on this machine; with NEURAL_LAB_RAY on the cluster's, once it answers."""
    store = RunStore(run_home())
    if not cluster_address():
        return Runner(store, execute, workers=worker_count())
    made = Runner(store, execute, workers=0)
    connect_in_background(made, f"{__name__}:execute", worker_count())
    return made
