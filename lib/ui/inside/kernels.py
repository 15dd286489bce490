"""The kernels of a convolution, or the weights of a dense layer that sees the image, as images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lib.base.percent import count_text
from lib.images.sheets import contact_sheet, signed_colors
from lib.ui import following
from lib.ui.inside.bench import VIEW, is_loaded, network_of, unit_in_link
from lib.ui.inside.cards import Card
from lib.ui.inside.choice import Choice
from lib.ui.widgets.image_picker import Gallery
from lib.ui.widgets.images import sheet_html
from lib.ui.words import as_text

if TYPE_CHECKING:
    from lib.models.inside.network import InsideNetwork

#: Units of a dense layer that are shown: those with the largest weights.
_UNITS = 60
#: Pixels of a sheet's width at most, and of a kernel's side at least.
_WIDTH, _SIDE = 900, 40


def kernels_panel(choice: Choice, gallery: Gallery) -> None:
    """All kernels of one layer."""
    if not is_loaded(choice, gallery):
        return
    network = network_of(choice, gallery)
    layer, unit = unit_in_link()
    following.shows(VIEW, (layer, unit))
    options = [n for n, one in enumerate(network.layers) if one.kind in ("conv", "conv_transpose")]
    if not options:
        _dense(network)
        return
    shown = layer if layer in options else options[0]
    title = f"layer {shown + 1}, {network.layers[shown].name}"
    st.markdown(f"**The kernels of layer {shown + 1}.** Orange weights add, blue ones subtract. Click another convolution "
                "above for its kernels.")
    for card in conv_cards(network, shown, unit if layer == shown else 0):
        _sheet(card, title)


def conv_cards(network: InsideNetwork, layer: int, unit: int) -> list[Card]:
    """All kernels of a convolution, and one of them slice by slice where it has several."""
    from lib.models.inside.arithmetic import weights_of

    kernel = weights_of(network.parts[layer])[0]
    if network.layers[layer].kind == "conv_transpose":
        kernel = kernel.swapaxes(2, 3)  # Keras has the maps that come out before those that go in
    size, slices, filters = kernel.shape[0], kernel.shape[2], kernel.shape[3]
    limit = float(np.quantile(np.abs(kernel), 0.995)) or None
    every = np.moveaxis(kernel, -1, 0)
    found = []
    if slices == 1:
        found.append(Card(f"All {filters} kernels", _arranged(signed_colors(every[..., 0], limit)),
                          f"{size} x {size} weights each, one kernel for each map of the layer."))
    elif slices == 3 and layer == 0:
        scaled = np.rint(127.5 + 127.5 * np.clip(every / (limit or 1.0), -1, 1)).astype(np.uint8)
        found.append(Card(f"All {filters} kernels, in colour", _arranged(scaled),
                          "Red, green and blue are the weights of the image's colours; grey is zero."))
    else:
        mean = every.mean(axis=-1)
        found.append(Card(f"All {filters} kernels, mean over their slices", _arranged(signed_colors(mean)),
                          f"Each kernel has {count_text(slices, 'slice')}, one for each map before."))
    if slices > 1:
        own = np.moveaxis(every[min(unit, filters - 1)], -1, 0)
        found.append(Card(f"The kernel of map {min(unit, filters - 1) + 1}, slice by slice",
                          _arranged(signed_colors(own, limit)), "Slice number n is laid over map n of the layer before."))
    return found


def dense_card(network: InsideNetwork) -> Card | None:
    """The weights of the first dense layer as images, None where it does not see the image itself."""
    from lib.models.inside.arithmetic import weights_of
    from lib.models.inside.network import IMAGE

    number = next((n for n, layer in enumerate(network.layers) if layer.kind == "dense"), None)
    if number is None:
        return None
    before = network.layers[number].before
    while before is not None and before != IMAGE and network.layers[before].kind in ("flatten", "dropout", "noise"):
        before = network.layers[before].before
    if before != IMAGE or not network.takes_images:
        return None
    kernel = weights_of(network.parts[number])[0]
    strongest = np.argsort(-np.linalg.norm(kernel, axis=0), kind="stable")[:_UNITS]
    images = network.unpermute(kernel[:, strongest].T.reshape(-1, *network.image_shape)).sum(axis=-1)
    limit = float(np.quantile(np.abs(images), 0.995)) or None
    put_back = ", put back in order" if network.permutation is not None else ""
    return Card(f"Weights of layer {number + 1}: {len(strongest)} of {kernel.shape[1]} units{put_back}",
                _arranged(signed_colors(images, limit)), "One weight for each pixel; the units with the largest weights.")


def drawing_card(network: InsideNetwork) -> Card | None:
    """The weights of the last dense layer as images, None where it does not draw one."""
    from lib.models.inside.arithmetic import weights_of

    number, shape = network.last("dense"), network.layers[-1].shape
    if number is None or len(shape) != 3 or network.layers[-1].kind != "reshape" or network.layers[-1].before != number:
        return None
    kernel = weights_of(network.parts[number])[0]
    strongest = np.argsort(-np.linalg.norm(kernel, axis=1), kind="stable")[:_UNITS]
    images = kernel[strongest].reshape(-1, *shape).sum(axis=-1)
    limit = float(np.quantile(np.abs(images), 0.995)) or None
    return Card(f"What {len(strongest)} of {len(kernel)} units before layer {number + 1} draw",
                _arranged(signed_colors(images, limit)), "Each adds this image, times its own number; the strongest ones.")


def _dense(network: InsideNetwork) -> None:
    card, drawn = dense_card(network), drawing_card(network)
    if card is None and drawn is None:
        st.caption("This network has no convolution, and no layer that sees or draws the image itself.")
        return
    st.markdown("**This network has no convolution: a unit that sees or draws the image has a weight for every pixel.** "
                "Orange weights add, blue ones subtract.")
    if card is not None:
        _sheet(card, "first dense layer")
    if drawn is not None:
        _sheet(drawn, "last dense layer")


def _arranged(images: np.ndarray) -> np.ndarray:
    """Small images (N, h, w, 3) uint8 on one sheet, each at least `_SIDE` pixels wide."""
    scale = max(1, -(-_SIDE // max(images.shape[1:3])))
    columns = max(1, _WIDTH // (images.shape[2] * scale + 3))
    return contact_sheet(np.ascontiguousarray(images), columns, scale=scale, gap=3)


def _sheet(card: Card, alt: str) -> None:
    st.caption(f"**{as_text(card.title)}**: {as_text(card.words)}")
    st.html(sheet_html(card.image, f"{card.title}, {alt}"))
