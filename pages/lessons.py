from lib.ui.frame import page_header
from lib.ui.lessons.page import lessons_page

page_header(
    "lessons",
    "Each lesson is a few steps: a set-up behind a link, a question to answer before you press the button, and what is seen "
    "then. The same link gives everybody the same curve.",
)
lessons_page()
