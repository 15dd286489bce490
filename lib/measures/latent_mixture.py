"""Where a VAE's training images lie among its latent codes: a mixture of Gaussians, fitted after training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Added to the variances, as a share of their mean, so that no Gaussian shrinks to a point.
_SHARE_ADDED = 1e-3
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class LatentMixture:
    """K Gaussians in L dimensions: shares (K,), means (K, L), and lower triangular factors (K, L, L) of the covariances.

    P. Ghosh et al., "From Variational to Deterministic Autoencoders", ICLR 2020: a density fitted to the latent codes of
    the training images after training meets the decoder where it has learned to draw.
    """

    shares: np.ndarray
    means: np.ndarray
    factors: np.ndarray

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Latent codes, float32 (count, L)."""
        chosen = rng.choice(len(self.shares), count, p=self.shares / self.shares.sum())
        noise = rng.standard_normal((count, self.means.shape[1]))
        return (self.means[chosen] + np.einsum("nij,nj->ni", self.factors[chosen], noise)).astype(np.float32)


def fit_mixture(
    codes: np.ndarray, components: Sequence[int], unseen: np.ndarray | None = None, seed: int = 0
) -> tuple[LatentMixture, list[float]]:
    """The mixture fitted to latent `codes` (N, L), N at least 2, and the mean log-likelihood of each that was tried.

    Of the numbers of `components` that one is taken under which the `unseen` codes (M, L), or where there are none the
    codes themselves, are the likeliest; the likelihoods are theirs, in nats a code.
    """
    from sklearn.mixture import GaussianMixture

    codes = np.asarray(codes, np.float64)
    judged = codes if unseen is None or not len(unseen) else np.asarray(unseen, np.float64)
    added = _SHARE_ADDED * max(float(codes.var(axis=0).mean()), 1e-12)
    tried = [GaussianMixture(min(count, len(codes)), reg_covar=added, max_iter=_ROUNDS, tol=1e-2, random_state=seed)
             for count in components]
    likelihoods = [_fitted(mixture, codes).score(judged) for mixture in tried]
    best = tried[int(np.argmax(likelihoods))]
    return LatentMixture(best.weights_, best.means_, np.linalg.cholesky(best.covariances_)), likelihoods


def _fitted(mixture: Any, codes: np.ndarray) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Rounds are limited; where it stands then is good enough.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(codes)
