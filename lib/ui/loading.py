"""Networks that load beside the page: first the page with its pictures, then the networks."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import streamlit as st

from lib.core.errors import LabError
from lib.core.process import process_wide
from lib.jobs.background import Background
from lib.ui.resources import WARM_UP_DELAY_SECONDS

#: So long a page waits for its networks before it goes on without them: those of a warm server are there by then.
GRACE_SECONDS = 0.15
REFRESH_SECONDS = 0.5


def loaded(name: str, *loads: Callable[[], object]) -> bool:
    """Whether all of `loads` have been done in this process, under the name `name`.

    The first caller starts them in the background. While they go on, the page says so here and reruns itself when
    they have ended; what went wrong is raised (LabError), and tried again when the page is next drawn.
    """
    job = _job(name, loads)
    job.wait(GRACE_SECONDS)
    if not job.done:
        st.fragment(_wait, run_every=REFRESH_SECONDS)(job)
        return False
    try:
        return job.result
    except LabError:
        _jobs().pop(name, None)
        raise


def _wait(job: Background) -> None:
    if job.done:
        st.rerun()
    st.caption(":material/hourglass_top: Loading the networks …")


def _jobs() -> dict[str, Background]:
    return process_wide("loading_jobs", dict)


def _job(name: str, loads: tuple[Callable[[], object], ...]) -> Background:
    with process_wide("loading_lock", threading.Lock):
        jobs = _jobs()
        if name not in jobs:
            jobs[name] = Background(lambda report: _load(loads))
        return jobs[name]


def _load(loads: tuple[Callable[[], object], ...]) -> bool:
    if "keras" not in sys.modules:
        # Its import holds the interpreter lock: the page that asked is to be on screen first.
        time.sleep(WARM_UP_DELAY_SECONDS)
    for load in loads:
        load()
    return True
