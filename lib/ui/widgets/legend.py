"""The legend of a chart as text of the page: it wraps at every width, is never cut off, and takes the page's colours."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping

import streamlit as st

from lib.charts.theme import SeriesStyle

#: Shape -> what is drawn of it in a box of 12 x 12.
MARKS = {
    "circle": "M6 1.5a4.5 4.5 0 1 0 .01 0z", "square": "M2 2h8v8h-8z", "triangle-up": "M6 1.5l5 9h-10z",
    "triangle-down": "M6 10.5l5-9h-10z", "triangle-right": "M10.5 6l-9 5v-10z", "diamond": "M6 .5l4.5 5.5-4.5 5.5-4.5-5.5z",
    "cross": "M4.5 1h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
}
_LINES = {"line": "solid", "dash": "dashed"}


def svg_image(view: str, drawing: str, style: str, alt: str = "") -> str:
    """An inline SVG as an `img` element: `st.html` takes svg elements out."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">{drawing}</svg>'
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" style="{style}" alt="{html.escape(alt)}">'


def swatch(style: SeriesStyle) -> str:
    """The mark of a series as a small image between words."""
    if style.shape in _LINES:
        line = f"border-top:2.5px {_LINES[style.shape]} {style.color}"
        return f'<span style="width:1.6rem;display:inline-block;{line}"></span>'
    mark = f'<path d="{MARKS[style.shape]}" fill="{style.color}"/>'
    return svg_image("0 0 12 12", mark, "width:0.8rem;height:0.8rem;display:inline-block")


def legend(styles: Mapping[str, SeriesStyle], *, splits: bool = False) -> None:
    """A swatch and a name for each series; with `splits` also what solid and dashed lines are."""
    known = dict(styles)
    if splits:
        known |= {"validation": SeriesStyle("currentColor", "line"), "training": SeriesStyle("currentColor", "dash")}
    items = "".join(
        '<span role="listitem" style="display:inline-flex;align-items:center;gap:0.35rem">'
        f"{swatch(style)}<span>{html.escape(name)}</span></span>" for name, style in known.items())
    st.html('<div role="list" aria-label="Legend" style="display:flex;flex-wrap:wrap;gap:0.15rem 1rem;font-size:0.875rem">'
            f"{items}</div>")
