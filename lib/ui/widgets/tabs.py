"""Tabs of which only the open one is computed, its name in the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lib.ui.faults import show_fault


def open_tab(key: str, panels: Mapping[str, Callable[[], None]]) -> None:
    """Draw a tab for each of `panels` by title, and the content of the open one."""
    for tab, panel in zip(st.tabs(list(panels), key=key, bind="query-params"), panels.values(), strict=True):
        if not tab.open:
            continue
        with tab:
            try:
                panel()
            except Exception as error:
                show_fault(error)
