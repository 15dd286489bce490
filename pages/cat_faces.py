from lib.ui.cats_curves import curves_panel
from lib.ui.cats_grids import grids_panel
from lib.ui.cats_invent import invent_panel
from lib.ui.cats_measured import measured_panel
from lib.ui.cats_redraw import redraw_panel
from lib.ui.cats_training import training_panel
from lib.ui.cats_walk import walk_panel
from lib.ui.cats_why import why_panel
from lib.ui.frame import page_header
from lib.ui.tabs import open_tab

page_header(
    "cat_faces",
    "Both turn random numbers into cats that never lived. The GAN learned by deceiving a critic, the VAE by squeezing real "
    "faces through a few numbers and redrawing them. Move through their training: which would you believe, and when?",
)
chosen = grids_panel()
open_tab("cats_tab", {
    "New pictures": lambda: invent_panel(chosen), "Between two points": lambda: walk_panel(chosen),
    "Redraw a face": lambda: redraw_panel(chosen), "Learning curves": lambda: curves_panel(chosen),
    "Report card": lambda: measured_panel(chosen), "Train your own": training_panel, "Why?": why_panel,
})
