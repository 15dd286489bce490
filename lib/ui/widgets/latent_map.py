"""A plane of latent codes to move about in, coloured by class. Streamlit component v2; see `clock_dial` for the flow."""

from __future__ import annotations

import base64

import numpy as np
import streamlit as st

from lib.base.messages import sent_numbers
from lib.ui.widgets.component import component, ignore, is_outdated, last_sent, revise, revision

_mount = component("latent_map")


def parse_place(payload: object) -> tuple[float, float, int] | None:
    """x, y and message number in what the browser sent; None for anything else."""
    values = sent_numbers(payload, ("x", "y", "seq"), limit=1e9)
    return None if values is None else (float(values[0]), float(values[1]), int(values[2]))


def map_place(key: str, default: tuple[float, float]) -> tuple[float, float]:
    """Where the user is on the map called `key`; kept when another page is shown."""
    x, y, seq = st.session_state.setdefault(f"{key}_place", (*default, 0))
    sent = _sent(key)
    if sent is not None and sent[2] > seq:
        x, y = (x, y) if is_outdated(key, "place") else sent[:2]
        st.session_state[f"{key}_place"] = (x, y, sent[2])
    return x, y


def set_place(key: str, x: float, y: float) -> None:
    """Move there from Python."""
    seq = st.session_state.get(f"{key}_place", (0, 0, 0))[2]
    st.session_state[f"{key}_place"] = (x, y, seq)
    revise(key)


def latent_map(key: str, points: np.ndarray, labels: np.ndarray, low: np.ndarray, high: np.ndarray, label: str) -> None:
    """Mount the map of `points` (N, 2) with classes `labels` (N,) from corner `low` to corner `high`."""
    x, y, seq = st.session_state.get(f"{key}_place", (0.0, 0.0, 0))
    fresh = _sent(key) is None
    if fresh and seq:
        st.session_state[f"{key}_place"], seq = (x, y, 0), 0
        revise(key)
    data = {"low": low.tolist(), "high": high.tolist(), "place": [x, y], "ack": seq, "label": label,
            "revision": revision(key)}
    if fresh:  # the browser keeps the points
        share = np.clip((points - low) / (high - low), 0, 1)
        data |= {"points": base64.b64encode(np.rint(share * 65535).astype("<u2").tobytes()).decode(),
                 "labels": base64.b64encode(labels.astype(np.uint8).tobytes()).decode()}
    _mount(key=key, data=data, default={"place": None}, on_place_change=ignore)


def _sent(key: str) -> tuple[float, float, int] | None:
    return parse_place(last_sent(key, "place"))
