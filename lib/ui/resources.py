"""The process's one run store and one runner, and what starts in the background."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from itertools import islice

import streamlit as st

from lib.base.process import process_has, process_wide
from lib.catalog.tasks import Task
from lib.runs import Runner, Sweeps, SweepStore, run_home
from lib.runs.local import make_runner
from lib.spec.runs import RunRecord, RunState

#: TensorFlow's import would hold the interpreter lock while the first page is still being painted.
WARM_UP_DELAY_SECONDS = 3.0


def runner() -> Runner:
    """The one runner of this process; it survives reruns, reloads and every browser tab."""
    return process_wide("runner", make_runner)


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


def trained_here(task: Task, most: int) -> Iterator[RunRecord]:
    """The newest runs of a task that ended and left their network, at most so many."""
    ended = (record for record in runner().store.records()
             if record.spec.task == task.name and record.state in (RunState.FINISHED, RunState.STOPPED))
    return islice((record for record in ended if (runner().store.folder(record.id) / "model.keras").exists()), most)


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
