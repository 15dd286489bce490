"""How one number inside a network comes about: window, weights, products, sum, bias, batch norm, activation.

Everything is computed anew in 64 bits from the layer's input and its weights, so that it can be held against what Keras
put out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.models.inside.functions import activation_of
from lib.models.inside.network import ELEMENTWISE, IMAGE, InsideLayer, InsideNetwork
from lib.models.inside.windows import Region, padding_cut, window_region


@dataclass(frozen=True)
class Place:
    """One number: of which layer (IMAGE for the image), which map or unit, and where on the map."""

    layer: int
    unit: int
    row: int = 0
    column: int = 0


@dataclass(frozen=True)
class Products:
    """A sum of products. `inputs` and `weights` are (h, w, maps) for a window or (n,) for a vector, float64.

    `is_inside` (h, w) says which cells of a window lie on the map; the others are padding and 0. None for a vector.
    """

    inputs: np.ndarray
    weights: np.ndarray
    bias: float
    is_inside: np.ndarray | None = None

    @property
    def products(self) -> np.ndarray:
        """Input times weight, everywhere."""
        return self.inputs * self.weights

    @property
    def total(self) -> float:
        """All products and the bias."""
        return float(self.products.sum() + self.bias)


@dataclass(frozen=True)
class Pooled:
    """The largest or the mean of a window (h, w), float64; `method` is "max" or "average". Cells outside are NaN."""

    window: np.ndarray
    method: str

    @property
    def total(self) -> float:
        """The one number of the window."""
        return float(np.nanmax(self.window) if self.method == "max" else np.nanmean(self.window))


@dataclass(frozen=True)
class Copied:
    """A number that is taken over from `place` of the layer before, or of the image; None where it cannot be said."""

    total: float
    place: Place | None


@dataclass(frozen=True)
class Stage:
    """A step from one number to the next: `name` is an activation's, "batch_norm", "dropout" or "noise".

    `layer` is the layer that takes it, `numbers` what else it needs ("mean", "slope", "sum of exponentials").
    """

    name: str
    layer: int
    before: float
    after: float
    numbers: tuple[tuple[str, float], ...] = ()

    def number(self, name: str) -> float:
        """The number called `name`."""
        return dict(self.numbers)[name]


@dataclass(frozen=True)
class UnitArithmetic:
    """How the number at `place` comes about, and what the layers right after it make of it.

    `value` is what Keras put out there; `source` the window in the output of the layer before, None where there is none.
    """

    place: Place
    value: float
    origin: Products | Pooled | Copied
    stages: tuple[Stage, ...]
    source: Region | None

    @property
    def computed(self) -> float:
        """The same number from this arithmetic."""
        own = [stage.after for stage in self.stages if stage.layer == self.place.layer]
        return own[-1] if own else self.origin.total


def explain(network: InsideNetwork, image: np.ndarray, activations: Sequence[np.ndarray], place: Place) -> UnitArithmetic:
    """The arithmetic of the number at `place`.

    `image` is float (H, W, C) in 0-1 as the network takes it, or a code (values,); `activations` what every layer put out
    for it.
    """
    if place.layer == IMAGE:
        value = float(_at(image, place))
        return UnitArithmetic(place, value, Copied(value, None), (), None)
    layer, part = network.layers[place.layer], network.parts[place.layer]
    value = float(_at(activations[place.layer], place))
    before = None if layer.before is None else image if layer.before == IMAGE else activations[layer.before]
    if before is None:
        return UnitArithmetic(place, value, Copied(value, None), (), None)
    origin = _origin(layer, part, np.asarray(before, np.float64), place)
    if origin is None:
        return UnitArithmetic(place, value, Copied(value, None), (), None)
    stages = [*_own_stages(part, layer, before, origin.total, place)]
    stages += _later_stages(network, activations, place, stages[-1].after if stages else origin.total)
    source = window_region(part, layer, before.shape, place.row, place.column)
    return UnitArithmetic(place, value, origin, tuple(stages), source)


def _at(values: np.ndarray, place: Place) -> float:
    return values[place.row, place.column, place.unit] if values.ndim == 3 else values[place.unit]


# --- where the number begins --------------------------------------------------------------


def _origin(layer: InsideLayer, part: Any, before: np.ndarray, place: Place) -> Products | Pooled | Copied | None:
    kind = layer.kind
    if kind == "conv" and part.data_format == "channels_last" and tuple(part.dilation_rate) == (1, 1) and part.groups == 1:
        return _convolved(part, layer, before, place)
    if kind == "conv_transpose" and part.data_format == "channels_last" and tuple(part.dilation_rate) == (1, 1):
        return _spread(part, layer, before, place)
    if kind == "dense" and before.ndim == 1:
        kernel, bias = weights_of(part)
        return Products(before, kernel[:, place.unit], float(bias[place.unit]))
    if kind in ("max_pool", "average_pool"):
        region = window_region(part, layer, before.shape, place.row, place.column)
        assert region is not None
        values, inside = region.cut(before[..., place.unit])
        return Pooled(np.where(inside, values, np.nan), kind.split("_")[0])
    if kind in ("global_max_pool", "global_average_pool"):
        return Pooled(before[..., place.unit], kind.split("_")[1])
    if kind == "flatten" and layer.before is not None:
        source = unflattened(before.shape, place.unit, layer.before)
        return Copied(float(before.reshape(-1)[place.unit]), source)
    if kind == "reshape" and before.ndim == 1 and layer.before is not None:
        spot = (place.row, place.column, place.unit) if layer.is_maps else (place.unit,)
        index = int(np.ravel_multi_index(spot, layer.shape))
        return Copied(float(before[index]), Place(layer.before, index))
    if kind == "first" and before.ndim == 1 and layer.before is not None:
        return Copied(float(before[place.unit]), Place(layer.before, place.unit))
    if kind in ("double", "crop") and layer.before is not None:
        region = window_region(part, layer, before.shape, place.row, place.column)
        assert region is not None
        source = Place(layer.before, place.unit, region.top, region.left)
        return Copied(float(_at(before, source)), source)
    if kind in ELEMENTWISE and layer.before is not None:
        return Copied(float(_at(before, place)), Place(layer.before, place.unit, place.row, place.column))
    return None


def _convolved(part: Any, layer: InsideLayer, before: np.ndarray, place: Place) -> Products:
    region = window_region(part, layer, before.shape, place.row, place.column)
    assert region is not None
    window, inside = region.cut(before)
    kernel, bias = weights_of(part)
    return Products(window, kernel[..., place.unit], float(bias[place.unit]), inside)


def _spread(part: Any, layer: InsideLayer, before: np.ndarray, place: Place) -> Products:
    """A transposed convolution lays its kernel, times each number, over the larger map: what falls on this place."""
    region = window_region(part, layer, before.shape, place.row, place.column)
    assert region is not None
    window, inside = region.cut(before)
    every = np.asarray(part.kernel, np.float64)[:, :, place.unit]

    def falls_on(axis: int, at: int, first: int, count: int) -> list[int]:
        return [at + padding_cut(part, axis) - (first + n) * int(part.strides[axis]) for n in range(count)]

    rows = falls_on(0, place.row, region.top, region.height)
    columns = falls_on(1, place.column, region.left, region.width)
    bias = 0.0 if part.bias is None else float(np.asarray(part.bias)[place.unit])
    return Products(window, every[np.ix_(rows, columns)], bias, inside)


def weights_of(part: Any) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a Keras dense or convolution layer, float64; a bias of 0 where it has none."""
    kernel = np.asarray(part.kernel, np.float64)
    bias = np.zeros(kernel.shape[-1]) if part.bias is None else np.asarray(part.bias, np.float64)
    return kernel, bias


