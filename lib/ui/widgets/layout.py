"""Columns that wrap before they become too narrow; their widths are in frame.css."""

from __future__ import annotations

from typing import Any

import streamlit as st


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
