"""What is running, for the home page."""

from __future__ import annotations

import streamlit as st

from lib.catalog.reported import REPORTED
from lib.ui.fragments import fragment
from lib.ui.frame import PAGES, page_script
from lib.ui.home.card_images import card_html, card_image
from lib.ui.panels.progress import progress_share, progress_text
from lib.ui.resources import runner
from lib.ui.widgets.layout import cards
from lib.ui.words import as_text, state_badge

REFRESH_SECONDS = 2.0


def page_cards() -> None:
    """A card for each page: its question, an invitation, a link."""
    for place, page in cards(PAGES[1:]):
        with place:
            image = card_image(page.name, dark=st.context.theme.type == "dark")
            if image.exists():
                st.html(card_html(image, f"What the page {page.title} shows"))
            st.markdown(f"##### {page.icon} {page.question}")
            st.markdown(page.invitation)
            st.page_link(page_script(page.name), label=page.title, icon=":material/arrow_forward:")


def running_now() -> None:
    """List queued and running runs, refreshing while there are any; nothing where there are none."""
    fragment(_active_list, run_every=REFRESH_SECONDS if runner().in_flight() else None)()


def _active_list() -> None:
    active = runner().active()
    if active:
        st.subheader("Running now")
    for snapshot in active:
        name, bar, link = st.columns([3, 4, 2], vertical_alignment="center")
        name.markdown(f"{as_text(snapshot.record.name)} {state_badge(snapshot.state, snapshot.paused)}")
        bar.progress(progress_share(snapshot), text=progress_text(snapshot))
        link.page_link(page_script("train"), label="Watch", icon=":material/visibility:",
                       query_params={"run": snapshot.record.id})



def reports_note() -> None:
    """Whose networks and figures these are."""
    reports = sorted({reported.report for reported in REPORTED})
    st.markdown(
        f"**The reports.** This lab repeats {len(reports)} student reports of courses on neural networks, and goes beyond "
        "them. "
        f"Pages call them by their numbers, {reports[0]} to {reports[-1]}, and their networks by a letter and a number: "
        "A are MLPs, B are CNNs, C are permuted pixels, D are clocks, E are autoencoders, F are cat faces. **Results** has "
        "the figures that they printed, with ours beside them."
    )