def unflattened(shape: tuple[int, ...], index: int, layer: int) -> Place:
    """Where number `index` of a flattened array of `shape` comes from, in the output of layer `layer`."""
    if len(shape) == 1:
        return Place(layer, index)
    row, column, unit = (int(part) for part in np.unravel_index(index, shape))
    return Place(layer, unit, row, column)


# --- what becomes of it -------------------------------------------------------------------


def _own_stages(part: Any, layer: InsideLayer, before: np.ndarray, total: float, place: Place) -> list[Stage]:
    """The step that the layer takes itself, after its sum."""
    if layer.kind == "batch_norm":
        return [_normalised(part, place, total)]
    if layer.kind in ("dropout", "noise"):
        return [Stage(layer.kind, place.layer, total, total)]
    if layer.kind == "rescale":
        scale, offset = float(part.scale), float(part.offset)
        return [Stage("rescale", place.layer, total, total * scale + offset, (("scale", scale), ("offset", offset)))]
    if layer.kind not in ("conv", "conv_transpose", "dense", "activation"):
        return []
    activation = activation_of(part)
    if activation.name == "linear" and layer.kind != "activation":
        return []
    return [_activated(activation, place.layer, total, lambda: _all_sums(layer, part, before, place), place.unit)]


def _activated(activation: Any, layer: int, before: float, sums: Any, unit: int) -> Stage:
    numbers: tuple[tuple[str, float], ...] = ()
    if activation.name == "softmax":
        every = np.asarray(sums(), np.float64)
        every[unit] = before
        after = float(activation(every)[unit])
        # Of the numbers as they are; a page may shift all of them alike.
        numbers = (("units", float(len(every))), ("logarithm of the sum", float(np.logaddexp.reduce(every))))
    else:
        after = float(activation(np.array([before]))[0])
        if activation.name in ("leaky_relu", "elu"):
            numbers = (("slope", activation.slope),)
    return Stage(activation.name, layer, before, after, numbers)


