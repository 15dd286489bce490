"""The task "clock": images of clocks to times, through any head of `lib.catalog.heads`."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.catalog.heads import HEADS, Head
from lib.datasets.dataset import Dataset
from lib.datasets.turned_clocks import draw_on_turned_background
from lib.measures.clock_figures import clock_report
from lib.models.batch_statistics import BatchStatistics
from lib.models.build import layer_seeds, make_layer, stack_layers
from lib.models.files import write_npz
from lib.models.optimizers import make_optimizer
from lib.models.program import Update, compiled
from lib.models.runtime import refuse_too_large
from lib.models.tasks.base import TrainingTask
from lib.models.tasks.classify import evaluation_batches, to_unit_range
from lib.spec.specs import DenseSpec, RunSpec
from lib.spec.summary import Shape

#: Outputs of wider heads are not kept with the test results; their times are.
MOST_STORED_OUTPUTS = 4


def minutes_reader(spec: RunSpec, model: Any) -> Callable[[np.ndarray], np.ndarray]:
    """A function from images uint8 (N, H, W, 1) to what the network of `spec` answers: minutes after 12:00, float64 (N,).

    It reads the model's weights as they are at each call, and is compiled once.
    """
    predict, head = compiled(lambda batch: model(to_unit_range(batch), training=False), model.variables), head_of(spec)
    return lambda images: head.decode(np.concatenate([predict(images[part]) for part in evaluation_batches(len(images))]))


def answered_minutes(spec: RunSpec, model: Any, images: np.ndarray) -> np.ndarray:
    """What the network of `spec` answers to images uint8 (N, H, W, 1), in minutes after 12:00, float64 (N,)."""
    return minutes_reader(spec, model)(images)


def background_report(spec: RunSpec, model: Any) -> dict[str, float]:
    """`clock_report` of the network of `spec` on the table's clocks where the background is turned by itself."""
    clocks = draw_on_turned_background(model.input.shape[1])
    return clock_report(clocks.minutes, answered_minutes(spec, model, clocks.images))


def build_clock_model(spec: RunSpec, input_shape: Shape) -> Any:
    """A Keras model from float images in 0-1 to the outputs of all branches side by side."""
    import keras

    head = head_of(spec)
    image = keras.Input(input_shape, name="image")
    precision = spec.train.precision
    features = stack_layers(spec.architecture.layers, image, (spec.seed,), "", precision)
    branches = (spec.head.branches if spec.head else ()) or ((),) * len(head.outputs)
    parts = []
    for number, (hidden, outputs, activation) in enumerate(zip(branches, head.outputs, head.activations, strict=True)):
        x = stack_layers(hidden, features, (spec.seed, number + 1), f"branch{number}_", precision)
        (seed,) = layer_seeds(1, spec.seed, number + 1, 1)
        parts.append(make_layer(DenseSpec(outputs, activation), seed, f"branch{number}_output")(x))
    outputs = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(image, outputs, name=f"clock_{head.kind}")


def head_of(spec: RunSpec) -> Head:
    """The head that `spec` names; raises SpecError for none or one that does not fit its branches."""
    if spec.head is None or spec.head.kind not in HEADS:
        raise SpecError("A clock network needs a head.", expected="one of " + ", ".join(HEADS),
                        received=repr(spec.head.kind if spec.head else None))
    head = HEADS[spec.head.kind]
    if spec.head.branches and len(spec.head.branches) != len(head.outputs):
        raise SpecError(f"The head {head.kind} has another number of branches.", expected=str(len(head.outputs)),
                        received=str(len(spec.head.branches)))
    return head


def branch_loss(kind: str, target: Any, outputs: Any) -> Any:
    """One branch's loss, a scalar."""
    import keras
    from keras import ops

    if kind == "cross_entropy":
        classes = ops.one_hot(target, outputs.shape[-1])
        return ops.mean(keras.losses.categorical_crossentropy(classes, outputs))
    difference = outputs - target
    if kind == "mse":
        return ops.mean(difference**2)
    if kind == "mae":
        return ops.mean(ops.abs(difference))
    # Report 000's own loss: the prediction's remainder, then the shorter way round.
    length = 720.0 if kind == "circular_minutes" else 1.0
    distance = ops.abs(target - ops.mod(outputs, length))
    return ops.mean(ops.minimum(length - distance, distance))


