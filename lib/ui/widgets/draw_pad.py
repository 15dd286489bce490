"""A pad to draw on with mouse, finger or keyboard. Streamlit component v2.

In a fragment: read `drawn_ink` first, draw what follows from it, and mount `draw_pad` last, into a container
reserved above. The browser sends its next drawing only when the last one has been answered.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
import streamlit as st

from lib.images.drawing import PAD_SIDE, parse_drawing
from lib.ui.widgets.component import component, ignore, is_outdated, last_sent, revise, revision

_mount = component("draw_pad")


def drawn_ink(key: str) -> np.ndarray:
    """What is drawn on the pad called `key`, uint8 (56, 56), 0 where there is no ink.

    The component's own state is lost when another page is shown, so the drawing is kept beside it.
    """
    ink, seq = st.session_state.setdefault(f"{key}_drawing", (np.zeros((PAD_SIDE, PAD_SIDE), np.uint8), 0))
    sent = _sent(key)
    if sent is not None and sent[1] > seq:
        ink = ink if is_outdated(key, "drawing") else sent[0]
        st.session_state[f"{key}_drawing"] = (ink, sent[1])
    return ink


def pad_at_rest(key: str) -> bool:
    """Whether nobody is in the middle of a stroke."""
    sent = last_sent(key, "drawing")
    return not isinstance(sent, Mapping) or sent.get("still") is not False


def clear_pad(key: str) -> None:
    """Wipe the pad from Python."""
    fill_pad(key, np.zeros((PAD_SIDE, PAD_SIDE), np.uint8))


def fill_pad(key: str, ink: np.ndarray) -> None:
    """Put `ink`, uint8 (56, 56), on the pad from Python; the user may draw on it."""
    drawn_ink(key)
    _, seq = st.session_state[f"{key}_drawing"]
    st.session_state[f"{key}_drawing"] = (ink, seq)
    revise(key)


def draw_pad(key: str, label: str = "Draw here") -> None:
    """Mount the pad; `label` is its name for screen readers and the hint on an empty pad."""
    ink = drawn_ink(key)
    if _sent(key) is None:
        # It is made anew: what an earlier one still sends is out of date.
        if st.session_state[f"{key}_drawing"][1]:
            revise(key)
        st.session_state[f"{key}_drawing"] = (ink, 0)
    data = {
        "side": PAD_SIDE, "label": label, "ack": st.session_state[f"{key}_drawing"][1],
        "revision": revision(key),
        "ink": base64.b64encode(ink.tobytes()).decode() if ink.any() else "",
    }
    _mount(key=key, data=data, default={"drawing": None}, on_drawing_change=ignore)


def _sent(key: str) -> tuple[np.ndarray, int] | None:
    return parse_drawing(last_sent(key, "drawing"))
