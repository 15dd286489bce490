"""The training images of a network: their features, and where a VAE puts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import CheckpointError, DataError
from lib.measures.fidelity import LatentShape, latent_shape, nearest
from lib.measures.latent_mixture import LatentMixture, fit_mixture
from lib.runs import run_home
from lib.spec.specs import DataSpec
from lib.ui.cats.networks import Network, feature_network, generator

#: An own network's mixture has at most so many Gaussians, each with so many latent codes or more.
_OWN_COMPONENTS, _CODES_EACH = 10, 500


def features_of(images: np.ndarray, kind: str) -> np.ndarray:
    """Features (N, D) of uint8 images: the lab's own, or the pixels."""
    if kind == "our features":
        return feature_network().features(images)
    return images.reshape(len(images), -1).astype(np.float32) / 255.0


def training_pool(data: DataSpec) -> tuple[np.ndarray, np.ndarray, str]:
    """Training images, their features, and which features those are; kept for all sessions."""
    dataset = datasets.load(data, home=run_home())
    images = dataset.x_train[:10_000]
    kind = "our features" if data.dataset == "cats" else "pixels"
    return images, _pool_features(data, kind, len(images)), kind


@st.cache_resource(max_entries=2, show_spinner=False)
def _pool_features(data: DataSpec, kind: str, count: int) -> np.ndarray:
    return features_of(datasets.load(data, home=run_home()).x_train[:count], kind)


@st.cache_resource(max_entries=4, show_spinner=False)
def usual_distance(data: DataSpec) -> float:
    """Median distance of unseen real images from their nearest training image."""
    _, pool, kind = training_pool(data)
    unseen: Any = datasets.load(data, home=run_home()).x_test[:300]
    return max(float(np.median(nearest(features_of(unseen, kind), pool)[1])), 1e-9)


def directions_of(network: Network) -> LatentShape:
    """The VAE's principal latent directions: shipped, or from the images of its own training set."""
    if network.is_shipped:
        from lib.models.networks.generators import shipped_latent

        return shipped_latent(f"cats/{network.name}")
    return _own_directions(network.key, len(network.epochs), network)


def mixture_of(network: Network) -> LatentMixture:
    """The mixture of Gaussians fitted to a VAE's latent codes: shipped, or of the images of its own training set."""
    if network.is_shipped:
        from lib.models.networks.generators import shipped_mixture

        return shipped_mixture(f"cats/{network.name}")
    codes = _own_codes(network.key, len(network.epochs), network)
    return _own_mixture(network.key, len(network.epochs), codes)


@st.cache_resource(max_entries=4, show_spinner=False)
def _own_codes(key: str, epochs: int, _network: Network) -> np.ndarray:
    images = datasets.load(_network.spec.data, home=run_home()).x_train
    if len(images) < 2:
        raise CheckpointError("Too few images to find directions.", remedy="Train on more.")
    return generator(_network).encode(images[:5000])


@st.cache_resource(max_entries=4, show_spinner=False)
def _own_directions(key: str, epochs: int, _network: Network) -> LatentShape:
    return latent_shape(_own_codes(key, epochs, _network))


@st.cache_resource(max_entries=4, show_spinner=False)
def _own_mixture(key: str, epochs: int, _codes: np.ndarray) -> LatentMixture:
    return fit_mixture(_codes, [max(1, min(_OWN_COMPONENTS, len(_codes) // _CODES_EACH))])[0]


def fitted_latents(
    network: Network, latent_size: int, rng: np.random.Generator, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """(middle, latents): random latent codes (count, latent size) from where a VAE's training images lie.

    Those of a GAN, and of a VAE whose images are not on this machine, come from the standard Gaussian around 0.
    """
    if network.has_encoder:
        try:
            return directions_of(network).mean, mixture_of(network).draw(count, rng)
        except DataError:
            pass
    return np.zeros(latent_size), rng.standard_normal((count, latent_size))