class ClockNetwork(TrainingTask):
    """A network that learns times; `dataset`'s labels are minutes after 12:00."""

    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        self.dataset, self.head, self.spec = dataset, head_of(spec), spec
        refuse_too_large(spec, dataset)
        self.weights = _weights(spec, self.head)
        self.model = build_clock_model(spec, dataset.info.image_shape)
        self.optimizer = make_optimizer(spec.train)
        self.updates = [Update(self._loss, self.model.trainable_variables, self.optimizer)]
        self.data = (dataset.x_train, *self.head.encode(dataset.y_train))
        self._measure = compiled(self._outputs, self.model.variables)
        self._statistics = BatchStatistics(self.model, dataset.x_train, spec.train.batch_size, spec.seed, to_unit_range)

    @property
    def state(self) -> list[Any]:
        """All variables of the network."""
        return list(self.model.variables)

    def _branches(self, outputs: Any) -> list[Any]:
        edges = np.cumsum([0, *self.head.outputs]).tolist()
        return [outputs[:, a:b] for a, b in pairwise(edges)]

    def _losses(self, outputs: Any, targets: tuple[Any, ...]) -> Any:
        parts = zip(self.weights, self.head.losses, targets, self._branches(outputs), strict=True)
        return sum(weight * branch_loss(kind, target, part) for weight, kind, target, part in parts)

    def _loss(self, images: Any, *targets: Any) -> tuple[Any, dict[str, Any]]:
        outputs = self.model(to_unit_range(images), training=True)
        loss = self._losses(outputs, targets)
        for penalty in self.model.losses:
            loss = loss + penalty
        return loss, {"loss": loss}

    def _outputs(self, images: Any, *targets: Any) -> tuple[Any, Any]:
        outputs = self.model(to_unit_range(images), training=False)
        return outputs, self._losses(outputs, targets)

    def _evaluate(self, x: np.ndarray, minutes: np.ndarray, should_continue: Callable[[], bool]) -> tuple[np.ndarray, float]:
        """Outputs of the first images, as far as `should_continue` allowed, and their mean loss."""
        outputs, losses, counts = [], [], []
        for batch in evaluation_batches(len(x), should_continue):
            out, loss = self._measure(x[batch], *self.head.encode(minutes[batch]))
            outputs.append(out)
            losses.append(float(loss))
            counts.append(len(out))
        return np.concatenate(outputs), float(np.average(losses, weights=counts)) + self.penalty()

    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Loss and mean and median error in minutes on the validation split."""
        x, minutes = self.dataset.x_validation, self.dataset.y_validation
        if not len(x):
            return {}
        self._statistics.update()
        outputs, loss = self._evaluate(x, minutes, should_continue)
        if len(outputs) < len(x):
            return {}
        report = clock_report(minutes, self.head.decode(outputs))
        return {"val_loss": loss, "val_minutes": report["minutes"], "val_median_minutes": report["median_minutes"]}

    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """`clock_report` of the test split, each figure with "test_" before its name."""
        x, minutes = self.dataset.x_test, self.dataset.y_test
        if not len(x):
            return {}
        self._statistics.update()
        deadline = time.monotonic() + seconds
        outputs, loss = self._evaluate(x, minutes, lambda: time.monotonic() < deadline)
        count = len(outputs)
        if folder is not None:
            few = {"outputs": outputs.astype(np.float32)} if outputs.shape[1] <= MOST_STORED_OUTPUTS else {}
            write_npz(folder / "test.npz", predicted=self.head.decode(outputs).astype(np.float32), labels=minutes[:count],
                      **few)
        return {"test_loss": loss, "test_images": float(count), **self._report("test", outputs, minutes[:count])}

    def split_reports(self) -> dict[str, float]:
        """The figures of `test` for training and validation images, "train_" and "val_" before their names."""
        found: dict[str, float] = {}
        for name, x, minutes in (("train", self.dataset.x_train, self.dataset.y_train),
                                 ("val", self.dataset.x_validation, self.dataset.y_validation)):
            if len(x):
                outputs, loss = self._evaluate(x, minutes, lambda: True)
                found |= {f"{name}_loss": loss, **self._report(name, outputs, minutes)}
        return found

    def _report(self, split: str, outputs: np.ndarray, minutes: np.ndarray) -> dict[str, float]:
        figures = clock_report(minutes, self.head.decode(outputs)) | self.head.extras(outputs, minutes)
        return {f"{split}_{name}": value for name, value in figures.items()}


def _weights(spec: RunSpec, head: Head) -> tuple[float, ...]:
    weights = (spec.head.weights if spec.head else ()) or head.weights or (1.0,) * len(head.outputs)
    if len(weights) != len(head.outputs):
        raise SpecError("Loss weights do not fit the head.", expected=f"{len(head.outputs)} weights",
                        received=str(len(weights)))
    return weights

