"""The Inside page: choose a network, look at its layers, ask why."""

from __future__ import annotations

import streamlit as st

from lib.base.errors import LabError
from lib.ui.faults import show_problem
from lib.ui.inside.bench import bench_panel
from lib.ui.inside.choice import chosen_network
from lib.ui.inside.excites import excites_panel
from lib.ui.inside.hangs_on import hangs_on_panel
from lib.ui.inside.images import gallery_for
from lib.ui.inside.kernels import kernels_panel
from lib.ui.inside.map_of_images import map_panel
from lib.ui.widgets.layout import open_tab
from lib.ui.words import as_text


def inside_page() -> None:
    """Everything below the title."""
    choice = chosen_network()
    if choice is None:
        return
    try:
        with st.spinner("Loading the images …"):
            gallery, note = gallery_for(choice)
    except LabError as error:
        show_problem(error)
        return
    if note:
        st.caption(as_text(note))
    bench_panel(choice, gallery)
    open_tab("inside_tab", {
        "Saliency": lambda: hangs_on_panel(choice, gallery),
        "Kernels": lambda: kernels_panel(choice, gallery),
        "What activates a unit": lambda: excites_panel(choice, gallery),
        "Map of test images": lambda: map_panel(choice, gallery),
    }, former={"What the answer hangs on": "Saliency", "What excites a unit": "What activates a unit"})
