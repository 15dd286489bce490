"""The test images that belong to a network, also where its data set is not on this machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from PIL import Image

from lib import datasets
from lib.catalog.generative import FIXED_IMAGES
from lib.catalog.permuted import SHIPPED_DATA
from lib.datasets import cats
from lib.datasets.clocks import draw_clock
from lib.runs import run_home
from lib.ui.cats.networks import SHEETS
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
    if choice.takes_code:
        # Of its images only the shape and the names of the classes count.
        return Gallery(data.dataset, np.zeros((1, *info.image_shape), np.uint8), np.zeros(1, np.int32), info.class_names), ""
    if info.kind == "clock":
        family, size = data.dataset.split("_")[1], info.image_shape[0]
        images, minutes = _clocks("course" if family == "own" else family, size)
        return Gallery(data.dataset, images, minutes, info.class_names), ""
    if choice.kind == "run" or datasets.available(data.dataset, home=run_home()):
        return run_gallery(replace(data, train_size=None, validation_size=None, overlap=0.0)), ""
    if data.dataset in SHIPPED_DATA:
        found = gallery_of(data.dataset)
        return found, f"{info.title} is not on this machine: {len(found.images)} shipped test images stand for it."
    if info.kind == "images":
        faces = _stored_faces()
        return (Gallery(data.dataset, faces, np.zeros(len(faces), np.int32), info.class_names),
                f"{info.title} are not on this machine: {len(faces)} of them are shipped and stand for it.")
    found = run_gallery(replace(data, dataset="digits", train_size=None, validation_size=None))
    return found, f"{info.title} is not on this machine: digits stand for it, and the network is built for their shape."


@st.cache_data(max_entries=1, show_spinner=False)
def _stored_faces() -> np.ndarray:
    """Held-out cat faces, uint8 (8, 64, 64, 3), from the sheet of what the shipped VAE redraws."""
    last = max((SHEETS / "vae_better").glob("*_redrawn.jpg"))
    sheet = np.asarray(Image.open(last).convert("RGB"))
    side, step = cats.SIDE, cats.SIDE + 2
    return np.stack([sheet[:side, left : left + side] for left in range(0, FIXED_IMAGES * step, step)])


@st.cache_data(max_entries=4, show_spinner=False)
def _clocks(family: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Clocks uint8 (60, size, size, 1) and what they show, in minutes after 12:00."""
    minutes = (np.arange(_CLOCKS) * _STEP) % 720
    images = [draw_clock(family, size, 1, 1, int(minute)) for minute in minutes]
    return np.stack(images).reshape(_CLOCKS, size, size, 1), minutes.astype(np.int32)
