from lib.ui.cats.curves import curves_panel
from lib.ui.cats.grids import grids_panel
from lib.ui.cats.measured import measured_panel
from lib.ui.cats.redraw import redraw_panel
from lib.ui.cats.samples import samples_panel
from lib.ui.cats.training import cats_training
from lib.ui.cats.walk import walk_panel
from lib.ui.cats.why import why_panel
from lib.ui.frame import page_header
from lib.ui.widgets.layout import open_tab

page_header(
    "cat_faces",
    "Both turn random numbers into images of cats. The GAN's generator learned to deceive a discriminator, the VAE to "
    "encode real faces in a few numbers and to decode them. Move the slider through their training and compare.",
)
chosen = grids_panel()
open_tab("cats_tab", {
    "New images": lambda: samples_panel(chosen), "Between two latent codes": lambda: walk_panel(chosen),
    "Redraw a face": lambda: redraw_panel(chosen), "Learning curves": lambda: curves_panel(chosen),
    "Report card": lambda: measured_panel(chosen), "Train your own": cats_training, "Why?": why_panel,
}, former={"New pictures": "New images", "Between two points": "Between two latent codes"})
