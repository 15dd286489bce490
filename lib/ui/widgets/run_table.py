"""A table of runs to tick, star, sort and turn pages in. Streamlit component v2.

It shows one page of rows; which page, and in which order, is decided in Python. Columns of a higher rank give way on
narrower screens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, ignore, last_sent, revise, revision

_mount = component("run_table")
#: No browser ticks more.
_MOST_IDS = 10_000


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: `rank` 1 is always shown, 2 to 5 on ever wider screens; `label` says what the title stands for."""

    key: str
    title: str
    rank: int = 1
    number: bool = False
    label: str = ""


def parse_chosen(payload: object) -> tuple[tuple[str, ...], int] | None:
    """Ids and message number in what the browser sent; None for anything else."""
    values = sent_numbers(payload, ("seq",))
    ids = payload.get("ids") if isinstance(payload, Mapping) else None
    if values is None or not isinstance(ids, list) or len(ids) > _MOST_IDS or not all(isinstance(i, str) for i in ids):
        return None
    return tuple(dict.fromkeys(ids)), int(values[0])


def parse_asked(payload: object) -> tuple[str, Any] | None:
    """What was asked for ("sort", "star", "page" or "size") and its value, which is still to be judged; None for nothing."""
    if not isinstance(payload, Mapping) or not isinstance(payload.get("what"), str):
        return None
    return payload["what"], payload.get("value")


def chosen_ids(key: str) -> tuple[str, ...]:
    """The ids that are ticked in the table called `key`; kept when another page is shown. They may name no run any more."""
    kept, seq = st.session_state.setdefault(f"{key}_chosen", ((), 0))
    sent = parse_chosen(last_sent(key, "chosen"))
    if sent is not None and sent[1] > seq:
        st.session_state[f"{key}_chosen"] = sent
        return sent[0]
    return kept


def choose_ids(key: str, ids: Sequence[str]) -> None:
    """Tick exactly these, from Python."""
    chosen_ids(key)
    seq = st.session_state[f"{key}_chosen"][1]
    st.session_state[f"{key}_chosen"] = (tuple(ids), seq)
    revise(key)


def run_table(
    key: str, columns: Sequence[TableColumn], rows: Sequence[Mapping[str, Any]], on_ask: Callable[[str, Any], None],
    **shown: Any,
) -> None:
    """Mount the table. A row has id, name, fork (where it was forked from, or ""), note, under (its second line on narrow
    screens), message, starred, mine, color (of its tick, or None) and cells by column.

    `shown` has words, page (from 1), pages, size, sizes and sort (key and descending). `on_ask` is called with what
    the user asks for before the page runs again.
    """
    chosen_ids(key)
    ids, seq = st.session_state[f"{key}_chosen"]
    if seq and parse_chosen(last_sent(key, "chosen")) is None:
        # It is made anew: what an earlier one still sends is out of date.
        st.session_state[f"{key}_chosen"], seq = (ids, 0), 0
        revise(key)
    data = {"columns": tuple(map(asdict, columns)), "rows": tuple(dict(row) for row in rows), "chosen": ids, "ack": seq,
            "revision": revision(key), **shown}
    _mount(key=key, data=data, default={"chosen": None}, on_chosen_change=ignore,
           on_ask_change=lambda: _asked(key, on_ask))


def _asked(key: str, on_ask: Callable[[str, Any], None]) -> None:
    asked = parse_asked(last_sent(key, "ask"))
    if asked is not None:
        on_ask(*asked)
