"""How honest a classifier's probabilities are, and which answers it had better not give.

`probabilities` are float (N, classes), each row summing to one; `labels` int (N,).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

#: Between which a temperature is looked for.
_TEMPERATURES = (0.3, 8.0)
#: Probabilities below are taken for this, so that none has an infinite logarithm.
_LEAST = 1e-12


def tempered(log_probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities, float64 (..., classes), after dividing their logarithms by `temperature` (C. Guo, G. Pleiss, Y. Sun
    and K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017)."""
    scaled = np.asarray(log_probabilities, np.float64) / temperature
    # SciPy's softmax, without its import: pages read clocks and digits with this.
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def logarithms(probabilities: np.ndarray) -> np.ndarray:
    """Of probabilities, float64 of the same shape, the least as if they were `1e-12`."""
    return np.log(np.maximum(probabilities.astype(np.float64), _LEAST))


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean negative logarithm of the true class's probability."""
    return float(-logarithms(probabilities[np.arange(len(labels)), labels]).mean())


def fitted_temperature(log_probabilities: np.ndarray, labels: np.ndarray,
                       counted: Callable[[np.ndarray], np.ndarray] = lambda probabilities: probabilities) -> float:
    """The temperature, 0.3 to 8, under which the labels (N,) of a validation split are likeliest; `log_probabilities` are
    float (N, classes). `counted` makes of probabilities those that count, where near answers are right too."""
    from scipy.optimize import minimize_scalar

    return float(minimize_scalar(lambda tried: log_loss(counted(tempered(log_probabilities, tried)), labels),
                                 bounds=_TEMPERATURES, method="bounded").x)


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
