"""The button that launches an experiment, and what it will cost."""

from __future__ import annotations

import streamlit as st

from lib import datasets
from lib.core.experiments import Experiment
from lib.core.memory_need import check_memory
from lib.jobs.ray_cluster import cluster_address, cluster_state
from lib.ui.experiments_forecast import forecast_panel
from lib.ui.experiments_panel import show_sweep
from lib.ui.resources import run_home, sweeps
from lib.ui.words import as_text, count_text


def launch_panel(experiment: Experiment) -> None:
    """Forecast and button; raises SpecError for a grid with cells that fit neither the images nor the memory."""
    trials = experiment.trials()
    for spec in {trial.cell: trial.spec for trial in trials}.values():
        info = datasets.info(spec.data.dataset, run_home())
        check_memory(spec, info.image_shape, spec.data.train_size or info.train_images)
    forecast_panel(experiment, trials)
    _cluster_words()
    missing = {t.spec.data.dataset for t in trials if not datasets.available(t.spec.data.dataset, home=run_home())}
    for name in sorted(missing):
        info = datasets.info(name, run_home())
        st.caption(f"{as_text(info.title)} will be downloaded or drawn first ({info.bytes / 1e6:.0f} MB to load).")
    label = f"Launch {count_text(len(trials), 'run')}"
    if st.button(label, type="primary", icon=":material/rocket_launch:", key="exp_launch", width="stretch"):
        show_sweep(sweeps().launch(experiment))
        st.rerun()


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
