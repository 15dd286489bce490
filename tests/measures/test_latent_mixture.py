"""The mixture of Gaussians that is fitted to latent codes."""

import numpy as np
import pytest

from lib.measures.latent_mixture import LatentMixture, fit_mixture


def two_clouds(seed, count=600):
    rng = np.random.default_rng(seed)
    left = rng.standard_normal((count, 2)) * [0.5, 0.3] + [-4, 0]
    right = rng.standard_normal((count // 2, 2)) * [0.3, 0.5] + [4, 1]
    return np.concatenate([left, right])


def test_two_clouds_are_found_and_drawn_from():
    mixture, likelihoods = fit_mixture(two_clouds(0), (1, 2), two_clouds(1))
    assert len(mixture.shares) == 2 and likelihoods[1] > likelihoods[0] + 0.5
    drawn = mixture.draw(6000, np.random.default_rng(0))
    assert drawn.shape == (6000, 2) and drawn.dtype == np.float32
    left = drawn[drawn[:, 0] < 0]
    assert len(left) / len(drawn) == pytest.approx(2 / 3, abs=0.03)
    assert left.mean(axis=0) == pytest.approx([-4, 0], abs=0.1)
    assert left.std(axis=0) == pytest.approx([0.5, 0.3], rel=0.15)
    assert not ((drawn[:, 0] > -2) & (drawn[:, 0] < 2)).any()  # where one Gaussian has its middle


def test_unseen_codes_decide_how_many_gaussians_there_are():
    rng = np.random.default_rng(0)
    few, unseen = rng.standard_normal((40, 4)), rng.standard_normal((500, 4))
    assert len(fit_mixture(few, (1, 10), unseen)[0].shares) == 1
    assert len(fit_mixture(few, (1, 10))[0].shares) == 10  # by the codes themselves the larger one is always likelier


def test_few_codes_and_rounded_shares_are_no_error():
    assert fit_mixture(np.eye(3), (8,))[0].draw(2, np.random.default_rng(0)).shape == (2, 3)
    rounded = LatentMixture(np.array([0.3333, 0.3333, 0.3333], np.float32), np.zeros((3, 1)), np.ones((3, 1, 1)))
    assert np.isfinite(rounded.draw(5, np.random.default_rng(0))).all()
