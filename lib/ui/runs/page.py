"""The Runs page: the list, what can be done with the ticked runs, and the comparison."""

from __future__ import annotations

import streamlit as st

from lib.ui.runs.actions import selected_actions
from lib.ui.runs.compare import comparison_panel
from lib.ui.runs.setup import make_comparison
from lib.ui.runs.table import draw_table, run_list


def runs_page() -> None:
    """Draw everything below the header."""
    listing = run_list()
    if listing is None:
        return
    comparison = make_comparison(listing)
    with st.container():
        draw_table(listing, comparison.colors if comparison and comparison.ticked else {})
    if listing.chosen:
        selected_actions(listing.chosen)
    if comparison is not None:
        comparison_panel(comparison)
