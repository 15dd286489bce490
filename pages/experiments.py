import streamlit as st

from lib.core.errors import LabError
from lib.ui.experiments_controls import edit_experiment, pick_experiment
from lib.ui.experiments_figures import stored_panel
from lib.ui.experiments_launch import launch_panel
from lib.ui.experiments_panel import current_sweep, sweep_choice, sweep_panel
from lib.ui.frame import page_header
from lib.ui.words import as_text

page_header(
    "experiments",
    "One run can be luck. An experiment trains every combination several times, with other seeds, and says what is more "
    "than chance. Every grid of the reports is here; change its values, or make a grid of your own.",
)
setup, watch = st.columns([3, 7], gap="large")
with setup:
    chosen = pick_experiment()
    launch = st.container()
    try:
        experiment = edit_experiment(chosen)
        with launch:
            launch_panel(experiment)
    except LabError as error:
        st.error(as_text(error), icon=":material/error:")
with watch:
    current = current_sweep(chosen)
    if current is not None:
        sweep_panel(sweep_choice(chosen, current))
        before = st.expander("What we measured before", icon=":material/history:", key="before", on_change="rerun")
        if before.open:
            with before:
                if not stored_panel(chosen):
                    st.caption("Nothing is stored for this experiment.")
    elif not stored_panel(chosen):
        st.info("Nothing has been measured yet. Launch the experiment on the left.", icon=":material/arrow_back:")
