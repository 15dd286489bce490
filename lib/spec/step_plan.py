"""Where a run's epochs begin, how large its batches are, which learning rate was set by hand: step by step, by arithmetic.

Everything here is a function of the spec and the number of training images alone, so that a run that was paused, killed,
extended or forked takes the same steps as one that trained without a break.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lib.spec.specs import RunSpec

#: Setting -> how many epochs a schedule was planned for, where the run has more or fewer.
DECAY_EPOCHS = "decay_epochs"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Epochs from `epoch` on, the first of which begins after `step` steps, all with batches of `batch`."""

    epoch: int
    step: int
    batch: int
    steps: int


class StepPlan:
    """The steps of `spec` on so many training images. Epochs and steps count from 0."""

    def __init__(self, spec: RunSpec, images: int) -> None:
        self._spec, self._images = spec, images
        self._stretches = [self._stretch(0, 0, spec.train.batch_size)]
        batches = {change.epoch: change.batch_size for change in spec.changes if change.batch_size is not None}
        for epoch in sorted(batches):
            self._stretches.append(self._stretch(epoch, self.first_step(epoch), batches[epoch]))
        self._planned = spec.own_settings.decay_epochs or spec.train.epochs
        self._by_hand = [(change.step, change.learning_rate) for change in spec.changes
                         if change.learning_rate is not None]

    def _stretch(self, epoch: int, step: int, batch: int) -> _Stretch:
        batch = min(batch, self._images)
        return _Stretch(epoch, step, batch, math.ceil(self._images / batch))

    def _of_epoch(self, epoch: int) -> _Stretch:
        return next(stretch for stretch in reversed(self._stretches) if stretch.epoch <= epoch)

    def batch_size(self, epoch: int) -> int:
        """Images of a batch in this epoch; the last batch of an epoch may be smaller."""
        return self._of_epoch(epoch).batch

    def steps(self, epoch: int) -> int:
        """Steps of this epoch."""
        return self._of_epoch(epoch).steps

    def first_step(self, epoch: int) -> int:
        """Steps before this epoch; of the epoch after the last one, all steps of the run."""
        stretch = self._of_epoch(epoch)
        return stretch.step + (epoch - stretch.epoch) * stretch.steps

    def epochs_done(self, step: int) -> float:
        """How many epochs so many steps are."""
        stretch = next(stretch for stretch in reversed(self._stretches) if stretch.step <= step)
        return stretch.epoch + (step - stretch.step) / stretch.steps

    def rate_by_hand(self, step: int) -> float | None:
        """The learning rate that somebody set for this step, None where the spec's own schedule holds."""
        return next((rate for first, rate in reversed(self._by_hand) if first <= step), None)

    def schedule_share(self, epoch: int, step: int) -> float:
        """How much of the learning rate's schedule is over before this step of this epoch, 0-1; beyond its end 1."""
        whole, steps = self._stretches[0].steps, self.steps(epoch)
        into = step - self.first_step(epoch)
        # As steps of the first batch size, so that without a change this is the number of the step.
        done = epoch * whole + (into if steps == whole else into * whole / steps)
        return min(done / (self._planned * whole), 1.0)
