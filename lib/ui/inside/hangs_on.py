"""Which pixels the answer depends on: gradient, occlusion, Grad-CAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from lib.base.percent import points_text
from lib.catalog.tasks import Answer
from lib.images.drawing import paper_of
from lib.images.sheets import grey_levels, heat_over, signed_colors
from lib.ui import following
from lib.ui.inside.bench import PAD, given_image, is_loaded, network_of
from lib.ui.inside.cards import Card, draw_cards
from lib.ui.inside.choice import Choice
from lib.ui.widgets.image_picker import Gallery
from lib.ui.words import as_text

#: Networks with more multiply-adds are covered in patches that do not overlap.
_COSTLY = 3e7
_WINNER = "the answer"


@dataclass(frozen=True)
class Maps:
    """What was found for one image and one output; `cam` is None for a network without convolution."""

    gradient: np.ndarray
    occlusion: np.ndarray
    side: int
    cam: np.ndarray | None
    seen: np.ndarray


def hangs_on_panel(choice: Choice, gallery: Gallery) -> None:
    """Three maps of the image that is on the page."""
    if choice.takes_code:
        st.caption("Saliency is that of an image's pixels; this network is given a latent code. Move its numbers above and "
                   "see what changes.")
        return
    if not is_loaded(choice, gallery):
        return
    picked = given_image(choice, gallery)
    following.shows(PAD, picked.digest)
    network = network_of(choice, gallery)
    output, name = _output(choice, gallery, network.predict(picked.image[None])[0])
    found = _maps(choice.same, picked.image, output, paper_of(gallery.images[:100]), _patch(network),
                  network)
    st.markdown(f"**Evidence for {as_text(name)}** in {as_text(picked.what)}.")
    draw_cards(list(_cards(found, picked.image, choice.says_class)))
    if choice.part.says in (Answer.IMAGE, Answer.FEATURES):
        st.caption("Grad-CAM shows the evidence for a class or a score; this network gives none.")


def _output(choice: Choice, gallery: Gallery, outputs: np.ndarray) -> tuple[int, str]:
    """Which output is asked about: the strongest one, or the class that the user chose."""
    winner = int(outputs.argmax())
    if outputs.ndim == 3:
        return _pixel(outputs)
    if not choice.says_class:
        return winner, "its score" if outputs.size == 1 else f"output {winner + 1}, the strongest"
    options = [_WINNER, *dict.fromkeys(gallery.names)]
    key = f"inside_class_{gallery.data}"
    chosen = st.selectbox("Class", options, key=key, persist_state="session", width=260,
                          help="The evidence for another class than the predicted one.")
    index = winner if chosen == _WINNER or chosen not in gallery.names else gallery.names.index(chosen)
    return min(index, len(outputs) - 1), gallery.names[min(index, len(gallery.names) - 1)]


def _pixel(outputs: np.ndarray) -> tuple[int, str]:
    """Of an image that a network gives: its brightest pixel."""
    index = int(outputs.argmax())
    row, column, _ = np.unravel_index(index, outputs.shape)
    return index, f"the brightest pixel of its image, row {int(row) + 1}, column {int(column) + 1}"


def _patch(network: Any) -> tuple[int, int]:
    """Side and stride of the patch that covers: a fifth of the image, moved by a third of itself."""
    side = max(2, round(min(network.image_shape[:2]) / 5))
    from lib.models.inside.cost import multiply_adds

    costly = multiply_adds(network) > _COSTLY
    return side, side if costly else max(1, side // 3)


@st.cache_data(max_entries=24, show_spinner="Covering the image piece by piece")
def _maps(key: tuple[Any, ...], image: np.ndarray, output: int, paper: int, patch: tuple[int, int],
          _network: Any) -> Maps:
    """All maps for one image, kept for the last few."""
    from lib.models.inside.attribution import grad_cam, grad_cam_layer, occlusion, saliency

    is_vector = not _network.layers[-1].is_maps
    cam = grad_cam(_network, image, output) if is_vector and grad_cam_layer(_network) is not None else None
    return Maps(saliency(_network, image, output), occlusion(_network, image, output, *patch, paper), patch[0], cam,
                _network.permute(image[None])[0])


def _cards(found: Maps, image: np.ndarray, is_share: bool) -> Any:
    slopes = np.abs(found.gradient).max(axis=-1)
    yield Card("Gradient", grey_levels(slopes[None])[0],
               "Bright: changing this pixel a little changes the score most. Grainy, since each pixel is changed alone.")
    largest = float(np.abs(found.occlusion).max())
    amount = f"by {points_text(largest)} points" if is_share else f"by {largest:.2g}"
    yield Card("Occlusion", signed_colors(found.occlusion),
               f"A patch of {found.side} x {found.side} pixels covers the image here. Orange: then the output falls, "
               f"blue: then it rises; at most {amount}.")
    if found.cam is None:
        return
    height, width = image.shape[:2]
    heat = np.asarray(Image.fromarray(found.cam).resize((width, height), Image.Resampling.BILINEAR))
    where = "" if np.array_equal(found.seen, image) else " In the shuffled image that this network gets."
    if not found.cam.any():
        where += " Here it finds nothing: its maps hold evidence against it alone."
    yield Card("Grad-CAM", heat_over(found.seen, heat),
               f"Where the last convolution ({found.cam.shape[0]} x {found.cam.shape[1]}) found evidence for it: its "
               f"maps, weighted by the gradient.{where}")
