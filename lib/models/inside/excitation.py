"""What excites a unit: the image that gradient ascent finds, and the images that activate it most.

D. Erhan et al., "Visualizing Higher-Layer Features of a Deep Network", 2009; decay and blur after J. Yosinski et al.,
"Understanding Neural Networks Through Deep Visualization", 2015.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.models.inside.network import InsideNetwork
from lib.models.probes import gradient_of
from lib.models.program import compiled

Report = Callable[[float], None]
STEPS = 80
#: Each step moves pixels so far on average, pulls them to grey by this share, and every so many steps blurs them a little.
_STEP, _DECAY, _BLUR_EVERY, _BLUR = 0.04, 0.01, 4, 0.15
_BATCH = 50


@dataclass(frozen=True)
class ExcitingImage:
    """An image that excites a unit: uint8 (H, W, C) in the network's order, the unit's sum for it and for grey noise."""

    image: np.ndarray
    before: float
    after: float


def maximise(network: InsideNetwork, layer: int, unit: int, report: Report = lambda share: None,
             seed: int = 0) -> ExcitingImage:
    """Gradient ascent on the pixels for the sum of one unit; of feature maps for the one in the middle.

    It begins with grey noise, the same for the same `seed`, and takes `STEPS` steps. `report` is told the share done.
    """
    program = network.program(("excite", layer), lambda: _ascent_program(network, layer))
    chosen = np.eye(network.layers[layer].units, dtype=np.float32)[unit]
    rng = np.random.default_rng([seed, layer, unit])
    x = (0.5 + 0.05 * rng.standard_normal((1, *network.image_shape))).clip(0, 1).astype(np.float32)
    first = float(program(x, chosen)[1])
    for step in range(STEPS):
        slope, _ = program(x, chosen)
        x = x + _STEP * slope / (float(np.abs(slope).mean()) + 1e-8)
        x = 0.5 + (1 - _DECAY) * (x - 0.5)
        if network.permutation is None and step % _BLUR_EVERY == _BLUR_EVERY - 1 and step < STEPS - 1:
            x = _blurred(x)
        x = x.clip(0, 1).astype(np.float32)
        report((step + 1) / STEPS)
    last = float(program(x, chosen)[1])
    return ExcitingImage(np.rint(255 * x[0]).astype(np.uint8), first, last)


def _blurred(x: np.ndarray) -> np.ndarray:
    """Images (N, H, W, C), each pixel mixed with its four neighbours."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    around = (padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]) / 4
    return (1 - _BLUR) * x + _BLUR * around


def _ascent_program(network: InsideNetwork, layer: int) -> Callable[..., Any]:
    from keras import ops

    sums = _sums_of(network, layer)

    def score(x: Any, chosen: Any) -> Any:
        values = sums(x)
        if len(values.shape) == 4:
            values = values[:, values.shape[1] // 2, values.shape[2] // 2]
        return ops.sum(values * chosen)

    return compiled(lambda x, chosen: (gradient_of(lambda y: score(y, chosen))(x), score(x, chosen)),
                    network.model.variables)


def _sums_of(network: InsideNetwork, layer: int) -> Callable[[Any], Any]:
    """Image to the layer's sums: what its activation is applied to, since a unit that is off has no slope there."""
    import keras
    from keras import ops

    part, kind = network.parts[layer], network.layers[layer].kind
    if kind not in ("dense", "conv"):
        body = keras.Model(network.model.inputs[0], part.output)
        return lambda x: ops.cast(body(x, training=False), "float32")
    from lib.models.inside.network import IMAGE

    before = None if network.layers[layer].before == IMAGE else keras.Model(network.model.inputs[0], part.input)
    bias = 0.0 if part.bias is None else part.bias

    def sums(x: Any) -> Any:
        inputs = x if before is None else ops.cast(before(x, training=False), "float32")
        if kind == "dense":
            return ops.matmul(inputs, part.kernel) + bias
        return ops.conv(inputs, part.kernel, strides=part.strides, padding=part.padding) + bias

    return sums


# --- images -------------------------------------------------------------------------------


@dataclass(frozen=True)
class StrongestOutputs:
    """Of one layer and many images: each unit's largest number in each image, float32 (N, units), and where it is.

    `rows` and `columns` (N, units) are 0 for a vector.
    """

    values: np.ndarray
    rows: np.ndarray
    columns: np.ndarray

    def best(self, unit: int, count: int) -> np.ndarray:
        """The numbers of the images that activate the unit most, the first the most."""
        return np.argsort(-self.values[:, unit], kind="stable")[:count]


def strongest_images(
    network: InsideNetwork, layer: int, images: np.ndarray, report: Report = lambda share: None
) -> StrongestOutputs:
    """Every unit of `layer` over `images`, uint8 (N, H, W, C) in their own order."""
    program = network.program(("activations", layer), lambda: _layer_program(network, layer))
    values, rows, columns = [], [], []
    for start in range(0, len(images), _BATCH):
        out = program(np.ascontiguousarray(network.permute(images[start : start + _BATCH])))
        flat = out.reshape(len(out), -1, out.shape[-1])
        at = flat.argmax(axis=1)
        values.append(np.take_along_axis(flat, at[:, None], axis=1)[:, 0])
        width = out.shape[2] if out.ndim == 4 else 1
        rows.append((at // width).astype(np.int32))
        columns.append((at % width).astype(np.int32))
        report(min(1.0, (start + _BATCH) / len(images)))
    return StrongestOutputs(np.concatenate(values), np.concatenate(rows), np.concatenate(columns))


def _layer_program(network: InsideNetwork, layer: int) -> Callable[..., Any]:
    import keras
    from keras import ops

    body = keras.Model(network.model.inputs[0], network.parts[layer].output)
    return compiled(lambda images: ops.cast(body(network.prepared(images), training=False), "float32"),
                    network.model.variables)
