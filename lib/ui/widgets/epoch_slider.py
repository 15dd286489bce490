"""A slider over the recorded epochs of a run, which stays where it is put while new epochs come. Streamlit component v2.

Streamlit's own slider is another widget as soon as its range grows: a drag would end there. See `clock_dial` for the flow:
read `chosen_epoch` first, draw, and mount `epoch_slider` last into a place reserved above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, ignore, last_sent

_mount = component("epoch_slider")


@dataclass(frozen=True, slots=True)
class SliderPlace:
    """The epoch (0-based) that the user chose, None to follow the newest one, and the browser's message number."""

    epoch: int | None = None
    seq: int = 0


def parse_slider(payload: object) -> SliderPlace | None:
    """The place in what the browser sent, which numbers epochs from 1 and sends 0 to follow; None for anything else."""
    values = sent_numbers(payload, ("epoch", "seq"))
    if values is None or values[0] < 0:
        return None
    epoch, seq = (int(value) for value in values)
    return SliderPlace(epoch - 1 if epoch else None, seq)


def chosen_epoch(key: str, epochs: Sequence[int]) -> tuple[int, bool]:
    """Which of `epochs` (0-based, ascending, not empty) the slider called `key` shows, and whether it follows the newest.

    A chosen epoch that is not there (any more) is the last one before it.
    """
    kept: SliderPlace = st.session_state.setdefault(f"{key}_place", SliderPlace())
    sent = _sent(key)
    if sent is not None and sent.seq > kept.seq:
        st.session_state[f"{key}_place"] = kept = sent
    if kept.epoch is None:
        return epochs[-1], True
    return max((epoch for epoch in epochs if epoch <= kept.epoch), default=epochs[0]), False


def epoch_slider(key: str, epochs: Sequence[int], live: bool) -> None:
    """Mount the slider; while the run is `live` it has a button that follows the newest epoch again."""
    kept: SliderPlace = st.session_state.get(f"{key}_place", SliderPlace())
    if _sent(key) is None and kept.seq:  # made anew: nothing has been sent yet
        st.session_state[f"{key}_place"] = kept = SliderPlace(kept.epoch)
    shown, follows = chosen_epoch(key, epochs)
    # A tuple: for a list Streamlit imports pandas, to ask whether it is a table.
    data = {"epochs": tuple(epoch + 1 for epoch in epochs), "epoch": shown + 1, "follows": follows, "live": live,
            "ack": kept.seq}
    _mount(key=key, data=data, default={"place": None}, on_place_change=ignore)


def _sent(key: str) -> SliderPlace | None:
    return parse_slider(last_sent(key, "place"))
