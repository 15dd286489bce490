"""Buttons that save a chart of the page as SVG or PNG, with its title and its legend. Streamlit component v2.

The browser does it from what is on the page, so that it works without a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from lib.charts.theme import SeriesStyle
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.component import component
from lib.ui.widgets.legend import MARKS

_mount = component("save_chart")


def saved_chart(chart: Any, key: str, alt: str, title: str, styles: Mapping[str, SeriesStyle], file: str = "",
                **options: Any) -> Any:
    """`show_chart(st, chart, key=key, alt=alt, **options)` with the buttons below it; what it returns.

    The saved image has `title` and the legend that `styles` describe; its file is called after `file`, else after the title.
    """
    with st.container(key=f"{key}_chart"):
        event = show_chart(st, chart, key=key, alt=alt, **options)
    _buttons(f"{key}_chart", title, styles, re.sub(r"[^A-Za-z0-9]+", "-", file or title).strip("-").lower())
    return event


def _buttons(place: str, title: str, styles: Mapping[str, SeriesStyle], file: str) -> None:
    """Mount the buttons for the chart in the container whose key is `place`."""
    entries = tuple({"name": name, **asdict(style), "path": MARKS.get(style.shape, "")} for name, style in styles.items())
    _mount(key=f"{place}_save", data={"place": place, "title": title, "file": file, "legend": entries})
