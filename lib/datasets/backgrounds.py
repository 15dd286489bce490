"""Photographs without clocks, in grey: what scenes with clocks are drawn before, and what a finder must not take for one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from lib.datasets.registry import load
from lib.datasets.source import no_progress
from lib.spec.specs import DataSpec

#: Sets whose images are small photographs (of things, animals, faces) or drawings with round strokes.
SETS = ("cifar10", "cats", "fashion_mnist", "mnist")
#: How many times its own size a photograph in a collage has, least and most.
LEAST, MOST = 0.8, 3.0
_GREY = np.array([0.299, 0.587, 0.114])


def backgrounds(split: str) -> dict[str, np.ndarray]:
    """Images of every set of `SETS`, uint8 (N, h, h), for "train", "validation" or "test".

    Training images are the sets' own; validation has the first half of their test images and test the second. Raises
    DataError for a set that is not to be had.
    """
    found = {}
    for name in SETS:
        dataset = load(DataSpec(name), on_progress=no_progress)
        images = dataset.x_train if split == "train" else np.array_split(dataset.x_test, 2)[split == "test"]
        found[name] = (images @ _GREY).astype(np.uint8) if images.shape[-1] == 3 else images[..., 0]
    return found


def collages(sources: dict[str, np.ndarray], count: int, side: int, seed: int) -> list[np.ndarray]:
    """`count` collages of `sources`, photographs as often as drawings three times over: uint8 (side, side) each."""
    rng = np.random.default_rng([seed, 88])
    # Sources of coloured photographs come first in `SETS`.
    kinds = [sources[name] for name in (*SETS[:2] * 2, *SETS[2:])]
    return [collage(rng, kinds, side) for _ in range(count)]


def collage(rng: np.random.Generator, sources: Sequence[np.ndarray], side: int) -> np.ndarray:
    """A square filled with images of one of `sources`, grey uint8 (N, h, h) each: uint8 (side, side).

    All have one size, `LEAST` to `MOST` times their own, and stand in rows and columns that begin anywhere.
    """
    images = sources[int(rng.integers(len(sources)))]
    tile = max(8, round(images.shape[1] * math.exp(rng.uniform(math.log(LEAST), math.log(MOST)))))
    count = math.ceil(side / tile) + 1
    chosen = rng.integers(0, len(images), (count, count))
    rows = [np.concatenate([_sized(images[number], tile) for number in row], axis=1) for row in chosen.tolist()]
    left, top = rng.integers(0, tile, 2).tolist()
    return np.concatenate(rows)[top : top + side, left : left + side]


def _sized(image: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
