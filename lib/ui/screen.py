"""The screen that a page is shown on: a phone has room for fewer columns of a table, a projector needs larger type."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from lib.ui.cookies import window_width
from lib.ui.url_state import arrived, put

#: Windows below this are narrow; the style sheets change there too.
NARROW_PIXELS = 640
_PROJECTOR = "projector"


def is_narrow() -> bool:
    """Whether the window was narrow when this session began; False where the browser has not said so."""
    width = window_width()
    return width is not None and width < NARROW_PIXELS


def few_columns(*names: str) -> list[str] | None:
    """For `st.dataframe(column_order=...)`: these alone on a narrow screen, all of them on others."""
    return list(names) if is_narrow() else None


def legend_columns() -> int:
    """How many columns a legend of long names has room for."""
    return 1 if is_narrow() else 2


# --- a projector --------------------------------------------------------------------------


def is_projected() -> bool:
    """Whether this tab is on a projector; a link with `?projector=1` turns it on."""
    # Not a second time: the switch may be drawn by then.
    if arrived() and st.query_params.get(_PROJECTOR) == "1" and not st.session_state.get(_PROJECTOR):
        st.session_state[_PROJECTOR] = True
    return bool(st.session_state.get(_PROJECTOR))


def first_sidebar() -> Literal["collapsed", "auto"]:
    """How the sidebar is when the page comes up: folded on a projector, since the class needs the room."""
    asked = st.query_params.get(_PROJECTOR) == "1" or st.session_state.get(_PROJECTOR)
    return "collapsed" if asked else "auto"


def projector_switch() -> None:
    """Draw the switch, and the styles while it is on."""
    put(_PROJECTOR, is_projected())
    on = st.toggle("Projector", key=_PROJECTOR, persist_state="session",
                   help="Larger type and thicker lines for a class. A link that ends in ?projector=1 opens that way.")
    if on:
        st.html("<style>html { font-size: 21px; }</style>")
