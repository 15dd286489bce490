"""The process's one run store and one runner, and what starts in the background."""

from __future__ import annotations

import os
import threading
import uuid
from pathlib import Path

# Altair (on a page) and scikit-learn (in a worker) both import narwhals, whose modules import each other: two threads at
# once end in Python's "deadlock detected". Every page and worker imports this module first, so it is there by then.
import narwhals.stable.v1
import narwhals.stable.v2  # noqa: F401
import streamlit as st

from lib.base.errors import SpecError
from lib.base.process import process_has, process_wide
from lib.runs import Runner, RunStore, Sweeps, SweepStore, default_home
from lib.runs.ray_cluster import cluster_address, connect_in_background
from lib.spec.runs import Control, OnEvent, RunNote, RunResult
from lib.spec.specs import RunSpec

#: TensorFlow's import would hold the interpreter lock while the first page is still being painted.
WARM_UP_DELAY_SECONDS = 3.0


def execute(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Load the data of `spec` and train it: what a worker of the runner does."""
    from lib import datasets
    from lib.models.training import train

    dataset = datasets.load(spec.data, on_progress=lambda text, _part: on_event(RunNote(text)), home=run_home())
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


def run_home() -> Path:
    """The folder of runs and of the user's own data sets."""
    return default_home()


def _make_runner() -> Runner:
    """Workers on this machine; with NEURAL_LAB_RAY on the cluster's, once it answers."""
    store = RunStore(default_home())
    if not cluster_address():
        return Runner(store, execute, workers=worker_count())
    made = Runner(store, execute, workers=0)
    connect_in_background(made, f"{__name__}:execute", worker_count())
    return made


def runner() -> Runner:
    """The one runner of this process; it survives reruns, reloads and every browser tab."""
    return process_wide("runner", _make_runner)


def _make_sweeps() -> Sweeps:
    return Sweeps(runner(), SweepStore(run_home(), runner().store.process))


def sweeps() -> Sweeps:
    """The one scheduler of experiments of this process."""
    return process_wide("sweeps", _make_sweeps)


def shut_down(seconds: float = 2.0) -> None:
    """End what trains so that it can be resumed: within `seconds` its state is written and it counts as interrupted."""
    if process_has("sweeps") is not None:
        sweeps().shutdown(0.5)
    if process_has("runner") is not None:
        runner().shutdown(seconds)


def session_id() -> str:
    """A name for this browser tab: the runner takes turns between them."""
    return st.session_state.setdefault("session_id", uuid.uuid4().hex[:12])


def start_background_work() -> None:
    """Start, once per process and after the first page has been sent, what would delay that page."""
    process_wide("background", _start_warm_up)


def _start_warm_up() -> threading.Thread:
    thread = threading.Timer(WARM_UP_DELAY_SECONDS, _warm_up)
    thread.daemon = True
    thread.start()
    return thread


def _warm_up() -> None:
    # The charts' libraries first, so that they too are out of the garbage collector's sight afterwards.
    import lib.charts.confusion
    import lib.charts.curves  # noqa: F401
    from lib.models.runtime import warm_up

    warm_up()
