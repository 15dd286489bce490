"""The list of the Runs page: filtered, sorted, one page of it, with ticks and stars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import count_text
from lib.runs import run_home
from lib.spec.runs import RunRecord
from lib.ui.faults import answering
from lib.ui.fragments import fragment
from lib.ui.frame import page_script
from lib.ui.resources import runner
from lib.ui.runs.columns import (
    Column,
    Infos,
    in_order,
    order_after_click,
    parse_order,
    state_word,
    under_words,
)
from lib.ui.runs.filters import PAGE_SIZES, filter_bar, first_page, publish_filter, show_all
from lib.ui.url_state import arrived, publish, remember, several
from lib.ui.visitors import may_steer, steer_run
from lib.ui.widgets.empty import CURVES, empty_state
from lib.ui.widgets.run_table import choose_ids, chosen_ids, run_table
from lib.ui.words import as_text

REFRESH_SECONDS = 2.0
_KEY = "runs_table"
#: A link with more ids would be too long for some programs.
_MOST_IN_LINK = 60


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list shows: the runs that pass its filter, in its order, and those that are ticked, out of all `records`."""

    columns: Mapping[str, Column]
    listed: tuple[RunRecord, ...]
    chosen: tuple[RunRecord, ...]
    records: tuple[RunRecord, ...]


def run_list() -> Listing | None:
    """Draw the list, except its table, which `draw_table` puts into its place; None where there is no run at all."""
    records = runner().records()
    if not records:
        words = "**No runs yet.** Everything that you train is listed here, to lay its curves over each other."
        if empty_state(CURVES, words, "Train a first network", "runs_first", ":material/play_circle:"):
            st.switch_page(page_script("train"))
        return None
    kept, columns = filter_bar(records, _infos())
    column, descending = parse_order(st.session_state["runs_sort"], columns)
    listing = Listing(columns, tuple(in_order(kept, column, descending)), tuple(_chosen(records)), records)
    publish_filter()
    return listing


def draw_table(listing: Listing, colors: Mapping[str, str]) -> None:
    """The table of the page that is open; `colors` are those of ticked runs by id, as the curves have them."""
    if not listing.listed:
        words = "**No run meets these conditions.** Take some of them away to see the others."
        empty_state(CURVES, words, "Show all runs", "runs_none", ":material/filter_list_off:", on_click=show_all)
    else:
        _table(listing, colors)
    for run in runner().store.unreadable():
        st.warning(f"Run {as_text(run.id)} cannot be shown: {as_text(run.reason)}", icon=":material/broken_image:")
    active = {r.id: state_word(r) for r in listing.records if not r.state.is_final}
    if active:
        fragment(_wait_for_change, run_every=REFRESH_SECONDS)(active)


def _table(listing: Listing, colors: Mapping[str, str]) -> None:
    state, infos, columns = st.session_state, _infos(), listing.columns
    size, count = state["runs_size"], len(listing.listed)
    pages = -(-count // size)
    page = min(state["runs_page"], pages)
    shown = listing.listed[(page - 1) * size : page * size]
    names = {record.id: record.name for record in listing.records}
    column, descending = parse_order(state["runs_sort"], columns)
    run_table(
        _KEY, [c.head for c in columns.values()], [_row(record, columns, infos, colors, names) for record in shown],
        partial(_asked, columns), words=_words(listing, page, size), page=page, pages=pages, size=size, sizes=PAGE_SIZES,
        sort={"key": column.key, "descending": descending})


def _words(listing: Listing, page: int, size: int) -> str:
    first, count = (page - 1) * size + 1, len(listing.listed)
    words = f"{first:,}–{min(first + size - 1, count):,} of {count_text(count, 'run')}"
    if not listing.chosen:
        return words
    ids = {record.id for record in listing.listed}
    hidden = sum(record.id not in ids for record in listing.chosen)
    return f"{words} · {len(listing.chosen):,} ticked" + (f", {hidden:,} of them not in this list" if hidden else "")


def fork_words(record: RunRecord, names: Mapping[str, str]) -> str:
    """Which run it was forked from, and where; "" for a run that began by itself."""
    if not record.parent:
        return ""
    return f"fork of {names.get(record.parent, 'a run that was deleted')}, after epoch {record.forked_epoch}"


def _row(record: RunRecord, columns: Mapping[str, Column], infos: Infos, colors: Mapping[str, str],
         names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": record.id, "name": record.name, "fork": fork_words(record, names),
        "note": " ".join(record.note.split()), "message": record.message,
        "under": under_words(record, columns, infos),
        "starred": record.starred, "mine": may_steer(record), "color": colors.get(record.id),
        "cells": {key: column.text(record) for key, column in columns.items()},
    }


def _infos() -> Infos:
    return {**datasets.DATASETS, **datasets.custom_sets(run_home())}


# --- what is ticked -----------------------------------------------------------------------


def _chosen(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The ticked runs in the order in which they were ticked; after a link, those that it names."""
    by_id = {record.id: record for record in records}
    if arrived() and "runs_chosen" in st.query_params:
        remember("runs_chosen", [], several)
        tick([run_id for run_id in st.session_state.pop("runs_chosen") if run_id in by_id])
    chosen = [by_id[run_id] for run_id in chosen_ids(_KEY) if run_id in by_id]
    publish({"runs_chosen": "|".join(record.id for record in chosen[:_MOST_IN_LINK])}, {"runs_chosen": ""})
    return chosen


def tick(ids: Sequence[str]) -> None:
    """Tick exactly these runs."""
    choose_ids(_KEY, ids)


# --- what is asked for in the table -------------------------------------------------------


def _asked(columns: Mapping[str, Column], what: str, value: Any) -> None:
    """A browser may send anything: what makes no sense is not answered."""
    state = st.session_state
    if what == "sort" and isinstance(value, str):
        state["runs_sort"] = order_after_click(state["runs_sort"], value, columns)
        first_page()
    elif what == "page" and type(value) is int and value > 0:
        state["runs_page"] = value
    elif what == "size" and value in PAGE_SIZES:
        state["runs_size"] = value
        first_page()
    elif what == "star" and isinstance(value, Mapping) and isinstance(value.get("id"), str):
        answering(steer_run)("star", value["id"], value.get("on") is True)


def _wait_for_change(states: dict[str, str]) -> None:
    """Redraw the page once one of these runs is in another state."""
    now = {record.id: state_word(record) for record in runner().records()}
    if any(now.get(run_id) != state for run_id, state in states.items()):
        st.rerun()
    words = Counter(states.values())
    st.caption(", ".join(f"{words[word]:,} {word}" for word in ("running", "paused", "queued") if words[word]) + ".")
