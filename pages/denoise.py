
from lib.base.errors import LabError
from lib.ui.denoise.bench import bench_panel, data_control
from lib.ui.denoise.gallery import gallery_panel
from lib.ui.denoise.measured import measured_panel
from lib.ui.denoise.quiz import quiz_panel
from lib.ui.digits.classifier import classifier_panel
from lib.ui.digits.training import denoise_training
from lib.ui.faults import show_problem
from lib.ui.frame import page_header
from lib.ui.widgets.layout import open_tab

page_header(
    "denoise",
    "Draw a digit or take a test image, add noise, and see what each way of cleaning makes of it. A classifier that never "
    "saw noise reads each version.",
)
data = data_control()
try:
    bench_panel(data)
except LabError as error:
    show_problem(error)
open_tab("denoise_tab", {
    "Gallery": lambda: gallery_panel(data), "You against the network": lambda: quiz_panel(data),
    "What we measured": lambda: measured_panel(data), "Our classifier": classifier_panel,
    "Train your own": denoise_training,
})
