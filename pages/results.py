from lib.ui.frame import page_header
from lib.ui.results.table import results_table

page_header(
    "results",
    "What five student reports of courses on neural networks printed, and what this app measured for the same thing. "
    "Select a row to train it yourself.",
)
results_table()
