"""The task "classify": images to one of n classes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.datasets.dataset import Dataset
from lib.datasets.drawn import drawn_digits, drawn_others
from lib.measures.epoch_recording import EpochRecording
from lib.models.batch_statistics import BatchStatistics
from lib.models.build import build_model
from lib.models.checkpoints import load_weights
from lib.models.files import write_npz
from lib.models.inspection import Inspector
from lib.models.networks.digit_augmentation import DigitAugmentation
from lib.models.networks.noise import RandomNoise
from lib.models.networks.penalties import penalties
from lib.models.optimizers import make_optimizer
from lib.models.program import Update, compiled
from lib.models.runtime import refuse_too_large
from lib.models.tasks.base import TrainingTask
from lib.spec.memory_need import EVALUATION_BATCH
from lib.spec.settings import ClassifySettings
from lib.spec.specs import RunSpec
from lib.spec.variations import with_classes


class Classifier(TrainingTask):
    """A network that learns `dataset`'s labels with cross-entropy.

    The loss is Keras' categorical cross-entropy plus the layers' penalties; a softmax output goes
    through its logits, any other output is clipped to (0, 1) and used as it is (system A2). Accuracy is the share of
    images whose largest output is their class. The setting `augmentation`: "pen" changes grey training
    images on the way (`DigitAugmentation`). `drawn` digits and `others`, drawings that show none, are added to the
    training images of digits; of the latter the network learns to hold every class for equally likely (after
    Hendrycks, Mazeika and Dietterich, "Deep Anomaly Detection with Outlier Exposure", ICLR 2019). `noise` corrupts every
    training image with that kind of noise (`RandomNoise`) of a level up to `level_high`. `start` names the shipped
    checkpoint whose weights the network begins with. `keep` is the share of those weights in the finished network, the
    rest is what it learned since: it then forgets less (after Wortsman et al., "Robust fine-tuning of zero-shot models",
    CVPR 2022).
    """

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        refuse_too_large(spec, dataset)
        self.dataset = dataset
        self.classes = dataset.info.classes
        architecture = with_classes(spec.architecture, self.classes)
        self.model = build_model(architecture, dataset.info.image_shape, spec.seed, spec.train.precision)
        settings = spec.options(ClassifySettings)
        self._start = self._begin(settings.start)
        self._keep = settings.keep
        self.changes = _changes(spec, dataset)
        self.optimizer = make_optimizer(spec.train)
        self._is_softmax = getattr(spec.architecture.layers[-1], "activation", "") == "softmax"
        self.updates = [Update(self._loss, self.model.trainable_variables, self.optimizer)]
        self.data = _training_images(spec, dataset)
        self._measure = compiled(self._outputs, self.model.variables)
        self._statistics = BatchStatistics(
            self.model, self.data[0], spec.train.batch_size, spec.seed, self._augmented,
            [change.seeds.state for change in self.changes])
        self._inside = Inspector(self.model, dataset, spec.seed, to_unit_range, self._cross_entropy)
        self._validated: np.ndarray | None = None

    def _begin(self, name: str) -> list[np.ndarray]:
        """Take the weights of checkpoint `name`, and return them; none for no name."""
        if not name:
            return []
        weights = load_weights(name, [tuple(weight.shape) for weight in self.model.weights])
        self.model.set_weights(weights)
        return weights

    def _blend(self) -> None:
        """Put the kept share of the first weights into the network, once."""
        if self._start and self._keep:
            now = self.model.get_weights()
            self.model.set_weights([self._keep * a + (1 - self._keep) * b for a, b in zip(self._start, now, strict=True)])
            self._start = []

    @property
    def state(self) -> list[Any]:
        """All variables of the network, and those that the changes of its images draw from."""
        return [*self.model.variables, *(change.seeds.state for change in self.changes)]

    def _cross_entropy(self, labels: Any, outputs: Any) -> Any:
        import keras
        from keras import ops

        if not self._is_softmax:
            # Sparse categorical cross-entropy as TensorFlow computes it on outputs that are no probabilities.
            outputs = ops.log(ops.clip(outputs, keras.config.epsilon(), 1.0 - keras.config.epsilon()))
            return keras.losses.sparse_categorical_crossentropy(labels, outputs, from_logits=True)
        wanted = ops.one_hot(labels, self.classes)  # all zeros for what is of no class
        wanted = wanted + (1.0 - ops.sum(wanted, axis=-1, keepdims=True)) / self.classes
        return keras.losses.categorical_crossentropy(wanted, outputs)

    def _augmented(self, images: Any) -> Any:
        """Training images as the network sees them."""
        changed = to_unit_range(images)
        for change in self.changes:
            changed = change(changed)
        return changed

    def _loss(self, images: Any, labels: Any) -> tuple[Any, dict[str, Any]]:
        from keras import ops

        outputs = self.model(self._augmented(images), training=True)
        loss = ops.mean(self._cross_entropy(labels, outputs))
        for penalty in penalties(self.model):
            loss = loss + penalty
        known = ops.cast(labels < self.classes, "float32")
        accuracy = ops.sum(known * _hits(labels, outputs)) / ops.maximum(ops.sum(known), 1.0)
        return loss, {"loss": loss, "accuracy": accuracy}

    def _outputs(self, images: Any, labels: Any) -> tuple[Any, Any]:
        outputs = self.model(to_unit_range(images), training=False)
        return outputs, self._cross_entropy(labels, outputs)

    def _evaluate(self, x: np.ndarray, y: np.ndarray, should_continue: Callable[[], bool]) -> tuple[np.ndarray, np.ndarray]:
        """Outputs (n, classes) and losses (n,) of the first n images, n as far as `should_continue` allowed."""
        outputs, losses = [], []
        for batch in evaluation_batches(len(x), should_continue):
            out, loss = self._measure(x[batch], y[batch])
            outputs.append(out)
            losses.append(loss)
        return np.concatenate(outputs), np.concatenate(losses)

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Validation metrics, or none of them when there is no such split or `should_continue` said no."""
        x, y = self.dataset.x_validation, self.dataset.y_validation
        if not len(x):
            return {}
        self._statistics.update()
        outputs, losses = self._evaluate(x, y, should_continue)
        if len(outputs) < len(x):
            return {}
        self._validated = outputs
        return {"val_loss": float(losses.mean()) + self.penalty(), "val_accuracy": _accuracy(outputs, y)}

    @property
    def shown(self) -> dict[str, np.ndarray]:
        """See `Inspector.shown`."""
        return self._inside.shown

    def inspect(self) -> EpochRecording:
        """The network inside, as it is now, and what it answered when it was last validated."""
        return self._inside(self._validated)

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """Test metrics over as many test images as `seconds` allow; the outputs go to `folder`/test.npz."""
        x, y = self.dataset.x_test, self.dataset.y_test
        self._blend()
        if not len(x):
            return {}
        self._statistics.update()
        deadline = time.monotonic() + seconds
        outputs, losses = self._evaluate(x, y, lambda: time.monotonic() < deadline)
        count = len(outputs)
        if folder is not None:
            write_npz(folder / "test.npz", outputs=outputs.astype(np.float32), labels=y[:count])
        return {
            "test_loss": float(losses.mean()) + self.penalty(), "test_accuracy": _accuracy(outputs, y[:count]),
            "test_images": float(count),
        }

    def split_reports(self) -> dict[str, float]:
        """Accuracy and loss of the network as it is on training and validation images."""
        found: dict[str, float] = {}
        for name, x, y in (("train", self.dataset.x_train, self.dataset.y_train),
                           ("val", self.dataset.x_validation, self.dataset.y_validation)):
            if len(x):
                outputs, losses = self._evaluate(x, y, lambda: True)
                found |= {f"{name}_loss": float(losses.mean()) + self.penalty(), f"{name}_accuracy": _accuracy(outputs, y)}
        return found


