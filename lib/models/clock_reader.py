"""The lab's own clock reader: find the dial, unroll it, find both hands and the 12, and combine them.

1. The *locator*, a small CNN, finds the dial's frame (`lib.clockface.pose`): hub, size and tilt.
2. The dial is *unrolled* along that frame into a strip of radii x angles by bilinear sampling, as in a
   spatial transformer (Jaderberg et al., "Spatial transformer networks", 2015). Turning the clock now
   only shifts the strip.
3. The *interpreter*, convolutions that go round the strip, gives for each of 120 directions how likely
   the minute hand, the hour hand and the 12 point there. What it learns about one direction holds for all.
4. Every one of the 720 times is scored by how well the three fit together, over all positions of the 12:
   score(t) = log sum over r of P12(r) Pminute(r + 6 t) Phour(r + t / 2).
   An hour hand that seems to point at a full hour is thereby corrected by the minute hand.

Images are grey, 150x150; all parts are written with `keras.ops`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

READER_CHECKPOINT = "clocks/reader"
#: Side of the images in pixels.
SIDE = 150
#: Directions the interpreter tells apart: 3 degrees each, half a minute of the minute hand.
BINS = 120
_RADII, _ANGLES = 32, 360
_INNER, _OUTER = 0.08, 1.12
_TYPICAL_SCALE = 0.75


@dataclass(frozen=True)
class ReaderOutput:
    """What the reader computes for a batch; the first axis of all is the batch.

    `frames` (N, 5); `directions` (N, 3, 120): log-probabilities of minute hand, hour hand and 12 over directions
    clockwise from up in the frame; `scores` (N, 720): log-probabilities of the times in minutes after 12:00.
    """

    frames: Any
    directions: Any
    scores: Any


class ClockReader:
    """The two networks and the arithmetic between them."""

    def __init__(self, seed: int = 0, width: int = 32) -> None:
        seeds = np.random.default_rng([seed, 3]).integers(0, 2**31 - 1, size=64).tolist()
        self.locator = _locator(iter(seeds[:32]))
        self.interpreter = _interpreter(iter(seeds[32:]), width)
        self._points = strip_points()
        self._table = _score_table()

    @property
    def variables(self) -> list[Any]:
        """All variables, in the order of `get_weights`."""
        return [*self.locator.variables, *self.interpreter.variables]

    @property
    def trainable_variables(self) -> list[Any]:
        """What training changes."""
        return [*self.locator.trainable_variables, *self.interpreter.trainable_variables]

    def get_weights(self) -> list[np.ndarray]:
        """Values of all variables."""
        return [*self.locator.get_weights(), *self.interpreter.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Assign what `get_weights` returned."""
        count = len(self.locator.variables)
        self.locator.set_weights(weights[:count])
        self.interpreter.set_weights(weights[count:])

    def locate(self, images: Any, training: bool = False) -> Any:
        """Frames (N, 5) of float images (N, 150, 150, 1) in 0-1."""
        from keras import ops

        raw = self.locator(images, training=training)
        x, y, a, b, d = ops.unstack(raw, 5, axis=1)
        scale = _TYPICAL_SCALE
        return ops.stack([0.3 * x, 0.3 * y, scale * ops.exp(0.5 * a), 0.3 * b, scale * ops.exp(0.5 * d)], axis=1)

    def read(self, images: Any, frames: Any, training: bool = False) -> tuple[Any, Any]:
        """Directions and scores (see `ReaderOutput`) of `images` when their dials lie in `frames`."""
        from keras import ops

        strips = unroll(images, frames, self._points)
        logits = ops.transpose(self.interpreter(strips, training=training), (0, 2, 1))
        directions = ops.log_softmax(logits, axis=-1)
        return directions, self._scores(directions)

    def __call__(self, images: Any) -> ReaderOutput:
        """Everything about float images (N, 150, 150, 1) in 0-1."""
        frames = self.locate(images)
        directions, scores = self.read(images, frames)
        return ReaderOutput(frames, directions, scores)

    def _scores(self, directions: Any) -> Any:
        """Log-probabilities (N, 720): for each time, over all directions r of the 12."""
        from keras import ops

        minute_at, hour_low, hour_high, weight = self._table
        minute, hour, twelve = directions[:, 0], directions[:, 1], directions[:, 2]
        # (N, 120 directions of the 12, 12 hours, 60 minutes); times share their minute hand or their hour hand.
        by_minute = ops.take(minute, minute_at, axis=1)[:, :, None, :]
        low, high = ops.take(hour, hour_low, axis=1), ops.take(hour, hour_high, axis=1)
        by_hour = ops.reshape(low * (1 - weight) + high * weight, (-1, BINS, 12, 60))
        joint = ops.reshape(twelve[:, :, None, None] + by_minute + by_hour, (-1, BINS, 720))
        return ops.log_softmax(ops.logsumexp(joint, axis=1), axis=-1)


