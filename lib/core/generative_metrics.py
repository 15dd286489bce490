"""How good invented images are, measured in the features of a classifier. NumPy only."""

from __future__ import annotations

import numpy as np


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The Frechet distance between normal distributions fitted to two sets of features, (N, D) and (M, D).

    Squared distance of the means plus trace(A + B - 2 (A B)^(1/2)) of the covariances; Heusel et al., "GANs trained
    by a two time-scale update rule", NeurIPS 2017, there in an Inception network's features, here in whatever
    features are given: only distances in the same features compare. 0 for equal distributions.
    """
    return frechet_of_moments(*moments(first), *moments(second))


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and covariance (D, D), float64, of features (N, D)."""
    values = np.asarray(features, np.float64)
    return values.mean(axis=0), np.cov(values, rowvar=False).reshape(values.shape[1], values.shape[1])


def frechet_of_moments(mean_1: np.ndarray, cov_1: np.ndarray, mean_2: np.ndarray, cov_2: np.ndarray) -> float:
    """The same from means (D,) and covariances (D, D)."""
    # The product's eigenvalues are those of A^(1/2) B A^(1/2), which is symmetric: real and not negative.
    values, vectors = np.linalg.eigh(cov_1)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    crossed = np.linalg.eigvalsh(root @ cov_2 @ root)
    trace = np.trace(cov_1) + np.trace(cov_2) - 2.0 * np.sqrt(np.maximum(crossed, 0.0)).sum()
    return float(max(np.sum((mean_1 - mean_2) ** 2) + trace, 0.0))


def diversity(features: np.ndarray, labels: np.ndarray) -> float:
    """The mean distance between two images' features (N, D) of the same label (N,); 0 when all are alike."""
    means = []
    for label in np.unique(labels):
        group = np.asarray(features[labels == label], np.float64)
        if len(group) > 1:
            squares = (group**2).sum(axis=1)
            distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2.0 * group @ group.T, 0.0))
            means.append(distances.sum() / (len(group) * (len(group) - 1)))
    return float(np.mean(means)) if means else 0.0


def nearest(images: np.ndarray, candidates: np.ndarray, chunk: int = 5000) -> np.ndarray:
    """For each image, uint8 (N, ...), the index of the candidate, uint8 (M, ...), with the least squared difference."""
    query = images.reshape(len(images), -1).astype(np.float32)
    best = np.full(len(images), np.inf, np.float32)
    index = np.zeros(len(images), np.int64)
    for start in range(0, len(candidates), chunk):
        part = candidates[start : start + chunk].reshape(-1, query.shape[1]).astype(np.float32)
        distance = (part**2).sum(axis=1)[None] - 2.0 * query @ part.T
        row = distance.argmin(axis=1)
        value = distance[np.arange(len(query)), row]
        index = np.where(value < best, start + row, index)
        best = np.minimum(best, value)
    return index
