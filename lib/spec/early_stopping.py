"""When to end training: no improvement for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.spec.metrics import more_is_better
from lib.spec.specs import TrainSpec


@dataclass(frozen=True, slots=True)
class Progress:
    """What early stopping knows so far; immutable, JSON-safe.

    `best` is the best value of the monitored metric, seen in epoch `best_epoch`; `wait` counts
    the epochs since.
    """

    best: float | None = None
    best_epoch: int = -1
    wait: int = 0

    def after(self, epoch: int, value: float, train: TrainSpec) -> Progress:
        """The progress once `epoch` has ended with `value` of the monitored metric."""
        gain = 0.0 if self.best is None else value - self.best
        if not more_is_better(train.monitor):
            gain = -gain
        if self.best is None or gain > train.min_delta:
            return Progress(value, epoch, 0)
        return Progress(self.best, self.best_epoch, self.wait + 1)  # a page asks for every epoch at every refresh

    def is_over(self, train: TrainSpec) -> bool:
        """Whether patience has run out."""
        return train.patience is not None and self.wait >= train.patience


def progress_after(metrics: Sequence[Mapping[str, float]], train: TrainSpec) -> Progress:
    """The progress once epochs with these metrics have ended; epochs without the monitored one do not count."""
    progress = Progress()
    for epoch, values in enumerate(metrics):
        if train.monitor in values:
            progress = progress.after(epoch, values[train.monitor], train)
    return progress


def earliest_end(metrics: Sequence[Mapping[str, float]], train: TrainSpec) -> int:
    """After how many epochs the run ends if nothing improves any more; all of them without early stopping."""
    if train.patience is None:
        return train.epochs
    return min(train.epochs, len(metrics) + max(train.patience - progress_after(metrics, train).wait, 0))
