"""Projector mode: larger type, thicker lines and a folded sidebar, for the last row of a class room."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from lib.ui.url_state import arrived

_KEY = "projector"
_CSS = """
html { font-size: 21px; }
"""


def is_projected() -> bool:
    """Whether this tab is on a projector; a link with `?projector=1` turns it on."""
    # Not a second time: the switch may be drawn by then.
    if arrived() and st.query_params.get(_KEY) == "1" and not st.session_state.get(_KEY):
        st.session_state[_KEY] = True
    return bool(st.session_state.get(_KEY))


def first_sidebar() -> Literal["collapsed", "auto"]:
    """How the sidebar is when the page comes up: folded on a projector, since the class needs the room."""
    asked = st.query_params.get(_KEY) == "1" or st.session_state.get(_KEY)
    return "collapsed" if asked else "auto"


def projector_switch() -> None:
    """Draw the switch, and the styles while it is on."""
    st.session_state[_KEY] = is_projected()
    on = st.toggle("Projector", key=_KEY, persist_state="session",
                   help="Larger type and thicker lines for a class. A link that ends in ?projector=1 opens that way.")
    if on:
        st.html(f"<style>{_CSS}</style>")
