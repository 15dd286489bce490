"""The search for a learning rate on the page: its buttons, its chart while it goes on, what it found, and "Use this"."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.spec.rate_search import RANGE, THIRDS, search_of, search_run
from lib.spec.runs import RunSnapshot, RunState
from lib.spec.specs import RunSpec
from lib.spec.words import optimizer_title
from lib.ui.faults import answering
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.panels.current_run import images_obtainable
from lib.ui.panels.on_show import SEARCH, close_button, on_show, show
from lib.ui.panels.progress import progress_share, progress_text
from lib.ui.resources import runner
from lib.ui.visitors import not_yours, steer_run, submit_run
from lib.ui.watching import refresh_seconds, should_change_pace
from lib.ui.widgets.charts import show_spec
from lib.ui.words import as_text, state_badge

_TITLES = {RANGE: "Range test", THIRDS: "Divide by three"}
_HELP = {
    RANGE: "Raises the rate from step to step, draws the loss against it, and suggests one.",
    THIRDS: "After report 001: from a rate that is too high, divided by three until the network learns.",
}


def search_buttons(spec: RunSpec, name: str) -> None:
    """A button for each way to search a rate for `spec`, a run called `name`; pressed, the search begins and is shown."""
    for kind, title in _TITLES.items():
        icon = ":material/speed:" if kind == RANGE else ":material/vertical_align_bottom:"
        if st.button(title, icon=icon, key=f"rates_{kind}", help=_HELP[kind]) and images_obtainable(spec):
            show(SEARCH, submit_run(search_run(spec, kind), f"{title}: {name}"))
            st.rerun()


def search_panel() -> None:
    """The search on show, nothing where there is none."""
    run_id = on_show(SEARCH)
    if run_id is None:
        return
    with st.container(border=True, key="rate_search"):
        show_search(run_id, closable=True)


def show_search(run_id: str, closable: bool = False) -> None:
    """Draw the search that is run `run_id`, refreshing itself while it lives."""
    try:
        snapshot = runner().snapshot(run_id, max_steps=3)
        if search_of(snapshot.record.spec) is None:
            raise LabError("This run is no search for a learning rate.")
    except LabError as error:
        st.warning(as_text(error), icon=":material/search_off:")
        if closable:
            close_button(SEARCH)
        return
    if snapshot.state.is_final:
        # Not in a fragment: "Use" sets a control of the page.
        _draw(runner().snapshot(run_id, max_steps=None), closable)
    else:
        pace = refresh_seconds()
        fragment(_live_part, run_every=pace)(run_id, pace, closable)


def _live_part(run_id: str, pace: float, closable: bool) -> None:
    snapshot = runner().snapshot(run_id, max_steps=None)
    if snapshot.state.is_final or should_change_pace(pace):
        draw_page_again()  # the page is built once more: without the timer, or with another one
    _draw(snapshot, closable)


def _draw(snapshot: RunSnapshot, closable: bool) -> None:
    record, search = snapshot.record, search_of(snapshot.record.spec)
    assert search is not None
    words, buttons = st.columns([3, 2], vertical_alignment="center")
    words.markdown(f"**{as_text(record.name)}** {state_badge(snapshot.state)}")
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        _buttons(snapshot, closable)
    if snapshot.state == RunState.FINISHED:
        found = "suggested_rate" in record.metrics
        box = st.success if found else st.warning
        box(as_text(record.message), icon=":material/speed:" if found else ":material/warning:")
    elif snapshot.state.is_final:
        st.warning(as_text(record.message), icon=":material/warning:")
    else:
        st.progress(progress_share(snapshot), text=progress_text(snapshot))
    _chart(snapshot)
    st.caption(_caption(record.spec))


def _buttons(snapshot: RunSnapshot, closable: bool) -> None:
    run_id, rate = snapshot.record.id, snapshot.record.metrics.get("suggested_rate")
    if rate is not None and closable:
        st.button(f"Use {rate:g}", type="primary", icon=":material/check:", key="rates_use", on_click=_use, args=(rate,))
    if not snapshot.state.is_final:
        st.button("Stop", icon=":material/stop:", key="rates_stop", on_click=answering(steer_run), args=("stop", run_id),
                  **not_yours(snapshot.record))
    if closable:
        close_button(SEARCH)


def _use(rate: float) -> None:
    st.session_state["rate"] = rate


def _chart(snapshot: RunSnapshot) -> None:
    from lib.charts.rate_search import rate_rows, rate_spec

    search: Any = search_of(snapshot.record.spec)
    rows = rate_rows(snapshot)
    if not rows.empty:
        show_spec(st, rows, rate_spec(search.kind), key=f"rates_chart_{search.kind}",
                  alt="loss against the learning rate, on a logarithmic axis")


def _caption(spec: RunSpec) -> str:
    search: Any = search_of(spec)
    how = f"Batches of {spec.train.batch_size}, {optimizer_title(spec.train.optimizer)}, seed {spec.seed}."
    if search.kind == RANGE:
        return (f"{how} The rate rises from {search.low:g} to {search.high:g} in {search.steps} steps, until the loss is "
                "four times its lowest. High losses are drawn at the top.")
    return (f"{how} Each point is {search.steps} steps at one rate, always from the same first weights: the mean loss of "
            "the last ten. High losses, and those that are not a number (NaN), are drawn at the top.")


