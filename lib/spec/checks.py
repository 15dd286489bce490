"""Checks of single values: each raises SpecError with what was expected and what came instead.

No library does it. Tried on the layer specs, msgspec 0.23 checks what it decodes but not what is constructed, and pydantic
2.14 names the bound that was passed and not the range, so that the messages had to be built again from its errors. Both turn
an L2 factor stored as 1 into 1.0, which changes `RunSpec.named_digest`. A few dozen lines less are not worth that.
"""

from __future__ import annotations

import sys
from typing import Any, TypeGuard

from lib.base.errors import SpecError

#: What a training takes at most, from the start or when it is changed: learning rate, images of a batch, epochs.
HIGHEST_RATE, LARGEST_BATCH, MOST_EPOCHS = 1000.0, 65536, 100_000
#: Characters of a refused value that a message shows.
_LONGEST = 80
#: Magnitude that no number of a spec exceeds.
_LARGEST = 1e12

#: Names with numbers or words, each name once, sorted by name.
Pairs = tuple[tuple[str, float | str], ...]


def is_whole(value: object) -> TypeGuard[int]:
    """Whether `value` is an int; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether `value` is a finite float or an int that can be one; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def require(holds: bool, name: str, value: object, expected: str) -> None:
    """Raise SpecError about the `value` of what is called `name` unless `holds`."""
    if not holds:
        raise SpecError(f"{name} is out of range.", expected=expected, received=repr(value)[:_LONGEST])


def require_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise SpecError unless `value` is one of `choices`."""
    require(value in choices, name, value, "one of " + ", ".join(choices))


def require_int(name: str, value: object, low: int, high: int) -> None:
    """Raise SpecError unless `value` is a whole number from `low` to `high`, both included."""
    require(is_whole(value) and low <= value <= high, name, value, f"a whole number from {low} to {high}")


def require_float(name: str, value: object, low: float, high: float) -> None:
    """Raise SpecError unless `value` is a number from `low` to `high`, both included."""
    require(is_number(value) and low <= value <= high, name, value, f"a number from {low:g} to {high:g}")


def checked_pairs(what: str, values: Any) -> Pairs:
    """`values`, pairs of a name and a number or word, sorted by name; raises SpecError for anything else.

    `what` is what one of them is called: "Setting".
    """
    require(isinstance(values, list | tuple), f"{what}s", values, "pairs of name and value")
    pairs = [tuple(pair) if isinstance(pair, list | tuple) else () for pair in values]
    for pair in pairs:
        require(len(pair) == 2 and isinstance(pair[0], str) and pair[0] != "", what, pair, "a name and a value")
        if not isinstance(pair[1], str):
            require_float(f"{what} {pair[0]}", pair[1], -_LARGEST, _LARGEST)
    names = [name for name, _ in pairs]
    require(len(set(names)) == len(names), f"{what}s", names, "each name once")
    return tuple(sorted(pairs))
