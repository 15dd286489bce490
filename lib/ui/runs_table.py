"""The Runs page: a table of all runs, their curves over each other, and what can be done with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.core.errors import LabError
from lib.core.history import cell_text, history_csv
from lib.core.runs import RunRecord, RunState
from lib.core.spec_words import differences
from lib.core.specs import to_dict
from lib.core.summary import parameter_count, summarise
from lib.ui.controls import dataset_infos
from lib.ui.current_run import forget_run
from lib.ui.faults import answering
from lib.ui.fragments import chosen_rows, fragment
from lib.ui.frame import page_script
from lib.ui.resources import runner
from lib.ui.run_panel import SECOND_CURVES
from lib.ui.words import as_text, date_text, duration_text, state_badge

REFRESH_SECONDS = 2.0


def runs_table() -> list[RunRecord]:
    """Draw the table; the selected runs."""
    records = runner().records()
    if not records:
        st.info("No runs yet.", icon=":material/list:")
        st.page_link(page_script("train"), label="Train a network", icon=":material/play_circle:")
        return []
    states = [s for s in RunState if any(r.state == s for r in records)]
    wanted = st.pills("Show", states, selection_mode="multi", format_func=str, key="runs_states", persist_state="session")
    shown = [r for r in records if not wanted or r.state in wanted]
    rows = [_row(record) for record in shown]
    event = st.dataframe(
        rows, key="runs_table", on_select="rerun", selection_mode="multi-row", hide_index=True, height="auto",
        column_config={
            "test accuracy": st.column_config.NumberColumn(format="percent"),
            "best validation": st.column_config.NumberColumn(format="percent"),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "learning rate": st.column_config.NumberColumn(format="%g"),
        },
    )
    for run in runner().store.unreadable():
        st.warning(f"Run {as_text(run.id)} cannot be shown: {as_text(run.reason)}", icon=":material/broken_image:")
    active = [r for r in records if not r.state.is_final]
    if active:
        fragment(_wait_for_change, run_every=REFRESH_SECONDS)({r.id: str(r.state) for r in active})
    return [shown[index] for index in chosen_rows(event, len(shown))]


def _wait_for_change(states: dict[str, str]) -> None:
    """Redraw the page once one of these runs is in another state."""
    now = {record.id: str(record.state) for record in runner().records()}
    if any(now.get(run_id) != state for run_id, state in states.items()):
        st.rerun()
    st.caption(f"{len(states)} waiting or running.")


def _row(record: RunRecord) -> dict[str, Any]:
    spec, metrics = record.spec, record.metrics
    seconds = None if record.started is None or record.ended is None else max(record.ended - record.started, 0.0)
    return {
        "name": cell_text(record.name), "state": str(record.state), "data": spec.data.dataset,
        "test accuracy": metrics.get("test_accuracy"), "best validation": metrics.get("best_val_accuracy"),
        "best epoch": metrics.get("best_epoch"), "parameters": _parameters(record), "optimiser": spec.train.optimizer,
        "learning rate": spec.train.learning_rate, "batch": spec.train.batch_size, "epochs": spec.train.epochs,
        "seed": spec.seed, "duration": "" if seconds is None else duration_text(seconds),
        "started": date_text(record.created), "message": cell_text(record.message), "id": record.id,
    }


def _parameters(record: RunRecord) -> int | None:
    info = dataset_infos().get(record.spec.data.dataset)
    try:
        return parameter_count(summarise(record.spec.architecture, info.image_shape)) if info else None
    except LabError:
        return None


def selected_actions(records: Sequence[RunRecord]) -> None:
    """Open, stop, resume, rename, download, delete."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(records) == 1:
            _single_actions(records[0])
        st.download_button("Histories (zip)", lambda: histories_zip(records), "histories.zip", "application/zip",
                           icon=":material/table:", key="runs_histories", on_click="ignore")
        final = [r for r in records if r.state.is_final]
        with st.popover("Delete", icon=":material/delete:", disabled=not final):
            st.markdown(f"Delete {len(final)} run{'s' * (len(final) != 1)}, their curves and their models?")
            if st.button("Yes, delete", key="runs_delete", type="primary"):
                delete_runs(final)
                st.rerun()


def _single_actions(record: RunRecord) -> None:
    st.page_link(page_script("train"), label="Open on the Train page", icon=":material/open_in_new:",
                 query_params={"run": record.id})
    stop = not record.state.is_final and st.button("Stop", icon=":material/stop:", key="runs_stop")
    if stop and answering(runner().stop)(record.id):
        st.rerun()
    can_resume = record.state in (RunState.INTERRUPTED, RunState.STOPPED)
    resume = can_resume and st.button("Resume", icon=":material/resume:", key="runs_resume")
    if resume and answering(runner().resume)(record.id):
        st.rerun()
    model = runner().store.folder(record.id) / "model.keras"
    if model.exists():
        st.download_button("Model (.keras)", model.read_bytes, f"{record.id}.keras", "application/octet-stream",
                           icon=":material/download:", key="runs_model", on_click="ignore")
    with st.popover("Rename", icon=":material/edit:"):
        name = st.text_input("Name", record.name, key=f"runs_name_{record.id}", max_chars=120)
        if st.button("Save", key="runs_rename") and name.strip() and answering(runner().rename)(record.id, name.strip()):
            st.rerun()


def delete_runs(records: Sequence[RunRecord]) -> None:
    """Delete runs that have ended; a message for each that cannot be deleted."""
    for record in records:
        try:
            runner().delete(record.id)
            forget_run(record.id)
        except LabError as error:
            st.toast(as_text(error), icon=":material/error:")


def histories_zip(records: Sequence[RunRecord]) -> bytes:
    """One CSV per run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for record in records:
            archive.writestr(f"{record.id}.csv", history_csv(runner().store.epochs(record.id)))
    return buffer.getvalue()


def comparison(records: Sequence[RunRecord]) -> None:
    """Curves of the runs over each other, and what differs between their specs."""
    from lib.charts.curves import overlay_chart, overlay_rows

    curves = {cell_text(f"{r.name} ({r.id[:4]})"): runner().store.epochs(r.id) for r in records}
    axis = st.segmented_control("Horizontal axis", ["epoch", "step", "time"], default="epoch", key="runs_axis",
                                required=True, persist_state="session")
    tasks = {record.spec.task for record in records}
    second = {SECOND_CURVES.get(task, "") for task in tasks}
    metrics = ("loss", *second) if len(second) == 1 and "" not in second else ("loss",)
    for place, metric in zip(st.columns(2), metrics, strict=False):
        rows = overlay_rows(curves, metric, axis)
        place.altair_chart(overlay_chart(rows, metric, axis), key=f"runs_{metric}", alt=f"{metric} of the selected runs")
    if len(records) == 1:
        record = records[0]
        st.markdown(f"{state_badge(record.state)} {as_text(record.message)}")
        with st.expander("Specification"):
            st.json(to_dict(record.spec))
        return
    different = differences([r.spec for r in records])
    if different:
        st.markdown("**What differs**")
        st.dataframe([{"": field, **dict(zip(curves, values, strict=True))} for field, values in different.items()],
                     hide_index=True, height="content")

