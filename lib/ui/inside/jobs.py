"""Computations of the page Inside that take longer than a click: begun once, watched, and the last few kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from lib.runs.background import Background
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.lab import lab

#: Kept results; the oldest is cancelled and dropped.
_MOST = 16
REFRESH_SECONDS = 0.5
#: So long a page waits for a result before it goes on without it.
GRACE_SECONDS = 0.1
_STARTING = threading.Lock()


def result_of(key: Hashable, work: Callable[[Callable[[float], None]], Any], words: str) -> Any | None:
    """What `work` gives, computed once for each `key`; None, and a bar with `words`, while it goes on.

    The page reruns itself when it is done; raises the LabError that ended it, and tries again the next time.
    """
    job = _job(key, work)
    job.wait(GRACE_SECONDS)
    if not job.done:
        fragment(_wait, run_every=REFRESH_SECONDS)(job, words)
        return None
    try:
        return job.result
    except Exception:
        _jobs().pop(key, None)
        raise


def _wait(job: Background[Any], words: str) -> None:
    if job.done:
        draw_page_again()
    st.progress(job.progress, text=f"{words} …")


def _jobs() -> OrderedDict[Hashable, Background[Any]]:
    return lab().network("inside_jobs", OrderedDict)


def _job(key: Hashable, work: Callable[[Callable[[float], None]], Any]) -> Background[Any]:
    with _STARTING:
        jobs = _jobs()
        if key not in jobs:
            jobs[key] = Background(work)
            while len(jobs) > _MOST:
                jobs.popitem(last=False)[1].cancel()
        jobs.move_to_end(key)
        return jobs[key]