def _changes(spec: RunSpec, dataset: Dataset) -> list[DigitAugmentation | RandomNoise]:
    """What is done to training images on their way, in this order."""
    settings = spec.options(ClassifySettings)
    found: list[DigitAugmentation | RandomNoise] = []
    if settings.augmentation and dataset.info.image_shape[-1] != 1:
        raise SpecError("This augmentation cannot be used.", expected="grey images",
                        received=f"images of shape {dataset.info.image_shape}")
    if settings.augmentation:
        found.append(DigitAugmentation(spec.seed))
    if settings.noise:
        found.append(RandomNoise(settings.noise, 0.0, settings.level_high, spec.seed))
    return found


def _training_images(spec: RunSpec, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The training images and labels, and those that the settings add; without them the arrays themselves."""
    settings = spec.options(ClassifySettings)
    counts = settings.drawn, settings.others
    if not any(counts):
        return dataset.x_train, dataset.y_train
    if dataset.info.image_shape != (28, 28, 1) or dataset.info.classes != 10:
        raise SpecError("Drawn digits cannot be added to these images.", expected="digits of 28x28 pixels",
                        received=f"{dataset.info.classes} classes of images of shape {dataset.info.image_shape}")
    parts = [drawn_digits(counts[0], spec.seed), drawn_others(counts[1], spec.seed)]
    return (np.concatenate([dataset.x_train, *(part.images for part in parts)]),
            np.concatenate([dataset.y_train, *(part.labels.astype(dataset.y_train.dtype) for part in parts)]))


def evaluation_batches(count: int, should_continue: Callable[[], bool] = lambda: True) -> Iterator[slice]:
    """Slices that cover `count` images in order, as far as `should_continue` allows; the first one always."""
    for start in range(0, count, EVALUATION_BATCH):
        if start and not should_continue():
            return
        yield slice(start, start + EVALUATION_BATCH)


def to_unit_range(images: Any) -> Any:
    """uint8 images as float32 in 0-1."""
    from keras import ops

    return ops.cast(images, "float32") / 255.0


def _hits(labels: Any, outputs: Any) -> Any:
    from keras import ops

    return ops.cast(ops.equal(ops.argmax(outputs, axis=-1), ops.cast(labels, "int32")), "float32")


def _accuracy(outputs: np.ndarray, labels: np.ndarray) -> float:
    return float((outputs.argmax(axis=1) == labels).mean())