def _all_sums(layer: InsideLayer, part: Any, before: np.ndarray, place: Place) -> np.ndarray:
    """What a softmax at `place` compares: the sums of all its units."""
    if layer.kind == "dense":
        kernel, bias = weights_of(part)
        return np.asarray(before, np.float64) @ kernel + bias
    if layer.kind == "conv":
        kernel, bias = weights_of(part)
        region = window_region(part, layer, before.shape, place.row, place.column)
        assert region is not None
        window, _ = region.cut(np.asarray(before, np.float64))
        return np.tensordot(window, kernel, axes=3) + bias
    return np.array(before[place.row, place.column] if before.ndim == 3 else before, np.float64)


def _normalised(part: Any, place: Place, before: float) -> Stage:
    def number(values: Any, default: float) -> float:
        return default if values is None else float(np.asarray(values, np.float64)[place.unit])

    mean, variance = number(part.moving_mean, 0.0), number(part.moving_variance, 1.0)
    gamma, beta, epsilon = number(part.gamma, 1.0), number(part.beta, 0.0), float(part.epsilon)
    after = (before - mean) / math.sqrt(variance + epsilon) * gamma + beta
    return Stage("batch_norm", place.layer, before, after,
                 (("mean", mean), ("variance", variance), ("gamma", gamma), ("beta", beta), ("epsilon", epsilon)))


def _later_stages(network: InsideNetwork, activations: Sequence[np.ndarray], place: Place, value: float) -> list[Stage]:
    """What the elementwise layers right behind this one make of the number."""
    found: list[Stage] = []
    number = place.layer
    while (following := _only_follower(network, number)) is not None and network.layers[following].kind in ELEMENTWISE:
        part, layer = network.parts[following], network.layers[following]
        here = Place(following, place.unit, place.row, place.column)
        found += _own_stages(part, layer, activations[number], value, here)
        number, value = following, found[-1].after
    return found


def _only_follower(network: InsideNetwork, number: int) -> int | None:
    followers = [n for n, layer in enumerate(network.layers) if layer.before == number]
    return followers[0] if len(followers) == 1 else None
