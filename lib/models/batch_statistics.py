"""Means and variances of batch normalisation, estimated anew for the weights as they are.

Keras keeps a moving average over some hundred steps. In a short run the weights change faster than it follows: a network
that reads 98 % of its batches can read 15 % with averages that still remember its first steps. So before a network is
judged, its averages are taken from batches of training images with the present weights (as Wu and Johnson propose,
"Rethinking 'Batch' in BatchNorm", arXiv:2105.07576, 2021, under the name of precise batch norm).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lib.models.program import compiled

#: Batches that are averaged; more change the averages less than one step of training does.
BATCHES = 16
#: A last part of the training images that is smaller than this makes no batch of its own.
SMALLEST_BATCH = 8


class BatchStatistics:
    """Re-estimates the averages of a network's batch normalisation layers; does nothing for one without."""

    def __init__(self, model: Any, images: np.ndarray, batch_size: int, seed: int, to_images: Callable[[Any], Any],
                 seeds: Sequence[Any] = ()) -> None:
        """`images` are the training images, `to_images` what turns them into the network's input; `seeds` are variables
        that it or the network draw from, which are left as they were."""
        import keras

        self._layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
        self._images, self._batch_size, self._seed = images, batch_size, seed
        random = (keras.layers.Dropout, keras.layers.GaussianNoise)
        self._kept = [*seeds, *(v for layer in model.layers if isinstance(layer, random)
                                for v in layer.non_trainable_variables)]
        if self._layers:
            inputs = keras.Model(model.inputs, [layer.input for layer in self._layers])
            state = list({id(v): v for v in (*model.variables, *self._kept)}.values())
            self._measure = compiled(lambda rows: _moments(inputs(to_images(rows), training=True)), state)

    def update(self, images: np.ndarray | None = None) -> None:
        """Set the averages of every layer to those of batches of training images with the present weights.

        `images` are training images of the same kind to take in place of those from before.
        """
        if images is not None:
            self._images = images
        if not self._layers:
            return
        kept = [np.array(variable) for variable in self._kept]
        found = [self._measure(self._images[rows]) for rows in self._batches()]
        for variable, value in zip(self._kept, kept, strict=True):
            variable.assign(value)
        for index, layer in enumerate(self._layers):
            mean, variance = (np.mean([batch[index][part] for batch in found], axis=0) for part in (0, 1))
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)

    def _batches(self) -> list[np.ndarray]:
        """The same batches every time, of the size that the network learns with."""
        order = np.random.default_rng([self._seed, 4]).permutation(len(self._images))
        starts = range(0, min(len(order), BATCHES * self._batch_size), self._batch_size)
        batches = [order[start : start + self._batch_size] for start in starts]
        return [rows for rows in batches if len(rows) >= min(SMALLEST_BATCH, len(order))] or batches[:1]


def _moments(inputs: Any) -> list[tuple[Any, Any]]:
    from keras import ops

    inputs = inputs if isinstance(inputs, list | tuple) else [inputs]
    wide = [ops.cast(x, "float32") for x in inputs]
    return [ops.moments(x, axes=list(range(len(x.shape) - 1))) for x in wide]
