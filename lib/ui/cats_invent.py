"""New pictures on demand, and beside each the most similar one that the network learned from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.core.errors import LabError
from lib.core.fidelity import nearest
from lib.core.specs import DataSpec
from lib.ui.cats_networks import KINDS, Network, drawer, feature_network, strip_html
from lib.ui.resources import run_home

COUNT = 12
_COLUMNS = 6
_SESSION = {"persist_state": "session"}


def invent_panel(chosen: Mapping[str, Network | None]) -> None:
    """A button that draws new pictures, the spread of their points, and the nearest training picture of each."""
    st.fragment(_invent)(chosen)


def _invent(chosen: Mapping[str, Network | None]) -> None:
    button, spread_place, toggle = st.columns([2, 3, 3], vertical_alignment="bottom")
    if button.button(f"Draw {COUNT} new ones", icon=":material/casino:", type="primary", key="cats_draw", width="stretch"):
        st.session_state["cats_draw_seed"] = st.session_state.get("cats_draw_seed", 0) + 1
    spread = spread_place.slider(
        "Spread of the points", 0.2, 1.4, 1.0, 0.1, key="cats_spread", **_SESSION,
        help="1 is what the networks trained with. Below 1 the pictures are more typical and less varied.")
    compare = toggle.toggle("Nearest training picture below each", key="cats_nearest", **_SESSION)
    seed = st.session_state.get("cats_draw_seed", 0)
    for (task, network), place in zip(chosen.items(), st.columns(2, gap="large"), strict=True):
        if network is not None:
            with place:
                _samples(task, network, seed, spread, compare)


def _samples(task: str, network: Network, seed: int, spread: float, compare: bool) -> None:
    try:
        with st.spinner("Drawing"):
            opened = drawer(network)
            points = spread * np.random.default_rng([seed, 13]).standard_normal((COUNT, opened.latent))
            samples = opened.draw(points)
        st.markdown(f"**{network.title}**")
        if compare and datasets.available(network.spec.data.dataset, home=run_home()):
            _with_nearest(task, network, samples)
            return
        st.html(strip_html(samples, f"{COUNT} new pictures of the {KINDS[task]}", _COLUMNS))
        if compare:
            st.caption("The training pictures are not on this machine, so the nearest ones cannot be shown.")
    except LabError as error:
        st.info(str(error), icon=":material/info:")


def _with_nearest(task: str, network: Network, samples: np.ndarray) -> None:
    with st.spinner("Looking through the training pictures"):
        pool, pool_features, kind = training_pool(network.spec.data)
        index, distance = nearest(_features(samples, kind), pool_features)
        usual = _usual_distance(network.spec.data)
    for start in range(0, COUNT, _COLUMNS):
        part = slice(start, start + _COLUMNS)
        pairs = np.concatenate([samples[part], pool[index[part]]])
        st.html(strip_html(pairs, f"New pictures of the {KINDS[task]} above their nearest training pictures", _COLUMNS))
    share = float(np.median(distance)) / usual
    st.caption(f"Above new, below the nearest of {len(pool):,} training pictures by {kind}. Their distance is {share:.2f} "
               "times that of an unseen real picture from its nearest: near 1 nothing is copied, near 0 it would be.")


def _features(images: np.ndarray, kind: str) -> np.ndarray:
    if kind == "our features":
        return feature_network().features(images)
    return images.reshape(len(images), -1).astype(np.float32) / 255.0


def training_pool(data: DataSpec) -> tuple[np.ndarray, np.ndarray, str]:
    """Training pictures, their features, and which features those are; kept for all sessions."""
    dataset = datasets.load(data, home=run_home())
    pictures = dataset.x_train[:10_000]
    kind = "our features" if data.dataset == "cats" else "pixels"
    return pictures, _pool_features(data, kind, len(pictures)), kind


@st.cache_resource(max_entries=2, show_spinner=False)
def _pool_features(data: DataSpec, kind: str, count: int) -> np.ndarray:
    return _features(datasets.load(data, home=run_home()).x_train[:count], kind)


@st.cache_resource(max_entries=4, show_spinner=False)
def _usual_distance(data: DataSpec) -> float:
    """Median distance of unseen real pictures from their nearest training picture."""
    _, pool, kind = training_pool(data)
    unseen: Any = datasets.load(data, home=run_home()).x_test[:300]
    return max(float(np.median(nearest(_features(unseen, kind), pool)[1])), 1e-9)