def _score_table() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Which bins a time needs when the 12 is in direction r: minute (120, 60); hour, two neighbours, (120, 720)."""
    twelve = np.arange(BINS)[:, None]
    minute = (twelve + 2 * np.arange(60)) % BINS
    place = np.arange(720) / 6
    low = np.floor(place).astype(np.int64)
    weight = (place - low).astype(np.float32)
    return (minute.astype(np.int32), ((twelve + low) % BINS).astype(np.int32),
            ((twelve + low + 1) % BINS).astype(np.int32), weight)


def strip_points(inner: float = _INNER, outer: float = _OUTER) -> np.ndarray:
    """Dial coordinates of a strip's samples, float32 (radii * angles, 2), x to the right and y down."""
    radii = np.linspace(inner, outer, _RADII)
    angles = 2 * np.pi * np.arange(_ANGLES) / _ANGLES
    x, y = radii[:, None] * np.sin(angles), -radii[:, None] * np.cos(angles)
    return np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)


def unroll(images: Any, frames: Any, points: np.ndarray) -> Any:
    """Strips (N, radii, angles, 1) of float images (N, H, W, 1): bilinear samples at `points` of the dial.

    No gradient goes to the frames: the locator learns from the frames of rendered clocks.
    """
    from keras import ops

    frames = ops.stop_gradient(frames)
    x, y, a, b, d = (frames[:, i : i + 1] for i in range(5))
    px, py = points[None, :, 0], points[None, :, 1]
    height, width = images.shape[1], images.shape[2]
    column = (x + a * px + b * py + 1.0) * (0.5 * width) - 0.5
    row = (y + b * px + d * py + 1.0) * (0.5 * height) - 0.5
    column, row = ops.clip(column, 0.0, width - 1.001), ops.clip(row, 0.0, height - 1.001)
    left, top = ops.floor(column), ops.floor(row)
    dx, dy = column - left, row - top
    flat = ops.reshape(images, (-1, height * width))
    first = ops.cast(top * width + left, "int32")

    def at(offset: int) -> Any:
        return ops.take_along_axis(flat, first + offset, axis=1)

    upper = at(0) * (1 - dx) + at(1) * dx
    lower = at(width) * (1 - dx) + at(width + 1) * dx
    return ops.reshape(upper * (1 - dy) + lower * dy, (-1, _RADII, _ANGLES, 1))


def _conv(x: Any, filters: int, kernel: Any, strides: Any, padding: str, seed: int) -> Any:
    from keras import initializers, layers

    x = layers.Conv2D(filters, kernel, strides, padding, use_bias=False,
                      kernel_initializer=initializers.HeNormal(seed=seed))(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))


