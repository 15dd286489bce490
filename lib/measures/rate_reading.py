"""What a search for a learning rate found: where the loss falls, where it is lowest, where it diverges.

The range test raises the rate from step to step (L. Smith, "Cyclical learning rates for training neural networks", WACV
2017); the loss is smoothed before it is read. Dividing by three is the procedure of report 001, after Geron.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Weight of the past in the smoothed loss of a range test.
SMOOTHING = 0.9
#: The range test has seen enough once the smoothed loss is so many times its lowest value.
ENOUGH = 4.0
#: Below this share of the loss of an untrained network something has been learned.
LEARNED = 0.9
#: How far below the rate of the lowest loss one stays: there the loss is about to rise.
MARGIN = 10.0


def smoothed(values: Sequence[float], weight: float = SMOOTHING) -> np.ndarray:
    """Exponential moving average of `values`, `weight` in 0-1 on the past, corrected for its start at zero.

    That of pandas (`ewm`), without importing it in a process that trains; from the first NaN on it is NaN.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"weight must be at least 0 and below 1, got {weight}")
    out, mean, mass = [], 0.0, 0.0
    for value in values:
        mean = weight * mean + (1 - weight) * value
        mass = weight * mass + (1 - weight)
        out.append(mean / mass)
    return np.array(out)


def has_seen_enough(losses: Sequence[float]) -> bool:
    """Whether a range test with these losses so far need not go on: the loss has left its lowest value far behind."""
    finite = np.isfinite(losses)
    if not finite.all():
        return True
    if len(losses) < 2:
        return False
    curve = smoothed(losses)
    return bool(curve[-1] > ENOUGH * curve.min())


@dataclass(frozen=True, slots=True)
class RateReading:
    """`suggested` is the rate to take, None where nothing was learned; `reason` says why, in a sentence.

    `lowest` and `diverged` are the rates of the lowest smoothed loss and of the first one above that of the untrained
    network, None for none.
    """

    suggested: float | None
    reason: str
    lowest: float | None = None
    diverged: float | None = None


def read_range(rates: Sequence[float], losses: Sequence[float]) -> RateReading:
    """What a range test with these rates (ascending) and losses of single steps says."""
    count = int(np.argmin(np.isfinite(losses))) if not np.all(np.isfinite(losses)) else len(losses)
    if count < 5:
        return RateReading(None, "The loss was not a number (NaN) from the first steps on: no rate in this range works.")
    curve = smoothed(losses[:count])
    start, low = float(curve[0]), int(np.argmin(curve))
    if curve[low] > LEARNED * start:
        return RateReading(None, f"The loss did not fall at any rate: it began at {start:.3g} and was {curve[low]:.3g} at "
                           "its lowest. Look first at the network and its output layer.")
    above = [place for place in range(low, count) if curve[place] > start]
    diverged = rates[above[0]] if above else rates[count] if count < len(losses) else None
    suggested = two_digits(rates[low] / MARGIN)
    end = f"; from {diverged:.2g} on it is worse than untrained" if diverged else ""
    return RateReading(
        suggested, f"The smoothed loss is lowest ({curve[low]:.3g}) at a rate of {rates[low]:.2g}{end}. A tenth of "
                   f"{rates[low]:.2g} is still fast and leaves room.", rates[low], diverged)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A few steps at one rate from the same start: the loss before, and that of the last steps (NaN where it was none)."""

    rate: float
    before: float
    after: float

    @property
    def learned(self) -> bool:
        """Whether the loss fell; a network that died or diverged has not learned."""
        return math.isfinite(self.after) and self.after < LEARNED * self.before


def read_thirds(attempts: Sequence[Attempt]) -> RateReading:
    """What dividing by three says: the first rate, from the highest down, at which the network learns."""
    if not attempts or not attempts[-1].learned:
        return RateReading(None, "It learned at none of these rates.")
    found, before = attempts[-1], attempts[:-1]
    if not before:
        return RateReading(found.rate, f"It learns even at {found.rate:.2g}, the highest rate tried.")
    return RateReading(
        two_digits(found.rate), f"After report 001: from {attempts[0].rate:.2g}, divided by three until it learns. At "
        f"{before[-1].rate:.2g} the loss went from {before[-1].before:.3g} to "
        f"{_loss_text(before[-1].after)}, at {found.rate:.2g} to {found.after:.3g}.", diverged=before[-1].rate)


def _loss_text(loss: float) -> str:
    return f"{loss:.3g}" if math.isfinite(loss) else "NaN"


def two_digits(rate: float) -> float:
    """`rate` as people write it: 0.012, not 0.012345."""
    return float(f"{rate:.2g}")
