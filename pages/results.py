from lib.ui.frame import page_header
from lib.ui.results.table import results_table

page_header(
    "results",
    "Every figure that five student reports of a deep-learning course printed, and what this app measured for the "
    "same thing. Select a row to train it yourself.",
)
results_table()