def _locator(seeds: Any) -> Any:
    """Image to five raw frame parameters; sees a third of the resolution."""
    import keras
    from keras import initializers, layers

    image = keras.Input((SIDE, SIDE, 1))
    x = layers.AveragePooling2D(3)(image)
    x = _conv(x, 16, 5, 2, "same", next(seeds))
    x = _conv(x, 32, 3, 2, "same", next(seeds))
    x = _conv(x, 48, 3, 1, "same", next(seeds))
    x = _conv(x, 64, 3, 2, "same", next(seeds))
    x = _conv(x, 64, 3, 1, "same", next(seeds))
    x = layers.Flatten()(x)
    x = layers.Dense(128, "relu", kernel_initializer=initializers.HeNormal(seed=next(seeds)))(x)
    # Starts at the typical frame: centred, three quarters of the image, no tilt.
    x = layers.Dense(5, kernel_initializer="zeros")(x)
    return keras.Model(image, x, name="locator")


def _around(x: Any, margin: int) -> Any:
    """The strip continued by `margin` columns on both sides: angles go round."""
    from keras import ops

    return ops.concatenate([x[:, :, -margin:], x, x[:, :, :margin]], axis=2)


def _interpreter(seeds: Any, width: int) -> Any:
    """Strip (radii, angles, 1) to logits (120, 3) of minute hand, hour hand and 12."""
    import keras
    from keras import initializers, layers

    strip = strip_input()
    features = strip_features(strip, seeds, width)
    logits = layers.Conv2D(3, 1, kernel_initializer=initializers.GlorotUniform(seed=next(seeds)))(features)
    return keras.Model(strip, logits[:, 0], name="interpreter")


def strip_input() -> Any:
    """What networks that look at strips take, see `unroll`."""
    import keras

    return keras.Input((_RADII, _ANGLES, 1))


def strip_features(strip: Any, seeds: Any, width: int) -> Any:
    """Features (N, 1, 120, 2 * width) of every direction of strips (N, radii, angles, 1)."""
    from keras import initializers, layers, ops

    mean = ops.mean(strip, axis=(1, 2), keepdims=True)
    spread = ops.sqrt(ops.mean((strip - mean) ** 2, axis=(1, 2), keepdims=True) + 1e-4)
    x = (strip - mean) / spread
    radius = np.tile(np.linspace(-1, 1, _RADII, dtype=np.float32)[None, :, None, None], (1, 1, _ANGLES, 1))
    x = ops.concatenate([x, ops.zeros_like(x) + radius], axis=-1)
    x = ops.pad(_around(x, 2), ((0, 0), (2, 2), (0, 0), (0, 0)))
    x = _conv(x, 3 * width // 4, (5, 7), (2, 3), "valid", next(seeds))  # 16 x 120
    for filters, kernel, pad in ((width, 3, 1), (3 * width // 2, 3, 1)):
        x = ops.pad(_around(x, 1), ((0, 0), (pad, pad), (0, 0), (0, 0)))
        x = _conv(x, filters, (kernel, 3), (2, 1), "valid", next(seeds))  # 8 and 4 radii
    x = _conv(_around(x, 1), 2 * width, (4, 3), 1, "valid", next(seeds))  # one radius
    angles = 2 * math.pi * np.arange(BINS, dtype=np.float32) / BINS
    up = np.stack([np.sin(angles), np.cos(angles)], axis=-1)[None, None]
    for dilation in (1, 3, 9):
        # The direction itself is an input: an unmarked dial has its 12 on top.
        y = ops.concatenate([x, ops.zeros_like(x[..., :2]) + up], axis=-1)
        y = _around(y, 2 * dilation)
        y = layers.Conv2D(2 * width, (1, 5), dilation_rate=(1, dilation), use_bias=False,
                          kernel_initializer=initializers.HeNormal(seed=next(seeds)))(y)
        x = layers.ReLU()(x + layers.BatchNormalization(momentum=0.98)(y))
    return x


def shipped_reader() -> ClockReader:
    """The reader with its shipped weights; raises CheckpointError when they are missing or damaged."""
    from lib.models.checkpoints import load_weights

    reader = ClockReader()
    reader.set_weights(load_weights(READER_CHECKPOINT, [tuple(variable.shape) for variable in reader.variables]))
    return reader
