"""Trained generators and VAEs, shipped or from a run, opened to draw; and the network whose features measure them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import CheckpointError, guarded
from lib.base.folders import CHECKPOINTS
from lib.measures.fidelity import LatentShape
from lib.measures.latent_mixture import LatentMixture
from lib.models.checkpoints import load_weights, manifest, manifest_entry
from lib.models.files import load_model
from lib.models.networks.generative import build_generator, build_vae, generative_settings, to_pixels
from lib.models.program import compiled
from lib.models.runtime import prepare
from lib.models.tasks.classify import to_unit_range
from lib.models.tasks.simclr import build_features
from lib.spec.specs import RunSpec, run_from_dict
from lib.spec.summary import Shape

#: Images in one pass: enough to be quick, few enough for little memory.
_BATCH = 250


class Generator:
    """A generator or decoder ready to draw; a VAE's encoder too. Weights do not change."""

    def __init__(self, spec: RunSpec, shape: Shape, weights: Sequence[np.ndarray]) -> None:
        self.spec, self.shape, self.latent_size = spec, tuple(shape), generative_settings(spec).latent_size
        encoder, generator, model = _built(spec, self.shape)
        _set_weights(model, weights)
        self._draw = compiled(lambda latents: generator(latents, training=False), model.variables)
        self._encode = encoder and compiled(
            lambda x: encoder(to_unit_range(x), training=False)[:, : self.latent_size], model.variables)

    def draw(self, latents: np.ndarray) -> np.ndarray:
        """Images uint8 (N, H, W, C) of latent codes (N, latent size)."""
        latents = np.asarray(latents, np.float32)
        return np.concatenate([to_pixels(self._draw(part)) for part in _parts(latents)])

    @property
    def has_encoder(self) -> bool:
        """Whether `encode` can be called."""
        return self._encode is not None

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Latent means (N, latent size) of uint8 images; a VAE only."""
        if self._encode is None:
            raise CheckpointError("A GAN has no encoder.", remedy="Ask a VAE.")
        return np.concatenate([self._encode(part) for part in _parts(images)])


def _parts(array: np.ndarray) -> list[np.ndarray]:
    return [array[start : start + _BATCH] for start in range(0, len(array), _BATCH)]


def _set_weights(model: Any, weights: Sequence[np.ndarray]) -> None:
    if [tuple(w.shape) for w in weights] != [tuple(v.shape) for v in model.weights]:
        raise CheckpointError("These weights belong to another network.", expected=f"{len(model.weights)} arrays",
                              received=f"{len(weights)} arrays or other shapes")
    model.set_weights(list(weights))


def _shipped(name: str, folder: Path) -> tuple[RunSpec, Shape, Any]:
    entry = manifest_entry(name, folder)
    return run_from_dict(entry["spec"]), tuple(entry["image_shape"]), entry


def _built(spec: RunSpec, shape: Shape) -> tuple[Any, Any, Any]:
    """Encoder (None for a GAN), generator or decoder, and the model whose weights are kept."""
    if generative_settings(spec).has_encoder:
        return build_vae(spec, shape)
    generator = build_generator(spec, shape)
    return None, generator, generator


def _shapes(spec: RunSpec, shape: Shape) -> list[tuple[int, ...]]:
    return [tuple(v.shape) for v in _built(spec, shape)[2].weights]


def open_shipped(name: str, folder: Path = CHECKPOINTS) -> Generator:
    """The shipped network `name` ("cats/gan_better"); raises CheckpointError when there is none."""
    prepare()
    spec, shape, _ = _shipped(name, folder)
    return Generator(spec, shape, load_weights(name, _shapes(spec, shape), folder))


def open_run(spec: RunSpec, shape: Shape, folder: Path) -> Generator:
    """The network of a run that has ended, from its folder; raises CheckpointError when it left none."""
    prepare()
    path = folder / "model.keras"
    if not path.exists():
        raise CheckpointError("This run left no network.", remedy="Resume it, or train another one.")
    model = load_model(path)
    with guarded("The run's model belongs to another network.", CheckpointError, remedy="Train it again."):
        return Generator(spec, shape, model.get_weights())


class FeatureNetwork:
    """The lab's own feature network (`lib.models.tasks.simclr`), for report cards and nearest images."""

    def __init__(self, folder: Path = CHECKPOINTS) -> None:
        prepare()
        spec, self.shape, self.entry = _shipped("cats/features", folder)
        model = build_features(spec, self.shape)
        _set_weights(model, load_weights("cats/features", [tuple(v.shape) for v in model.weights], folder))
        self._features = compiled(lambda x: model(to_unit_range(x), training=False), model.variables)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features (N, D) float32 of uint8 images (N, 64, 64, 3)."""
        return np.concatenate([self._features(part) for part in _parts(images)])


def real_features(folder: Path = CHECKPOINTS) -> np.ndarray:
    """Features (N, D) of the held-out real images, shipped so that a report card needs no data."""
    (features,) = load_weights("cats/reference", [tuple(manifest_entry("cats/reference", folder)["shape"])], folder)
    return features


def shipped_latent(name: str, folder: Path = CHECKPOINTS) -> LatentShape:
    """The principal latent directions of a shipped VAE."""
    size = _latent_entry(f"{name}_latent", folder)["latent"]
    return LatentShape(*load_weights(f"{name}_latent", [(size,), (size, size), (size,)], folder))


def shipped_mixture(name: str, folder: Path = CHECKPOINTS) -> LatentMixture:
    """The mixture fitted to the latent codes of a shipped VAE's training images."""
    entry = _latent_entry(f"{name}_mixture", folder)
    count, size = entry["components"], entry["latent"]
    return LatentMixture(*load_weights(f"{name}_mixture", [(count,), (count, size), (count, size, size)], folder))


def _latent_entry(name: str, folder: Path) -> dict[str, Any]:
    entry = manifest(folder).get(name)
    if entry is None:
        raise CheckpointError(f"There is no {name}.", remedy="Restore checkpoints/ from the repository.")
    return entry
