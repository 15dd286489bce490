"""One entry in the browser's history for each page that was visited. Streamlit component v2."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "page_history", html="<span></span>", js=(Path(__file__).parent / "history.js").read_text(), isolate_styles=True,
)


def one_entry_per_page() -> None:
    """Let changes of the URL on one page replace its history entry; shows nothing."""
    _mount(key="page_history", data={"shows": "nothing"}, height=1)
