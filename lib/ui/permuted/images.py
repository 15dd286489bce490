"""The same images original, permuted, and permuted back."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib import datasets
from lib.images.sheets import contact_sheet
from lib.spec.permutations import PermutationSpec, apply, inverse
from lib.ui.lab import lab
from lib.ui.permuted.controls import permutation_array, permutation_words
from lib.ui.widgets.images import image_html

_COLUMNS = 10


def examples(data: str) -> tuple[np.ndarray, np.ndarray]:
    """The shipped test images of a set and their labels, in blocks of one image of each class."""
    def load() -> tuple[np.ndarray, np.ndarray]:
        from lib.models.permuted_bench import shipped_examples

        return shipped_examples(data)

    return lab().network(f"permuted_examples_{data}", load)


def images_panel(data: str, spec: PermutationSpec) -> None:
    """Ten images in three versions."""
    images = examples(data)[0][:_COLUMNS]
    permutation = permutation_array(spec)
    permuted_images = apply(images, permutation)
    unpermuted = apply(permuted_images, inverse(permutation))
    names = ", ".join(datasets.DATASETS[data].class_names)
    versions = {
        "Original": (images, f"One test image of each class: {names}"),
        "Permuted": (permuted_images, "The same images with their pixels permuted"),
        "Unpermuted with the inverse": (unpermuted, "The permuted images unpermuted"),
    }
    parts = []
    for title, (version, alt) in versions.items():
        sheet = contact_sheet(version, _COLUMNS, scale=1, gap=1)
        parts.append(f'<div style="font-size:.85rem;margin:.5rem 0 .2rem">{title}</div>{image_html(sheet, alt)}')
    st.html("".join(parts))
    same = "Not a single pixel was lost." if np.array_equal(images, unpermuted) else "The images differ!"
    st.caption(f"{permutation_words(spec)} {same}")
