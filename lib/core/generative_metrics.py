"""How invented images of several classes differ, and which known image is nearest; see also `lib.core.fidelity`."""

from __future__ import annotations

import numpy as np


def class_diversity(features: np.ndarray, labels: np.ndarray) -> float:
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
