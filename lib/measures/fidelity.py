"""How good generated images are: distances between sets of features.

NumPy only: scikit-learn has the distances too, but its import would delay the first answer of a page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance between Gaussians fitted to feature vectors a (N, D) and b (M, D); 0 for equal sets.

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

    Precision is the share of generated images that lie within the k-nearest-neighbour balls of real ones (they look
    real), recall the share of real ones within the balls of generated ones (nothing is left out).
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"more than {k} images of each kind are needed")
    between = squared_distances(real, fake)
    inside_real = (between <= _radii(real, k)[:, None]).any(axis=0)
    inside_fake = (between <= _radii(fake, k)[None]).any(axis=1)
    return float(inside_real.mean()), float(inside_fake.mean())


def nearest(samples: np.ndarray, pool: np.ndarray, chunk: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    """For each row of `samples` (N, D) the index of the nearest row of `pool` (M, D) and their distance.

    The pool is gone through `chunk` rows at a time, so that tens of thousands of images need little memory.
    """
    index, least = np.zeros(len(samples), np.int64), np.full(len(samples), np.inf)
    for start in range(0, len(pool), chunk):
        distances = squared_distances(samples, pool[start : start + chunk])
        row = distances.argmin(axis=1)
        value = distances[np.arange(len(samples)), row]
        index = np.where(value < least, start + row, index)
        least = np.minimum(least, value)
    return index, np.sqrt(least)


def class_diversity(features: np.ndarray, labels: np.ndarray) -> float:
    """The mean distance between two images' features (N, D) of the same label (N,); 0 when all are alike."""
    means = []
    for label in np.unique(labels):
        group = features[labels == label]
        if len(group) > 1:
            means.append(np.sqrt(squared_distances(group, group)).sum() / (len(group) * (len(group) - 1)))
    return float(np.mean(means)) if means else 0.0


def diversity(images: np.ndarray) -> float:
    """Root-mean-square distance of uint8 images (N, H, W, C) from their mean image, in grey levels.

    It falls towards 0 when a generator draws the same image everywhere (mode collapse).
    """
    values = np.asarray(images, np.float64)
    return float(np.sqrt(((values - values.mean(axis=0)) ** 2).mean()))


def sharpness(images: np.ndarray) -> float:
    """Mean absolute difference of neighbouring pixels of uint8 images (N, H, W, C), in grey levels; low when blurred."""
    grey = np.asarray(images, np.float32).mean(axis=3)
    return float((np.abs(np.diff(grey, axis=1)).mean() + np.abs(np.diff(grey, axis=2)).mean()) / 2)


@dataclass(frozen=True, slots=True)
class ReportCard:
    """Generated images against real ones. `diversity` and `sharpness` are shares of those of the real images."""

    frechet: float
    precision: float
    recall: float
    sharpness: float
    diversity: float


def report_card(
    samples: np.ndarray, features: np.ndarray, real_features: np.ndarray, real_sharpness: float, real_diversity: float
) -> ReportCard:
    """The card of uint8 `samples` (N, H, W, C) with their features (N, D), beside those of real images (M, D)."""
    precision, recall = precision_recall(real_features, features)
    return ReportCard(
        frechet_distance(features, real_features), precision, recall, sharpness(samples) / max(real_sharpness, 1e-9),
        diversity(samples) / max(real_diversity, 1e-9),
    )


@dataclass(frozen=True, slots=True)
class LatentShape:
    """Where a VAE's images lie among its latent codes: mean (L,), main directions (K, L), spread along each (K,)."""

    mean: np.ndarray
    directions: np.ndarray
    deviations: np.ndarray

    def point(self, amounts: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        """The latent code `amounts` standard deviations from `start` (the mean) along each direction; float32 (L,).

        `amounts` has as many values as there are directions, or fewer.
        """
        amounts = np.asarray(amounts, np.float64)
        count = len(amounts)
        moved = (amounts * self.deviations[:count]) @ self.directions[:count]
        return ((self.mean if start is None else start) + moved).astype(np.float32)


def latent_shape(means: np.ndarray) -> LatentShape:
    """Principal directions of latent means (N, L), the widest first."""
    means = np.asarray(means, np.float64)
    values, vectors = np.linalg.eigh(np.cov(means, rowvar=False))
    order = np.argsort(-values)
    return LatentShape(means.mean(axis=0), vectors[:, order].T, np.sqrt(np.clip(values[order], 0, None)))


def interpolate(start: np.ndarray, end: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Points (N, L) on the great arc from `start` to `end`, both (L,), at `shares` (N,) of the way, 0-1.

    Latent codes of many dimensions lie near a sphere; a straight line would cut through its empty middle
    (T. White, "Sampling Generative Networks", 2016).
    """
    a, b = np.asarray(start, np.float64), np.asarray(end, np.float64)
    cosine = float(np.clip(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12), -1, 1))
    angle, shares = np.arccos(cosine), np.asarray(shares, np.float64)[:, None]
    if np.sin(angle) < 1e-6:
        return ((1 - shares) * a + shares * b).astype(np.float32)
    return ((np.sin((1 - shares) * angle) * a + np.sin(shares * angle) * b) / np.sin(angle)).astype(np.float32)
