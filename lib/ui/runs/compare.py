"""The comparison below the list: curves, hyperparameters against a figure, and what differs."""

from __future__ import annotations

import html

import streamlit as st

from lib.base.percent import count_text
from lib.measures.comparison import best_words, with_all_seeds
from lib.spec.specs import to_dict
from lib.ui.fragments import fragment
from lib.ui.runs.curves import curves_panel, epochs_of
from lib.ui.runs.differences import difference_table
from lib.ui.runs.hyperparameters import parallel_panel, scatter_panel
from lib.ui.runs.setup import Comparison, color_control, drawn_control
from lib.ui.runs.table import REFRESH_SECONDS
from lib.ui.screen import is_narrow
from lib.ui.widgets.layout import open_tab


def comparison_panel(comparison: Comparison) -> None:
    """Which was better in words, and a tab for each way of looking at it."""
    st.subheader("Compare")
    text, choice = st.columns([3, 2], vertical_alignment="bottom")
    text.html(f"<p>{html.escape(_about(comparison))}</p>")
    if len(comparison.records) > 1:
        with choice, st.container(horizontal=True):
            drawn_control(comparison)
            color_control(comparison)
    live = any(not record.state.is_final for record in comparison.records)
    tabs = {"Curves": lambda: fragment(curves_panel, run_every=REFRESH_SECONDS if live else None)(comparison),
            "Scatter": lambda: fragment(scatter_panel)(comparison),
            "Parallel coordinates": lambda: fragment(parallel_panel)(comparison),
            "What differs": lambda: _differences(comparison)}
    open_tab("runs_view", tabs)


def _about(comparison: Comparison) -> str:
    records = comparison.records
    if not comparison.ticked:
        which = f"Nothing is ticked: the first {count_text(len(records), 'run')} of the list that can be compared."
    elif len(comparison.pool) > len(records):
        which = f"Drawn are the first {len(records)} of {len(comparison.pool):,} ticked runs."
    else:
        which = ""
    groups = with_all_seeds(comparison.groups, comparison.field, comparison.pool)
    more = sum(len(group.records) for group in groups) > len(records)
    best = best_words(groups, lambda record: len(epochs_of(record)))
    words = (which, best, "All seeds count, drawn or not." if best and more else "")
    return " ".join(filter(None, words)) or "One run: tick another beside it to compare."


def _differences(comparison: Comparison) -> None:
    if len(comparison.records) == 1:
        with st.expander("Specification", expanded=True):
            st.json(to_dict(comparison.records[0].spec))
        return
    st.html(difference_table(comparison.groups, comparison.styles, is_narrow()))
