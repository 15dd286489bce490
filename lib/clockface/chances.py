"""Small random choices that families share."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

Choice = TypeVar("Choice")


def chance(rng: np.random.Generator, share: float) -> bool:
    """True in this share of cases."""
    return bool(rng.random() < share)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between the two, each as likely."""
    return float(rng.uniform(low, high))


def pick(rng: np.random.Generator, choices: list[Choice], weights: list[float]) -> Choice:
    """One of `choices`, drawn with a probability in proportion to its weight."""
    return choices[int(rng.choice(len(choices), p=np.array(weights) / sum(weights)))]


def tone_against(rng: np.random.Generator, tone: float) -> float:
    """A tone that stands out from `tone`."""
    if tone < 120:
        return between(rng, min(tone + 90, 250), 255)
    return between(rng, 0, max(tone - 100, 20))
