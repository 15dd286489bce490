"""Which images and which permutation: the controls at the head of the page, kept in the URL."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.percent import percent_text
from lib.catalog.permuted import SHIPPED_DATA, SHIPPED_PERMUTATION
from lib.spec.permutations import KINDS, PermutationSpec, make_permutation, neighbours_kept
from lib.ui.url_state import one_of, publish, remember, within
from lib.ui.widgets.number_field import number_field

#: What the shipped sets' images look like.
SIDE = 28
BLOCKS = (14, 7, 4, 2)
_TITLES = {
    "identity": "none", "blocks": "blocks", "rows": "rows", "share": "some pixels", "full": "all pixels",
}
_DEFAULTS = {"images_of": "mnist", "shuffle": "full", "block": 7, "moved": 50, "shuffle_seed": 0}


def lens_controls() -> tuple[str, PermutationSpec]:
    """Choose a data set and a permutation."""
    parsers = {
        "images_of": one_of(SHIPPED_DATA), "shuffle": one_of(KINDS), "block": one_of(BLOCKS),
        "moved": within(int, 0, 100), "shuffle_seed": within(int, 0, 2**31 - 1),
    }
    for key, parse in parsers.items():
        remember(key, _DEFAULTS[key], parse)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Images", SHIPPED_DATA, format_func=lambda n: datasets.DATASETS[n].title, key="images_of",
                             required=True, persist_state="session")
        st.pills("What changes places", list(KINDS), format_func=_TITLES.__getitem__, key="shuffle",
                 required=True, persist_state="session")
        _amount()
        if st.session_state["shuffle"] != "identity":
            number_field(st, "Seed", 0, 2**31 - 1, "shuffle_seed", width=120,
                         help="Another seed is another permutation; the same seed is the same one on every machine.")
    values = {key: st.session_state[key] for key in _DEFAULTS}
    publish(values, _DEFAULTS)
    return values["images_of"], chosen_permutation(values)


def _amount() -> None:
    match st.session_state["shuffle"]:
        case "blocks":
            st.segmented_control("Side of a block (pixels)", BLOCKS, key="block", required=True, persist_state="session")
        case "share":
            st.slider("Moved pixels (%)", 0, 100, key="moved", width=240, persist_state="session")


def chosen_permutation(values: dict) -> PermutationSpec:
    """The permutation that the controls' values mean."""
    kind = values["shuffle"]
    amount = {"blocks": values["block"], "share": values["moved"]}.get(kind, 0)
    return PermutationSpec(kind, amount, 0 if kind == "identity" else values["shuffle_seed"])


def permutation_words(spec: PermutationSpec) -> str:
    """What `spec` does to a 28x28 image, as a sentence."""
    if spec.is_identity:
        return "Nothing moves: permuted and original images are the same."
    what = {"blocks": f"Blocks of {spec.amount}x{spec.amount} pixels change places",
            "share": f"{spec.amount} % of the pixels change places"}.get(spec.kind, KINDS[spec.kind].capitalize())
    kept = neighbours_kept(permutation_array(spec), SIDE, SIDE)
    words = f"{what}, for every image in the same way. {percent_text(kept, 0)} of the pairs of touching pixels still touch."
    return words + (" This is the permutation of the shipped networks." if spec == SHIPPED_PERMUTATION else "")


def permutation_array(spec: PermutationSpec) -> np.ndarray:
    """The permutation of 28x28 images."""
    return make_permutation(spec, SIDE, SIDE)
