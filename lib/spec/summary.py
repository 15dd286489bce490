"""Shapes, parameters and multiply-adds of an architecture, by arithmetic alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lib.base.errors import SpecError
from lib.spec.specs import (
    ActivationSpec,
    ArchitectureSpec,
    ConvSpec,
    DenseSpec,
    LayerSpec,
    PoolSpec,
)
from lib.spec.words import activation_text

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
            remedy="Put it before Flatten, global pooling and the dense layers, or remove it.",
        )
    height, width, channels = shape
    return height, width, channels


def _places(layer: ConvSpec | PoolSpec, height: int, width: int, size: int, step: int, what: str) -> tuple[int, int]:
    """At how many places a window of `size` x `size` stands, downwards and across."""
    if layer.padding == "same":
        return -(-height // step), -(-width // step)
    if min(height, width) < size:
        raise SpecError(
            f"{what} no longer fits on a {height}x{width} map.", expected=f"a map of at least {size} pixels a side",
            received=f"{height}x{width}", remedy="Remove it, use same padding, or shrink the maps less before it.",
        )
    return (height - size) // step + 1, (width - size) // step + 1


def _activation(layer: DenseSpec | ConvSpec | ActivationSpec) -> str:
    return activation_text(layer).replace("_", " ")


def _conv(layer: ConvSpec, shape: Shape) -> LayerSummary:
    height, width, channels = _spatial(layer, shape)
    k, f = layer.kernel_size, layer.filters
    out = (*_places(layer, height, width, k, layer.strides, f"The {k}x{k} convolution"), f)
    weights = k * k * channels * f
    stride = f", stride {layer.strides}" if layer.strides > 1 else ""
    text = f"Convolution {f} x {k}x{k}{stride}, {_activation(layer)}"
    return LayerSummary(text, out, weights + f, weights + f, weights * out[0] * out[1])


def _pool(layer: PoolSpec, shape: Shape) -> LayerSummary:
    height, width, channels = _spatial(layer, shape)
    what = f"{layer.method.capitalize()} pooling {layer.size}x{layer.size}"
    out = _places(layer, height, width, layer.size, layer.step, what)
    stride = f", stride {layer.strides}" if layer.strides else ""
    return LayerSummary(what + stride, (*out, channels), 0, 0, 0)


def _dense(layer: DenseSpec, shape: Shape) -> LayerSummary:
    if len(shape) != 1:
        raise SpecError(
            "A dense layer needs a vector.", expected="Flatten or global pooling before the first dense layer",
            received="feature maps of shape " + " x ".join(map(str, shape)), remedy="Put Flatten before it.",
        )
    weights = shape[0] * layer.units
    total = weights + layer.units
    return LayerSummary(f"Dense {layer.units}, {_activation(layer)}", (layer.units,), total, total, weights)


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
        case "noise":
            return LayerSummary(f"Gaussian noise {layer.stddev:g}", shape, 0, 0, 0)
        case "batch_norm":
            return _batch_norm(shape)
        case "activation":
            return LayerSummary(_activation(layer).capitalize(), shape, 0, 0, 0)
    raise SpecError("Unknown kind of layer.", received=repr(layer))


#: The largest layer an app run may ask for: 200 M parameters are 0.8 GB of weights, 2.4 GB with Adam's moments.
MAX_PARAMETERS = 200_000_000


@dataclass(frozen=True, slots=True)
class StackCheck:
    """What a stack of layers gives: a row for each layer as far as they fit, and why it cannot be trained.

    `fault` is the first layer that is at fault, counted from 0, `error` what is wrong there; both None for a good stack.
    """

    rows: tuple[LayerSummary, ...]
    fault: int | None = None
    error: SpecError | None = None


def check_stack(layers: Sequence[LayerSpec], input_shape: Shape) -> StackCheck:
    """`layers` one after the other on an input of (height, width, channels), or of any shape."""
    rows: list[LayerSummary] = []
    shape = tuple(input_shape)
    for number, layer in enumerate(layers):
        try:
            rows.append(_layer(layer, shape))
        except SpecError as error:
            return StackCheck(tuple(rows), number, error)
        shape = rows[-1].output_shape
    if parameter_count(rows) > MAX_PARAMETERS:
        return StackCheck(tuple(rows), max(range(len(rows)), key=lambda i: rows[i].parameters), SpecError(
            "The network is too large.", expected=f"at most {MAX_PARAMETERS:,} parameters",
            received=f"{parameter_count(rows):,}", remedy="Use fewer units, or pool before Flatten.",
        ))
    return StackCheck(tuple(rows))


def summarise(architecture: ArchitectureSpec, input_shape: Shape) -> tuple[LayerSummary, ...]:
    """One row per layer for an input of (height, width, channels).

    Raises SpecError when a layer does not fit the one before it, or the network is too large.
    """
    checked = check_stack(architecture.layers, input_shape)
    if checked.error is None:
        return checked.rows
    error, number = checked.error, checked.fault or 0
    problem = error.problem if len(checked.rows) == len(architecture.layers) else f"Layer {number + 1}: {error.problem}"
    raise SpecError(problem, expected=error.expected, received=error.received, remedy=error.remedy)


def parameter_count(rows: tuple[LayerSummary, ...] | list[LayerSummary]) -> int:
    """All parameters, as Keras' `count_params` counts them."""
    return sum(row.parameters for row in rows)


def multiply_add_count(rows: tuple[LayerSummary, ...] | list[LayerSummary]) -> int:
    """Multiply-adds of one forward pass of one image."""
    return sum(row.multiply_adds for row in rows)
