"""The task "vae": an encoder to a distribution of latent codes and a decoder back, both trained to redraw images.

D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes", ICLR 2014. With `ssim` in the settings, structural
similarity joins the squared error (J. Snell et al., "Learning to Generate Images with Perceptual Similarity Metrics",
ICIP 2017), with `warm_up_images` the KL term comes in slowly (C. K. Sonderby et al., "Ladder Variational
Autoencoders", NeurIPS 2016). `kl_weight` is beta of I. Higgins et al., "beta-VAE", ICLR 2017; `structure` and `texture`
compare images by a classifier's feature maps (`lib.models.networks.perception`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.catalog.generative import FIXED_IMAGES, FIXED_LATENTS
from lib.datasets.dataset import Dataset
from lib.measures.fidelity import latent_shape
from lib.models.networks.augment import mirror
from lib.models.networks.generative import build_vae, fixed_latents, to_pixels
from lib.models.networks.perception import Perception
from lib.models.optimizers import make_optimizer
from lib.models.program import Update, compiled
from lib.models.tasks.base import TrainingTask
from lib.models.tasks.classify import evaluation_batches, to_unit_range
from lib.spec.settings import VaeSettings
from lib.spec.specs import RunSpec

_WINDOW = 7
#: So many training images decide where the samples of an epoch come from.
_FITTED_IMAGES = 1000
#: The last two transposed convolutions of a light decoder repeat themselves every 2 and every 4 pixels.
_PERIOD, _CELLS = 4, 4
#: Z. Wang et al., "Image Quality Assessment", IEEE TIP 2004: constants for images in 0-1.
_C1, _C2 = 0.01**2, 0.03**2


def structural_similarity(a: Any, b: Any) -> Any:
    """Mean SSIM of float images (N, H, W, C) in 0-1, with flat windows of 7x7 pixels; (N,), 1 for equal images."""
    from keras import ops

    def blur(x: Any) -> Any:
        return ops.average_pool(x, _WINDOW, 2, "valid")

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    together = blur(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + _C1) * (2 * together + _C2)
    return ops.mean(top / ((mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2)), axis=(1, 2, 3))


def repeated_pattern(a: Any, b: Any) -> Any:
    """Mean square of what repeats itself every 4 pixels in blocks of the difference of float images (N, H, W, C), (N,).

    Transposed convolutions leave such grids (A. Odena et al., "Deconvolution and Checkerboard Artifacts", 2016), and a grid
    can pass for texture. A block is 16x16 pixels, smaller in small images, of which rows and columns left over do not count.
    """
    from keras import ops

    difference = a - b
    _, height, width, channels = difference.shape
    period, cells = min(_PERIOD, height, width), min(_CELLS, height // _PERIOD or 1, width // _PERIOD or 1)
    block = period * cells
    rows, columns = height // block, width // block
    folded = ops.reshape(difference[:, : rows * block, : columns * block],
                         (-1, rows, cells, period, columns, cells, period * channels))
    # Axes: image, row of blocks, row within the period, column of blocks, column within the period and channel.
    pattern = ops.mean(folded, axis=(2, 5))
    pattern = ops.reshape(pattern, (-1, rows, period, columns, period, channels))
    # A difference in brightness repeats itself too, but is no pattern.
    return ops.mean((pattern - ops.mean(pattern, axis=(2, 4), keepdims=True)) ** 2, axis=(1, 2, 3, 4, 5))


class Vae(TrainingTask):
    """Encoder and decoder; the loss is the negative evidence lower bound up to constants. Labels are not used.

    Metrics: `loss`, `squared_error` (mean over pixels, of images in 0-1), `kl` (nats an image), and where
    they have a weight `ssim`, `structure`, `texture`.
    """

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        import keras

        self.settings = spec.options(VaeSettings)
        self.spec, self.dataset, self.latent_size = spec, dataset, self.settings.latent_size
        shape = dataset.info.image_shape
        self.encoder, self.decoder, self.model = build_vae(spec, shape)
        self.perception = Perception(*shape[:2]) if self.settings.structure or self.settings.texture else None
        self.seed = keras.random.SeedGenerator(spec.seed)
        self.seen = keras.Variable(0.0, trainable=False, name="seen")
        self.optimizer = make_optimizer(spec.train)
        self.updates = [Update(self._loss, self.model.trainable_variables, self.optimizer)]
        self.data = (dataset.x_train,)
        variables = [*self.model.variables, *self._fixed]
        self._draw = compiled(lambda latents: self.decoder(latents, training=False), variables)
        self._encode = compiled(lambda x: self.encoder(to_unit_range(x), training=False)[:, : self.latent_size], variables)
        self._measure = compiled(self._losses_without_noise, variables)

    def take_over(self, other: TrainingTask) -> None:
        """See `TrainingTask`; the KL term has come in as far."""
        super().take_over(other)
        if isinstance(other, Vae):
            self.seen.assign(other.seen)

    @property
    def state(self) -> list[Any]:
        """All variables of both networks and the random state."""
        return [*self.model.variables, self.seed.state, self.seen, *self._fixed]

    @property
    def _fixed(self) -> list[Any]:
        """The weights of the classifier that compares images."""
        return self.perception.variables if self.perception else []

    # --- losses

    def _parts(self, images: Any, drawn: Any, mean: Any, log_variance: Any) -> dict[str, Any]:
        """Each image's terms of the loss, (N,), without their weights."""
        from keras import ops

        kl = 0.5 * ops.sum(ops.exp(log_variance) + mean**2 - 1.0 - log_variance, axis=1)
        parts = {"squared_error": ops.mean((images - drawn) ** 2, axis=(1, 2, 3)), "kl": kl}
        if self.settings.ssim:
            parts["ssim"] = structural_similarity(images, drawn)
        if self.settings.grid:
            parts["grid"] = repeated_pattern(images, drawn)
        if self.perception:
            parts["structure"], parts["texture"] = self.perception.differences(images, drawn)
        return parts

    def _total(self, parts: dict[str, Any], kl_share: Any) -> Any:
        settings, pixels = self.settings, float(np.prod(self.dataset.info.image_shape))
        total = settings.pixel_weight * pixels * parts["squared_error"] + settings.kl_weight * kl_share * parts["kl"]
        if "ssim" in parts:
            total = total + settings.ssim * (1.0 - parts["ssim"])
        if "grid" in parts:
            total = total + settings.grid * pixels * parts["grid"]
        if self.perception:
            total = total + settings.structure * parts["structure"] + settings.texture * parts["texture"]
        return total

    def _split(self, images: Any, training: bool) -> tuple[Any, Any]:
        from keras import ops

        outputs = self.encoder(images, training=training)
        # Beyond this a half-trained network's exponential overflows.
        return outputs[:, : self.latent_size], ops.clip(outputs[:, self.latent_size :], -12.0, 6.0)

    def _loss(self, images: Any) -> tuple[Any, dict[str, Any]]:
        import keras
        from keras import ops

        x = to_unit_range(images)
        x = mirror(x, self.seed) if self.settings.mirror else x
        mean, log_variance = self._split(x, True)
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        drawn = self.decoder(mean + ops.exp(0.5 * log_variance) * noise, training=True)
        parts = self._parts(x, drawn, mean, log_variance)
        loss = ops.mean(self._total(parts, self._kl_share(images)))
        return loss, {"loss": loss, **{name: ops.mean(value) for name, value in parts.items()}}

    def _kl_share(self, images: Any) -> Any:
        from keras import ops

        warm_up = self.settings.warm_up_images
        if not warm_up:
            return 1.0
        self.seen.assign(self.seen + ops.cast(ops.shape(images)[0], "float32"))
        return ops.minimum(1.0, self.seen / warm_up)

    def _losses_without_noise(self, images: Any) -> dict[str, Any]:
        """At the latent mean and with the whole KL term, so that epochs can be compared."""
        x = to_unit_range(images)
        mean, log_variance = self._split(x, False)
        parts = self._parts(x, self.decoder(mean, training=False), mean, log_variance)
        return {"loss": self._total(parts, 1.0), **parts}

    def _evaluate(self, images: np.ndarray, should_continue: Callable[[], bool]) -> tuple[dict[str, float], int]:
        rows: list[dict[str, np.ndarray]] = []
        for batch in evaluation_batches(len(images), should_continue):
            rows.append(self._measure(images[batch]))
        columns = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        return {name: float(values.mean()) for name, values in columns.items()}, len(columns["loss"])

    # --- looking at it

    def draw(self, latents: np.ndarray) -> np.ndarray:
        """Images of latent codes (N, latent size), uint8 (N, H, W, C)."""
        return to_pixels(self._draw(latents))

    def encode(self, images: np.ndarray) -> np.ndarray:
        """The latent means (N, latent size) of uint8 images."""
        return np.concatenate([self._encode(images[batch]) for batch in evaluation_batches(len(images))])

    def kept_images(self) -> dict[str, np.ndarray]:
        """Images of the same latent codes, and the same held-out images redrawn, every epoch."""
        shown = {"samples": self.draw(self._fitted(fixed_latents(self.spec.seed, FIXED_LATENTS, self.latent_size)))}
        originals = self.dataset.x_validation[:FIXED_IMAGES]
        if len(originals):
            shown |= {"originals": originals, "reconstructions": self.draw(self.encode(originals))}
        return shown

    def _fitted(self, numbers: np.ndarray) -> np.ndarray:
        """Standard normal `numbers` (N, latent size) as latent codes of the Gaussian fitted to those of training images.

        With a KL term of small weight they lie elsewhere than the standard Gaussian, and the decoder knows only that place.
        """
        images = self.dataset.x_train[:_FITTED_IMAGES]
        if len(images) < 2:
            return numbers
        shape = latent_shape(self.encode(images))
        return (shape.mean + (numbers * shape.deviations) @ shape.directions).astype(np.float32)

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Losses on the validation split; empty when `should_continue` ended it early."""
        images = self.dataset.x_validation
        if not len(images):
            return {}
        measured, count = self._evaluate(images, should_continue)
        return {f"val_{name}": value for name, value in measured.items()} if count == len(images) else {}

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """Losses on the test split, as far as `seconds` allow."""
        images = self.dataset.x_test
        if not len(images):
            return {}
        deadline = time.monotonic() + seconds
        measured, count = self._evaluate(images, lambda: time.monotonic() < deadline)
        return {f"test_{name}": value for name, value in measured.items()} | {"test_images": float(count)}
