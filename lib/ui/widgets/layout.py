"""Columns that wrap before they become too narrow (their widths are in frame.css), and tabs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from lib.ui.faults import show_fault

T = TypeVar("T")
_CARDS_PER_ROW = 3


def beside(key: str) -> tuple[Any, Any]:
    """A narrow place for a pad and its buttons, and the place beside it; below it on a phone."""
    with st.container(key=f"beside_{key}"):
        left, right = st.columns([2, 7], gap="small")
    return left, right


def figures(key: str | None = None) -> Any:
    """A row of `st.metric(..., width="content")`: side by side while there is room, else below each other, never cut."""
    return st.container(horizontal=True, gap="large", key=key)


def side_by_side(key: str, count: int = 2, kind: str = "wide") -> list[Any]:
    """`count` equal places, as many side by side as keep a readable width.

    The `kind` "charts" needs more of it, "controls" less.
    """
    with st.container(key=f"{kind}_{key}"):
        return st.columns(count, gap="small" if kind == "controls" else "large")


def cards(items: Sequence[T]) -> Iterator[tuple[Any, T]]:
    """A framed place for each of `items`, three side by side and equally high, with its item."""
    for start in range(0, len(items), _CARDS_PER_ROW):
        for place, item in zip(st.columns(_CARDS_PER_ROW), items[start : start + _CARDS_PER_ROW], strict=False):
            yield place.container(border=True, height="stretch"), item


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
