"""The Runs page: a table of all runs, and what can be done with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.measures.history import cell_text, history_csv
from lib.spec.runs import RunRecord, RunState
from lib.spec.summary import parameter_count, summarise
from lib.ui.faults import answering
from lib.ui.fragments import chosen_rows, fragment
from lib.ui.frame import page_script
from lib.ui.inside.link import look_inside_run
from lib.ui.panels.current_run import forget_run
from lib.ui.resources import runner
from lib.ui.train.controls import dataset_infos
from lib.ui.visitors import may_steer, not_yours, steer_run
from lib.ui.widgets.empty import CURVES, empty_state
from lib.ui.words import PERCENT_COLUMN, as_text, date_text, duration_text

REFRESH_SECONDS = 2.0


def runs_table() -> list[RunRecord]:
    """Draw the table; the selected runs."""
    records = runner().records()
    if not records:
        words = "**No runs yet.** Everything that you train is listed here, to lay its curves over each other."
        if empty_state(CURVES, words, "Train a first network", "runs_first", ":material/play_circle:"):
            st.switch_page(page_script("train"))
        return []
    states = [s for s in RunState if any(r.state == s for r in records)]
    wanted = st.pills("Show", states, selection_mode="multi", format_func=str, key="runs_states", persist_state="session")
    shown = [r for r in records if not wanted or r.state in wanted]
    rows = _without_empty([_row(record) for record in shown])
    event = st.dataframe(
        rows, key="runs_table", on_select="rerun", selection_mode="multi-row", hide_index=True, height="auto",
        column_config={
            "test accuracy": st.column_config.NumberColumn(format=PERCENT_COLUMN),
            "best validation": st.column_config.NumberColumn(format=PERCENT_COLUMN),
            "test error": st.column_config.NumberColumn(format="%.1f min"),
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
    spec, metrics, infos = record.spec, record.metrics, datasets.DATASETS
    seconds = None if record.started is None or record.ended is None else max(record.ended - record.started, 0.0)
    return {
        "name": cell_text(record.name), "test accuracy": _percent(metrics.get("test_accuracy")),
        "best validation": _percent(metrics.get("best_val_accuracy")), "test error": metrics.get("test_minutes"),
        "state": str(record.state),
        "data": infos[spec.data.dataset].title if spec.data.dataset in infos else spec.data.dataset,
        "best epoch": metrics.get("best_epoch"), "parameters": _parameters(record), "optimiser": spec.train.optimizer,
        "learning rate": spec.train.learning_rate, "batch": spec.train.batch_size, "epochs": spec.train.epochs,
        "seed": spec.seed, "duration": "" if seconds is None else duration_text(seconds),
        "started": date_text(record.created), "message": cell_text(record.message), "id": record.id,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _without_empty(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without figures that none of the runs has: clocks have no accuracy, digits no minutes."""
    optional = ("test accuracy", "best validation", "test error", "best epoch")
    empty = {name for name in optional if all(row[name] is None for row in rows)}
    return [{name: value for name, value in row.items() if name not in empty} for row in rows]


def _parameters(record: RunRecord) -> int | None:
    info = dataset_infos().get(record.spec.data.dataset)
    try:
        return parameter_count(summarise(record.spec.architecture, info.image_shape)) if info else None
    except LabError:
        return None


def selected_actions(records: Sequence[RunRecord]) -> None:
    """Open, stop, resume, rename, download, delete."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(records) == 1:
            _single_actions(records[0])
        st.download_button("Histories (zip)", lambda: histories_zip(records), "histories.zip", "application/zip",
                           icon=":material/table:", key="runs_histories", on_click="ignore")
        ended = [r for r in records if r.state.is_final]
        final = [r for r in ended if may_steer(r)]
        others = not_yours(*ended) if not final else {}
        with st.popover("Delete", icon=":material/delete:", **{"disabled": not final, **others}):
            stay = f" {count_text(len(ended) - len(final), 'run')} of others stay." if len(ended) > len(final) else ""
            what = "this run, its curves and its model" if len(final) == 1 else f"{len(final)} runs, their curves and models"
            st.markdown(f"Delete {what}?{stay}")
            if st.button("Yes, delete", key="runs_delete", type="primary"):
                delete_runs(final)
                st.rerun()


def _single_actions(record: RunRecord) -> None:
    st.page_link(page_script("train"), label="Open on the Train page", icon=":material/open_in_new:",
                 query_params={"run": record.id})
    look_inside_run(record)
    others = not_yours(record)
    stop = not record.state.is_final and st.button("Stop", icon=":material/stop:", key="runs_stop", **others)
    if stop and answering(steer_run)("stop", record.id):
        st.rerun()
    can_resume = record.state in (RunState.INTERRUPTED, RunState.STOPPED)
    resume = can_resume and st.button("Resume", icon=":material/resume:", key="runs_resume", **others)
    if resume and answering(steer_run)("resume", record.id):
        st.rerun()
    model = runner().store.folder(record.id) / "model.keras"
    if model.exists():
        st.download_button("Model (.keras)", model.read_bytes, f"{record.id}.keras", "application/octet-stream",
                           icon=":material/download:", key="runs_model", on_click="ignore")
    with st.popover("Rename", icon=":material/edit:", **others):
        name = st.text_input("Name", record.name, key=f"runs_name_{record.id}", max_chars=120)
        saved = st.button("Save", key="runs_rename") and name.strip()
        if saved and answering(steer_run)("rename", record.id, name.strip()):
            st.rerun()


def delete_runs(records: Sequence[RunRecord]) -> None:
    """Delete runs that have ended; a message for each that cannot be deleted."""
    for record in records:
        try:
            steer_run("delete", record.id)
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
