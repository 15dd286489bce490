"""The controls above the list of runs: which of them it shows and in which order. All of it is in the link."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from lib.catalog.tasks import task_title
from lib.measures.figures import FIGURES, shared_figures
from lib.measures.run_filter import RunFilter
from lib.spec.runs import RunRecord, RunState
from lib.spec.words import network_family
from lib.ui.runs.columns import NEWEST_FIRST, Column, Infos, data_title, run_columns
from lib.ui.url_state import one_of, publish, put, remember, several, within

PAGE_SIZES = (10, 25, 50, 100)
#: Longer words are no search.
_LONGEST_TEXT = 200
_DEFAULTS: dict[str, Any] = {
    "runs_text": "", "runs_starred": False, "runs_data": [], "runs_family": [], "runs_task": [], "runs_state": [],
    "runs_metric": None, "runs_least": None, "runs_most": None, "runs_sort": NEWEST_FIRST, "runs_page": 1,
    "runs_size": PAGE_SIZES[0],
}
#: A choice that no run of the list has any more.
_LISTS = ("runs_data", "runs_family", "runs_task", "runs_state")


def filter_bar(records: Sequence[RunRecord], infos: Infos) -> tuple[list[RunRecord], dict[str, Column]]:
    """Draw the search, the star switch, the further conditions and the order; the runs that meet the conditions, and the
    columns of their list, by any of which it can be sorted."""
    options = _options(records, infos)
    _take_conditions(options)
    chosen = _described()
    kept = [record for record in records if chosen.keeps(record, data_title(record, infos))]
    columns = run_columns(kept or records, infos)
    _take_order(columns)
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs_bar"):
        st.text_input("Search", key="runs_text", icon=":material/search:", max_chars=_LONGEST_TEXT, width=280,
                      placeholder="name, note, network, data", on_change=first_page, persist_state="session")
        _order(columns)
        label = f"More conditions ({chosen.conditions})" if chosen.conditions else "More conditions"
        with st.popover(label, icon=":material/filter_list:", key="runs_conditions"):
            _conditions(records, options, infos)
        st.toggle("Starred", key="runs_starred", on_change=first_page, persist_state="session")
        if chosen != RunFilter():
            st.button("Show all", icon=":material/filter_list_off:", key="runs_all", on_click=show_all,
                      help="Takes all conditions away.")
    return kept, columns


def _options(records: Sequence[RunRecord], infos: Infos) -> dict[str, dict[str, str]]:
    """Control -> what may be chosen in it and how it reads: only what some run has."""
    return {
        "runs_data": {r.spec.data.dataset: data_title(r, infos) for r in records},
        "runs_family": dict.fromkeys(sorted({network_family(r.spec.architecture) for r in records}), ""),
        "runs_task": {r.spec.task: task_title(r.spec.task) for r in records},
        "runs_state": {str(s): str(s) for s in RunState if any(r.state == s for r in records)},
        "runs_metric": {figure.name: figure.title for figure in shared_figures(records)},
    }


def _take_conditions(options: Mapping[str, Mapping[str, str]]) -> None:
    for key in _LISTS:
        remember(key, [], _some_of(options[key]))
        put(key, [value for value in st.session_state[key] if value in options[key]])
    remember("runs_text", "", lambda text: text[:_LONGEST_TEXT])
    remember("runs_starred", False, {"True": True}.__getitem__)
    remember("runs_metric", None, one_of(list(options["runs_metric"])))
    if st.session_state["runs_metric"] not in (None, *options["runs_metric"]):
        st.session_state["runs_metric"] = None
    for key in ("runs_least", "runs_most"):
        remember(key, None, within(float, -1e12, 1e12))


def _take_order(columns: Mapping[str, Column]) -> None:
    orders = [f"{sign}{key}" for key in columns for sign in ("", "-")]
    remember("runs_sort", NEWEST_FIRST, one_of(orders))
    if st.session_state["runs_sort"] not in orders:
        st.session_state["runs_sort"] = NEWEST_FIRST
    remember("runs_page", 1, within(int, 1, 100_000))
    remember("runs_size", PAGE_SIZES[0], one_of(PAGE_SIZES))


def _some_of(options: Mapping[str, str]) -> Callable[[str], list[str]]:
    return lambda text: [value for value in several(text) if value in options]


def _order(columns: Mapping[str, Column]) -> None:
    """Sorting by any column, also by those that a narrow screen has no room for."""
    orders = [f"{sign}{key}" for key in columns for sign in ("-", "")]

    def words(order: str) -> str:
        column = columns[order.removeprefix("-")]
        return f"{column.label or column.title} {'↓' if order.startswith('-') else '↑'}"

    st.selectbox("Sort by", orders, format_func=words, key="runs_sort", on_change=first_page, width=210,
                 persist_state="session")


def _conditions(records: Sequence[RunRecord], options: Mapping[str, Mapping[str, str]], infos: Infos) -> None:
    titles = {"runs_data": "Data set", "runs_family": "Network", "runs_task": "What it does", "runs_state": "State"}
    for key, title in titles.items():
        words = {value: title or value for value, title in options[key].items()}
        st.pills(title, list(words), selection_mode="multi", key=key, on_change=first_page,
                 format_func=words.__getitem__, persist_state="session")
    st.selectbox("Figure", list(options["runs_metric"]), format_func=lambda name: FIGURES[name].title, key="runs_metric",
                 index=None, placeholder="any", on_change=_other_metric, persist_state="session")
    figure = FIGURES.get(st.session_state["runs_metric"] or "")
    if figure is None:
        return
    unit = f" ({figure.unit})" if figure.unit else ""
    with st.container(horizontal=True):
        for key, title in (("runs_least", "at least"), ("runs_most", "at most")):
            st.number_input(f"{title}{unit}", key=key, value=None, width=150, format="%g", placeholder="any",
                            on_change=first_page, persist_state="session")


def _other_metric() -> None:
    """Limits of one figure mean nothing for another."""
    st.session_state["runs_least"] = st.session_state["runs_most"] = None
    first_page()


def _described() -> RunFilter:
    state = st.session_state
    figure = FIGURES.get(state["runs_metric"] or "")
    least, most = (None if figure is None or state[key] is None else state[key] / figure.shown_scale
                   for key in ("runs_least", "runs_most"))
    data, family, task, states = (tuple(state[key]) for key in _LISTS)
    return RunFilter(state["runs_text"].strip(), data, family, task, states, state["runs_metric"] or "", least, most,
                     bool(state["runs_starred"]))


def publish_filter() -> None:
    """Write the filter, the order and the page into the link."""
    state = st.session_state
    values = {key: "|".join(state[key]) if key in _LISTS else state[key] for key in _DEFAULTS}
    publish({key: "" if value is None else value for key, value in values.items()},
            {key: "|".join(value) if key in _LISTS else "" if value is None else value for key, value in _DEFAULTS.items()})


def show_all() -> None:
    """Take all conditions away; the order stays."""
    for key, value in _DEFAULTS.items():
        if key not in ("runs_sort", "runs_size"):
            st.session_state[key] = value


def first_page() -> None:
    """Another list begins at its first page."""
    st.session_state["runs_page"] = 1
