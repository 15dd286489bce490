"""A run on the page: state, progress, live curves, and the buttons that steer it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.tasks import TASKS
from lib.measures.figures import main_figure
from lib.measures.record_lines import RecordLine
from lib.spec.early_stopping import earliest_end, progress_after
from lib.spec.metrics import Unit
from lib.spec.rate_search import search_of
from lib.spec.runs import Pace, RunSnapshot, RunState
from lib.spec.step_plan import StepPlan
from lib.ui.faults import answering
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.panels.diagnosis import diagnosis_lines
from lib.ui.panels.rate_search import show_search
from lib.ui.panels.record_lines import is_line_shown, lines_of, lines_panel
from lib.ui.panels.steering import history_words, steering_panel
from lib.ui.resources import runner
from lib.ui.visitors import not_yours, steer_run
from lib.ui.watching import refresh_seconds, should_change_pace
from lib.ui.widgets.charts import show_spec
from lib.ui.widgets.layout import figures
from lib.ui.words import as_text, duration_text, state_badge

#: Points drawn of the per-step curve; more cost the browser and show nothing.
MAX_POINTS = 400
#: Curves that the switch "Logarithmic" is for.
_LOGARITHMIC = ("loss", "accuracy")
#: State of the controls below the curves -> what it is at first.
_CURVE_DEFAULTS = {"x_axis": "epoch", "smoothing": 0.9, "log_loss": False}


def run_panel(run_id: str) -> RunSnapshot | None:
    """Draw the run called `run_id`, refreshing itself while it lives; None (and a message) when there is none."""
    try:
        snapshot = runner().snapshot(run_id, max_steps=MAX_POINTS)
    except LabError as error:
        st.warning(as_text(error), icon=":material/search_off:")
        return None
    if search_of(snapshot.record.spec) is not None:
        show_search(run_id)
        return snapshot
    live = not snapshot.state.is_final
    for key, default in _CURVE_DEFAULTS.items():
        st.session_state.setdefault(key, default)
    pace = refresh_seconds() if live else None
    lines = lines_of(snapshot.record)
    fragment(_live_part, run_every=pace)(run_id, pace, lines)
    steering_panel(run_id)
    _curve_controls()
    lines_panel(lines, snapshot.record)
    return snapshot


def _curve_controls() -> None:
    axis, smooth, log = st.columns([3, 3, 2], vertical_alignment="bottom")
    axis.segmented_control("Horizontal axis", ["epoch", "step", "time"], key="x_axis", required=True,
                           persist_state="session")
    smooth.slider("Smoothing of the step curve", 0.0, 0.99, step=0.01, key="smoothing", persist_state="session")
    log.toggle("Logarithmic", key="log_loss", persist_state="session", help="Accuracy is then drawn as error, 1 - accuracy.")


def _live_part(run_id: str, pace: float | None, lines: Sequence[RecordLine]) -> None:
    snapshot = runner().snapshot(run_id, max_steps=MAX_POINTS)
    if pace is not None and (snapshot.state.is_final or should_change_pace(pace)):
        draw_page_again()  # the page is built once more: without the timer and with the results, or with another timer
    _heading(snapshot)
    _progress(snapshot)
    _curves(snapshot, lines)
    changes = history_words(snapshot)
    if changes:
        st.caption(changes)


def _heading(snapshot: RunSnapshot) -> None:
    record = snapshot.record
    has_buttons = not snapshot.state.is_final or snapshot.state.can_resume
    name, *buttons = st.columns(2 if has_buttons else 1, vertical_alignment="center")
    name.markdown(f"**{as_text(record.name)}** {state_badge(snapshot.state, snapshot.paused)}")
    for place in buttons:
        with place.container(horizontal=True, horizontal_alignment="right"):
            _buttons(snapshot)
    if record.message and snapshot.state == RunState.FAILED:
        st.error(as_text(record.message), icon=":material/error:")
    elif record.message and snapshot.state.is_final:
        st.caption(as_text(record.message))


def _buttons(snapshot: RunSnapshot) -> None:
    run_id, state, others = snapshot.record.id, snapshot.state, not_yours(snapshot.record)
    # Buttons stand in their places from the first moment on: one that moves under the pointer loses the click.
    if not state.is_final:
        waits = {"disabled": state != RunState.RUNNING, **others}
        if snapshot.paused:
            _button("Go on", "play_arrow", "unpause", ("resume_paused", run_id), others)
        else:
            _button("Pause", "pause", "pause", ("pause", run_id), waits)
        _button("One step", "step_over", "one_step", ("resume_paused", run_id, Pace.STEP, snapshot.turn), waits)
        _button("One epoch", "skip_next", "one_epoch", ("resume_paused", run_id, Pace.EPOCH, snapshot.turn), waits)
        _button("Stop", "stop", "stop", ("stop", run_id), others)
    pressed = state.can_resume and st.button("Resume", icon=":material/resume:", key="resume", **others)
    if pressed and answering(steer_run)("resume", run_id):
        st.rerun()


def _button(label: str, icon: str, key: str, ask: tuple[Any, ...], options: dict[str, Any]) -> None:
    st.button(label, icon=f":material/{icon}:", key=key, on_click=answering(steer_run), args=ask, **options)


def _progress(snapshot: RunSnapshot) -> None:
    started = snapshot.started
    if snapshot.state == RunState.QUEUED:
        place = snapshot.position or 1
        st.progress(0.0, text=f"Waiting in the queue, place {place}. Runs of different browser tabs take turns.")
        return
    if started is None:
        if not snapshot.state.is_final:
            st.progress(0.0, text=as_text(snapshot.note or "Starting") + " …")
        return
    epochs, train = started.epochs, snapshot.record.spec.train
    plan = StepPlan(snapshot.record.spec, started.train_images)
    done = min(snapshot.step, plan.first_step(epochs))
    epoch = min(int(plan.epochs_done(done)), epochs - 1)
    steps = plan.steps(epoch)
    rate = _images_per_second(snapshot)
    shown = figures("run_figures")
    figure = main_figure(snapshot.record) if snapshot.state.is_final else None
    if figure is not None:
        value = figure.value(snapshot.record)
        shown.metric(figure.title.capitalize(), "–" if value is None else figure.text(value), width="content")
    shown.metric("Epoch", len(snapshot.epochs) if snapshot.state.is_final else epoch + 1, width="content")
    shown.metric("Step", f"{done:,}", width="content")
    shown.metric("Images/s", f"{rate:,.0f}" if rate else "–", width="content")
    shown.metric("Training time", duration_text(snapshot.seconds), width="content")
    if snapshot.state.is_final:
        return
    metrics = [log.metrics for log in snapshot.epochs]
    end = earliest_end(metrics, train)
    left = ("≥ " if end < epochs else "") + _eta(snapshot, plan.first_step(end) - done)
    shown.metric("Left", left, help=_left_help(end, epochs), width="content")
    epoch_bar, run_bar = st.columns(2)
    in_epoch = done - plan.first_step(epoch)
    epoch_bar.progress(min(in_epoch / steps, 1.0), text=f"This epoch: step {in_epoch:,} of {steps:,}")
    note = f" · {as_text(snapshot.note)}" if snapshot.note else ""
    if train.patience is None:
        share = done / plan.first_step(epochs)
        run_bar.progress(share, text=f"The run: {percent_text(share, 0)} of {epochs} epochs{note}")
    else:
        wait = min(progress_after(metrics, train).wait, train.patience)
        run_bar.progress(wait / train.patience, text=f"Ends when it stops improving: no gain for {wait} of {train.patience} "
                         f"epochs, at most {epochs}{note}")


def _left_help(end: int, epochs: int) -> str:
    if end < epochs:
        return f"If nothing improves any more it ends after epoch {end}; otherwise later, at most after epoch {epochs}."
    return f"Until epoch {epochs}."


def _images_per_second(snapshot: RunSnapshot) -> float | None:
    rates = [log.metrics["images_per_second"] for log in snapshot.epochs if "images_per_second" in log.metrics]
    if rates:
        return rates[-1]
    if snapshot.started and snapshot.seconds > 0 and snapshot.step:
        plan = StepPlan(snapshot.record.spec, snapshot.started.train_images)
        return plan.epochs_done(snapshot.step) * snapshot.started.train_images / snapshot.seconds
    return None


def _eta(snapshot: RunSnapshot, steps_left: int) -> str:
    if not snapshot.step or not snapshot.seconds:
        return "–"
    return duration_text(steps_left * snapshot.seconds / snapshot.step)


def _curves(snapshot: RunSnapshot, lines: Sequence[RecordLine]) -> None:
    from lib.charts.curves import curve_rows, curve_spec

    axis, smoothing, log = (st.session_state[key] for key in ("x_axis", "smoothing", "log_loss"))
    spec = snapshot.record.spec
    if spec.task not in TASKS:
        st.caption(f"This version of the app does not know what a run of “{as_text(spec.task)}” learns.")
        return
    metrics = [log.metrics for log in snapshot.epochs]
    best, monitor = progress_after(metrics, spec.train).best_epoch, spec.train.monitor
    best_by = monitor.replace("val_", "validation ")
    for place, metric in zip(st.columns(2), TASKS[spec.task].metrics, strict=False):
        shows_best = best >= 0 and monitor.removeprefix("val_") == metric.name and is_line_shown("best_epoch")
        rows = curve_rows(snapshot, metric.name, axis, smoothing, as_error=log and metric.unit is Unit.SHARE,
                          best_epoch=best if shows_best else None, best_by=best_by,
                          lines=[line for line in lines if is_line_shown(line.name) and line.metric == metric.name])
        logarithmic = log and metric.name in _LOGARITHMIC
        show_spec(place, rows, curve_spec(metric.name, axis, logarithmic), key=f"curve_{metric.name}",
                  alt=f"{metric.title} against {axis}: training and validation")
    diagnosis_lines(snapshot)
