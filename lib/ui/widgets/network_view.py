"""A network as its layers' images below each other, every number of which can be clicked. Streamlit component v2.

In a fragment: read `picked_place` first, draw what follows from it, and mount `network_view` last but for a pad. The
browser sends the next place only when the last one has been answered, so a drag never piles up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, ignore, last_sent, revise, revision

_mount = component("network_view")


@dataclass(frozen=True, slots=True)
class SentPlace:
    """What was clicked: number of the layer (-1: the image), map or unit, row, column; a unit of -1 is the whole layer."""

    layer: int
    unit: int
    row: int
    column: int
    seq: int = 0


def parse_pick(payload: object) -> SentPlace | None:
    """The place in what the browser sent; None for anything else."""
    values = sent_numbers(payload, ("layer", "unit", "row", "column", "seq"))
    return None if values is None else SentPlace(*(int(value) for value in values))


def new_pick(key: str) -> SentPlace | None:
    """What was clicked since the last call, None for nothing."""
    sent = parse_pick(last_sent(key, "pick"))
    if sent is None or sent.seq <= st.session_state.get(f"{key}_seq", 0):
        return None
    st.session_state[f"{key}_seq"] = sent.seq
    return sent


def network_view(key: str, layers: Sequence[Mapping[str, Any]], pick: tuple[int, int, int, int] | None, detail: str = "",
                 under: str = "", marks: Sequence[Mapping[str, Any]] = ()) -> None:
    """Mount the view.

    `layers` have number, title, size, parameters, label, note (words beside the maps) and, once there is a network, full
    (height, width), maps, h, w, count, shown, data (base64 of bytes, map by map), signed, top, and labels or rgb (channels
    of an image).
    `pick` is the chosen layer, unit, row and column; `detail` the HTML beside it, `under` the words below the enlarged
    map. `marks` are frames: layer, unit or None for all, top, left, height, width.
    """
    if parse_pick(last_sent(key, "pick")) is None and st.session_state.get(f"{key}_seq"):
        # It is made anew: what an earlier one still sends is out of date.
        st.session_state[f"{key}_seq"] = 0
        revise(key)
    chosen = None if pick is None else dict(zip(("layer", "unit", "row", "column"), pick, strict=True))
    # Tuples: for a list Streamlit imports pandas, to ask whether it is a table.
    data = {"layers": tuple(layers), "pick": chosen, "detail": detail, "under": under, "marks": tuple(marks),
            "ack": st.session_state.get(f"{key}_seq", 0), "revision": revision(key)}
    _mount(key=key, data=data, default={"pick": None}, on_pick_change=ignore)
