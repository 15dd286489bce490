"""Numbers and lists in one form everywhere: accuracies as "98.1 %", differences in points, counts with their word."""

from __future__ import annotations

from collections.abc import Sequence

#: Differences below this many points are written with two digits, so that they do not read as nothing.
_SMALL_POINTS = 0.05


def percent_text(share: float, digits: int = 1) -> str:
    """A share of 1 as "98.1 %": of 10,000 test images, the second digit after the point would be chance."""
    return f"{100 * share:.{digits}f} %"


def points_text(share: float, sign: bool = False) -> str:
    """A difference or a deviation of shares in points: "0.4", "0.03" where one digit would say 0.0; "+0.4" with `sign`."""
    points = 100 * share
    digits = 1 if abs(points) >= _SMALL_POINTS else 2
    return f"{points:+.{digits}f}" if sign else f"{points:.{digits}f}"


def count_text(count: int, word: str) -> str:
    """"1 run", "15 runs"."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def listed(words: Sequence[str]) -> str:
    """"a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
