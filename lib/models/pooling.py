"""Max pooling whose gradient is quick on a CPU."""

from __future__ import annotations

import functools
from typing import Any


def max_pooling(size: int, name: str) -> Any:
    """A layer that computes what `keras.layers.MaxPooling2D(size)` computes.

    TensorFlow's gradient kernel for the CPU is slower than the convolution before it (for 128 images of
    24x24x64: 19 ms of processor time, against 4 ms for comparing and multiplying). The windows do not overlap,
    so the gradient of a window belongs to the place that holds its maximum. Where several places hold it
    all get it, and TensorFlow gives it to the first; after a ReLU they are zeros, whose gradient ends there.
    """
    import keras

    if keras.backend.backend() != "tensorflow" or _has_gpu():
        return keras.layers.MaxPooling2D(size, name=name)
    return _quick_pooling_class()(size, name=name)


@functools.cache
def _has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


@functools.cache
def _quick_pooling_class() -> type:
    import keras
    import tensorflow as tf

    class QuickMaxPooling2D(keras.layers.MaxPooling2D):
        """Non-overlapping max pooling of (batch, height, width, channels)."""

        def call(self, inputs: Any) -> Any:
            """The maxima, (batch, height // size, width // size, channels)."""
            size = self.pool_size[0]
            height, width = (side // size * size for side in inputs.shape[1:3])
            return _pool(inputs[:, :height, :width], size)

    @tf.custom_gradient
    def _pool(inputs: Any, size: int) -> Any:
        maxima = tf.nn.max_pool2d(inputs, size, size, "VALID")

        def gradient(upstream: Any) -> Any:
            _, rows, columns, channels = maxima.shape
            windows = tf.reshape(inputs, (-1, rows, size, columns, size, channels))
            holds_maximum = tf.cast(tf.equal(windows, maxima[:, :, None, :, None]), upstream.dtype)
            return tf.reshape(holds_maximum * upstream[:, :, None, :, None], tf.shape(inputs)), None

        return maxima, gradient

    return QuickMaxPooling2D
