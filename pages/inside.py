from lib.ui.frame import page_header
from lib.ui.inside.page import inside_page

page_header(
    "inside",
    "Draw or pick an image and see what each layer makes of it. Click any number of any map to see how it "
    "was computed, from the window and the kernel to the activation.",
)
inside_page()
