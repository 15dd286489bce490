"""Controls whose values live in the URL, so that a link reproduces a set-up, seed included.

Streamlit's own `bind="query-params"` is not used where the default of one control depends on another
(a preset's learning rate): a bound widget takes its default once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def remember(key: str, default: Any, parse: Callable[[str], Any] = str) -> None:
    """Give `st.session_state[key]` a value before its widget is drawn: its last one, the URL's, or `default`.

    `parse` turns the URL's text into a value; text for which it raises anything is ignored.
    """
    if key in st.session_state:
        return
    st.session_state[key] = default
    text = st.query_params.get(key)
    if text is not None:
        try:
            st.session_state[key] = parse(text)
        except Exception:  # a link may say anything
            st.session_state[key] = default


def one_of(options: Mapping[str, Any] | tuple[Any, ...] | list[Any]) -> Callable[[str], Any]:
    """A parser that accepts only the text of one of `options`."""
    by_text = {str(option): option for option in options}

    def parse(text: str) -> Any:
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]

    return parse


def several(text: str, separator: str = "|") -> list[str]:
    """The parts of a link's value, each once: a list of choices has no room for a second."""
    return list(dict.fromkeys(part for part in text.split(separator) if part))


def within(kind: type, low: float, high: float) -> Callable[[str], Any]:
    """A parser of numbers from `low` to `high`."""

    def parse(text: str) -> Any:
        value = kind(text)
        if not low <= value <= high:  # also refuses NaN
            raise ValueError(text)
        return value

    return parse


def publish(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Write `values` into the URL, leaving out those that equal their default."""
    for key, value in values.items():
        if value == defaults.get(key):
            st.query_params.pop(key, None)
        elif st.query_params.get(key) != str(value):
            st.query_params[key] = str(value)
