"""The tasks "reverse" and "cvae": networks that turn a label and random numbers into an image."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.datasets.dataset import Dataset
from lib.models.build import layer_seeds, make_layer
from lib.models.networks.autoencoders import to_bytes
from lib.models.optimizers import make_optimizer
from lib.models.program import Update, compiled
from lib.models.tasks.base import TrainingTask
from lib.models.tasks.classify import evaluation_batches, to_unit_range
from lib.spec.settings import CvaeSettings, ReverseSettings
from lib.spec.specs import DenseSpec, RunSpec

#: Images of each class that are kept of an epoch.
SHOWN_PER_CLASS = 6


class ConditionalGenerator(TrainingTask):
    """What both tasks share: a decoder from random inputs and a label to an image, and how it is shown.

    A subclass builds `encoder` (or none), says in `_loss` what its loss is, and calls `_finish` at the end.
    """

    encoder: Any = None

    def __init__(self, spec: RunSpec, dataset: Dataset, latent_size: int) -> None:
        import keras

        self.spec, self.dataset, self.latent_size = spec, dataset, latent_size
        self.classes, self.image_shape = dataset.info.classes, dataset.info.image_shape
        self.seeds = keras.random.SeedGenerator(spec.seed)
        self.decoder = build_conditional_decoder(spec, latent_size, self.classes, self.image_shape)
        self.model = self.decoder
        self.data = (dataset.x_train, dataset.y_train)

    def _finish(self) -> None:
        self.optimizer = make_optimizer(self.spec.train)
        self.updates = [Update(self._loss, self.model.trainable_variables, self.optimizer)]
        self._measure = compiled(lambda images, labels: self._loss(images, labels)[0], self.state)
        self._draw = compiled(
            lambda latents, labels: self.decoder([latents, self._one_hot(labels)], training=False), self.decoder.variables)

    @property
    def state(self) -> list[Any]:
        """All variables of the networks, and those that the random inputs are drawn from."""
        return [*self.model.variables, self.seeds.state]

    def _one_hot(self, labels: Any) -> Any:
        from keras import ops

        return ops.one_hot(labels, self.classes)

    def _loss(self, images: Any, labels: Any) -> tuple[Any, dict[str, Any]]:
        raise NotImplementedError

    def _normal(self, *shape: Any) -> Any:
        import keras

        return keras.random.normal(shape, seed=self.seeds)

    def _mean_loss(self, x: np.ndarray, y: np.ndarray, should_continue: Callable[[], bool]) -> tuple[float, int]:
        losses, counts = [], []
        for batch in evaluation_batches(len(x), should_continue):
            losses.append(float(self._measure(x[batch], y[batch])))
            counts.append(len(y[batch]))
        return float(np.average(losses, weights=counts)), sum(counts)

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """The loss on the validation split."""
        x, y = self.dataset.x_validation, self.dataset.y_validation
        if not len(x):
            return {}
        # The draws of a validation must not move the state that training draws from.
        kept = np.array(self.seeds.state)
        loss, count = self._mean_loss(x, y, should_continue)
        self.seeds.state.assign(kept)
        return {"val_loss": loss} if count == len(x) else {}

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """The loss on as many test images as `seconds` allow."""
        x, y = self.dataset.x_test, self.dataset.y_test
        if not len(x):
            return {}
        deadline = time.monotonic() + seconds
        loss, count = self._mean_loss(x, y, lambda: time.monotonic() < deadline)
        return {"test_loss": loss, "test_images": float(count)}

    def kept_images(self) -> dict[str, np.ndarray]:
        """Images of every class from the same random inputs after every epoch, uint8 (N, H, W, C), class by class."""
        labels = np.repeat(np.arange(self.classes, dtype=np.int32), SHOWN_PER_CLASS)
        latents = np.random.default_rng(self.spec.seed).standard_normal((SHOWN_PER_CLASS, self.latent_size), np.float32)
        return {"samples": to_bytes(self._draw(np.tile(latents, (self.classes, 1)), labels))}


class ReversedNetwork(ConditionalGenerator):
    """System E7, proposed in report 004: label and random inputs in, image out.

    Settings: `latent_size`, how many random numbers; `tries`, 1 as proposed. The squared error to a random image of the
    label is least for the label's mean image, so with one try the random inputs come to nothing. With more, each
    training image teaches only the closest of several tries, and different inputs learn different images: implicit
    maximum likelihood estimation, Li and Malik, arXiv:1809.09087, 2018.
    """

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        super().__init__(spec, dataset, spec.options(ReverseSettings).latent_size)
        self.tries = spec.options(ReverseSettings).tries
        self._finish()

    def _loss(self, images: Any, labels: Any) -> tuple[Any, dict[str, Any]]:
        from keras import ops

        clean, count = to_unit_range(images), ops.shape(images)[0]
        latents = self._normal(count * self.tries, self.latent_size)
        drawn = self.decoder([latents, ops.repeat(self._one_hot(labels), self.tries, axis=0)], training=True)
        tries = ops.reshape(drawn, (count, self.tries, *self.image_shape))
        errors = ops.mean((tries - clean[:, None]) ** 2, axis=(2, 3, 4))
        loss = ops.mean(ops.min(errors, axis=1))
        return loss, {"loss": loss}


class ConditionalVae(ConditionalGenerator):
    """A variational autoencoder that is told the label: Kingma and Welling, arXiv:1312.6114, 2013, and Sohn, Lee and
    Yan, "Learning structured output representation using deep conditional generative models", NeurIPS 2015.

    Setting: `latent_size`. The loss is the negative evidence lower bound in nats per image.
    """

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        super().__init__(spec, dataset, spec.options(CvaeSettings).latent_size)
        self.encoder = build_conditional_encoder(spec, self.latent_size, self.classes, self.image_shape)
        self.model = _joined(self.encoder, self.decoder)
        self._finish()
        self._latents = compiled(
            lambda images, labels: self.encoder([to_unit_range(images), self._one_hot(labels)], training=False)[0],
            self.encoder.variables)

    def _loss(self, images: Any, labels: Any) -> tuple[Any, dict[str, Any]]:
        import keras
        from keras import ops

        clean, label = to_unit_range(images), self._one_hot(labels)
        mean, log_variance = self.encoder([clean, label], training=True)
        latents = mean + ops.exp(0.5 * log_variance) * self._normal(ops.shape(images)[0], self.latent_size)
        drawn = self.decoder([latents, label], training=True)
        pixels = int(np.prod(self.image_shape))
        restored = pixels * ops.mean(keras.losses.binary_crossentropy(clean, drawn))
        divergence = 0.5 * ops.mean(ops.sum(mean**2 + ops.exp(log_variance) - 1.0 - log_variance, axis=1))
        return restored + divergence, {"loss": restored + divergence, "divergence": divergence}

    def kept_images(self) -> dict[str, np.ndarray]:
        """Samples as of every conditional generator, and reconstructions of validation images."""
        x, y = self.dataset.x_validation[:10], self.dataset.y_validation[:10]
        shown = super().kept_images()
        if len(x):
            shown |= {"clean": x, "restored": to_bytes(self._draw(self._latents(x, y), y))}
        return shown


def _joined(encoder: Any, decoder: Any) -> Any:
    """Images and labels through both: the images of their latent means, and the logarithms of their variances."""
    import keras

    image, label = encoder.inputs
    mean, log_variance = encoder.outputs
    return keras.Model([image, label], [decoder([mean, label]), log_variance], name="conditional_vae")


def build_conditional_vae(spec: RunSpec, image_shape: tuple[int, ...], classes: int) -> Any:
    """The network that a conditional VAE's run keeps, untrained."""
    size = spec.options(CvaeSettings).latent_size
    decoder = build_conditional_decoder(spec, size, classes, image_shape)
    return _joined(build_conditional_encoder(spec, size, classes, image_shape), decoder)


