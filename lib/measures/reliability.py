"""How honest a classifier's probabilities are, and which answers it had better not give.

`probabilities` are float (N, classes), each row summing to one; `labels` int (N,).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

#: Temperatures that are tried.
_TEMPERATURES = np.geomspace(0.3, 4.0, 105)


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


@dataclass(frozen=True)
class Detector:
    """Tells images of a classifier's classes from all others: a weighted sum of what its last convolution found, averaged
    over the image, and of its sorted outputs before the softmax; less than `least` is no thing of its classes.

    `weights` are float (filters + classes,), `bias` the constant.
    """

    weights: np.ndarray
    bias: float
    least: float

    def scores(self, features: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """float (N,), higher for images of the classes; `features` (N, filters) and `logits` (N, classes)."""
        return detector_inputs(features, logits) @ self.weights + self.bias


def detector_inputs(features: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """What a `Detector` weighs, float (N, filters + classes): sums over logarithms, since features are long-tailed."""
    return np.concatenate([np.log1p(10 * np.maximum(features, 0)), np.sort(logits, axis=1) / 10], axis=1)


def least_score(accepted: Mapping[float, np.ndarray]) -> float:
    """The threshold under which of each kind of validation images at most its share, the key, is refused."""
    return float(min(np.quantile(scores, share) for share, scores in accepted.items()))
