"""The inside of a classifier after an epoch: norms, dead units, predictions, filters; small enough to keep many.

`EpochRecording` is measured by `lib.models.inspection`, stored by `lib.models.recording`, read by pages and the diagnosis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from lib.base.errors import CheckpointError, guarded

#: The largest of the 8-bit numbers that filters are kept as.
_LEVELS = 127


@dataclass(frozen=True, slots=True, eq=False)
class EpochRecording:
    """One epoch's recording. Layers are counted from 0 in the network's stack; L of them have weights, R are ReLUs.

    `weights` and `gradients` are the L2 norms of each layer's kernel and of the loss's gradient by it, float32 (L,), over
    the `probe` images: a fixed few of the training split, dropout off. `sizes` are the kernels' numbers of weights.
    `dead` is the share of each ReLU layer's units (a convolution's are its filters) that put out 0 for all probe images.
    `confusion` counts validation images, int (classes, classes), row = true class; (0, 0) without such images.
    `outputs`, float16 (n, classes), are those for the n images of `shown.npz`. `filters` are the first layer's, int8
    (k, height, width, channels), where 127 stands for a weight of `filter_limit`; k = 0 where there are none.
    """

    layers: np.ndarray
    sizes: np.ndarray
    weights: np.ndarray
    gradients: np.ndarray
    relus: np.ndarray
    dead: np.ndarray
    probe: np.ndarray
    confusion: np.ndarray
    outputs: np.ndarray
    filters: np.ndarray
    filter_limit: np.ndarray

    @property
    def class_accuracy(self) -> np.ndarray:
        """The share of each true class's validation images that are named rightly, (classes,); NaN for one without."""
        totals = self.confusion.sum(axis=1)
        shares = np.diagonal(self.confusion) / np.maximum(totals, 1)
        return np.where(totals > 0, shares, np.nan)

    @property
    def filter_weights(self) -> np.ndarray:
        """The filters as the weights that they stand for, float32."""
        return self.filters.astype(np.float32) * (float(self.filter_limit) / _LEVELS)


def recording_arrays(recorded: EpochRecording) -> dict[str, np.ndarray]:
    """`recorded` as arrays to be stored."""
    return {field.name: getattr(recorded, field.name) for field in fields(recorded)}


def recording_from(arrays: Mapping[str, np.ndarray]) -> EpochRecording:
    """The recording that `recording_arrays` was given; raises CheckpointError for arrays that are none."""
    with guarded("This recording cannot be used.", CheckpointError, expected="the arrays of an epoch's recording",
                 remedy="Train the run again."):
        recorded = EpochRecording(**{field.name: arrays[field.name] for field in fields(EpochRecording)})
        _check(recorded)
    return recorded


def _check(recorded: EpochRecording) -> None:
    """Raise ValueError unless the arrays fit each other: a file may hold anything."""
    layers, relus = recorded.layers.shape, recorded.relus.shape
    each = {array.shape for array in (recorded.sizes, recorded.weights, recorded.gradients)}
    if each != {layers} or recorded.dead.shape != relus:
        raise ValueError("norms and layers differ in number")
    if len(layers) != 1 or len(relus) != 1 or recorded.filters.ndim != 4 or recorded.outputs.ndim != 2:
        raise ValueError("arrays of other shapes")
    if recorded.confusion.ndim != 2 or len({*recorded.confusion.shape}) != 1:
        raise ValueError("the confusion matrix is not square")
    if recorded.probe.shape or recorded.filter_limit.shape:
        raise ValueError("a single number is an array")


def small_filters(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`weights` as 8-bit numbers of the same shape, and the weight that 127 stands for, float32 ()."""
    finite = np.nan_to_num(weights.astype(np.float32), posinf=0.0, neginf=0.0)
    limit = np.float32(np.abs(finite).max(initial=0.0))
    return np.rint(finite / (limit or 1.0) * _LEVELS).astype(np.int8), np.asarray(limit)


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes), int64: row = true class, column = predicted class."""
    counts = np.bincount(labels.astype(np.int64) * classes + predictions.astype(np.int64), minlength=classes * classes)
    return counts.reshape(classes, classes)


def rms_gradients(recorded: EpochRecording) -> np.ndarray:
    """The gradient of a typical weight of each layer, (L,): its norm over the root of the number of weights.

    Norms alone would compare layers of different sizes.
    """
    return recorded.gradients / np.sqrt(np.maximum(recorded.sizes, 1))
