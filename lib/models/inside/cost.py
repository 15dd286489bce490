"""What one image costs an opened network."""

from __future__ import annotations

import math

import numpy as np

from lib.models.inside.network import InsideNetwork


def multiply_adds(network: InsideNetwork) -> int:
    """Multiply-adds of all convolutions and dense layers for one image or code."""
    total = 0
    for layer, part in zip(network.layers, network.parts, strict=True):
        if layer.kind in ("conv", "dense"):
            # A kernel's weights but those of its last axis go into every number.
            total += math.prod(layer.shape) * math.prod(part.kernel.shape[:-1])
        elif layer.kind == "conv_transpose":
            total += math.prod(part.kernel.shape) * int(np.prod(part.input.shape[1:3]))
    return total
