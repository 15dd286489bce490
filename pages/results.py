import streamlit as st

from lib.ui.frame import page_header
from lib.ui.results.table import results_table, row_actions

page_header(
    "results",
    "Every figure that five student reports of a deep-learning course printed, and what this app measured for the "
    "same thing. Select a row to train it yourself.",
)
chosen = results_table()
if chosen is not None:
    row_actions(chosen)
else:
    st.caption("Select a row for both figures in words, what the report leaves open, its image, and buttons that train "
               "it. Reduced: the report's network with fewer images, epochs or seeds. Other network: a light one that was "
               "asked the same question.")
