"""Finding dials in a whole image: a small network of our own that looks at every place in several sizes at once.

It answers for every eighth pixel of a grey image: is there a dial around here, where is its middle, how large is it
(a one-stage detector as in Redmon et al., "You only look once", 2016, without classes or anchors). It knows dials of
16 to 100 pixels; larger and smaller ones are found in the image reduced and enlarged, a pyramid.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

FINDER_CHECKPOINT = "clocks/finder"
#: Side of the images it learns from, pixels between its answers, the diameter in pixels whose logarithm counts as 0.
WINDOW, STRIDE, TYPICAL = 96, 8, 40.0
#: Longer sides of the pyramid: a dial of a tenth of the image has 45 pixels in the last.
LEVELS = (104, 216, 448)
#: Least probability of a dial, and the most that are kept.
LEAST, MOST = 0.1, 12
_LOCAL = 49


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may hold a dial: middle and diameter as shares of the image's width, with a probability."""

    x: float
    y: float
    diameter: float
    probability: float


class DialFinder:
    """The network and what makes its answers places in an image."""

    def __init__(self, seed: int = 0) -> None:
        seeds = np.random.default_rng([seed, 5]).integers(0, 2**31 - 1, size=16).tolist()
        self.model = _network(iter(seeds))
        self._answer: Any = None

    def candidates(self, photo: Image.Image, least: float = LEAST) -> list[Candidate]:
        """Where dials may be in a grey image ("L"), the likeliest first; none overlaps another by much."""
        found = [c for level in LEVELS for c in self._at(photo, level, least)]
        return separate(sorted(found, key=lambda c: -c.probability))[:MOST]

    def _at(self, photo: Image.Image, longer: int, least: float) -> list[Candidate]:
        """Candidates in the image whose longer side is made `longer` pixels."""
        from lib.models.program import compiled

        if self._answer is None:
            self._answer = compiled(lambda images: self.model(images, training=False), self.model.variables)
        share = longer / max(photo.size)
        width, height = (max(16, round(side * share)) for side in photo.size)
        reduced = photo.resize((width, height), Image.Resampling.BOX if share < 1 else Image.Resampling.BICUBIC,
                                 reducing_gap=2.0)
        # Whole cells, and few shapes: each new one is compiled.
        grid = [math.ceil(side / STRIDE) * STRIDE for side in (height, width)]
        pixels = np.pad(np.asarray(reduced, np.float32), [(0, grid[0] - height), (0, grid[1] - width)], mode="edge")
        return decode(self._answer(pixels[None, ..., None] / 255.0)[0], width, least)


def decode(answer: np.ndarray, width: int, least: float) -> list[Candidate]:
    """Candidates of one image `width` pixels wide from the network's answer, float32 (rows, columns, 4)."""
    probability = 1 / (1 + np.exp(-answer[..., 0].astype(np.float64)))
    rows, columns = np.nonzero(probability >= least)
    made = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        _, dx, dy, size = answer[row, column].tolist()
        diameter = TYPICAL * math.exp(min(max(size, -2.0), 2.0))
        x, y = (column + 0.5) * STRIDE + dx * TYPICAL, (row + 0.5) * STRIDE + dy * TYPICAL
        made.append(Candidate(x / width, y / width, diameter / width, float(probability[row, column])))
    return made


def separate(candidates: Sequence[Candidate], most: float = 0.3) -> list[Candidate]:
    """Those that no better one before them overlaps by more than `most` (intersection over union of squares)."""
    kept: list[Candidate] = []
    for one in candidates:
        if all(_overlap(one, other) <= most and not _inside(one, other) for other in kept):
            kept.append(one)
    return kept


def _overlap(one: Candidate, other: Candidate) -> float:
    sides = [max(0.0, 0.5 * (one.diameter + other.diameter) - abs(p - q)) for p, q in ((one.x, other.x), (one.y, other.y))]
    inner = math.prod(min(side, one.diameter, other.diameter) for side in sides)
    return inner / (one.diameter**2 + other.diameter**2 - inner)


