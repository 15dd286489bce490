"""The curves of the compared runs over each other, with the controls of the charts."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.catalog.tasks import TASKS
from lib.spec.metrics import Metric
from lib.spec.runs import EpochLog, RunRecord
from lib.ui.resources import runner
from lib.ui.runs.setup import Comparison
from lib.ui.url_state import one_of, publish, remember, within
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.legend import legend
from lib.ui.widgets.save_chart import saved_chart

_AXES = {"epoch": "epochs", "step": "steps", "time": "seconds"}
_SPLITS = ("validation", "training")
_BOTH = "both"
_DEFAULTS: dict[str, Any] = {"runs_axis": "epoch", "runs_smoothing": 0.0, "runs_split": _BOTH, "runs_mean": True}


def curves_panel(comparison: Comparison) -> None:
    """A chart for each metric that the runs have at every epoch, and the controls of all of them."""
    curves = {record.id: epochs_of(record) for record in comparison.records}
    metrics = _metrics(comparison, curves.values())
    if not metrics:
        st.caption("No epoch of these runs has ended yet.")
        return
    _controls(comparison)
    styles = comparison.styles
    legend(styles, splits=st.session_state["runs_split"] == _BOTH)
    places = side_by_side("runs_curves", 2, "charts")
    for place, metric in enumerate(metrics):
        with places[place % len(places)]:
            _chart(comparison, curves, metric)


def _chart(comparison: Comparison, curves: dict[str, tuple[EpochLog, ...]], metric: str) -> None:
    from lib.charts.overlay import overlay_changes, overlay_chart, overlay_rows

    state = st.session_state
    groups = comparison.groups if state["runs_mean"] else comparison.apart()
    splits = _SPLITS if state["runs_split"] == _BOTH else (state["runs_split"],)
    rows = overlay_rows(groups, curves, metric, state["runs_axis"], state["runs_smoothing"], splits)
    changes = overlay_changes(groups, curves, _steered_images(comparison.records), state["runs_axis"])
    key, words = f"runs_{metric}", metric.replace("_", " ")
    title = f"{words} by {_AXES[state['runs_axis']]}"
    kinds = "solid validation, dashed training" if state["runs_split"] == _BOTH else state["runs_split"]
    saved_chart(overlay_chart(rows, comparison.styles, metric, state["runs_axis"], changes), key,
                f"{words} of the compared runs", f"{title} ({kinds})", comparison.styles, file=title)


def _controls(comparison: Comparison) -> None:
    remember("runs_axis", "epoch", one_of(_AXES))
    remember("runs_smoothing", 0.0, within(float, 0.0, 0.95))
    remember("runs_split", _BOTH, one_of((*_SPLITS, _BOTH)))
    remember("runs_mean", True, {"False": False, "True": True}.__getitem__)
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs_curve_controls"):
        st.segmented_control("Horizontal axis", list(_AXES), format_func=_AXES.__getitem__, key="runs_axis", required=True,
                             persist_state="session")
        st.segmented_control("Images", [_BOTH, *_SPLITS], key="runs_split", required=True, persist_state="session")
        st.slider("Smoothing", 0.0, 0.95, step=0.05, key="runs_smoothing", width=200, persist_state="session",
                  help="The weight of the past in a moving average over epochs. The line as it was stays, pale.")
        if any(group.seeds > 1 for group in comparison.groups):
            most = max(group.seeds for group in comparison.groups)
            st.toggle("Mean and band over seeds", key="runs_mean", persist_state="session",
                      help=f"Runs that differ in the seed alone are one line: their mean, n = up to {most}, and a band of "
                           "one standard deviation around the validation curve.")
    publish({key: st.session_state[key] for key in _DEFAULTS}, _DEFAULTS)


def _steered_images(records: Sequence[RunRecord]) -> dict[str, int]:
    """How many images each run trains on that was forked or changed while it trained."""
    steered = [record for record in records if record.spec.changes or record.parent]
    started = {record.id: runner().store.started(record.id) for record in steered}
    return {run_id: begun.train_images for run_id, begun in started.items() if begun is not None}


def _metrics(comparison: Comparison, curves: Any) -> list[str]:
    """The metrics that are drawn: those of the runs' tasks, and the loss where all runs have the same task."""
    tasks = list(dict.fromkeys(record.spec.task for record in comparison.records))
    wanted = [*(metric.name for task in tasks for metric in _told(task)), *(["loss"] if len(tasks) == 1 else [])]
    there = {name.removeprefix("val_") for epochs in curves for log in epochs for name in log.metrics}
    return [name for name in dict.fromkeys(wanted) if name in there] or [name for name in ("loss",) if name in there]


def _told(task: str) -> list[Metric]:
    """What is drawn of a task beside the loss; nothing for a task that only another version of the app knows."""
    return [metric for metric in TASKS[task].metrics if metric.name != "loss"] if task in TASKS else []


def epochs_of(record: RunRecord) -> tuple[EpochLog, ...]:
    """What is known of every epoch that the run has trained."""
    if record.state.is_final:
        return _ended_epochs(str(runner().store.home), record.id, record.ended)
    return runner().store.epochs(record.id)


@functools.lru_cache(maxsize=256)
def _ended_epochs(home: str, run_id: str, ended: float | None) -> tuple[EpochLog, ...]:
    """Of a run that ended at `ended`: nothing is added to them any more."""
    return runner().store.epochs(run_id)


def names_of(records: Sequence[RunRecord], most: int = 5) -> str:
    """The names of some runs in one line of plain text."""
    names = "; ".join(record.name for record in records[:most])
    return f"{names} and {len(records) - most} more" if len(records) > most else names
