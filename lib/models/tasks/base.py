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

    @property
    @abstractmethod
    def state(self) -> list[Any]:
        """All variables that a step may read or change, the optimisers' own apart, in a stable order."""

    @property
    def networks(self) -> list[Any]:
        """The Keras models that hold all its weights, in a stable order."""
        return [self.model]

    def take_over(self, other: TrainingTask) -> None:
        """Take the weights of the same task with other choices of training (`lib.spec.choices`)."""
        for mine, theirs in zip(self.networks, other.networks, strict=True):
            mine.set_weights(theirs.get_weights())

    def penalty(self) -> float:
        """What the weights of `model` add to its loss by their size (L1, L2), as they are now."""
        return float(sum(float(np.asarray(penalty)) for penalty in self.model.losses))

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
    module, _, name = task_of(spec).implementation.partition(":")
    return getattr(import_module(module), name)(spec, dataset)
