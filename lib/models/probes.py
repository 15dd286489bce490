"""Looking into a trained classifier: what it answers, which pixels its answer hangs on, its first weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.models.program import compiled
from lib.models.tasks.classify import to_unit_range


def predictor(model: Any) -> Callable[[np.ndarray], np.ndarray]:
    """images (N, H, W, C) uint8 -> outputs (N, classes), compiled."""
    return compiled(lambda images: model(to_unit_range(images), training=False), model.variables)


def saliency_function(model: Any) -> Callable[[np.ndarray], np.ndarray]:
    """images (N, H, W, C) uint8 -> gradient of the predicted class's logit by each input value, same shape, compiled.

    Inputs count in 0-1. The last layer must be dense; its activation is left out, since a sure
    softmax is flat.
    """
    import keras
    from keras import ops

    head = model.layers[-1]
    body = keras.Model(model.inputs[0], head.input)

    def winning_logits(images: Any) -> Any:
        logits = ops.matmul(body(images, training=False), head.kernel) + head.bias
        return ops.sum(ops.max(logits, axis=-1))

    gradient = _gradient_of(winning_logits)
    return compiled(lambda images: gradient(to_unit_range(images)), model.variables)


def _gradient_of(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The gradient of a scalar function of one tensor, for use in a compiled function."""
    import keras

    if keras.backend.backend() != "tensorflow":
        import jax

        return jax.grad(function)
    import tensorflow as tf

    def gradient(images: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            value = function(images)
        return tape.gradient(value, images)

    return gradient


def first_kernel(model: Any) -> np.ndarray:
    """The kernel of the first layer that has one: (inputs, units) or (height, width, channels, filters)."""
    for layer in model.layers:
        if layer.weights and len(layer.weights[0].shape) > 1:  # those of batch normalisation are vectors
            return np.array(layer.weights[0].numpy())
    raise ValueError("the model has no kernel")
