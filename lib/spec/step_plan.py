"""Where a run's epochs begin, how large its batches are, which learning rate was set by hand: step by step, by arithmetic.

Everything here is a function of the spec and the number of training images alone, so that a run that was paused, killed,
extended or forked takes the same steps as one that trained without a break.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lib.spec.changes import Change
from lib.spec.specs import RunSpec

#: Setting -> how many epochs a schedule was planned for, where the run has more or fewer.
DECAY_EPOCHS = "decay_epochs"


def cosine_decay(rate: float, done: float) -> float:
    """The learning rate after the share `done` of all steps, falling from `rate` to a hundredth along a half cosine.

    Keras' `CosineDecay` counts an optimiser's steps: it knows no rate that is steered, nor batches that change their size.
    """
    return rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(max(done, 0.0), 1.0))))


@dataclass(frozen=True, slots=True)
class _Segment:
    """Epochs from `epoch` on, the first of which begins after `step` steps, all with batches of `batch`."""

    epoch: int
    step: int
    batch: int
    steps: int


class StepPlan:
    """The steps of `spec` on so many training images. Epochs and steps count from 0."""

    def __init__(self, spec: RunSpec, images: int) -> None:
        self._spec, self._images = spec, images
        self._segments = [self._segment(0, 0, spec.train.batch_size)]
        batches = {change.epoch: change.batch_size for change in spec.changes if change.batch_size is not None}
        for epoch in sorted(batches):
            self._segments.append(self._segment(epoch, self.first_step(epoch), batches[epoch]))
        self._planned = spec.own_settings.decay_epochs or spec.train.epochs
        #: What decides the learning rate from its step on; of one step a schedule after a rate: it begins with that rate.
        self._rate_changes = sorted((change for change in spec.changes if _changes_rate(change)),
                                    key=lambda change: (change.step, bool(change.choices)))

    def _segment(self, epoch: int, step: int, batch: int) -> _Segment:
        batch = min(batch, self._images)
        return _Segment(epoch, step, batch, math.ceil(self._images / batch))

    def _of_epoch(self, epoch: int) -> _Segment:
        return next(segment for segment in reversed(self._segments) if segment.epoch <= epoch)

    def batch_size(self, epoch: int) -> int:
        """Images of a batch in this epoch; the last batch of an epoch may be smaller."""
        return self._of_epoch(epoch).batch

    def steps(self, epoch: int) -> int:
        """Steps of this epoch."""
        return self._of_epoch(epoch).steps

    def first_step(self, epoch: int) -> int:
        """Steps before this epoch; of the epoch after the last one, all steps of the run."""
        segment = self._of_epoch(epoch)
        return segment.step + (epoch - segment.epoch) * segment.steps

    def epochs_done(self, step: int) -> float:
        """How many epochs so many steps are."""
        segment = next(segment for segment in reversed(self._segments) if segment.step <= step)
        return segment.epoch + (step - segment.step) / segment.steps

    def rate(self, epoch: int, step: int) -> float:
        """The learning rate of this step of this epoch: set by hand, or as the schedule says that holds then."""
        return self._rate(epoch, step, len(self._rate_changes_before(step)))

    def _rate_changes_before(self, step: int) -> list[Change]:
        return [change for change in self._rate_changes if change.step <= step]

    def _rate(self, epoch: int, step: int, changes: int) -> float:
        """The same by the first so many changes alone."""
        if not changes:
            rate = self._spec.train.learning_rate
            decays = self._spec.own_settings.decay == "cosine"
            return cosine_decay(rate, self.schedule_share(epoch, step)) if decays else rate
        change = self._rate_changes[changes - 1]
        if change.learning_rate is not None:
            return change.learning_rate
        before, chosen = self._rate(change.epoch, change.step, changes - 1), dict(change.choices)
        if chosen["decay"] != "cosine":
            return before
        planned = int(chosen.get(DECAY_EPOCHS, self._spec.train.epochs))
        return cosine_decay(before, self._share(epoch, step, change.epoch, planned))

    def rate_segments(self) -> list[tuple[int, float, tuple[int, int] | None]]:
        """What decides the learning rate, in its order: from which step on, which rate, and whether it falls.

        It falls from the beginning of one epoch to the end of another; None where it stays.
        """
        own = (0, self._planned) if self._spec.own_settings.decay == "cosine" else None
        found: list[tuple[int, float, tuple[int, int] | None]] = [(0, self._spec.train.learning_rate, own)]
        for number, change in enumerate(self._rate_changes):
            if change.learning_rate is not None:
                found.append((change.step, change.learning_rate, None))
            else:
                chosen, rate = dict(change.choices), self._rate(change.epoch, change.step, number)
                falls = (change.epoch, int(chosen.get(DECAY_EPOCHS, self._spec.train.epochs)))
                found.append((change.step, rate, falls if chosen["decay"] == "cosine" else None))
        return found

    def batches(self) -> dict[int, int]:
        """Epoch -> the batch size from it on."""
        return {segment.epoch: segment.batch for segment in self._segments}

    def is_scheduled(self, step: int) -> bool:
        """Whether a schedule decides the learning rate of this step."""
        changes = self._rate_changes_before(step)
        if changes:
            return dict(changes[-1].choices).get("decay") == "cosine"
        return self._spec.own_settings.decay == "cosine"

    def schedule_share(self, epoch: int, step: int) -> float:
        """How much of the spec's own schedule is over before this step of this epoch, 0-1; beyond its end 1."""
        return self._share(epoch, step, 0, self._planned)

    def _share(self, epoch: int, step: int, since: int, planned: int) -> float:
        """The same of a schedule from the beginning of epoch `since` to the end of epoch `planned`."""
        whole, steps = self._segments[0].steps, self.steps(epoch)
        into = step - self.first_step(epoch)
        # As steps of the first batch size, so that without a change this is the number of the step.
        done = (epoch - since) * whole + (into if steps == whole else into * whole / steps)
        return min(done / (max(planned - since, 1) * whole), 1.0)


def _changes_rate(change: Change) -> bool:
    return change.learning_rate is not None or "decay" in dict(change.choices)
