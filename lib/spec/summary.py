"""Shapes, parameters and multiply-adds of an architecture, by arithmetic alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lib.base.errors import SpecError
from lib.spec.specs import ArchitectureSpec, ConvSpec, DenseSpec, LayerSpec, PoolSpec

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One row of a model summary.

    `output_shape` excludes the batch axis. `parameters` counts all variables that Keras counts,
    `trainable` those that training changes (batch normalisation keeps two of four per channel
    as running statistics). `multiply_adds` is for one image.
    """

    description: str
    output_shape: Shape
    parameters: int
    trainable: int
    multiply_adds: int


def _spatial(layer: LayerSpec, shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise SpecError(
            f"A {layer.kind.replace('_', ' ')} layer needs feature maps.",
            expected="an input of height x width x channels", received=f"a vector of {math.prod(shape)} values",
            remedy="Put it before Flatten and the dense layers.",
        )
    height, width, channels = shape
    return height, width, channels


def _window(size: int, kernel: int, stride: int, padding: str, what: str) -> int:
    if padding == "same":
        return -(-size // stride)
    if size < kernel:
        raise SpecError(
            f"{what} no longer fits.", expected=f"an input of at least {kernel} pixels a side",
            received=f"{size} pixels", remedy="Take out a pooling layer, use same padding or a smaller kernel.",
        )
    return (size - kernel) // stride + 1


def _conv(layer: ConvSpec, shape: Shape) -> LayerSummary:
    height, width, channels = _spatial(layer, shape)
    k, f = layer.kernel_size, layer.filters
    what = f"The {k}x{k} convolution"
    out = (
        _window(height, k, layer.strides, layer.padding, what), _window(width, k, layer.strides, layer.padding, what), f,
    )
    weights = k * k * channels * f
    stride = f", stride {layer.strides}" if layer.strides > 1 else ""
    text = f"Convolution {f} x {k}x{k}{stride}, {layer.activation}"
    return LayerSummary(text, out, weights + f, weights + f, weights * out[0] * out[1])


def _pool(layer: PoolSpec, shape: Shape) -> LayerSummary:
    height, width, channels = _spatial(layer, shape)
    what = f"{layer.method.capitalize()} pooling {layer.size}x{layer.size}"
    out = tuple(_window(side, layer.size, layer.size, "valid", what) for side in (height, width))
    return LayerSummary(what, (*out, channels), 0, 0, 0)


def _dense(layer: DenseSpec, shape: Shape) -> LayerSummary:
    if len(shape) != 1:
        raise SpecError(
            "A dense layer needs a vector.", expected="Flatten or global pooling before the first dense layer",
            received="feature maps of shape " + " x ".join(map(str, shape)),
        )
    weights = shape[0] * layer.units
    total = weights + layer.units
    return LayerSummary(f"Dense {layer.units}, {layer.activation}", (layer.units,), total, total, weights)


def _batch_norm(shape: Shape) -> LayerSummary:
    return LayerSummary("Batch normalisation", shape, 4 * shape[-1], 2 * shape[-1], 0)


def _layer(layer: LayerSpec, shape: Shape) -> LayerSummary:
    match layer.kind:
        case "dense":
            return _dense(layer, shape)
        case "conv":
            return _conv(layer, shape)
        case "pool":
            return _pool(layer, shape)
        case "global_pool":
            return LayerSummary(f"Global {layer.method} pooling", (_spatial(layer, shape)[2],), 0, 0, 0)
        case "flatten":
            return LayerSummary("Flatten", (math.prod(shape),), 0, 0, 0)
        case "dropout":
            return LayerSummary(f"Dropout {layer.rate:g}", shape, 0, 0, 0)
        case "batch_norm":
            return _batch_norm(shape)
        case "activation":
            return LayerSummary(layer.activation.replace("_", " ").capitalize(), shape, 0, 0, 0)
    raise SpecError("Unknown kind of layer.", received=repr(layer))


#: The largest layer an app run may ask for: 200 M parameters are 0.8 GB of weights, 2.4 GB with Adam's moments.
MAX_PARAMETERS = 200_000_000


def summarise(architecture: ArchitectureSpec, input_shape: Shape) -> tuple[LayerSummary, ...]:
    """One row per layer for an input of (height, width, channels).

    Raises SpecError when a layer does not fit the one before it, or the network is too large.
    """
    rows: list[LayerSummary] = []
    shape = tuple(input_shape)
    for number, layer in enumerate(architecture.layers, start=1):
        try:
            rows.append(_layer(layer, shape))
        except SpecError as error:
            raise SpecError(
                f"Layer {number}: {error.problem}", expected=error.expected, received=error.received, remedy=error.remedy
            ) from None
        shape = rows[-1].output_shape
    total = parameter_count(rows)
    if total > MAX_PARAMETERS:
        raise SpecError(
            "The network is too large.", expected=f"at most {MAX_PARAMETERS:,} parameters", received=f"{total:,}",
            remedy="Use fewer units, or pool before Flatten.",
        )
    return tuple(rows)


def parameter_count(rows: tuple[LayerSummary, ...] | list[LayerSummary]) -> int:
    """All parameters, as Keras' `count_params` counts them."""
    return sum(row.parameters for row in rows)


def multiply_add_count(rows: tuple[LayerSummary, ...] | list[LayerSummary]) -> int:
    """Multiply-adds of one forward pass of one image."""
    return sum(row.multiply_adds for row in rows)
