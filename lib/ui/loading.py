"""Networks that load beside the page: first the page with its images, then the networks."""

from __future__ import annotations

import sys
from collections.abc import Callable

import streamlit as st

from lib.base.errors import LabError
from lib.runs.background import Background
from lib.ui.fragments import draw_page_again
from lib.ui.lab import lab

#: So long a page waits for its networks before it goes on without them: those of a warm server are there by then.
GRACE_SECONDS = 0.15
REFRESH_SECONDS = 0.5
#: So many loads that have ended are remembered: every run has one of its own. An older one is done again, mostly at once.
REMEMBERED = 64
#: The import of TensorFlow holds the interpreter lock, so it begins when the browser calls back for the first time: the
#: page is then on screen, on a slow machine too. Tests without a browser set this to False.
WAIT_FOR_BROWSER = True

Loads = tuple[Callable[[], object], ...]


def loaded(name: str, *loads: Callable[[], object]) -> bool:
    """Whether all of `loads` have been done in this process, under the name `name`.

    The first caller has them done in the background. While they go on, the page says so here and reruns itself when
    they have ended; what went wrong is raised (LabError), and tried again when the page is next drawn.
    """
    if not WAIT_FOR_BROWSER or "keras" in sys.modules:
        _start(name, loads)
    job = lab().loading.get(name)
    if job is not None:
        job.wait(GRACE_SECONDS)
    if job is None or not job.done:
        st.fragment(_wait, run_every=REFRESH_SECONDS)(name, loads, [])
        return False
    try:
        return job.result
    except LabError:
        with lab().loading_lock:
            lab().loading.pop(name, None)
        raise


def begin(name: str, *loads: Callable[[], object]) -> None:
    """Have `loads` done in the background, once a process, for what is likely to be asked next; says nothing.

    Not before the networks that the page itself needs are there: it is then begun when the page is next drawn.
    """
    jobs = list(lab().loading.values())
    if jobs and all(job.done for job in jobs):
        _start(name, loads)


def draw_steadily(is_ready: Callable[[], bool], draw: Callable[[bool], None]) -> None:
    """`draw` with whether the networks are there, and the words about their loading below it, not above.

    For what is drawn on or dragged: it would move under the pointer, mounted anew, when the words go away.
    """
    place = st.container()
    ready = is_ready()
    with place:
        draw(ready)


def _wait(name: str, loads: Loads, calls: list[None]) -> None:
    """The words while loading; its first call is the page's, all others are the browser's."""
    calls.append(None)
    if len(calls) > 1 and _start(name, loads).done:
        draw_page_again()
    st.caption(":material/hourglass_top: Loading the networks …")


def _start(name: str, loads: Loads) -> Background:
    with lab().loading_lock:
        jobs = lab().loading
        if name not in jobs:
            ended = [other for other, job in jobs.items() if job.done]
            for other in ended[: max(0, len(ended) + 1 - REMEMBERED)]:
                del jobs[other]
            jobs[name] = Background(lambda report: _load(loads))
        return jobs[name]


def _load(loads: Loads) -> bool:
    for load in loads:
        load()
    return True