def _inside(one: Candidate, other: Candidate) -> bool:
    """Whether `one` lies in the middle of `other` or round it: the same dial, with or without its rim."""
    return math.hypot(one.x - other.x, one.y - other.y) < 0.3 * max(one.diameter, other.diameter)


def targets(dials: np.ndarray, side: int = WINDOW) -> tuple[np.ndarray, np.ndarray]:
    """What the network should answer for images whose `dials` float (N, K, 3) are (x, y, diameter) in pixels, 0 for none.

    Returns wanted (N, cells, cells): 1 near a dial's middle, -1 where either answer will do, else 0; and places
    float32 (N, cells, cells, 3): offset of the middle in units of `TYPICAL`, logarithm of the diameter over it.
    """
    cells = side // STRIDE
    centers = (np.arange(cells) + 0.5) * STRIDE
    wanted = np.zeros((len(dials), cells, cells), np.int8)
    places = np.zeros((len(dials), cells, cells, 3), np.float32)
    for n, k in itertools.product(range(dials.shape[0]), range(dials.shape[1])):
        x, y, diameter = dials[n, k].tolist()
        if diameter <= 0:
            continue
        away = np.hypot(centers[None] - x, centers[:, None] - y)
        if diameter > 1.1 * side:
            wanted[n][away < 0.25 * diameter] = -1
            continue
        near = away <= max(0.16 * diameter, 0.75 * STRIDE)
        wanted[n][(away <= 0.4 * diameter) & ~near] = -1
        wanted[n][near] = 1
        places[n, ..., 0][near] = np.broadcast_to((x - centers[None]) / TYPICAL, near.shape)[near]
        places[n, ..., 1][near] = np.broadcast_to((y - centers[:, None]) / TYPICAL, near.shape)[near]
        places[n, ..., 2][near] = math.log(diameter / TYPICAL)
    return wanted, places


def _network(seeds: Any) -> Any:
    """Grey images (N, H, W, 1) in 0-1 to (N, H / 8, W / 8, 4): logit of a dial, offset x and y, logarithm of its size."""
    import keras
    from keras import initializers, layers, ops

    image = keras.Input((None, None, 1))
    # Light differs over a photograph: every place is seen against its surroundings.
    mean, square = _surroundings(image), _surroundings(image**2)
    x = (image - mean) / ops.sqrt(ops.maximum(square - mean**2, 0.0) + 1e-3)
    for filters, kernel, stride, dilation in ((20, 5, 2, 1), (32, 3, 2, 1), (48, 3, 2, 1), (64, 3, 1, 1), (64, 3, 1, 2),
                                              (64, 3, 1, 3), (64, 3, 1, 1)):
        y = layers.Conv2D(filters, kernel, stride, "same", dilation_rate=dilation, use_bias=False,
                          kernel_initializer=initializers.HeNormal(seed=next(seeds)))(x)
        y = layers.ReLU()(layers.BatchNormalization(momentum=0.98)(y))
        x = x + y if x.shape[-1] == filters and stride == 1 else y
    # Few places hold a dial: the bias says so from the start.
    dial = layers.Conv2D(1, 1, bias_initializer=initializers.Constant(-3.0),
                         kernel_initializer=initializers.GlorotUniform(seed=next(seeds)))(x)
    place = layers.Conv2D(3, 1, kernel_initializer=initializers.GlorotUniform(seed=next(seeds)))(x)
    return keras.Model(image, layers.Concatenate()([dial, place]), name="finder")


def _surroundings(x: Any) -> Any:
    """Mean of the square of `_LOCAL` pixels round every pixel: along rows, then along columns."""
    from keras import ops

    return ops.average_pool(ops.average_pool(x, (1, _LOCAL), 1, "same"), (_LOCAL, 1), 1, "same")


def shipped_finder() -> DialFinder:
    """The finder with its shipped weights; raises CheckpointError when they are missing or damaged."""
    from lib.models.checkpoints import load_weights

    finder = DialFinder()
    finder.model.set_weights(load_weights(FINDER_CHECKPOINT, [tuple(weight.shape) for weight in finder.model.weights]))
    return finder
