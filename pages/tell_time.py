from lib.ui.clock.look import chosen_look, look_controls
from lib.ui.clock.measured import measured_table, rivals_text
from lib.ui.clock.page import bench_panel, sweep_panel
from lib.ui.clock.photo import photo_panel
from lib.ui.clock.reasons import why_text
from lib.ui.clock.sureness import sureness_panel
from lib.ui.clock.training import clock_training
from lib.ui.frame import page_header
from lib.ui.widgets.layout import open_tab

page_header(
    "tell_time",
    "Drag the hands, turn the dial by its rim: every network answers at once. The small networks learned from the same "
    f"clocks and differ in their output and loss alone. {rivals_text()}",
)
look = chosen_look()
bench_panel(look)
look_controls()
open_tab("clock_tab", {
    "An image of your own": photo_panel, "Where do they fail?": lambda: sweep_panel(look),
    "Train your own": clock_training, "What we measured": measured_table,
    "How sure is our reader?": sureness_panel, "Why?": why_text,
}, former={"How sure is it?": "How sure is our reader?"})
