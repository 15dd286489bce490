"""What stands below the navigation on every page: what trains now, and the projector's switch."""

from __future__ import annotations

import streamlit as st

from lib.base.errors import LabError
from lib.ui.fragments import fragment
from lib.ui.panels.progress import progress_text
from lib.ui.resources import runner
from lib.ui.screen import projector_switch
from lib.ui.visitors import take_teachers_link
from lib.ui.words import as_text

#: Rarely: it stands on every page of every visitor, and a refresh of its own costs a live page almost as much again.
REFRESH_SECONDS = 5.0


def sidebar(train_page: str) -> None:
    """Draw it; `train_page` is the script of the page where a run is watched."""
    with st.sidebar:
        try:
            live = bool(runner().in_flight())
        except LabError:
            live = False  # the page says what is wrong
        fragment(_training_now, run_every=REFRESH_SECONDS if live else None)(train_page)
        projector_switch()
        take_teachers_link()


def _training_now(train_page: str) -> None:
    active = runner().active(max_steps=1)
    if not active:
        return
    first, *others = active
    more = f", {len(others)} more" if others else ""
    doing, icon = ("paused", "pause") if first.paused else ("training", "progress_activity")
    st.page_link(train_page, label=f"{doing}: {progress_text(first, short=True)}{more}", icon=f":material/{icon}:",
                 query_params={"run": first.record.id}, help=as_text(first.record.name))
