"""The shipped networks of the denoising and generating pages, ready to predict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import CheckpointError, guarded
from lib.catalog.digits import CLASSIFIERS, REPORT_CLASSIFIER
from lib.measures.corruptions import median_filter
from lib.models.build import build_model
from lib.models.checkpoints import load_weights, manifest_entry
from lib.models.files import load_model
from lib.models.networks.autoencoders import Autoencoder, build_autoencoder, to_bytes
from lib.models.program import compiled
from lib.models.runtime import prepare
from lib.models.tasks.classify import EVALUATION_BATCH, to_unit_range
from lib.models.tasks.conditional import build_conditional_decoder
from lib.spec.settings import CvaeSettings, ReverseSettings
from lib.spec.specs import RunSpec, run_from_dict


class FeatureClassifier:
    """A trained classifier that also says what it sees in an image."""

    def __init__(self, model: Any) -> None:
        import keras

        self.model = model
        before = next(layer for layer in model.layers if "flatten" in layer.name)
        body = keras.Model(model.inputs[0], [model.outputs[0], before.input])
        self._predict = compiled(lambda images: body(to_unit_range(images), training=False), model.variables)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) of uint8 images (N, H, W, C)."""
        return self._both(images)[0]

    def features(self, images: np.ndarray) -> np.ndarray:
        """What the last convolution found, averaged over the image: float32 (N, filters)."""
        return self._both(images)[1]

    def _both(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = []
        for start in range(0, len(images), EVALUATION_BATCH):
            outputs, maps = self._predict(np.ascontiguousarray(images[start : start + EVALUATION_BATCH]))
            parts.append((outputs, maps.mean(axis=(1, 2))))
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


class Decoder:
    """A trained decoder: latent codes and labels in, images out."""

    def __init__(self, model: Any, latent_size: int, classes: int) -> None:
        self.latent_size, self.classes = latent_size, classes
        eye = np.eye(classes, dtype=np.float32)
        draw = compiled(lambda latents, labels: model([latents, labels], training=False), model.variables)
        self.draw: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda latents, labels: to_bytes(
            draw(np.asarray(latents, np.float32), eye[np.asarray(labels)]))


def filled(name: str, build: Callable[[RunSpec, tuple[int, ...]], Any]) -> Any:
    """The model that `build` makes of the spec and the image shape of a shipped network, with its weights."""
    entry = manifest_entry(name)
    model = build(run_from_dict(entry["spec"]), tuple(entry["image_shape"]))
    model.set_weights(load_weights(name, [tuple(weight.shape) for weight in model.weights]))
    return model


def digit_classifier(data: str) -> FeatureClassifier:
    """The classifier that reads images of `data`."""
    prepare()
    return FeatureClassifier(filled(CLASSIFIERS[data], lambda spec, shape: build_model(spec.architecture, shape, 0)))


def report_classifier() -> FeatureClassifier:
    """Report 004's best classifier (B4), which learned MNIST as it is."""
    prepare()
    return FeatureClassifier(filled(REPORT_CLASSIFIER, lambda spec, shape: build_model(spec.architecture, shape, 0)))


def autoencoder(name: str) -> Autoencoder:
    """The shipped image-to-image network called `name` in the manifest."""
    prepare()
    return Autoencoder(filled(name, lambda spec, shape: build_autoencoder(spec.architecture, shape, 0)))


_DECODERS: dict[str, type[CvaeSettings] | type[ReverseSettings]] = {"cvae": CvaeSettings, "reverse": ReverseSettings}


def decoder(name: str) -> Decoder:
    """The shipped decoder called `name` in the manifest."""
    prepare()
    size = latent_size(run_from_dict(manifest_entry(name)["spec"]))
    return Decoder(filled(name, lambda spec, shape: build_conditional_decoder(spec, size, 10, shape)), size, 10)


def latent_size(spec: RunSpec) -> int:
    """The latent size of a conditional VAE or a reversed network."""
    return spec.options(_DECODERS[spec.task]).latent_size


def cleaners(data: str) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Every way of cleaning images of `data` by its key in `METHODS`: uint8 (N, H, W, C) to the same."""
    dense, conv = autoencoder(f"digits/{data}_dense"), autoencoder(f"digits/{data}_conv")
    return {
        "nothing": lambda images: images,
        "median3": lambda images: median_filter(images, 3),
        "median5": lambda images: median_filter(images, 5),
        "dense": in_batches(dense.denoise),
        "conv": in_batches(conv.denoise),
    }


def in_batches(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """`function` of many images, a few hundred at a time."""
    def call(images: np.ndarray) -> np.ndarray:
        starts = range(0, len(images), EVALUATION_BATCH)
        return np.concatenate([function(np.ascontiguousarray(images[s : s + EVALUATION_BATCH])) for s in starts])

    return call


def own_denoiser(folder: Path) -> Autoencoder:
    """The image-to-image network of a run that ended."""
    prepare()
    model = load_model(folder / "model.keras")
    with guarded("The run's model is no denoiser.", CheckpointError, remedy="Train it again."):
        return Autoencoder(model)
