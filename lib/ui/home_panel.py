"""What is running, for the home page."""

from __future__ import annotations

import streamlit as st

from lib.core.early_stopping import earliest_end
from lib.core.runs import RunSnapshot
from lib.ui.fragments import fragment
from lib.ui.frame import PAGES, page_script
from lib.ui.resources import runner
from lib.ui.words import as_text, state_badge

REFRESH_SECONDS = 2.0
_CARDS_PER_ROW = 3


def page_cards() -> None:
    """A card for each page: its question, an invitation, a link."""
    pages = PAGES[1:]
    for start in range(0, len(pages), _CARDS_PER_ROW):
        for place, page in zip(st.columns(_CARDS_PER_ROW), pages[start : start + _CARDS_PER_ROW], strict=False):
            with place.container(border=True, height="stretch"):
                st.markdown(f"##### {page.icon} {page.question}")
                st.markdown(page.invitation)
                st.page_link(page_script(page.name), label=f"Open {page.title}", icon=":material/arrow_forward:")


def running_now() -> None:
    """List queued and running runs, refreshing while there are any."""
    active = runner().active()
    fragment(_active_list, run_every=REFRESH_SECONDS if active else None)()


def _active_list() -> None:
    active = runner().active()
    if not active:
        st.caption("Nothing is training at the moment.")
    for snapshot in active:
        name, bar, link = st.columns([3, 4, 2], vertical_alignment="center")
        name.markdown(f"{as_text(snapshot.record.name)} {state_badge(snapshot.state, snapshot.paused)}")
        bar.progress(progress_share(snapshot), text=_progress_text(snapshot))
        link.page_link(page_script("train"), label="Watch", icon=":material/visibility:",
                       query_params={"run": snapshot.record.id})


def progress_share(snapshot: RunSnapshot) -> float:
    """Steps done as a share of those until the earliest end, 0-1: with early stopping, if nothing improves any more."""
    if snapshot.started is None:
        return 0.0
    epochs = earliest_end([log.metrics for log in snapshot.epochs], snapshot.record.spec.train)
    return min(snapshot.step / (snapshot.started.steps_per_epoch * max(epochs, 1)), 1.0)


def _progress_text(snapshot: RunSnapshot) -> str:
    if snapshot.position is not None:
        return f"place {snapshot.position} in the queue"
    if snapshot.note:
        return as_text(snapshot.note)
    if snapshot.record.spec.train.patience is None:
        return f"{progress_share(snapshot):.0%}"
    return f"epoch {len(snapshot.epochs) + 1}, ends when it stops improving"
