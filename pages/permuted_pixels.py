import streamlit as st

from lib.ui.frame import page_header
from lib.ui.permuted.bench import bench_panel
from lib.ui.permuted.controls import lens_controls
from lib.ui.permuted.images import images_panel
from lib.ui.permuted.inside import inside_panel
from lib.ui.permuted.measured import measured_panel
from lib.ui.permuted.theory import theory_panel
from lib.ui.permuted.training import comparison_panel
from lib.ui.widgets.layout import open_tab

page_header(
    "permuted_pixels",
    "Shuffle the pixels of every image in the same way. You can no longer recognise the image, but no pixel is lost. Can a "
    "network still learn it? Two of these four get original images, two get permuted ones.",
)
data, permutation = lens_controls()
images_panel(data, permutation)
st.subheader("Draw, and ask them all")
bench_panel(data, permutation)
open_tab("lens_tab", {
    "Inside": lambda: inside_panel(data, permutation), "Why?": lambda: theory_panel(data, permutation),
    "Train them yourself": lambda: comparison_panel(data, permutation), "What we measured": lambda: measured_panel(data),
})
