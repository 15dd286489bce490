"""Controls whose values live in the URL, so that a link reproduces a set-up, seed included.

Streamlit's own `bind="query-params"` is not used where the default of one control depends on another
(a preset's learning rate): a bound widget takes its default once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.ui.words import as_text

#: Characters of a link's value that are said.
_MOST_SAID = 40
#: The page that this tab showed last.
_PAGE = "_page"
#: What the URL of a link said that cannot be used here, by its key.
_REFUSED = "_refused_of_url"
#: Keys whose value was taken from the URL in this run of the page; None when nobody followed a link.
_TAKEN = "_taken_from_url"


def note_arrival(page: str) -> None:
    """To be called before `page` is drawn: whether a link, Back or Forward has just brought this tab here.

    Its URL then decides the controls; otherwise the session does, which is ahead of the URL while the user is fast. An
    arrival lasts until the page was drawn whole: something may draw it anew before.
    """
    context = get_script_run_ctx()
    moved = st.session_state.get(_PAGE) != page or bool(context and context.is_history_navigation)
    st.session_state[_PAGE] = page
    if moved:
        st.session_state[_TAKEN] = set() if len(st.query_params) else None


def arrived() -> bool:
    """Whether the URL of this run of the page was brought by a link, Back or Forward."""
    return st.session_state.get(_TAKEN) is not None


def take(key: str, value: Any) -> None:
    """Let an arrival set `key` to `value` unless its URL says otherwise: for what a link means beyond its words."""
    if key not in st.query_params:
        st.session_state[key] = value
        st.session_state[_TAKEN].add(key)


def end_arrival() -> None:
    """To be called after the page is drawn: from now on the session decides. Says what of a link could not be used."""
    st.session_state[_TAKEN] = None
    refused = st.session_state.pop(_REFUSED, None)
    if refused:
        st.toast(f"The link says {_listed(refused)}, which cannot be used here: the defaults are used.",
                 icon=":material/link_off:", duration="long")


def refuse(key: str, text: str) -> None:
    """Let `end_arrival` say that the URL's `text` for `key` cannot be used."""
    st.session_state.setdefault(_REFUSED, {})[key] = text


def _listed(refused: Mapping[str, str]) -> str:
    """"net = foo, epochs = -3", as text and not as markup."""
    return as_text(", ".join(f"{key} = {text[:_MOST_SAID]}" for key, text in refused.items()))


def remember(key: str, default: Any, parse: Callable[[str], Any] = str, former: str = "") -> None:
    """Give `st.session_state[key]` a value before its widget is drawn: its last one, the URL's, or `default`.

    After a link, Back or Forward the URL's or `default`, in the first call for `key`. `parse` turns the URL's text into
    a value; text for which it raises anything is not used, and `end_arrival` says so. `former` is what older links call
    `key`.
    """
    taken = st.session_state.get(_TAKEN)
    fresh = taken is not None and key not in taken
    if key in st.session_state and not fresh:
        return
    if taken is not None:
        taken.add(key)
    st.session_state[key] = default
    text = st.query_params.get(key)
    if former and former in st.query_params:
        older = st.query_params.pop(former)
        text = older if text is None else text
    if text is not None:
        try:
            st.session_state[key] = parse(text)
        except Exception:  # a link may say anything
            st.session_state[key] = default
            refuse(key, text)


def put(key: str, value: Any) -> None:
    """Give a widget `value` before it is drawn, where it has another one.

    What is assigned is sent to the browser and replaces what the visitor chose while the page was on its way: assigned in
    every run, even the same value would now and then undo a click.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


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
