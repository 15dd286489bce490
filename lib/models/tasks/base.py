"""What the training loop asks of a task: one class for each, named by its description in `lib.catalog.tasks`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from lib.catalog.tasks import task_of
from lib.datasets.dataset import Dataset
from lib.measures.epoch_recording import EpochRecording
from lib.models.program import Update
from lib.spec.specs import RunSpec
from lib.spec.summary import Shape


class TrainingTask(ABC):
    """A network with its losses on a data set, ready for its first step.

    A subclass is made from a run's spec and its images, and sets the attributes. `model` is what is kept of it
    (model.keras), `optimizer` the one whose learning rate is reported, `updates` what a step does, `data` what a step takes
    its batch from: arrays with a row for every training image.
    """

    dataset: Dataset
    model: Any
    optimizer: Any
    updates: list[Update]
    data: Sequence[np.ndarray]

    @abstractmethod
    def __init__(self, spec: RunSpec, dataset: Dataset) -> None:
        """Build it; raises SpecError for a spec that cannot be trained on these images."""

    @staticmethod
    def network(spec: RunSpec, image_shape: Shape) -> Any:
        """The untrained network of `spec`, from float images in 0-1 to answers, of a task that reads images."""
        raise NotImplementedError("this task has no network that reads images")

    @property
    @abstractmethod
    def state(self) -> list[Any]:
        """All variables that a step may read or change, the optimisers' own apart, in a stable order."""

    @abstractmethod
    def validate(self, should_continue: Callable[[], bool]) -> dict[str, float]:
        """Validation figures by name, "val_" before it; empty when there are none or `should_continue` ended it early."""

    @abstractmethod
    def test(self, folder: Path | None, seconds: float) -> dict[str, float]:
        """Final figures, "test_" before each, measured within `seconds`; arrays for the results page go to `folder`."""

    def kept_images(self) -> dict[str, np.ndarray]:
        """Images of an epoch, uint8 (N, H, W, C), always of the same inputs, by the names of the task's `kept_images`."""
        return {}

    @property
    def shown(self) -> dict[str, np.ndarray]:
        """`images` and `labels` whose predictions every recording of an inspected task holds."""
        return {}

    def inspect(self) -> EpochRecording:
        """The network as it is now, of a task that is inspected; changes nothing that is trained."""
        raise NotImplementedError(f"{type(self).__name__} is not inspected")

    def split_reports(self) -> dict[str, float]:
        """Figures of training and validation images as the network is now, "train_" and "val_" before their names."""
        return {}


def build_task(spec: RunSpec, dataset: Dataset) -> TrainingTask:
    """The task of `spec` on `dataset`; raises SpecError for an unknown task or a spec that does not fit the images."""
    return _class_of(spec)(spec, dataset)


def build_network(spec: RunSpec, image_shape: Shape) -> Any:
    """The untrained Keras model of `spec`, whose task reads images; raises SpecError for one that does not fit them."""
    return _class_of(spec).network(spec, image_shape)


def _class_of(spec: RunSpec) -> type[TrainingTask]:
    module, _, name = task_of(spec).implementation.partition(":")
    return getattr(import_module(module), name)
