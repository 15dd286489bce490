"""What activates the chosen unit: an image made for it, and the test images that activate it most."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from lib.base.errors import LabError
from lib.ui import following
from lib.ui.faults import show_problem
from lib.ui.inside.bench import PAD, VIEW, is_loaded, network_of, unit_in_link
from lib.ui.inside.cards import Card, draw_cards
from lib.ui.inside.choice import Choice
from lib.ui.inside.jobs import result_of
from lib.ui.inside.words import number_text
from lib.ui.widgets.image_picker import Gallery, pick_test_image
from lib.ui.widgets.images import image_html
from lib.ui.words import as_text

if TYPE_CHECKING:
    from lib.models.inside.network import InsideNetwork

_SHOWN, _FRAME = 10, (0, 229, 168)
#: Multiply-adds that may be spent on looking through the test images, which decides how many of them.
_BUDGET = 3e10


def images_to_look_at(network: InsideNetwork, gallery: Gallery, most: int = 1000) -> np.ndarray:
    """The first test images, fewer for a costly network, uint8 (N, H, W, C)."""
    from lib.models.inside.cost import multiply_adds

    cost = max(1, multiply_adds(network))
    return gallery.images[: int(np.clip(_BUDGET / cost, 60, most))]


def excites_panel(choice: Choice, gallery: Gallery) -> None:
    """An image made for the chosen unit, and the test images that activate it most."""
    if choice.takes_code:
        st.caption("What activates a unit is shown as an image; this network is given a latent code.")
        return
    if not is_loaded(choice, gallery):
        return
    network = network_of(choice, gallery)
    layer, unit = unit_in_link()
    following.shows(VIEW, (layer, unit))
    if not 0 <= layer < len(network.layers):
        st.caption("Click a map or a unit above: this tab shows what activates it.")
        return
    unit = min(unit, network.layers[layer].units - 1)
    what = f"{'map' if network.layers[layer].is_maps else 'unit'} {unit + 1} of layer {layer + 1}"
    st.markdown(f"**What activates {what}?** Click another one above for its images.")
    try:
        _dream(choice, network, layer, unit)
        _images(choice, gallery, network, layer, unit)
    except LabError as error:
        show_problem(error)


def _dream(choice: Choice, network: InsideNetwork, layer: int, unit: int) -> None:
    def work(report: Callable[[float], None]) -> Any:
        from lib.models.inside.excitation import maximise

        return maximise(network, layer, unit, report)

    found = result_of((*choice.same, "dream", layer, unit), work, "Climbing the gradient from grey noise")
    if found is None:
        return
    image = network.unpermute(found.image[None])[0]
    middle = " (in the middle of its map)" if network.layers[layer].is_maps else ""
    draw_cards([Card("Maximised", image[..., 0] if image.shape[-1] == 1 else image,
                     f"Gradient ascent from grey noise: every step changes the pixels so that this unit's sum{middle} "
                     f"grows, then smooths the image a little. Sum for the noise {number_text(found.before)}, for this "
                     f"image {number_text(found.after)}.")])


def _images(choice: Choice, gallery: Gallery, network: InsideNetwork, layer: int, unit: int) -> None:
    images = images_to_look_at(network, gallery)

    def work(report: Callable[[float], None]) -> Any:
        from lib.models.inside.excitation import strongest_images

        return strongest_images(network, layer, images, report)

    found = result_of((*choice.same, "strongest", layer, gallery.data, len(images)), work,
                      f"Looking at {len(images):,} test images")
    if found is None:
        return
    best = found.best(unit, _SHOWN)
    if not len(best) or found.values[best[0], unit] <= found.values[:, unit].min():
        st.caption(f"All of the first {len(images):,} test images leave this unit at {number_text(found.values[0, unit])}.")
        return
    st.markdown(f"**Of the first {len(images):,} test images these activate it most.** The frame is what the unit sees at "
                "its strongest place; a button brings the image up to the pad.")
    with st.container(horizontal=True):
        for index in best.tolist():
            place = st.container(width=112, gap="xsmall")
            framed = _framed(network, gallery.images[index], layer, unit, int(found.rows[index, unit]),
                             int(found.columns[index, unit]))
            name = gallery.names[int(gallery.labels[index])]
            place.html(image_html(framed, f"Test image {index}: {name}", "104px"))
            place.button(f"{as_text(name)} · {number_text(float(found.values[index, unit]))}", key=f"inside_best_{index}",
                         on_click=pick_test_image, args=(PAD, gallery, index), width="stretch")


def _framed(network: InsideNetwork, image: np.ndarray, layer: int, unit: int, row: int, column: int) -> np.ndarray:
    """The image, enlarged, with a frame round the unit's receptive field, as the network gets it: uint8 (., ., 3)."""
    from lib.models.inside.windows import field_of

    seen = network.permute(image[None])[0]
    scale = max(1, 112 // max(seen.shape[:2]))
    big = seen.repeat(scale, axis=0).repeat(scale, axis=1)
    canvas = Image.fromarray(big if big.shape[-1] == 3 else big.repeat(3, axis=2))
    field = field_of(network, layer, row, column, unit)
    right, bottom = (field.left + field.width) * scale - 1, (field.top + field.height) * scale - 1
    ImageDraw.Draw(canvas).rectangle((field.left * scale, field.top * scale, right, bottom), outline=_FRAME, width=2)
    return np.asarray(canvas)
