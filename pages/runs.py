from lib.ui.frame import page_header
from lib.ui.runs.comparison import comparison
from lib.ui.runs.table import runs_table, selected_actions

page_header(
    "runs",
    "Every run of this machine, newest first. Select some to lay their curves over each other, and to rename, download or "
    "delete them.",
)
chosen = runs_table()
if chosen:
    selected_actions(chosen)
    comparison(chosen)
