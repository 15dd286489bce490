"""The button that launches an experiment, what it will cost, and why one that cannot succeed is not begun."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.catalog.experiments import Experiment, Trial
from lib.runs import run_home
from lib.runs.ray_cluster import cluster_address, cluster_state
from lib.spec.memory_need import check_memory
from lib.ui.experiments.controls import first_experiment, take_experiment
from lib.ui.experiments.forecast import forecast_panel
from lib.ui.experiments.panel import show_sweep
from lib.ui.experiments.words import training_words
from lib.ui.faults import show_problem
from lib.ui.resources import sweeps
from lib.ui.visitors import visitor
from lib.ui.widgets.empty import GRID, empty_state
from lib.ui.words import as_text


def launch_panel(experiment: Experiment) -> None:
    """Forecast and button; raises LabError for a grid with cells that fit neither the images nor the memory."""
    trials = experiment.trials()
    check_trials(trials)
    st.markdown(training_words(experiment))
    forecast_panel(experiment, trials)
    _cluster_words()
    missing = {t.spec.data.dataset for t in trials if not datasets.available(t.spec.data.dataset, home=run_home())}
    for name in sorted(missing):
        info = datasets.info(name, run_home())
        st.caption(f"{as_text(info.title)} will be downloaded or drawn first ({info.bytes / 1e6:.0f} MB to load).")
    label = f"Launch {count_text(len(trials), 'run')}"
    clicked = st.button(label, type="primary", icon=":material/rocket_launch:", key="exp_launch")
    if clicked and launch(experiment):
        st.rerun()


def check_trials(trials: Sequence[Trial]) -> None:
    """Raise LabError when a cell asks for more images than there are or for more memory than is free."""
    for spec in {trial.cell: trial.spec for trial in trials}.values():
        datasets.check_sizes(spec.data, run_home())
        info = datasets.info(spec.data.dataset, run_home())
        check_memory(spec, info.image_shape, spec.data.train_size or info.train_images)


def launch(experiment: Experiment) -> bool:
    """Launch it and make it the one to show; False and one message on the page when none of its runs could train."""
    sweep_id = launched(experiment)
    if sweep_id is not None:
        show_sweep(sweep_id)
    return sweep_id is not None


def launched(experiment: Experiment) -> str | None:
    """Launch it; its id, or None and one message on the page when none of its runs could train."""
    try:
        trials = experiment.trials()
        check_trials(trials)
        with st.spinner("Looking for the images"):
            datasets.check_obtainable([trial.spec.data for trial in trials], run_home())
        return sweeps().launch(experiment, visitor().mark)
    except LabError as error:
        show_problem(error)
        return None


def empty_panel() -> None:
    """What stands where nothing has been measured: one button that launches a small grid."""
    first = first_experiment()
    label = f"Launch a first grid: {count_text(first.trial_count, 'run')} on Digits"
    words = ("**Nothing has been measured yet.** A grid fills in here, one cell for every run. Launch the one that is set "
             "up, or begin with a small one: does a hidden layer matter?")
    empty_state(GRID, words, label, "first_grid", ":material/rocket_launch:", on_click=_launch_first)


def _launch_first() -> None:
    """Set the controls to the first grid and launch it: before the page runs, which may begin anew before its button."""
    take_experiment(first_experiment())
    launch(first_experiment())


def _cluster_words() -> None:
    """Where trials will run, when a cluster has been asked for."""
    if not cluster_address():
        return
    state = cluster_state()
    if state.problem:
        st.warning(as_text(state.problem), icon=":material/cloud_off:")
    elif state.slots is None:
        st.caption("Connecting to the Ray cluster …")
    else:
        st.caption(f"On the Ray cluster: {state.slots} runs at a time.")
