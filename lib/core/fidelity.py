"""How good invented pictures are: distances between clouds of features, NumPy only."""

from __future__ import annotations

import numpy as np


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Frechet distance between Gaussians fitted to feature vectors a (N, D) and b (M, D); 0 for equal sets.

    M. Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NeurIPS 2017: |mean difference|^2 +
    tr(A + B - 2 (A B)^(1/2)) for covariances A and B. Figures compare only within one feature network.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return frechet_of_moments(*moments(a), *moments(b))


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and covariance (D, D) of features (N, D), N at least 2."""
    features = np.asarray(features, np.float64)
    return features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False))


def frechet_of_moments(mean_a: np.ndarray, cov_a: np.ndarray, mean_b: np.ndarray, cov_b: np.ndarray) -> float:
    """The same from means and covariances."""
    # (A B)^(1/2) has the trace of (A^(1/2) B A^(1/2))^(1/2), which is symmetric, so no complex roots arise.
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    inner = np.clip(np.linalg.eigvalsh(root @ cov_b @ root), 0, None)
    difference = float(((mean_a - mean_b) ** 2).sum())
    return max(0.0, difference + float(np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(inner).sum()))


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances (N, M) between rows of a (N, D) and b (M, D)."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.clip((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0, None)


def _radii(features: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each row to its k-th nearest other row."""
    distances = squared_distances(features, features)
    np.fill_diagonal(distances, 0)
    return np.partition(distances, k, axis=1)[:, k]


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> tuple[float, float]:
    """(precision, recall) of T. Kynkaanniemi et al., NeurIPS 2019, in features (N, D) and (M, D).

    Precision is the share of invented pictures that lie within the k-nearest-neighbour balls of real ones (they look
    real), recall the share of real ones within the balls of invented ones (nothing is left out).
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"more than {k} pictures of each kind are needed")
    between = squared_distances(real, fake)
    inside_real = (between <= _radii(real, k)[:, None]).any(axis=0)
    inside_fake = (between <= _radii(fake, k)[None]).any(axis=1)
    return float(inside_real.mean()), float(inside_fake.mean())


def nearest(samples: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row of `samples` (N, D) the index of the nearest row of `pool` (M, D) and their distance."""
    distances = squared_distances(samples, pool)
    index = distances.argmin(axis=1)
    return index, np.sqrt(distances[np.arange(len(samples)), index])


def diversity(pictures: np.ndarray) -> float:
    """Root-mean-square distance of uint8 pictures (N, H, W, C) from their mean picture, in grey levels.

    It falls towards 0 when a generator draws the same picture everywhere (mode collapse).
    """
    values = np.asarray(pictures, np.float64)
    return float(np.sqrt(((values - values.mean(axis=0)) ** 2).mean()))
