"""Inside the networks: first-layer weights and the pixels that an answer depends on, permuted and unpermuted."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib.catalog.permuted import SHIPPED_PERMUTATION
from lib.images.sheets import filter_sheet, grey_levels
from lib.spec.permutations import PermutationSpec
from lib.ui import following
from lib.ui.permuted.bench import PAD, Slot, current_image, networks_loaded, slots
from lib.ui.widgets.images import image_html

_FILTERS = 20
_WAYS = {"slope": "slope", "times pixel": "slope x pixel"}


def inside_panel(data: str, spec: PermutationSpec) -> None:
    """Saliency of the current image, then the weights of the first layers."""
    if not networks_loaded(data):
        return
    present = [slot for slot in slots(data, spec) if slot.network is not None]
    picked = current_image(data)
    following.shows(PAD, picked.digest)
    image = picked.image
    st.markdown(f"**Saliency** of {picked.what}. Bright: changing this pixel changes the score.")
    way = st.segmented_control("Show", list(_WAYS), format_func=_WAYS.__getitem__, default="slope", key="lens_saliency",
                               required=True, persist_state="session",
                               help="The slope of the winning score (before softmax) by each pixel; or that slope times "
                               "the pixel's own brightness.")
    _grid([_saliency(slot, image, way) for slot in present])
    st.caption(saliency_words(spec))
    st.markdown("**What did the first layer learn?** Orange weights add, blue ones subtract.")
    _grid([_filters(slot) for slot in present])
    st.caption(f"MLP: the {_FILTERS} strongest of its first hidden units, one weight for each pixel; they can be "
               "unpermuted. CNN: its 3x3 filters, which go over all places alike, so there is nothing to unpermute.")


def saliency_words(spec: PermutationSpec) -> str:
    """What to look for in the maps: a rewired MLP has learned nothing anew."""
    if spec.is_identity:
        return "Nothing has moved, so there is nothing to undo."
    if spec == SHIPPED_PERMUTATION:
        return ("Compare the maps with the permutation undone: do the permuted networks look at the same strokes as the "
                "original ones?")
    return ("With the permutation undone, the permuted MLP's map is the original one's: it is that network, its first "
            "weights reordered.")


def saliency_maps(network: Any, image: np.ndarray, way: str) -> tuple[np.ndarray, np.ndarray]:
    """Saliency (H, W), not negative: in the network's order, and unpermuted."""
    values = network.saliency(image[None])
    if way == "times pixel":
        values = values * network.permute(image[None]).astype(np.float32) / 255
    values = np.abs(values)
    return values[0].max(axis=-1), network.unpermute(values)[0].max(axis=-1)


def _grid(cells: list[str]) -> None:
    """HTML cells side by side, as many as fit."""
    style = "display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:1rem;max-width:900px"
    st.html(f'<div style="{style}">{"".join(f"<div>{cell}</div>" for cell in cells)}</div>')


def _saliency(slot: Slot, image: np.ndarray, way: str) -> str:
    seen, back = (grey_levels(part[None])[0] for part in saliency_maps(slot.network, image, way))
    parts = [f'<div style="font-size:.85rem;font-weight:600">{slot.title}</div>']
    if slot.network.permutation is None:
        parts.append(_titled("as it sees the image", back, f"Saliency of {slot.title}"))
    else:
        parts.append(_titled("as it sees the image", seen, f"Saliency of {slot.title}"))
        parts.append(_titled("unpermuted", back, f"Saliency of {slot.title}, unpermuted"))
    return "".join(parts)


def _titled(title: str, image: np.ndarray, alt: str) -> str:
    label = f'<div style="font-size:.75rem;opacity:.85;margin:.3rem 0 .15rem">{title}</div>'
    return f'{label}<div style="max-width:180px">{image_html(image, alt)}</div>'


def _filters(slot: Slot) -> str:
    parts = [f'<div style="font-size:.85rem;font-weight:600">{slot.title}</div>']
    for title, sheet in filter_sheets(slot.network):
        parts.append(_titled(title, sheet, f"First-layer weights of {slot.title}, {title}"))
    return "".join(parts)


def filter_sheets(network: Any) -> list[tuple[str, np.ndarray]]:
    """Titles and contact sheets, uint8 (H, W, 3), of the first layer's weights."""
    kernel = network.first_kernel
    if kernel.ndim == 4:
        filters = np.moveaxis(kernel, -1, 0).mean(axis=-1)
        return [(f"{len(filters)} filters", filter_sheet(filters, 4, 6))]
    side = round(len(kernel) ** 0.5)
    strongest = np.argsort(-np.linalg.norm(kernel, axis=0), kind="stable")[:_FILTERS]
    filters = kernel[:, strongest].T.reshape(-1, side, side, 1)
    sheets = [("as learned", filter_sheet(filters[..., 0], 5, 1))]
    if network.permutation is not None:
        sheets.append(("unpermuted", filter_sheet(network.unpermute(filters)[..., 0], 5, 1)))
    return sheets