def build_conditional_decoder(spec: RunSpec, latent_size: int, classes: int, image_shape: tuple[int, ...]) -> Any:
    """Latent codes (N, latent size) and one-hot labels (N, classes) to images in 0-1; the stack's layers reversed."""
    import keras

    latent_code, label = keras.Input((latent_size,), name="code"), keras.Input((classes,), name="label")
    x = keras.layers.Concatenate()([latent_code, label])
    layers = (*reversed(spec.architecture.layers), DenseSpec(int(np.prod(image_shape)), "sigmoid"))
    names = [*(f"decode{number}" for number in range(len(layers) - 1)), "pixels"]
    for layer, seed, name in zip(layers, layer_seeds(len(layers), spec.seed, 1), names, strict=True):
        x = make_layer(layer, seed, name)(x)
    return keras.Model([latent_code, label], keras.layers.Reshape(image_shape, name="picture")(x), name="decoder")


def build_conditional_encoder(spec: RunSpec, latent_size: int, classes: int, image_shape: tuple[int, ...]) -> Any:
    """Images in 0-1 and one-hot labels to means and logarithms of variances, each (N, latent size)."""
    import keras

    image, label = keras.Input(image_shape, name="image"), keras.Input((classes,), name="label")
    x = keras.layers.Concatenate()([keras.layers.Flatten()(image), label])
    *seeds, mean_seed, variance_seed = layer_seeds(len(spec.architecture.layers) + 2, spec.seed, 0)
    for number, (layer, seed) in enumerate(zip(spec.architecture.layers, seeds, strict=True)):
        x = make_layer(layer, seed, f"encode{number}")(x)
    mean = make_layer(DenseSpec(latent_size, "linear"), mean_seed, "mean")(x)
    log_variance = make_layer(DenseSpec(latent_size, "linear"), variance_seed, "log_variance")(x)
    return keras.Model([image, label], [mean, log_variance], name="encoder")
