"""Links from other pages into a network."""

from __future__ import annotations

import streamlit as st

from lib.spec.runs import RunRecord
from lib.ui.frame import page_script
from lib.ui.inside.offered import is_openable


def look_inside(network: str, label: str = "Look inside", **place: str) -> None:
    """A link to the page Inside with the network called `network` in links, and a `image`, `layer`, ... of it."""
    st.page_link(page_script("inside"), label=label, icon=":material/layers:", query_params={"inside": network, **place})


def look_inside_run(record: RunRecord) -> None:
    """The same for a run whose network the page can open; nothing for others."""
    if is_openable(record):
        look_inside(f"run:{record.id}")
