"""How honest a classifier's probabilities are, and which answers it had better not give.

`probabilities` are float (N, classes), each row summing to one; `labels` int (N,).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Temperatures that are tried.
_TEMPERATURES = np.geomspace(0.3, 4.0, 105)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to a classifier's probabilities: `temperature` makes them honest, and an image whose likeliest class has
    less than `least` afterwards counts as no thing of its classes."""

    temperature: float = 1.0
    least: float = 0.0


def softened(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities after dividing their logarithms by `temperature`, as float32 (C. Guo, G. Pleiss, Y. Sun and
    K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017)."""
    if temperature == 1.0:
        return probabilities
    scaled = np.log(np.maximum(probabilities.astype(np.float64), 1e-12)) / temperature
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean negative logarithm of the true class's probability."""
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(true, 1e-12)).mean())


def fitted_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature under which the labels of a validation split are likeliest."""
    return float(min(_TEMPERATURES.tolist(), key=lambda tried: log_loss(softened(probabilities, tried), labels)))


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> tuple[list[dict[str, float]], float]:
    """Rows of (from, to, images, confidence, accuracy) by confidence, empty ones left out, and the expected calibration
    error: the mean distance of the two, weighted by images (Naeini, Cooper and Hauskrecht, AAAI 2015)."""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="right") - 1, 0, bins - 1)
    rows, error = [], 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            said, was = float(confidence[inside].mean()), float(right[inside].mean())
            rows.append({"from": float(edges[number]), "to": float(edges[number + 1]), "images": int(inside.sum()),
                         "confidence": said, "accuracy": was})
            error += inside.mean() * abs(said - was)
    return rows, float(error)


def least_confidence(accepted: Sequence[np.ndarray], refused: np.ndarray) -> float:
    """The confidence from which an answer counts, so that the mistakes on both sides are fewest.

    `accepted` are the confidences of validation images of one kind each that have to be accepted, `refused` those that have
    to be refused. What is weighed is the largest share of any kind that is refused wrongly, four times, against the share
    that is accepted wrongly: a user whose digit is refused is wronged more than one whose scribble is read.
    """
    tried = np.unique(np.concatenate([[0.0], *accepted, refused]).round(4))

    def cost(least: float) -> float:
        return 4 * max(float((kind < least).mean()) for kind in accepted) + float((refused >= least).mean())

    return float(min(tried.tolist(), key=cost))
