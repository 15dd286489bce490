"""The layers of a network as blocks to select, drag and remove, by pointer or keyboard. Streamlit component v2.

The browser marks a selection at once. The server sees what was sent last, so that all unanswered actions are sent together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, last_sent, unanswered

_mount = component("stack_diagram")
_DEEDS = ("select", "move", "remove", "duplicate", "undo")
#: So many actions of one message are looked at.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did to the diagram: a word of "select", "move", "remove", "duplicate", "undo"; layers count from 0."""

    do: str
    at: int
    to: int
    seq: int


def parse_act(payload: object) -> Act | None:
    """What the browser sent; None for anything else."""
    numbers = sent_numbers(payload, ("at", "to", "seq"), limit=1e9)
    do = payload.get("do") if isinstance(payload, Mapping) else None
    if numbers is None or not isinstance(do, str) or do not in _DEEDS:
        return None
    at, to, seq = map(int, numbers)
    return Act(do, at, to, seq) if min(at, to, seq) >= 0 else None


def sent_acts(key: str) -> list[Act]:
    """The actions in the diagram called `key` that have not been taken yet, in their order; they count as taken now."""
    taken = st.session_state.get(f"{key}_seq", 0)
    acts = [act for act in unanswered(key, "acts", parse_act, _MOST) if act.seq > taken]
    if acts:
        st.session_state[f"{key}_seq"] = acts[-1].seq
    return acts


def stack_diagram(key: str, blocks: list[dict[str, Any]], selected: int, total: str, on_act: Callable[[], None]) -> None:
    """Draw `blocks` (see `lib.charts.stack_diagram`), the first the input and the last the output.

    `selected` is a layer counted from 0; the output counts as the last. `total` stands below. `on_act` is called before the
    page is drawn again, when `sent_acts` has something.
    """
    if not last_sent(key, "acts"):
        st.session_state[f"{key}_seq"] = 0  # made anew: nothing has been sent yet
    data = {"blocks": blocks, "selected": selected, "total": total, "ack": st.session_state[f"{key}_seq"]}
    _mount(key=key, data=data, default={"acts": None}, on_acts_change=on_act)
