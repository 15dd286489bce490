"""The layers of a network as blocks to select, drag and remove, by pointer or keyboard. Streamlit component v2.

The browser marks a selection at once and sends one action after the other, each when the last one has been answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, last_sent

_mount = component("stack_diagram")
_DEEDS = ("select", "move", "remove", "duplicate", "undo")


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


def sent_act(key: str) -> Act | None:
    """The last action in the diagram called `key` that has not been taken yet; it counts as taken from now on."""
    act = parse_act(last_sent(key, "act"))
    if act is None or act.seq <= st.session_state.get(f"{key}_seq", 0):
        return None
    st.session_state[f"{key}_seq"] = act.seq
    return act


def stack_diagram(key: str, blocks: list[dict[str, Any]], selected: int, total: str, on_act: Callable[[], None]) -> None:
    """Draw `blocks` (see `lib.charts.stack_diagram`), the first the input and the last the output.

    `selected` is a layer counted from 0; the output counts as the last. `total` stands below. `on_act` is called before the
    page is drawn again, when `sent_act` has something.
    """
    if not last_sent(key, "act"):
        st.session_state[f"{key}_seq"] = 0  # made anew: nothing has been sent yet
    data = {"blocks": blocks, "selected": selected, "total": total, "ack": st.session_state[f"{key}_seq"]}
    _mount(key=key, data=data, default={"act": None}, on_act_change=on_act)
