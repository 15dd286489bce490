"""New images on demand, and beside each the most similar one that the network learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.measures.fidelity import nearest
from lib.runs import run_home
from lib.ui.cats.latent import features_of, fitted_latents, training_pool, usual_distance
from lib.ui.cats.networks import KINDS, Network, finished_words, generator, generators_loaded, strip_html
from lib.ui.fragments import fragment
from lib.ui.widgets.layout import side_by_side
from lib.ui.words import as_text

COUNT = 12
_COLUMNS = 6


def samples_panel(chosen: Mapping[str, Network | None]) -> None:
    """A button that draws new images, the spread of their latent codes, and the nearest training image of each."""
    fragment(_invent)(chosen)


def _invent(chosen: Mapping[str, Network | None]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button(f"Draw {COUNT} new ones", icon=":material/casino:", type="primary", key="cats_draw"):
            st.session_state["cats_draw_seed"] = st.session_state.get("cats_draw_seed", 0) + 1
        spread = st.slider("Spread of the latent codes", 0.2, 1.4, 1.0, 0.1, key="cats_spread", width=240,
                           persist_state="session",
                           help="1 is what the networks trained with. Below 1 the images are more typical, less varied.")
    with st.container(horizontal=True):
        compare = st.toggle("Nearest training image below each", key="cats_nearest", persist_state="session")
        fitted = st.toggle("VAE: latent codes where its training images lie", True, key="cats_fitted",
                           persist_state="session",
                           help="From a mixture of Gaussians fitted to their latent codes after training (Ghosh 2020), "
                                "instead of the standard one that training only pulls them towards.")
    if not generators_loaded(chosen):
        return
    seed = st.session_state.get("cats_draw_seed", 0)
    for (task, network), place in zip(chosen.items(), side_by_side("cats_invent"), strict=True):
        if network is not None:
            with place:
                _samples(task, network, _Request(seed, spread, compare, fitted and network.has_encoder))


@dataclass(frozen=True)
class _Request:
    """What is to be drawn."""

    seed: int
    spread: float
    compare: bool
    fitted: bool


def _latents(network: Network, latent_size: int, request: _Request) -> np.ndarray:
    rng = np.random.default_rng([request.seed, 13])
    if not request.fitted:
        return request.spread * rng.standard_normal((COUNT, latent_size))
    middle, latents = fitted_latents(network, latent_size, rng, COUNT)
    return middle + request.spread * (latents - middle)


def _samples(task: str, network: Network, request: _Request) -> None:
    try:
        with st.spinner("Drawing"):
            opened = generator(network)
            samples = opened.draw(_latents(network, opened.latent_size, request))
        st.markdown(f"**{as_text(network.title)}**")
        st.caption(finished_words(network))
        if request.compare and datasets.available(network.spec.data.dataset, home=run_home()):
            _with_nearest(task, network, samples)
            return
        st.html(strip_html(samples, f"{COUNT} new images of the {KINDS[task]}", _COLUMNS))
        if request.compare:
            st.caption("The training images are not on this machine, so the nearest ones cannot be shown.")
    except LabError as error:
        st.info(as_text(error), icon=":material/info:")


def _with_nearest(task: str, network: Network, samples: np.ndarray) -> None:
    with st.spinner("Looking through the training images"):
        pool, pool_features, kind = training_pool(network.spec.data)
        index, distance = nearest(features_of(samples, kind), pool_features)
        usual = usual_distance(network.spec.data)
    for start in range(0, COUNT, _COLUMNS):
        part = slice(start, start + _COLUMNS)
        pairs = np.concatenate([samples[part], pool[index[part]]])
        st.html(strip_html(pairs, f"New images of the {KINDS[task]} above their nearest training images", _COLUMNS))
    share = float(np.median(distance)) / usual
    st.caption(f"Top: new images. Bottom: the nearest of {len(pool):,} training images by {kind}. Their distance is "
               f"{share:.2f} times that of an unseen real image from its nearest: near 1 means no copies, near 0 copies.")
