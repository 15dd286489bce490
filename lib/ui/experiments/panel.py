"""A launched experiment on the page: state, forecast, the grid that fills in, and the buttons that steer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.experiments import Experiment
from lib.measures.replicates import TrialResult
from lib.runs.sweep_store import SweepRecord, SweepState
from lib.ui.experiments.forecast import about, running_forecast
from lib.ui.experiments.words import set_title
from lib.ui.faults import answering
from lib.ui.fragments import draw_page_again, fragment
from lib.ui.resources import sweeps
from lib.ui.url_state import arrived, refuse
from lib.ui.visitors import not_yours, steer_sweep
from lib.ui.watching import refresh_seconds, should_change_pace
from lib.ui.widgets.charts import show_chart
from lib.ui.words import as_text, date_text

_KEY = "current_sweep"
#: Runs that failed for the same reason and are named; the others are counted.
_NAMED = 3
_COLORS = {"running": "blue", "paused": "gray", "finished": "green", "stopped": "orange", "interrupted": "orange"}


# --- which one ----------------------------------------------------------------------------


def current_sweep(experiment: Experiment) -> SweepRecord | None:
    """The launched experiment to show: the URL's, the session's, else the newest of this experiment; None for none."""
    known = sweeps().records()
    records = [record for record in known if record.experiment.name == experiment.name]
    named = st.query_params.get("sweep")
    if arrived() and named and all(record.id != named for record in known):
        refuse("sweep", named)
    wanted = named or st.session_state.get(_KEY)
    chosen = next((record for record in records if record.id == wanted), records[0] if records else None)
    if chosen is not None:
        show_sweep(chosen.id)
    else:
        st.query_params.pop("sweep", None)
    return chosen


def show_sweep(sweep_id: str) -> None:
    """Make this the one to show, in the session and in the URL."""
    st.session_state[_KEY] = sweep_id
    if st.query_params.get("sweep") != sweep_id:
        st.query_params["sweep"] = sweep_id


def sweep_choice(experiment: Experiment, current: SweepRecord) -> SweepRecord:
    """A list of the times this experiment was launched, where there are several."""
    records = {record.id: record for record in sweeps().records() if record.experiment.name == experiment.name}
    if len(records) < 2:
        return current
    st.session_state["sweep_choice"] = current.id
    chosen = st.selectbox("Launched", list(records), format_func=lambda i: _sweep_title(records[i]), key="sweep_choice",
                          on_change=lambda: show_sweep(st.session_state["sweep_choice"]))
    return records[chosen]


def _sweep_title(record: SweepRecord) -> str:
    return f"{date_text(record.created)}, {record.experiment.trial_count} runs on {_data_words(record.experiment)}"


def _data_words(experiment: Experiment) -> str:
    axis = experiment.axis("dataset")
    name = " and ".join(set_title(str(value)) for value in (axis.values if axis else (experiment.dataset,)))
    images = f", {experiment.train_size:,} images" if experiment.train_size else ""
    epochs = f", {experiment.epochs} epochs" if experiment.epochs else ""
    return f"{name}{images}{epochs}"


# --- on the page --------------------------------------------------------------------------


def sweep_panel(record: SweepRecord, more_buttons: Callable[[], None] | None = None) -> None:
    """Draw the experiment, refreshing itself while it runs. `more_buttons` stand beside its own."""
    pace = refresh_seconds() if is_live(record) else None
    fragment(_live_part, run_every=pace)(record.id, pace, more_buttons)


def is_live(record: SweepRecord) -> bool:
    """Whether something can change without the user: also the last trial of one that has just been paused."""
    return record.state == SweepState.RUNNING or any(
        result.state in ("running", "queued") for result in sweeps().results(record.id))


def _live_part(sweep_id: str, pace: float | None, more_buttons: Callable[[], None] | None) -> None:
    from lib.ui.experiments.figures import figures_panel

    try:
        record, results = sweeps().record(sweep_id), sweeps().results(sweep_id)
    except LabError as error:
        st.warning(as_text(error), icon=":material/search_off:")
        return
    if pace is not None and (not is_live(record) or should_change_pace(pace)):
        draw_page_again()  # the page is built once more: without the timer, or with another one
    _heading(record, results, more_buttons)
    _progress_grid(record.experiment, results)
    figures_panel(record.experiment, results, "live")


def _heading(record: SweepRecord, results: Sequence[TrialResult], more_buttons: Callable[[], None] | None) -> None:
    words, buttons = st.columns([3, 2], vertical_alignment="center")
    words.markdown(f"**{as_text(record.experiment.title)}** on {as_text(_data_words(record.experiment))} "
                   f":{_COLORS[str(record.state)]}-badge[{record.state}]")
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        _buttons(record, results)
        if more_buttons is not None:
            more_buttons()
    done = sum(result.state in ("finished", "failed") for result in results)
    st.progress(_share(results), text=_progress_text(record, results, done))
    if record.message:
        st.caption(as_text(record.message))
    _failures(results)


def _share(results: Sequence[TrialResult]) -> float:
    from lib.charts.experiments import share_done

    return sum(map(share_done, results)) / max(len(results), 1)


def _progress_text(record: SweepRecord, results: Sequence[TrialResult], done: int) -> str:
    text = f"{done} of {len(results)} runs done"
    if record.state != SweepState.RUNNING:
        return text
    forecast = running_forecast(record.id, results)
    if forecast.seconds is None:
        return f"{text}, timing the networks to say how long it takes"
    return f"{text}, at most about {about(forecast.seconds)} left"


def _buttons(record: SweepRecord, results: Sequence[TrialResult]) -> None:
    sweep_id, others, ask = record.id, not_yours(record), answering(steer_sweep)
    if record.state == SweepState.RUNNING:
        words = "No new run begins; the present one stops after its last whole epoch and goes on later."
        st.button("Pause", icon=":material/pause:", key="sweep_pause", on_click=ask, args=("pause", sweep_id),
                  **{"help": words, **others})
    if record.state in (SweepState.RUNNING, SweepState.PAUSED):
        st.button("Stop", icon=":material/stop:", key="sweep_stop", on_click=ask, args=("stop", sweep_id), **others)
    if record.state.can_resume and st.button(
            "Resume", icon=":material/resume:", key="sweep_resume", type="primary", **others):
        ask("resume", sweep_id)
        st.rerun()
    failed = any(result.state == "failed" for result in results)
    if record.state == SweepState.FINISHED and failed and st.button("Try failed runs again", key="sweep_retry", **others):
        ask("resume", sweep_id)
        st.rerun()
    forget = record.state != SweepState.RUNNING and st.button(
        "Forget", icon=":material/delete:", key="sweep_delete", **{"help": "The runs stay on the Runs page.", **others})
    if forget and ask("delete", sweep_id):
        st.session_state.pop(_KEY, None)
        st.query_params.pop("sweep", None)
        st.rerun()


def _failures(results: Sequence[TrialResult]) -> None:
    from lib.catalog.experiments import cell_label

    failed = [result for result in results if result.state == "failed"]
    by_message: dict[str, list[str]] = {}
    for result in failed:
        by_message.setdefault(result.message, []).append(f"{cell_label(result.cell)}, seed {result.seed}".lstrip(", "))
    if failed:
        with st.expander(f"{len(failed)} failed: why", icon=":material/error:"):
            for message, runs in by_message.items():
                more = f" and {len(runs) - _NAMED} more" if len(runs) > _NAMED else ""
                st.markdown(f"- {as_text('; '.join(runs[:_NAMED]))}{more}: {as_text(message)}")


def _progress_grid(experiment: Experiment, results: Sequence[TrialResult]) -> None:
    from lib.charts.experiments import progress_chart, progress_rows

    show_chart(st, progress_chart(progress_rows(experiment, results), experiment), key="sweep_grid",
               alt="Every run of the experiment: waiting, training, or its figure")
