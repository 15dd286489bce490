"""Tabs of which only the open one is computed, its name in the URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lib.ui.faults import show_fault


def open_tab(key: str, panels: Mapping[str, Callable[[], None]], former: Mapping[str, str] | None = None) -> None:
    """Draw a tab for each of `panels` by title, and the content of the open one.

    `former` are titles that older links may name, each with the present one.
    """
    title = (former or {}).get(st.query_params.get(key, ""))
    if title is not None and key not in st.session_state:
        st.session_state[key] = title
    for tab, panel in zip(st.tabs(list(panels), key=key, bind="query-params"), panels.values(), strict=True):
        if not tab.open:
            continue
        with tab:
            try:
                panel()
            except Exception as error:
                show_fault(error)
