"""Who is visiting: whose runs and data sets are whose."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from lib.base.errors import LabError, RunError
from lib.runs import Visitor, rights
from lib.runs.sweep_store import SweepRecord
from lib.spec.runs import ChangeRequest, RunRecord
from lib.spec.specs import RunSpec
from lib.ui.cookies import browser_token, teacher_mark
from lib.ui.resources import runner, session_id, sweeps
from lib.ui.teacher import digest_of, is_shared, is_teacher

_SESSION, _TEACHER = "_session_token", "_teacher_mark"


def visitor() -> Visitor:
    """Who looks at this page. Where the browser keeps no word of its own, a random one of the session counts."""
    state = st.session_state
    own = browser_token() or state.setdefault(_SESSION, secrets.token_urlsafe(18))
    return Visitor(_mark(own), not is_shared() or is_teacher(state.get(_TEACHER) or teacher_mark()))


def _mark(token: str) -> str:
    """What the store keeps instead of the token: who reads the store cannot steer with it."""
    return digest_of(token)[:32]


def take_teachers_link() -> None:
    """Make whoever opened a teacher's link the teacher of this session. Draws nothing."""
    said = st.query_params.get("teacher")
    if said is None:
        return
    del st.query_params["teacher"]  # the address is what people share
    if is_teacher(digest_of(said)):
        st.session_state[_TEACHER] = digest_of(said)
    elif is_shared():
        st.toast("This teacher's link does not belong to this server. Use the one that it printed at its start.",
                 icon=":material/key_off:")


# --- what the visitor may do --------------------------------------------------------------


def submit_run(spec: RunSpec, name: str) -> str:
    """Queue a run of this visitor's; its id."""
    return runner().submit(spec, session_id(), name, visitor().mark)


def fork_run(run_id: str, after: int, epochs: int, request: ChangeRequest) -> str:
    """Queue a fork of anybody's run, which is this visitor's; its id."""
    return runner().fork(run_id, after, epochs, request, session_id(), browser=visitor().mark)


def why_fixed(record: RunRecord) -> str:
    """Why the run must stay what it is, "" where it need not: an experiment counts on it."""
    try:
        title = sweeps().title_of(record.id)
    except LabError as error:  # nobody can say whether one does
        return str(error)
    return (f"This run belongs to the experiment “{title}”, whose results depend on it, and so cannot be changed or "
            "extended. Fork it to train a copy.") if title else ""


def steer_run(verb: str, run_id: str, *arguments: Any) -> None:
    """Let the runner do `verb` with the run; raises RunError where this visitor may not, or nobody."""
    fixed = verb in ("change", "extend") and why_fixed(runner().store.record(run_id))
    if fixed:
        raise RunError(fixed)
    rights.steer_run(runner(), visitor(), verb, run_id, *arguments)


def steer_sweep(verb: str, sweep_id: str) -> None:
    """Let the scheduler do `verb` with the experiment; raises RunError where this visitor may not."""
    rights.steer_sweep(sweeps(), visitor(), verb, sweep_id)


def may_steer(record: RunRecord | SweepRecord) -> bool:
    """Whether this visitor may change the run or experiment."""
    return visitor().may_steer(record.browser)


def may_change_set(owner: str) -> bool:
    """Whether this visitor may replace or remove a data set of the browser marked `owner`."""
    return visitor().may_steer(owner)


def not_yours(*records: RunRecord | SweepRecord) -> dict[str, Any]:
    """For a button: `disabled` and the reason as `help` where one of these is another's; nothing where none is."""
    if all(map(may_steer, records)):
        return {}
    return {"disabled": True, "help": "Not yours: it was started in another browser. That one and the teacher can do this."}
