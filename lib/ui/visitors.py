"""Who is visiting: whose runs and data sets are whose, and who is the teacher.

It matters only where others can connect: on a server that listens on this machine alone everybody steers everything.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
from pathlib import Path
from typing import Any

import streamlit as st

from lib.base.errors import RunError
from lib.runs import Visitor, rights, run_home
from lib.runs.sweep_store import SweepRecord
from lib.spec.runs import ChangeRequest, RunRecord
from lib.spec.specs import RunSpec
from lib.ui.fragments import fragment
from lib.ui.resources import runner, session_id, sweeps
from lib.ui.screen import note_width
from lib.ui.widgets.browser_mark import ask_browser, browser_answer, browser_width

_SESSION, _BROWSER, _TEACHER = "_session_token", "_browser_token", "_teacher_token"
_VARIABLE = "NEURAL_LAB_TEACHER"
_FILE = "teacher-token"
#: Shorter words could be guessed.
_SHORTEST = 12


# --- the server ---------------------------------------------------------------------------


def is_shared() -> bool:
    """Whether others may connect: the server listens beyond this machine, or somebody has named a teacher's token."""
    return bool(os.environ.get(_VARIABLE)) or not _is_this_machine(st.get_option("server.address"))


def _is_this_machine(address: str | None) -> bool:
    """Whether only this machine reaches a server at `address`; none means every address."""
    try:
        return address == "localhost" or ipaddress.ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return False  # another name may lead anywhere


def teacher_token() -> str:
    """`$NEURAL_LAB_TEACHER`, else what is in the file of the run home; "" for none."""
    named = os.environ.get(_VARIABLE, "")
    try:
        token = named or _token_file().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return ""
    return token if len(token) >= _SHORTEST else ""


def announce_teacher() -> str:
    """What a shared server says at its start: where the teacher's token is, which is made if it is not there."""
    if not is_shared():
        return ""
    if os.environ.get(_VARIABLE):
        if teacher_token():
            return f"Neural Lab: whoever opens the app with ?teacher= and the value of {_VARIABLE} steers every run."
        return f"Neural Lab: {_VARIABLE} is too short, so nobody is the teacher. Expected: {_SHORTEST} characters or more."
    try:
        if not teacher_token():
            _write_token(_token_file())
    except OSError as error:
        return f"Neural Lab: no teacher's token could be written to {_token_file()}: {error.strerror}."
    return f"Neural Lab: whoever opens the app with ?teacher= and the word in {_token_file()} steers every run."


def _token_file() -> Path:
    return run_home() / _FILE


def _write_token(path: Path) -> None:
    """Write a new token that only this user can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(18) + "\n")


def _is_teacher(token: str) -> bool:
    expected = teacher_token()
    return bool(expected) and hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode())


# --- the visitor --------------------------------------------------------------------------


def visitor() -> Visitor:
    """Who looks at this page. Before the browser has said its token, and where it has none, the session's own counts."""
    state = st.session_state
    own = state.setdefault(_SESSION, secrets.token_urlsafe(18))
    marks = tuple(_mark(token) for token in (own, state.get(_BROWSER, own)))
    return Visitor(marks, not is_shared() or _is_teacher(state.get(_TEACHER, "")))


def _mark(token: str) -> str:
    """What the store keeps instead of the token: who reads the store cannot steer with it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def meet_visitor() -> None:
    """Take in a teacher's link, and ask the browser once in a session for what it keeps. Draws nothing."""
    said = st.query_params.get("teacher")
    if said is not None:
        del st.query_params["teacher"]  # the address is what people share
        if _is_teacher(said):
            st.session_state[_TEACHER] = said
        elif is_shared():
            st.toast("This teacher's link does not belong to this server.", icon=":material/key_off:")
    if _BROWSER not in st.session_state:
        fragment(_ask)()


def _ask() -> None:
    visitor()
    state = st.session_state
    answer = browser_answer()
    if answer is None:
        ask_browser(state[_SESSION], state.get(_TEACHER, ""))
        return
    before = visitor()
    state[_BROWSER] = answer[0]
    if _is_teacher(answer[1]):
        state[_TEACHER] = answer[1]
    other_width = note_width(browser_width())
    if other_width or (is_shared() and visitor() != before):
        st.rerun()  # some buttons are this visitor's after all, or there is room for fewer columns


# --- what the visitor may do --------------------------------------------------------------


def submit_run(spec: RunSpec, name: str) -> str:
    """Queue a run of this visitor's; its id."""
    return runner().submit(spec, session_id(), name, visitor().mark)


def fork_run(run_id: str, after: int, epochs: int, request: ChangeRequest) -> str:
    """Queue a fork of anybody's run, which is this visitor's; its id."""
    return runner().fork(run_id, after, epochs, request, session_id(), browser=visitor().mark)


def why_fixed(record: RunRecord) -> str:
    """Why the run must stay what it is, "" where it need not: an experiment counts on it."""
    title = sweeps().title_of(record.id)
    return (f"This run is one of the experiment “{title}”: changed, it would not be what the grid says of it. Fork it, "
            "and change the fork.") if title else ""


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
