"""The task "contrast" (SimCLR): features of images without labels, for the report card of generative models.

T. Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML 2020 (SimCLR): two
random views of an image should have similar features, views of different images different ones. The network
belongs to neither the GAN nor the VAE, so it favours none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.datasets.dataset import Dataset
from lib.models.build import layer_seeds
from lib.models.networks.augment import mirror, move, recolour
from lib.models.networks.generative import LayerSeeds, convolution_features
from lib.models.optimizers import make_optimizer
from lib.models.program import Update, compiled
from lib.models.tasks.base import TrainingTask
from lib.models.tasks.classify import evaluation_batches, to_unit_range
from lib.spec.settings import SimClrSettings
from lib.spec.specs import RunSpec
from lib.spec.summary import Shape

_PROJECTION = 32


def build_features(spec: RunSpec, shape: Shape) -> Any:
    """Images (N, H, W, C) in 0-1 to features (N, features)."""
    import keras

    seeds, settings = LayerSeeds(spec.seed, 4), spec.options(SimClrSettings)
    image = keras.Input(shape, name="image")
    x = convolution_features(spec, image, seeds, 0.1, normalise=True, spectral=settings.spectral_norm)
    start = keras.initializers.GlorotUniform(seed=next(seeds))
    features = keras.layers.Dense(settings.features, kernel_initializer=start)(x)
    return keras.Model(image, features, name="features")


class SimClr(TrainingTask):
    """A feature network with a small head that is thrown away after training."""

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        import keras

        self.spec, self.dataset, self.settings = spec, dataset, spec.options(SimClrSettings)
        self.model = build_features(spec, dataset.info.image_shape)
        start = [keras.initializers.GlorotUniform(seed=seed) for seed in layer_seeds(2, spec.seed, 1)]
        width = self.settings.features
        self.head = keras.Sequential([
            keras.Input((width,)), keras.layers.ReLU(), keras.layers.Dense(width, "relu", kernel_initializer=start[0]),
            keras.layers.Dense(_PROJECTION, kernel_initializer=start[1]),
        ])
        self.seed = keras.random.SeedGenerator(spec.seed)
        self.optimizer = make_optimizer(spec.train)
        trainable = [*self.model.trainable_variables, *self.head.trainable_variables]
        self.updates = [Update(self._loss, trainable, self.optimizer)]
        self.data = (dataset.x_train,)
        self._features = compiled(lambda x: self.model(to_unit_range(x), training=False), self.model.variables)

    @property
    def networks(self) -> list[Any]:
        """The feature network and its head."""
        return [self.model, self.head]

    @property
    def state(self) -> list[Any]:
        """All variables and the random state."""
        return [*self.model.variables, *self.head.variables, self.seed.state]

    def _view(self, images: Any) -> Any:
        shift = max(1, self.dataset.info.image_shape[0] // 8)
        return move(recolour(mirror(images, self.seed), self.seed, 0.3), self.seed, shift)

    def _loss(self, images: Any) -> tuple[Any, dict[str, Any]]:
        import keras
        from keras import ops

        x = to_unit_range(images)
        ends = [self.head(self.model(self._view(x), training=True)) for _ in range(2)]
        a, b = (end / (ops.norm(end, axis=1, keepdims=True) + 1e-6) for end in ends)
        likeness = ops.matmul(a, ops.transpose(b)) / self.settings.temperature
        own = ops.arange(ops.shape(images)[0])
        entropy = keras.losses.sparse_categorical_crossentropy
        both = (entropy(own, table, from_logits=True) for table in (likeness, ops.transpose(likeness)))
        loss = ops.mean(sum(both)) / 2
        hit = ops.equal(ops.cast(ops.argmax(likeness, axis=1), "int32"), ops.cast(own, "int32"))
        return loss, {"loss": loss, "accuracy": ops.mean(ops.cast(hit, "float32"))}

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features (N, features) float32 of uint8 images."""
        return np.concatenate([self._features(images[batch]) for batch in evaluation_batches(len(images))])

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Nothing: the loss depends on the batch, so a validation figure would not compare."""
        return {}

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """Nothing either."""
        return {}
