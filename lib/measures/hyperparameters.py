"""What runs were trained with, as axes of a chart: numbers, numbers over many magnitudes, or words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.measures.figures import Figure
from lib.spec.runs import RunRecord
from lib.spec.words import differences

#: Numbers that span more than this are told apart on a logarithmic axis alone.
LOG_RATIO = 50
#: Numbers of so few different values are steps, each with a place of its own.
MOST_STEPS = 8
#: Facts of which "none" is 0.
_NONE_IS_ZERO = ("dropout", "L1", "L2")
_DIGITS = re.compile(r"(\d+)")

Value = float | str | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A fact, or a figure, of several runs: one value for each of them, None where a run has none.

    `kind` is "number", "log" (positive numbers, best seen on a logarithmic axis) or "words".
    """

    name: str
    values: tuple[Value, ...]
    kind: str

    @property
    def steps(self) -> list[str]:
        """The different values as text, in their natural order: "64" before "128"."""
        if self.kind == "words":
            return sorted({str(value) for value in self.values if value is not None}, key=_natural)
        return [value_text(number) for number in sorted({float(value) for value in self.values if value is not None})]

    @property
    def is_stepped(self) -> bool:
        """Whether it has few enough values for a place for each."""
        return self.kind == "words" or len({value for value in self.values if value is not None}) <= MOST_STEPS

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the largest number."""
        numbers = [float(value) for value in self.values if value is not None]
        return min(numbers), max(numbers)

    def share(self, value: Value) -> float | None:
        """Where `value` stands between the ends of the axis, 0 to 1; the middle where all are equal."""
        if value is None:
            return None
        if self.kind == "words":
            words = self.steps
            return words.index(str(value)) / (len(words) - 1) if len(words) > 1 else 0.5
        scale: Callable[[float], float] = math.log if self.kind == "log" else float
        low, high = map(scale, self.ends)
        return (scale(float(value)) - low) / (high - low) if high > low else 0.5


def value_text(value: Value) -> str:
    """A value as people read it, "" for none."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _natural(text: str) -> list[tuple[int, float, str]]:
    """A sort key in which numbers inside a text count as numbers."""
    return [(0, float(part), "") if part.isdecimal() else (1, 0.0, part) for part in _DIGITS.split(text) if part]


def dimension(name: str, texts: Sequence[Value]) -> Dimension:
    """The dimension of a fact's texts: a number for each where every one is a number, else words."""
    numbers = [_number(name, text) for text in texts]
    if any(number is None and text is not None for number, text in zip(numbers, texts, strict=True)):
        return Dimension(name, tuple(None if text is None else str(text) for text in texts), "words")
    there = [number for number in numbers if number is not None]
    logarithmic = bool(there) and min(there) > 0 and max(there) / min(there) >= LOG_RATIO
    return Dimension(name, tuple(numbers), "log" if logarithmic else "number")


def _number(name: str, text: Value) -> float | None:
    if text is None:
        return None
    if text == "none" and name in _NONE_IS_ZERO:
        return 0.0
    try:
        value = float(str(text).replace(",", ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def spec_dimensions(records: Sequence[RunRecord]) -> dict[str, Dimension]:
    """A dimension for every fact of the runs' specs that differs, by its name."""
    found = differences([record.spec for record in records])
    return {name: dimension(name, [None if text == "–" else text for text in texts]) for name, texts in found.items()}


def figure_dimension(records: Sequence[RunRecord], figure: Figure) -> Dimension:
    """The dimension of a figure."""
    return Dimension(figure.title, tuple(figure.value(record) for record in records), "number")
