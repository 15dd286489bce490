"""What a page shows while there is nothing on it yet: a drawing of what will be there, a sentence, and the next step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.charts.theme import SERIES_COLORS
from lib.ui.widgets.legend import svg_image

_BLUE, _RED, _GRAY = SERIES_COLORS[0], SERIES_COLORS[1], SERIES_COLORS[-1]
_AXES = f'<path d="M20 6v104h210" fill="none" stroke="{_GRAY}" stroke-width="1.5"/>'
#: Two networks that learn: the better one is lower.
CURVES = _AXES + "".join(
    f'<path d="{path}" fill="none" stroke="{color}" stroke-width="3" stroke-linecap="round"{dash}/>'
    for path, color, dash in (
        ("M26 20C50 80 80 96 224 102", _BLUE, ""), ("M26 14C60 60 100 74 224 82", _RED, ""),
        ("M26 30C60 76 110 84 224 74", _RED, ' stroke-dasharray="6 5"')))


def _cell(column: int, row: int, tone: float) -> str:
    place = f'x="{34 + 50 * column}" y="{10 + 34 * row}" width="46" height="30" rx="4"'
    if tone < 0:
        return f'<rect {place} fill="none" stroke="{_GRAY}" stroke-dasharray="4 3"/>'
    return f'<rect {place} fill="{_BLUE}" fill-opacity="{tone}"/>'


#: A grid that fills in: one cell for every run.
_TONES = ((0.35, 0.5, 0.45, 0.4), (0.8, 1, 0.9, -1), (0.6, -1, -1, -1))
GRID = "".join(_cell(column, row, tone) for row, tones in enumerate(_TONES) for column, tone in enumerate(tones))


def empty_state(drawing: str, words: str, label: str, key: str, icon: str, **button: Any) -> bool:
    """Draw it; whether the button was clicked. `button` goes to `st.button`."""
    with st.container(border=True, horizontal_alignment="center", key=f"{key}_empty"):
        st.html(svg_image("0 0 250 118", drawing, "width:20rem;max-width:100%", "A drawing of what will be here"),
                width="content")
        st.markdown(words, text_alignment="center")
        return st.button(label, key=key, type="primary", icon=icon, **button)
