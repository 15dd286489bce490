from lib.ui.frame import page_header
from lib.ui.runs.page import runs_page

page_header(
    "runs",
    "Every run of this machine. Tick some to lay their curves over each other, and to star, note, rename, download or "
    "delete them.",
)
runs_page()
