"""The task "denoise": noisy images to clean ones. With no noise it is a plain autoencoder."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.datasets.dataset import Dataset
from lib.measures.corruptions import NOISES, corrupt
from lib.models.networks.autoencoders import build_autoencoder, to_bytes
from lib.models.networks.noise import RandomNoise
from lib.models.optimizers import make_optimizer
from lib.models.program import Update, compiled
from lib.models.tasks.base import TrainingTask
from lib.models.tasks.classify import evaluation_batches, to_unit_range
from lib.spec.settings import DenoiseSettings
from lib.spec.specs import RunSpec

#: Images in the images of an epoch.
SHOWN = 10


class Denoiser(TrainingTask):
    """A network that takes noise away; labels play no part.

    Settings: "noise" (a kind, "all", "none"), "level_low" and "level_high". The loss is binary cross-entropy
    between clean and restored pixels, whose best answer is each pixel's mean, as for the squared error;
    metrics are that loss and the peak signal-to-noise ratio in decibels of the mean squared error.
    """

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        self.dataset, self.spec = dataset, spec
        settings = spec.options(DenoiseSettings)
        self.kind, self.levels = settings.noise, (settings.level_low, settings.level_high)
        self.noise = RandomNoise(self.kind, *self.levels, spec.seed)
        self.model = build_autoencoder(spec.architecture, dataset.info.image_shape, spec.seed, spec.train.precision)
        self.optimizer = make_optimizer(spec.train)
        self.updates = [Update(self._loss, self.model.trainable_variables, self.optimizer)]
        self.data = (dataset.x_train,)
        self._measure = compiled(self._restored, self.model.variables)

    @property
    def state(self) -> list[Any]:
        """All variables of the network, and those that the noise draws from."""
        return [*self.model.variables, self.noise.seeds.state]

    def _loss(self, images: Any) -> tuple[Any, dict[str, Any]]:
        from keras import ops

        clean = to_unit_range(images)
        restored = self.model(self.noise(clean), training=True)
        loss, error = _cross_entropy(clean, restored), ops.mean((clean - restored) ** 2)
        return loss, {"loss": loss, "psnr": _decibels(error)}

    def _restored(self, noisy: Any, clean: Any) -> tuple[Any, Any, Any]:
        from keras import ops

        target = to_unit_range(clean)
        restored = self.model(to_unit_range(noisy), training=False)
        return restored, _cross_entropy(target, restored), ops.mean((target - restored) ** 2)

    def _evaluate(self, x: np.ndarray, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Means over the first images, as far as `should_continue` allowed, and how many they were."""
        noisy = corrupted(x, self.kind, self.levels)
        totals, count = np.zeros(2), 0
        for batch in evaluation_batches(len(x), should_continue):
            _, loss, error = self._measure(noisy[batch], x[batch])
            size = len(x[batch])
            totals, count = totals + size * np.array([float(loss), float(error)]), count + size
        loss, error = totals / max(count, 1)
        return {"loss": float(loss), "psnr": float(-10 * np.log10(max(error, 1e-12))), "images": float(count)}

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Loss and signal-to-noise ratio of the validation split, always with the same noise."""
        x = self.dataset.x_validation
        if not len(x):
            return {}
        report = self._evaluate(x, should_continue)
        if report.pop("images") < len(x):
            return {}
        return {f"val_{name}": value for name, value in report.items()}

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """The same figures for as many test images as `seconds` allow."""
        if not len(self.dataset.x_test):
            return {}
        deadline = time.monotonic() + seconds
        report = self._evaluate(self.dataset.x_test, lambda: time.monotonic() < deadline)
        return {f"test_{name}": value for name, value in report.items()}

    def kept_images(self) -> dict[str, np.ndarray]:
        """The same few images after every epoch: clean, noisy, restored, uint8 (N, H, W, C)."""
        x = self.dataset.x_validation if len(self.dataset.x_validation) else self.dataset.x_train
        clean = x[:SHOWN]
        noisy = corrupted(clean, self.kind, self.levels)
        restored, _, _ = self._measure(noisy, clean)
        return {"clean": clean, "noisy": noisy, "restored": to_bytes(restored)}


def corrupted(images: np.ndarray, kind: str, levels: tuple[float, float]) -> np.ndarray:
    """`images`, uint8, with noise that depends on their place alone: kinds in turn, levels spread over the range."""
    if kind == "none":
        return images
    kinds = tuple(NOISES) if kind == "all" else (kind,)
    result = np.empty_like(images)
    places = np.arange(len(images))
    for number, name in enumerate(kinds):
        for step in range(5):
            mine = (places % len(kinds) == number) & (places // len(kinds) % 5 == step)
            level = levels[0] + (levels[1] - levels[0]) * (step + 0.5) / 5
            result[mine] = corrupt(images[mine], name, level, seed=step)
    return result


def _cross_entropy(clean: Any, restored: Any) -> Any:
    import keras
    from keras import ops

    return ops.mean(keras.losses.binary_crossentropy(clean, restored))


def _decibels(error: Any) -> Any:
    from keras import ops

    return -10.0 * ops.log(ops.maximum(error, 1e-12)) / float(np.log(10.0))
