import streamlit as st

from lib.base.errors import LabError
from lib.ui.experiments.controls import edit_experiment, pick_experiment
from lib.ui.experiments.figures import stored_panel
from lib.ui.experiments.launch import empty_panel, launch_panel
from lib.ui.experiments.panel import current_sweep, sweep_choice, sweep_panel
from lib.ui.faults import show_problem
from lib.ui.frame import page_header

page_header(
    "experiments",
    "One run can be luck. An experiment trains every combination several times, with other seeds, and says what is more "
    "than chance. Every grid of the reports is here; change its values, or make a grid of your own.",
)
chosen = pick_experiment()
launch = st.container()
try:
    experiment = edit_experiment(chosen)
    with launch:
        launch_panel(experiment)
except LabError as error:
    with launch:
        show_problem(error)
current = current_sweep(chosen)
if current is not None:
    sweep_panel(sweep_choice(chosen, current))
    before = st.expander("What we measured before", icon=":material/history:", key="before", on_change="rerun")
    if before.open:
        with before:
            if not stored_panel(chosen):
                st.caption("Nothing is stored for this experiment.")
elif not stored_panel(chosen):
    empty_panel()
