import streamlit as st

from lib.ui.frame import page_header
from lib.ui.reported_table import results_table, row_actions

page_header(
    "results",
    "Every figure that the five reports printed, and what this app measured for the same thing. Select a row to train it "
    "yourself; what is not measured says so.",
)
chosen = results_table()
if chosen is not None:
    row_actions(chosen)
else:
    st.caption("Select a row to launch it. The rows marked subset come from scripts/reproduce.py at laptop scale.")
