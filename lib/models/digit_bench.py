"""The shipped networks of the denoising and generating pages, ready to predict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import CheckpointError, guarded
from lib.catalog.digits import CLASSIFIERS, REPORT_CLASSIFIER
from lib.measures.corruptions import median_filter
from lib.measures.reliability import Detector, logarithms, tempered
from lib.models.build import build_model
from lib.models.checkpoints import load_weights, manifest_entry, shipped_model
from lib.models.files import load_model
from lib.models.networks.autoencoders import Autoencoder, build_autoencoder, to_bytes
from lib.models.program import compiled
from lib.models.runtime import prepare
from lib.models.tasks.classify import to_unit_range
from lib.models.tasks.conditional import build_conditional_decoder
from lib.spec.memory_need import EVALUATION_BATCH
from lib.spec.settings import CvaeSettings, ReverseSettings
from lib.spec.specs import RunSpec, run_from_dict


class FeatureClassifier:
    """A trained classifier that also says what it sees in an image, and whether it is one of its classes at all."""

    def __init__(self, model: Any, temperature: float = 1.0, detector: Detector | None = None) -> None:
        import keras

        self.model, self.temperature, self.detector = model, temperature, detector
        before = next(layer for layer in model.layers if "flatten" in layer.name)
        last = model.layers[-1]
        body = keras.Model(model.inputs[0], [model.outputs[0], before.input, last.input])

        def outputs(images: Any) -> tuple[Any, Any, Any]:
            probabilities, maps, units = body(to_unit_range(images), training=False)
            logits = keras.ops.matmul(units, last.kernel) + last.bias
            return probabilities, keras.ops.mean(maps, axis=(1, 2)), logits

        self._predict = compiled(outputs, model.variables)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes), calibrated, of uint8 images (N, H, W, C)."""
        return self.read(images)[0]

    def read(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (N, classes), and whether each image is taken for one of the classes at all, bool (N,)."""
        probabilities, features, logits = self.outputs(images)
        known = np.ones(len(images), bool)
        if self.detector is not None:
            known = self.detector.scores(features, logits) >= self.detector.least
        return tempered(logarithms(probabilities), self.temperature).astype(np.float32), known

    def features(self, images: np.ndarray) -> np.ndarray:
        """What the last convolution found, averaged over the image: float32 (N, filters)."""
        return self.outputs(images)[1]

    def outputs(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probabilities as the network gives them, features, and the outputs before the softmax (N, classes)."""
        starts = range(0, len(images), EVALUATION_BATCH)
        parts = [self._predict(np.ascontiguousarray(images[s : s + EVALUATION_BATCH])) for s in starts]
        probabilities, features, logits = (np.concatenate(column) for column in zip(*parts, strict=True))
        return probabilities, features, logits


class Decoder:
    """A trained decoder: latent codes and labels in, images out."""

    def __init__(self, model: Any, latent_size: int, classes: int) -> None:
        self.latent_size, self.classes = latent_size, classes
        eye = np.eye(classes, dtype=np.float32)
        draw = compiled(lambda latents, labels: model([latents, labels], training=False), model.variables)
        self.draw: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda latents, labels: to_bytes(
            draw(np.asarray(latents, np.float32), eye[np.asarray(labels)]))


def shipped_classifier(name: str) -> FeatureClassifier:
    """The shipped classifier called `name` in the manifest, calibrated and with a detector where its entry has them."""
    prepare()
    model = shipped_model(name, lambda spec, shape: build_model(spec.architecture, shape, 0))
    known = manifest_entry(name).get("calibration", {})
    detector = _detector(known["detector"], known["least"]) if "detector" in known else None
    return FeatureClassifier(model, known.get("temperature", 1.0), detector)


def _detector(name: str, least: float) -> Detector:
    """The detector whose weights are the checkpoint called `name`."""
    weights, bias = load_weights(name, [(manifest_entry(name)["inputs"],), (1,)])
    return Detector(weights, float(bias[0]), least)


def digit_classifier(data: str) -> FeatureClassifier:
    """The classifier that reads images of `data`."""
    return shipped_classifier(CLASSIFIERS[data])


def report_classifier() -> FeatureClassifier:
    """Report 004's best classifier (B4), which learned MNIST as it is."""
    return shipped_classifier(REPORT_CLASSIFIER)


def autoencoder(name: str) -> Autoencoder:
    """The shipped image-to-image network called `name` in the manifest."""
    prepare()
    return Autoencoder(shipped_model(name, lambda spec, shape: build_autoencoder(spec.architecture, shape, 0)))


def decoder(name: str) -> Decoder:
    """The shipped decoder called `name` in the manifest."""
    prepare()
    size = latent_size(run_from_dict(manifest_entry(name)["spec"]))
    return Decoder(shipped_model(name, lambda spec, shape: build_conditional_decoder(spec, size, 10, shape)), size, 10)


def latent_size(spec: RunSpec) -> int:
    """The latent size of a conditional VAE or a reversed network."""
    settings = spec.own_settings
    if not isinstance(settings, CvaeSettings | ReverseSettings):
        raise CheckpointError("This network has no latent codes to choose from.", received=spec.task,
                              expected="a conditional VAE or a reversed network")
    return settings.latent_size


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
