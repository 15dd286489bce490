"""Small photographs side by side: grounds with the sharp detail that one of them enlarged has not."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

#: How many times its own size a photograph in a collage has, least and most.
LEAST, MOST = 0.8, 3.0


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
