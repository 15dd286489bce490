"""What was changed while a run trained: learning rate, batch size, number of epochs, and what a fork chose otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from lib.base.errors import SpecError
from lib.spec.checks import (
    HIGHEST_RATE,
    LARGEST_BATCH,
    MOST_EPOCHS,
    Pairs,
    checked_pairs,
    require_float,
    require_int,
)

_KINDS = ("learning_rate", "batch_size", "epochs")
_WHOLE = {"epoch": 10_000_000, "step": 2**62, "batch_size": LARGEST_BATCH, "epochs": MOST_EPOCHS}


@dataclass(frozen=True, slots=True)
class Change:
    """One choice changed in `epoch` (0-based), after `step` optimiser steps of the run.

    Exactly one of the others is set. `learning_rate` holds from that step on, in place of any schedule; `batch_size` from
    the beginning of that epoch on. `epochs` notes that the run was given so many epochs in all, here: it trains
    nothing else than a run that had them from the start. `choices` (`lib.spec.choices`) hold from the beginning of that
    epoch on; () for none.
    """

    epoch: int
    step: int
    learning_rate: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    choices: Pairs = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "choices", checked_pairs("Choice", self.choices))
        if sum(getattr(self, name) is not None for name in _KINDS) + bool(self.choices) != 1:
            raise SpecError("A change of a run sets exactly one thing.", received=repr(self)[:120],
                            expected="a learning rate, a batch size, epochs or other choices")
        for name, most in _WHOLE.items():
            value = getattr(self, name)
            if value is not None:
                require_int(_title(name), value, 0 if name in ("epoch", "step") else 1, most)
        if self.learning_rate is not None:
            require_float(_title("learning_rate"), self.learning_rate, 0, HIGHEST_RATE)

    @property
    def kind(self) -> str:
        """The name of what was changed: "learning_rate", "batch_size", "epochs" or "choices"."""
        return next((name for name in _KINDS if getattr(self, name) is not None), "choices")

    @property
    def value_text(self) -> str:
        """What it was changed to: "0.01", "optimizer sgd, dropout 0.2"."""
        if self.choices:
            return ", ".join(f"{name} {value if isinstance(value, str) else format(value, 'g')}".strip()
                             for name, value in self.choices)
        return f"{getattr(self, self.kind):g}"

    @property
    def trains_otherwise(self) -> bool:
        """Whether weights depend on it."""
        return self.epochs is None


def _title(name: str) -> str:
    """"Batch size of a change"."""
    return f"{name.replace('_', ' ').capitalize()} of a change"


def checked_changes(values: Any) -> tuple[Change, ...]:
    """`values` in the order of their steps; raises SpecError for anything but changes."""
    if not isinstance(values, list | tuple) or not all(isinstance(value, Change) for value in values):
        raise SpecError("Changes cannot be read.", expected="a list of changes", received=repr(values)[:80])
    return tuple(sorted(values, key=lambda change: change.step))


def changes_from_list(values: object) -> tuple[Change, ...]:
    """The changes that `to_dict` wrote; raises SpecError for anything else."""
    known = [f.name for f in fields(Change)]
    if not isinstance(values, list | tuple):
        raise SpecError("Changes cannot be read.", expected="a list of changes", received=repr(values)[:80])
    for value in values:
        if not isinstance(value, Mapping) or not {"epoch", "step"} <= set(value) <= set(known):
            raise SpecError("A change cannot be read.", expected=f"an object with {', '.join(known)}",
                            received=repr(value)[:80])
    return tuple(Change(**value) for value in values)
