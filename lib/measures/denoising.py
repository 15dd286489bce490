"""Does denoising help? What stored figures of the ways to read noisy digits say, and the digits that it made unreadable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.folders import MEASURED
from lib.base.percent import percent_text

Row = Mapping[str, Any]
#: What scripts/train_digits.py keeps of digits that are read wrong after denoising.
DENOISED_MISTAKES = MEASURED / "denoise_mistakes.npz"


def differs(first: Row, second: Row) -> bool:
    """Whether two shares of the same images are further apart than twice their standard error (taken as independent)."""
    error = math.sqrt(sum(row["accuracy"] * (1 - row["accuracy"]) / row["images"] for row in (first, second)))
    return abs(first["accuracy"] - second["accuracy"]) > 2 * error


def levels_won(rows: Sequence[Row], first: str, second: str) -> tuple[list[float], list[float]]:
    """Levels above 0 at which the way `first` reads more than `second`, and at which it reads fewer, beyond chance."""
    by_place = {(row["way"], row["level"]): row for row in rows}
    better: list[float] = []
    worse: list[float] = []
    for level in sorted({row["level"] for row in rows if row["level"] > 0}):
        one, other = by_place[first, level], by_place[second, level]
        if differs(one, other):
            (better if one["accuracy"] > other["accuracy"] else worse).append(level)
    return better, worse


def at_level(rows: Sequence[Row], level: float) -> dict[str, Row]:
    """The rows of one level, by way."""
    return {row["way"]: row for row in rows if abs(row["level"] - level) < 1e-6}


def denoising_words(rows: Sequence[Row]) -> str:
    """Whether denoising helps, in a few sentences, for the rows of one kind of noise."""
    helps, harms = levels_won(rows, "denoised", "clean_trained")
    over, under = levels_won(rows, "denoised", "noise_trained")
    middle = at_level(rows, 0.5)
    first = (f"Denoising helps a classifier that never saw noise at {_levels(helps)}" +
             (f" and harms it at {_levels(harms)}." if harms else "."))
    if under and not over:
        second = f"But a classifier trained on noisy images does better without: it reads more at {_levels(under)}."
    elif over and not under:
        second = ("It also beats this much training on noise: denoised digits are read better than noisy ones by the "
                  f"noise-trained classifier at {_levels(over)}.")
    elif over:
        second = f"Against the noise-trained classifier it wins at {_levels(over)} and loses at {_levels(under)}."
    else:
        second = "Against the noise-trained classifier there is no difference beyond chance."
    shares = {way: percent_text(row["accuracy"]) for way, row in middle.items()}
    third = (f"At level 0.5: {shares['clean_trained']} as it is, {shares['denoised']} denoised, {shares['noise_trained']} "
             f"by the noise-trained classifier alone, {shares['denoised_noise_trained']} by it after denoising.")
    return f"{first} {second} {third}"


def _levels(levels: Sequence[float]) -> str:
    if not levels:
        return "no level"
    if len(levels) == 1:
        return f"level {levels[0]:.1f}"
    return f"{len(levels)} of 10 levels ({levels[0]:.1f} to {levels[-1]:.1f})"


@dataclass(frozen=True, slots=True)
class DenoisedMistakes:
    """Images uint8 (N, 28, 28, 1) as they are, with half of their pixels salted or peppered, and denoised; their labels
    `true`, what was `said` of the denoised ones, int (N,), how `sure` (N,), and among how many test images (`of`)."""

    clean: np.ndarray
    noisy: np.ndarray
    denoised: np.ndarray
    true: np.ndarray
    said: np.ndarray
    sure: np.ndarray
    of: int


def denoised_mistakes(path: Path = DENOISED_MISTAKES) -> DenoisedMistakes | None:
    """What was kept, the surest mistakes first; None when there is no file."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in ("clean", "noisy", "denoised", "true", "said", "sure")}
        return DenoisedMistakes(**arrays, of=int(archive["of"]))
