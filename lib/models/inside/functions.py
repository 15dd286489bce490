"""Activation functions of Keras layers as arithmetic on NumPy numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Activation:
    """A layer's activation: its name ("relu", "leaky_relu", ...) and its slope or alpha, 0 where it has none."""

    name: str
    slope: float = 0.0
    function: Callable[[Any], Any] | None = None

    def __call__(self, sums: np.ndarray) -> np.ndarray:
        """Its values for sums (..., units), float64; softmax goes over the last axis."""
        known = _FORMULAS.get(self.name)
        if known is not None:
            return known(np.asarray(sums, np.float64), self.slope)
        return np.asarray(self.function(np.asarray(sums, np.float32)), np.float64) if self.function else sums


def activation_of(layer: Any) -> Activation:
    """The activation of a Keras layer; "linear" where it has none."""
    name = type(layer).__name__
    if name == "LeakyReLU":
        return Activation("leaky_relu", float(layer.negative_slope))
    if name == "ELU":
        return Activation("elu", float(layer.alpha))
    if name == "Softmax":
        return Activation("softmax")
    if name == "ReLU":
        plain = layer.max_value is None and not layer.threshold
        return Activation("leaky_relu" if layer.negative_slope else "relu" if plain else "other",
                          float(layer.negative_slope), layer)
    function = getattr(layer, "activation", None)
    if function is None:
        return Activation("linear")
    if hasattr(function, "get_config"):  # a layer as the activation of another one
        return activation_of(function)
    known = getattr(function, "__name__", "other")
    return Activation(known, 1.0 if known == "elu" else 0.2 if known == "leaky_relu" else 0.0, function)


def _softmax(sums: np.ndarray) -> np.ndarray:
    powers = np.exp(sums - sums.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


_FORMULAS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "linear": lambda z, slope: z,
    "relu": lambda z, slope: np.maximum(z, 0.0),
    "leaky_relu": lambda z, slope: np.where(z < 0, slope * z, z),
    "elu": lambda z, slope: np.where(z < 0, slope * np.expm1(np.minimum(z, 0.0)), z),
    "tanh": lambda z, slope: np.tanh(z),
    "sigmoid": lambda z, slope: 0.5 * (1.0 + np.tanh(0.5 * z)),
    "softplus": lambda z, slope: np.logaddexp(0.0, z),
    "softmax": lambda z, slope: _softmax(z),
}
