"""How wide the browser's window is: a phone has room for fewer columns of a table."""

from __future__ import annotations

from typing import Any

import streamlit as st

_NARROW = "_narrow_screen"
#: Windows below this are narrow; the style sheets change there too.
NARROW_PIXELS = 640


def is_narrow() -> bool:
    """Whether the window was narrow when this session began; False before the browser has said so."""
    return bool(st.session_state.get(_NARROW))


def note_width(width: Any) -> bool:
    """Take in what the browser says of its width in pixels, or anything else; whether `is_narrow` is another now."""
    before = is_narrow()
    st.session_state[_NARROW] = type(width) in (int, float) and 0 < width < NARROW_PIXELS
    return is_narrow() != before


def few_columns(*names: str) -> list[str] | None:
    """For `st.dataframe(column_order=...)`: these alone on a narrow screen, all of them on others."""
    return list(names) if is_narrow() else None
