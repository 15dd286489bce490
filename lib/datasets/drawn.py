"""Digits, and things that are none, that this app draws stroke by stroke and prepares as the pad's drawings are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.images.drawing import as_digit
from lib.images.scribbles import draw_other
from lib.images.skeletons import draw_digit

#: The label of an image that shows no digit.
NO_DIGIT = 10


@dataclass(frozen=True)
class Drawn:
    """`images` uint8 (N, 28, 28, 1), `labels` int32 (N,), 0-9 or `NO_DIGIT`, and what each is a variant of."""

    images: np.ndarray
    labels: np.ndarray
    variants: tuple[str, ...]


def drawn_digits(count: int, seed: int) -> Drawn:
    """`count` digits, as many of each class, by as many hands; the first ones do not depend on `count`."""
    return _drawn(count, lambda number: np.random.default_rng([seed, 5, number]), lambda number, rng: (
        number % 10, *draw_digit(number % 10, rng)))


def drawn_others(count: int, seed: int) -> Drawn:
    """`count` drawings that are no digits: letters, signs, scribbles, filled shapes."""
    return _drawn(count, lambda number: np.random.default_rng([seed, 6, number]), lambda _, rng: (
        NO_DIGIT, *draw_other(rng)))


def _drawn(count: int, source: Callable[[int], np.random.Generator],
           draw: Callable[[int, np.random.Generator], tuple[int, str, np.ndarray]]) -> Drawn:
    images, labels, variants = np.zeros((count, 28, 28, 1), np.uint8), np.zeros(count, np.int32), []
    for number in range(count):
        labels[number], name, ink = draw(number, source(number))
        digit = as_digit(ink)
        if digit is not None:  # the finest pen may leave no ink
            images[number, ..., 0] = digit
        variants.append(name)
    return Drawn(images, labels, tuple(variants))
