"""Which part of a map, and of the image, a number was computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.models.inside.network import ELEMENTWISE, IMAGE, InsideLayer, InsideNetwork


@dataclass(frozen=True)
class Region:
    """Rows `top` to `top + height - 1` and columns likewise; it may reach over a map's edge, where there is padding."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """This part of `values` (H, W) or (H, W, C), zeros outside, and which cells (height, width) lie inside."""
        shape = (self.height, self.width, *values.shape[2:])
        part, inside = np.zeros(shape, values.dtype), np.zeros(shape[:2], bool)
        top, left = max(self.top, 0), max(self.left, 0)
        bottom, right = min(self.top + self.height, values.shape[0]), min(self.left + self.width, values.shape[1])
        place = (slice(top - self.top, bottom - self.top), slice(left - self.left, right - self.left))
        part[place] = values[top:bottom, left:right]
        inside[place] = True
        return part, inside

    def clipped(self, height: int, width: int) -> Region:
        """What of it lies on a map of this size."""
        top, left = max(self.top, 0), max(self.left, 0)
        return Region(top, left, min(self.top + self.height, height) - top, min(self.left + self.width, width) - left)


def padding_before(size: int, window: int, stride: int, padding: str) -> int:
    """Cells of padding before the first one, as TensorFlow and JAX divide them."""
    if padding != "same":
        return 0
    return max((-(-size // stride) - 1) * stride + window - size, 0) // 2


def spread_over(part: Any, axis: int, at: int) -> tuple[int, int]:
    """The first cell and the number of cells of the map before that a transposed convolution spreads over cell `at`."""
    size, stride = int(part.kernel_size[axis]), int(part.strides[axis])
    last = (at + padding_cut(part, axis)) // stride
    first = -(-(at + padding_cut(part, axis) - size + 1) // stride)
    return first, max(last - first + 1, 0)


def padding_cut(part: Any, axis: int) -> int:
    """Cells that a transposed convolution cuts off before the first one, as TensorFlow and JAX divide them."""
    return max(int(part.kernel_size[axis]) - int(part.strides[axis]), 0) // 2 if part.padding == "same" else 0


def window_region(part: Any, layer: InsideLayer, before: tuple[int, ...], row: int, column: int) -> Region | None:
    """The window in the output of the layer before, of shape `before`, for one number of `layer`; None for vectors."""
    if len(before) != 3:
        return None
    if layer.kind in ELEMENTWISE:
        return Region(row, column, 1, 1)
    if layer.kind == "conv_transpose":
        (top, height), (left, width) = (spread_over(part, axis, at) for axis, at in enumerate((row, column)))
        return Region(top, left, height, width)
    if layer.kind == "double":
        return Region(row // part.size[0], column // part.size[1], 1, 1)
    if layer.kind == "crop":
        return Region(row + part.cropping[0][0], column + part.cropping[1][0], 1, 1)
    if layer.kind == "conv":
        sizes, strides = part.kernel_size, part.strides
    elif layer.kind in ("max_pool", "average_pool"):
        sizes, strides = part.pool_size, part.strides
    elif layer.kind.startswith("global"):
        return Region(0, 0, before[0], before[1])
    else:
        return None
    top = row * strides[0] - padding_before(before[0], sizes[0], strides[0], part.padding)
    left = column * strides[1] - padding_before(before[1], sizes[1], strides[1], part.padding)
    return Region(top, left, int(sizes[0]), int(sizes[1]))


def field_of(network: InsideNetwork, number: int, row: int, column: int, unit: int) -> Region:
    """The part of the image that can change one number of layer `number`: its receptive field, clipped to the image."""
    height, width = network.image_shape[:2]
    region: Region | None = Region(row, column, 1, 1)
    while number != IMAGE and region is not None:
        region, number = _one_back(network, number, region, unit)
    return Region(0, 0, height, width) if region is None else region.clipped(height, width)


def _one_back(network: InsideNetwork, number: int, region: Region, unit: int) -> tuple[Region | None, int]:
    """`region` of layer `number` as a region of the layer before it; None for all of the image."""
    layer, part = network.layers[number], network.parts[number]
    if layer.before is None:
        return None, IMAGE
    shape = network.image_shape if layer.before == IMAGE else network.layers[layer.before].shape
    if layer.kind == "flatten" and len(shape) == 3 and region.height == region.width == 1:
        at, across, _ = np.unravel_index(unit, shape)
        return Region(int(at), int(across), 1, 1), layer.before
    if layer.kind in ELEMENTWISE:
        return region, layer.before
    first = window_region(part, layer, shape, region.top, region.left)
    last = window_region(part, layer, shape, region.top + region.height - 1, region.left + region.width - 1)
    if first is None or last is None:
        return None, IMAGE
    height, width = last.top + last.height - first.top, last.left + last.width - first.left
    return Region(first.top, first.left, height, width), layer.before
