"""A field for a number that is never empty."""

from __future__ import annotations

from typing import Any

import streamlit as st


def number_field(
    place: Any, label: str, low: float, high: float, key: str, first: float | None = None, **options: Any,
) -> Any:
    """A field in `place` for a number from `low` to `high`, whole where they are; what it says.

    Left empty, it takes its last value back: Streamlit's own would become the least it takes, without a word. `first` is
    what it says where `st.session_state[key]` says nothing yet; `options` are those of `st.number_input`.
    """
    st.session_state.setdefault(key, first)
    place.number_input(label, low, high, None, key=key, on_change=_take_back, persist_state="session",
                       args=(label, low, high, key, st.session_state[key]), **options)
    return st.session_state[key]


def _take_back(label: str, low: float, high: float, key: str, last: float) -> None:
    if st.session_state[key] is None:
        st.session_state[key] = last
        st.toast(f"{label}: expected a number from {low:,} to {high:,}, received none, so {last:,} stays.",
                 icon=":material/error:")
