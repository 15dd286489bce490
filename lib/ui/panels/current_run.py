"""Which run the Train page shows: the URL says it, and the session remembers it."""

from __future__ import annotations

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.runs import run_home
from lib.spec.specs import RunSpec
from lib.ui.faults import show_problem
from lib.ui.url_state import arrived
from lib.ui.visitors import submit_run

_KEY = "current_run"


def current_run() -> str | None:
    """The id of the run to show, None for none.

    Links of the navigation drop the query string, so the id is kept in the session and put back. A link to a set-up without
    a run is to be trained: what was shown before has nothing to do with it.
    """
    if arrived() and "run" not in st.query_params and "net" in st.query_params:
        st.session_state.pop(_KEY, None)
    run_id = st.query_params.get("run") or st.session_state.get(_KEY)
    if run_id is not None:
        show_run(run_id)
    return run_id


def show_run(run_id: str) -> None:
    """Make `run_id` the run to show, in this session and in the URL."""
    st.session_state[_KEY] = run_id
    if st.query_params.get("run") != run_id:
        st.query_params["run"] = run_id


def forget_run(run_id: str) -> None:
    """Stop showing `run_id`."""
    if st.session_state.get(_KEY) == run_id:
        del st.session_state[_KEY]


def start_run(spec: RunSpec, name: str) -> bool:
    """Queue a run for this browser tab and show it; False, and one message, when it could not get its images."""
    if not images_obtainable(spec):
        return False
    show_run(submit_run(spec, name))
    return True


def images_obtainable(spec: RunSpec) -> bool:
    """Whether a run of `spec` could get its images; one message on the page where it could not."""
    try:
        with st.spinner("Looking for the images"):
            datasets.check_obtainable([spec.data], run_home())
    except LabError as error:
        show_problem(error)
        return False
    return True
