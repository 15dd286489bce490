"""One entry in the browser's history for each page that was visited. Streamlit component v2."""

from __future__ import annotations

from lib.ui.widgets.component import component

_mount = component("page_history", "history")


def one_entry_per_page() -> None:
    """Let changes of the URL on one page replace its history entry; shows nothing."""
    _mount(key="page_history", data={"shows": "nothing"}, height=1)
