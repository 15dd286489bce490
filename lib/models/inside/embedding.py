"""Many test images as the last hidden layer sees them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.models.inside.network import IMAGE, InsideNetwork
from lib.models.program import compiled

_BATCH = 50


@dataclass(frozen=True)
class LastFeatures:
    """`features` float32 (N, D): what the network's last layer is given; `outputs` float32 (N, K): what it makes of it."""

    features: np.ndarray
    outputs: np.ndarray


def hidden_layer(network: InsideNetwork) -> int:
    """The number of the layer whose output the last layer takes; IMAGE for a network of one layer."""
    number = network.layers[-1].before
    last = network.layers[-1]
    if last.kind == "activation" and number is not None and number != IMAGE:  # a softmax as a layer of its own
        number = network.layers[number].before
    return len(network.layers) - 2 if number is None else number


def look_at(network: InsideNetwork, images: np.ndarray, seconds: float,
            report: Callable[[float], None] = lambda share: None) -> LastFeatures:
    """Features and outputs of uint8 `images` (N, H, W, C), as many from the first on as `seconds` allow, at least 50."""
    program = network.program("hidden", lambda: _program(network))
    features, outputs = [], []
    deadline = time.monotonic() + seconds
    for start in range(0, len(images), _BATCH):
        if start and time.monotonic() > deadline:
            break
        hidden, out = program(np.ascontiguousarray(network.permute(images[start : start + _BATCH])))
        features.append(hidden.reshape(len(hidden), -1))
        outputs.append(out)
        report((start + _BATCH) / len(images))
    return LastFeatures(np.concatenate(features), np.concatenate(outputs))


def _program(network: InsideNetwork) -> Callable[..., Any]:
    import keras
    from keras import ops

    number = hidden_layer(network)
    hidden = network.model.inputs[0] if number == IMAGE else network.parts[number].output
    body = keras.Model(network.model.inputs[0], [hidden, network.model.outputs[0]])

    def look(images: Any) -> Any:
        return [ops.cast(value, "float32") for value in body(network.prepared(images), training=False)]

    return compiled(look, network.model.variables)
