"""Why an MLP cannot care about the order of its pixels, shown on the shipped network."""

from __future__ import annotations

import streamlit as st

from lib.base.percent import percent_text
from lib.spec.permutations import PermutationSpec
from lib.ui.permuted.bench import networks_loaded, shipped
from lib.ui.permuted.controls import permutation_array
from lib.ui.permuted.images import examples
from lib.ui.widgets.layout import figures

_TEXT = """
A unit of an MLP's first layer multiplies every pixel with a weight of its own and adds up the products. A sum does not
depend on the order of its terms. So take a trained MLP, permute the **rows of its first weight matrix** the same way as
the pixels, and each pixel meets its old weight again: this is a network that answers on permuted images exactly as the
first one did on original images. For every MLP that can be learned on original pixels there is one, equally good, on
permuted pixels, and since its random first weights are as likely in one order as in another, training finds the one as
easily as the other.

A CNN has no such twin. Its filters go over all places with the *same* few weights and combine only neighbours; there is no
row of weights for each pixel that could move with it. After a permutation the neighbours of a pixel are strangers, and
pooling, which keeps the largest of a few neighbours and forgets where it was, throws away what the later dense layers
would need. How much it still learns is a matter of measurement: see "What we measured".
"""


def theory_panel(data: str, spec: PermutationSpec) -> None:
    """The argument, and its proof by doing."""
    from lib.models.permuted_bench import check_rewiring

    st.markdown(_TEXT)
    if not networks_loaded(data):
        return
    networks = shipped(data)
    images, _ = examples(data)
    proof = check_rewiring(networks["mlp_original"], networks["cnn_original"], permutation_array(spec), images)
    st.markdown(f"**Done just now** with the shipped MLP, the permutation chosen above and {proof.images} test images:")
    with figures():
        st.metric("Same answer, rows permuted", percent_text(proof.same), width="content")
        st.metric("Same answer, not rewired", percent_text(proof.same_unprepared), width="content")
        st.metric("Same answer, CNN", percent_text(proof.same_cnn), help="There is nothing to rewire.", width="content")
        st.metric("Largest difference", f"{proof.largest:.1e}", help="Of any probability, as the network computes it.",
                  width="content")
    if proof.exact == 0:
        exact = "the outputs are **equal to the last bit**"
    else:
        exact = f"the largest difference of an output is {proof.exact:.1e}"
    st.caption(
        f"The largest difference is that of 32-bit numbers: {proof.largest:.1e} of a probability, because rounded numbers "
        f"added in another order round differently. In 64 bits, where the first layer's sums have no rounding at all, "
        f"{exact}."
    )
