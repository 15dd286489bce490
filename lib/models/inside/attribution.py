"""Which pixels an answer hangs on: gradients, occlusion, Grad-CAM.

Gradients: K. Simonyan, A. Vedaldi, A. Zisserman, "Deep Inside Convolutional Networks", 2013. Occlusion: M. Zeiler and
R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014. Grad-CAM: R. Selvaraju et al., ICCV 2017.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lib.models.inside.network import InsideNetwork
from lib.models.probes import gradient_of
from lib.models.program import compiled

#: Covered copies of an image that go through the network at once.
_BATCH = 64


def saliency(network: InsideNetwork, image: np.ndarray, output: int) -> np.ndarray:
    """Gradient of the score of `output` by every pixel, float32 (H, W, C), its pixels in the image's own order.

    `output` counts the numbers of the last layer, those of an image row by row. The score is what the last layer's
    activation is applied to: a sure softmax is flat. Pixels count in 0-1.
    """
    program = network.program("saliency", lambda: _saliency_program(network))
    found = program(np.ascontiguousarray(network.permute(image[None])), _one_hot(network, output))
    return network.unpermute(found)[0]


def _one_hot(network: InsideNetwork, output: int) -> np.ndarray:
    shape = network.layers[-1].shape
    chosen = np.zeros(math.prod(shape), np.float32)
    chosen[output] = 1.0
    return chosen.reshape(shape)


def _saliency_program(network: InsideNetwork) -> Callable[..., Any]:
    from keras import ops

    scores = scores_after(network, network.model.inputs[0])
    return compiled(
        lambda images, chosen: gradient_of(lambda x: ops.sum(scores(x) * chosen))(network.prepared(images)),
        network.model.variables)


def scores_after(network: InsideNetwork, start: Any) -> Callable[[Any], Any]:
    """The part of the network from the tensor `start` to its scores, as a function."""
    import keras
    from keras import ops

    last = network.parts[-1]
    if network.layers[-1].kind == "dense":
        body = keras.Model(start, last.input)
        return lambda x: ops.cast(ops.matmul(ops.cast(body(x, training=False), "float32"), last.kernel), "float32") + (
            0.0 if last.bias is None else last.bias)
    if network.layers[-1].kind == "activation" and network.layers[-1].before is not None:
        body = keras.Model(start, last.input)
    else:
        body = keras.Model(start, last.output)
    return lambda x: ops.cast(body(x, training=False), "float32")


# --- occlusion ----------------------------------------------------------------------------


def occlusion(network: InsideNetwork, image: np.ndarray, output: int, side: int, stride: int, paper: int) -> np.ndarray:
    """How much `output` falls when the pixel is covered, float32 (H, W), mean over all patches that cover it.

    Patches of `side` x `side` pixels of tone `paper` lie every `stride` pixels, the last ones at the edge.
    """
    height, width = image.shape[:2]
    places = [(top, left) for top in _starts(height, side, stride) for left in _starts(width, side, stride)]
    whole = float(network.predict(image[None]).reshape(-1)[output])
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for start in range(0, len(places), _BATCH):
        part = places[start : start + _BATCH]
        covered = np.repeat(image[None], len(part), axis=0)
        for copy, (top, left) in zip(covered, part, strict=True):
            copy[top : top + side, left : left + side] = paper
        for (top, left), value in zip(part, network.predict(covered).reshape(len(part), -1)[:, output], strict=True):
            total[top : top + side, left : left + side] += whole - float(value)
            count[top : top + side, left : left + side] += 1
    return (total / np.maximum(count, 1)).astype(np.float32)


def _starts(size: int, side: int, stride: int) -> list[int]:
    last = max(size - side, 0)
    return sorted({*range(0, last + 1, stride), last})


# --- Grad-CAM -----------------------------------------------------------------------------


def grad_cam_layer(network: InsideNetwork) -> int | None:
    """The layer that Grad-CAM looks at: the last convolution, None where the network has none."""
    return network.last("conv")


def grad_cam(network: InsideNetwork, image: np.ndarray, output: int) -> np.ndarray:
    """Where the last convolution found what speaks for `output`: float32 (h, w) of that layer, not negative.

    Its maps, each weighted by the mean gradient of the score by it, added up; what is negative counts as nothing. In the
    network's order of pixels. Raises ValueError for a network without convolution, or where the maps are bypassed.
    """
    number = grad_cam_layer(network)
    if number is None:
        raise ValueError("a network without convolution has no Grad-CAM")
    program = network.program("grad_cam", lambda: _grad_cam_program(network, number))
    return program(np.ascontiguousarray(network.permute(image[None])), _one_hot(network, output))[0]


def _grad_cam_program(network: InsideNetwork, number: int) -> Callable[..., Any]:
    import keras
    from keras import ops

    tensor = network.parts[number].output
    before = keras.Model(network.model.inputs[0], tensor)
    scores = scores_after(network, tensor)

    def look(images: Any, chosen: Any) -> Any:
        maps = before(network.prepared(images), training=False)
        slopes = gradient_of(lambda x: ops.sum(scores(x) * chosen))(maps)
        weights = ops.mean(ops.cast(slopes, "float32"), axis=(1, 2), keepdims=True)
        return ops.relu(ops.sum(weights * ops.cast(maps, "float32"), axis=-1))

    return compiled(look, network.model.variables)
