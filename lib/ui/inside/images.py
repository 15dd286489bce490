"""The test images that belong to a network, also where its data set is not on this machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lib import datasets
from lib.catalog.permuted import SHIPPED_DATA
from lib.datasets.clocks import draw_clock
from lib.runs import run_home
from lib.ui.inside.choice import Choice
from lib.ui.panels.ask import run_gallery
from lib.ui.permuted.bench import gallery_of
from lib.ui.widgets.image_picker import Gallery

#: Clocks drawn for looking at, and minutes from one to the next: with no factor of 720, so that no two are alike.
_CLOCKS, _STEP = 60, 157


def gallery_for(choice: Choice) -> tuple[Gallery, str]:
    """The images to pick from, and a sentence where they are not the network's own test set; raises LabError."""
    data = choice.spec.data
    info = datasets.info(data.dataset, home=run_home())
    if info.kind == "clock":
        family, size = data.dataset.split("_")[1], info.image_shape[0]
        images, minutes = _clocks("course" if family == "own" else family, size)
        return Gallery(data.dataset, images, minutes, info.class_names), ""
    if choice.kind == "run" or datasets.available(data.dataset, home=run_home()):
        return run_gallery(replace(data, train_size=None, validation_size=None, overlap=0.0)), ""
    if data.dataset in SHIPPED_DATA:
        found = gallery_of(data.dataset)
        return found, f"{info.title} is not on this machine: {len(found.images)} shipped test images stand for it."
    found = run_gallery(replace(data, dataset="digits", train_size=None, validation_size=None))
    return found, f"{info.title} is not on this machine: digits stand for it, and the network is built for their shape."


@st.cache_data(max_entries=4, show_spinner=False)
def _clocks(family: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Clocks uint8 (60, size, size, 1) and what they show, in minutes after 12:00."""
    minutes = (np.arange(_CLOCKS) * _STEP) % 720
    images = [draw_clock(family, size, 1, 1, int(minute)) for minute in minutes]
    return np.stack(images).reshape(_CLOCKS, size, size, 1), minutes.astype(np.int32)
