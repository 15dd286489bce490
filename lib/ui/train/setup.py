"""What the Train page trains: one line with the button, and the controls behind it, folded while a run is on show."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Place

from lib.base.errors import LabError
from lib.catalog.preset_groups import network_name
from lib.spec.specs import DataSpec, RunSpec
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.panels.current_run import start_run
from lib.ui.panels.data import data_panel
from lib.ui.panels.race import race_buttons
from lib.ui.panels.rate_search import search_buttons
from lib.ui.train.controls import (
    assumptions_panel,
    check_run,
    data_controls,
    dataset_infos,
    preset_control,
    run_spec,
    setup_words,
    training_controls,
)
from lib.ui.train.editor import editor_panel
from lib.ui.words import as_text, run_name


def setup_panel(on_show: str) -> None:
    """Draw the button, what it would train, and the controls; pressed, it starts the run and draws the page again.

    The controls are folded while a run is `on_show` ("" for none) and again whenever another one comes. It reruns alone,
    so that an edit of the network is seen at once whatever else the page shows.
    """
    fragment(_setup)(on_show)


def _setup(on_show: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="train_line"):
        button, summary = st.empty(), st.empty()
    message = st.container()
    # Of another key the expander is another one, which is folded also where the visitor had opened the last one.
    with st.container(key="setup"), st.expander("Images, network and training", icon=":material/tune:",
                                                expanded=not on_show, key=f"setup_{on_show}"):
        spec, name, data, samples = _controls(message)
    if spec is not None:
        summary.markdown(f"**{as_text(name)}**  \n{as_text(setup_words(spec))}")
    pressed = button.button("Train", type="primary", icon=":material/play_arrow:", key="start", disabled=spec is None)
    with message:
        if pressed and spec is not None and start_run(spec, name):
            st.rerun()
    with samples:  # last, since reading a data set takes a while
        data_panel(data)


def _controls(message: Place) -> tuple[RunSpec | None, str, DataSpec, Place]:
    """The run that they describe and its name, the images, and the place for samples of them.

    None instead of the run, and what is wrong in `message`, for one that cannot be.
    """
    images, network, training = st.columns(3, gap="large")
    editor = st.container()
    with images:
        data = data_controls()
        samples = st.container()
    with network:
        preset = preset_control()
        size = st.container()
    spec, error = None, None
    try:
        with training:
            train, seed, architecture = training_controls(preset)
            tools = st.container()
        spec = run_spec(preset, data, train, seed, architecture)
        with size:
            check_run(spec)
            assumptions_panel(preset.assumed)
    except LabError as problem:
        error = problem
        with message:
            show_problem(problem)
    info = dataset_infos()[data.dataset]
    editor_panel(editor, info, st.session_state["batch"], error)
    if error is not None or spec is None:
        return None, "", data, samples
    base = run_spec(preset, data, preset.train, seed, preset.architecture)
    name = run_name(spec, base, network_name(preset), info.title)
    with tools:
        st.caption("Find a learning rate, or let choices race")
        with st.container(horizontal=True):
            search_buttons(spec, name)
            race_buttons(spec, network_name(preset))
    return spec, name, data, samples


def no_run_yet() -> None:
    """What the page says before the first run."""
    st.info("No run yet. The defaults are fine to begin with: press **Train**.", icon=":material/arrow_upward:")
