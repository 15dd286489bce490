"""The task "gan": a generator that generates images against a discriminator that tells them from real ones.

Two losses (`loss` in the settings):
"squared" - X. Mao et al., "Least Squares Generative Adversarial Networks", ICCV 2017; report 003's.
"hinge" - J. H. Lim and J. C. Ye, "Geometric GAN", 2017; T. Miyato et al. (see `lib.models.networks.spectral`) use it too.
The generator's moving average (`average`) is that of T. Karras et al., "Progressive Growing of GANs", ICLR 2018. Keras'
optimisers average too, but of trained weights alone, without a warm-up, and would swap the average in for the network.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.catalog.generative import FIXED_LATENTS
from lib.datasets.dataset import Dataset
from lib.measures.fidelity import diversity
from lib.models.networks.augment import augment
from lib.models.networks.generative import build_discriminator, build_generator, fixed_latents, to_pixels
from lib.models.networks.spectral import power_iterate
from lib.models.optimizers import optimizer_by_name
from lib.models.program import Update, compiled
from lib.models.tasks.base import TrainingTask
from lib.models.tasks.classify import to_unit_range
from lib.spec.settings import GanSettings
from lib.spec.specs import RunSpec

#: Adam forgets the last gradients quickly, since the other network moves the target (A. Radford et al., ICLR 2016).
BETA_1 = 0.5
#: As many images measure diversity and the discriminator after every epoch.
_MEASURED = 128


class Gan(TrainingTask):
    """Generator and discriminator, trained in turns on every batch; labels are not used.

    Metrics of a step: `loss` (the generator's), `discriminator_loss`, `real_accuracy` and `fake_accuracy` (the share of real
    and of generated images that the discriminator, before its update, told apart rightly).
    """

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        import keras

        settings = spec.options(GanSettings)
        self.spec, self.dataset, self.latent_size = spec, dataset, settings.latent_size
        shape = dataset.info.image_shape
        self.squared = settings.loss == "squared"
        self.shift = max(1, shape[0] // 16) if settings.augmentation else 0
        self.generator = build_generator(spec, shape)
        self.discriminator = build_discriminator(spec, shape)
        self.decay = settings.average
        self.model = build_generator(spec, shape) if self.decay else self.generator
        self.seed = keras.random.SeedGenerator(spec.seed)
        self.steps = keras.Variable(0.0, trainable=False, name="steps")
        train = spec.train
        options = {"beta_1": BETA_1} if train.optimizer == "adam" else {}
        faster = train.learning_rate * settings.discriminator_rate
        self.optimizer = optimizer_by_name(train.optimizer, train.learning_rate, **options)
        self.updates = [
            Update(self._discriminator_loss, self.discriminator.trainable_variables,
                   optimizer_by_name(train.optimizer, faster, **options)),
            Update(self._generator_loss, self.generator.trainable_variables, self.optimizer),
        ]
        self.data = (dataset.x_train,)
        self._draw = compiled(lambda latents: self.model(latents, training=False), self.model.variables)
        self._score = compiled(lambda images: self.discriminator(images, training=False), self.discriminator.variables)

    @property
    def networks(self) -> list[Any]:
        """Both networks and the generator's average."""
        return [self.generator, self.discriminator, self.model]

    def take_over(self, other: TrainingTask) -> None:
        """See `TrainingTask`; the average remembers as many steps."""
        super().take_over(other)
        if isinstance(other, Gan):
            self.steps.assign(other.steps)

    @property
    def state(self) -> list[Any]:
        """All variables of both networks, the average's, and the random state."""
        average = self.model.variables if self.decay else []
        return [*self.generator.variables, *self.discriminator.variables, *average, self.seed.state, self.steps]

    # --- losses

    def _latents(self, images: Any) -> Any:
        import keras

        return keras.random.normal((keras.ops.shape(images)[0], self.latent_size), seed=self.seed)

    def _seen(self, images: Any) -> Any:
        return augment(images, self.seed, self.shift) if self.shift else images

    def _discriminator_loss(self, images: Any) -> tuple[Any, dict[str, Any]]:
        from keras import ops

        self._follow()
        power_iterate(self.discriminator)
        fake = ops.stop_gradient(self.generator(self._latents(images), training=True))
        on_real = self.discriminator(self._seen(to_unit_range(images)), training=True)
        on_fake = self.discriminator(self._seen(fake), training=True)
        middle = 0.5 if self.squared else 0.0
        right = {"real_accuracy": ops.mean(ops.cast(on_real > middle, "float32")),
                 "fake_accuracy": ops.mean(ops.cast(on_fake <= middle, "float32"))}
        if self.squared:
            loss = ops.mean(ops.square(on_real - 1.0)) + ops.mean(ops.square(on_fake))
        else:
            loss = ops.mean(ops.relu(1.0 - on_real)) + ops.mean(ops.relu(1.0 + on_fake))
        return loss, {"discriminator_loss": loss, **right}

    def _generator_loss(self, images: Any) -> tuple[Any, dict[str, Any]]:
        from keras import ops

        fake = self.generator(self._latents(images), training=True)
        score = self.discriminator(self._seen(fake), training=True)
        loss = ops.mean(ops.square(score - 1.0)) if self.squared else -ops.mean(score)
        return loss, {"loss": loss}

    def _follow(self) -> None:
        """Move the average towards the generator that the last step left."""
        from keras import ops

        if not self.decay:
            return
        # Early on the average must not remember the untrained network.
        decay = ops.minimum(self.decay, (1.0 + self.steps) / (10.0 + self.steps))
        for mean, value in zip(self.model.variables, self.generator.variables, strict=True):
            mean.assign(decay * mean + (1.0 - decay) * value)
        self.steps.assign(self.steps + 1.0)

    # --- looking at it

    def draw(self, latents: np.ndarray) -> np.ndarray:
        """Images of latent codes (N, latent size), uint8 (N, H, W, C)."""
        return to_pixels(self._draw(latents))

    def kept_images(self) -> dict[str, np.ndarray]:
        """Images of the same latent codes every epoch."""
        return {"samples": self.draw(fixed_latents(self.spec.seed, FIXED_LATENTS, self.latent_size))}

    def _measures(self, real: np.ndarray) -> dict[str, float]:
        """Diversity of the samples as a share of that of real images, and how the discriminator fares on unseen ones."""
        samples = self.draw(fixed_latents(self.spec.seed, _MEASURED, self.latent_size))
        middle = 0.5 if self.squared else 0.0
        right = float(np.mean(self._score(real[:_MEASURED].astype(np.float32) / 255.0) > middle))
        return {"diversity": diversity(samples) / max(diversity(real[:_MEASURED]), 1e-9), "real_accuracy": right}

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """`val_diversity`, and the share of unseen real images that the discriminator accepts."""
        if not len(self.dataset.x_validation):
            return {}
        return {f"val_{name}": value for name, value in self._measures(self.dataset.x_validation).items()}

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """The same figures on the test split."""
        if not len(self.dataset.x_test):
            return {}
        return {f"test_{name}": value for name, value in self._measures(self.dataset.x_test).items()}
