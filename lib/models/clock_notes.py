"""What else a dial shows beside its time: a second hand, and numerals that run backwards, as in a mirror.

A mirrored clock is a clock that shows another time: its hands fit each other as well as before. What gives it away are
its numerals and words alone, so that of a dial without any it says nothing either way. The network sees the unrolled
dial as the reader does (`lib.models.clock_reader`), and begins with what the reader's interpreter learned.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.models.clock_reader import BINS, ClockReader, strip_features, strip_input, strip_points, unroll

NOTES_CHECKPOINT = "clocks/notes"
#: Radii between which it looks: finer than the reader, and not beyond the rim, where crowns and shadows lie.
INNER, OUTER = 0.2, 1.02
_WIDTH = 32


class DialNotes:
    """The network; `network` maps strips to two arrays, see `__call__`."""

    def __init__(self, seed: int = 0) -> None:
        seeds = np.random.default_rng([seed, 9]).integers(0, 2**31 - 1, size=32).tolist()
        self.network = _network(iter(seeds))
        self._points = strip_points(INNER, OUTER)

    def begin_with(self, reader: ClockReader) -> None:
        """Take over the features of the reader's interpreter."""
        features = reader.interpreter.get_weights()[:-2]  # all but its last layer's kernel and bias
        self.network.set_weights([*features, *self.network.get_weights()[len(features):]])

    def strips(self, images: Any, frames: Any) -> Any:
        """Unrolled dials (N, 32, 360, 1) of float images (N, 150, 150, 1) in 0-1."""
        return unroll(images, frames, self._points)

    def __call__(self, images: Any, frames: Any) -> tuple[Any, Any]:
        """Probabilities (N,) that there is a second hand, and (N,) that the dial is mirrored."""
        from keras import ops

        directions, mirrored = self.network(self.strips(images, frames), training=False)
        return 1.0 - ops.softmax(directions, axis=-1)[:, BINS], ops.sigmoid(mirrored)


def in_mirror(strips: Any) -> Any:
    """The strips (N, radii, angles, 1) of the same dials in a mirror: angles run the other way from up."""
    from keras import ops

    return ops.concatenate([strips[:, :, :1], ops.flip(strips[:, :, 1:], axis=2)], axis=2)


def _network(seeds: Any) -> Any:
    """Strips to logits (121,), of a second hand in each direction and of none, and the logit of a mirrored dial."""
    import keras
    from keras import initializers, layers, ops

    strip = strip_input()
    features = strip_features(strip, seeds, _WIDTH)[:, 0]
    uniform = initializers.GlorotUniform
    hand = layers.Conv1D(1, 1, kernel_initializer=uniform(seed=next(seeds)))(features)[..., 0]
    pooled = layers.Concatenate()([ops.mean(features, axis=1), ops.max(features, axis=1)])
    none = layers.Dense(1, kernel_initializer=uniform(seed=next(seeds)))(pooled)
    hidden = layers.Dense(32, "relu", kernel_initializer=initializers.HeNormal(seed=next(seeds)))(pooled)
    mirrored = layers.Dense(1, kernel_initializer="zeros")(hidden)
    return keras.Model(strip, [layers.Concatenate()([hand, none]), mirrored[:, 0]], name="notes")


def shipped_notes() -> DialNotes:
    """The network with its shipped weights; raises CheckpointError when they are missing or damaged."""
    from lib.models.checkpoints import load_weights

    notes = DialNotes()
    notes.network.set_weights(load_weights(NOTES_CHECKPOINT, [tuple(weight.shape) for weight in notes.network.weights]))
    return notes
