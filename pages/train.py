import streamlit as st

from lib.core.errors import LabError
from lib.ui.controls import (
    assumptions_panel,
    data_controls,
    dataset_infos,
    model_summary,
    preset_control,
    run_spec,
    training_controls,
)
from lib.ui.current_run import current_run, start_run
from lib.ui.data_panel import data_panel
from lib.ui.frame import page_header
from lib.ui.results import results_panel
from lib.ui.run_panel import run_panel
from lib.ui.words import as_text, run_name

page_header(
    "train",
    "Pick images and a network, press **Train**, and watch it learn. Training goes on in the background: leave the page, "
    "refresh it or open a second tab, the run is still there.",
)
setup, watch = st.columns([3, 7], gap="large")
with setup:
    data = data_controls()
    data_panel(data)
    preset = preset_control()
    start = st.container()
    try:
        train, seed, architecture = training_controls(preset)
        spec = run_spec(preset, data, train, seed, architecture)
        model_summary(spec)
        assumptions_panel(preset.assumed)
    except LabError as error:
        st.error(as_text(error), icon=":material/error:")
        spec = None
    icon = ":material/play_arrow:"
    if start.button("Train", type="primary", icon=icon, key="start", disabled=spec is None, width="stretch"):
        base = run_spec(preset, data, preset.train, seed, preset.architecture)
        start_run(spec, run_name(spec, base, preset.title, dataset_infos()[data.dataset].title))
with watch:
    run_id = current_run()
    if run_id is None:
        st.info("No run yet. The defaults are fine: press **Train**.", icon=":material/arrow_back:")
    else:
        snapshot = run_panel(run_id)
        if snapshot is not None and snapshot.state.is_final:
            results_panel(snapshot)
