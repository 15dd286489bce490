"""Short ways to what the lab owns, and the name of this browser tab."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice

import streamlit as st

from lib.catalog.tasks import Task
from lib.runs import Runner, Sweeps
from lib.spec.runs import RunRecord, RunState
from lib.ui.lab import lab


def runner() -> Runner:
    """The one runner of this process."""
    return lab().runner


def sweeps() -> Sweeps:
    """The one scheduler of experiments of this process."""
    return lab().sweeps


def trained_here(task: Task, most: int) -> Iterator[RunRecord]:
    """The newest runs of a task that ended and left their network, at most so many."""
    ended = (record for record in runner().store.records()
             if record.spec.task == task.name and record.state in (RunState.FINISHED, RunState.STOPPED))
    return islice((record for record in ended if (runner().store.folder(record.id) / "model.keras").exists()), most)


def session_id() -> str:
    """A name for this browser tab: the runner takes turns between them."""
    return st.session_state.setdefault("session_id", uuid.uuid4().hex[:12])
