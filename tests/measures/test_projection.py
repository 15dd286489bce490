"""Two numbers for many: principal components against NumPy's SVD, t-SNE keeps groups apart."""

import numpy as np
import pytest

from lib.measures.projection import neighbour_map, principal_components


@pytest.mark.parametrize("shape", [(40, 6), (12, 50), (30, 30)])
def test_principal_components_are_those_of_the_singular_value_decomposition(shape):
    x = np.random.default_rng(0).normal(size=shape) * np.arange(1, shape[1] + 1)
    points, shares = principal_components(x, 3)
    left, values, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    assert np.allclose(np.abs(points), np.abs(left[:, :3] * values[:3]), atol=1e-6)
    assert np.allclose(shares, values[:3] ** 2 / (values**2).sum())


def test_signs_do_not_depend_on_which_product_is_taken():
    x = np.random.default_rng(1).normal(size=(20, 5)) * [5, 3, 1, 1, 1]
    wide = np.concatenate([x, np.zeros((20, 30))], axis=1)
    assert np.allclose(principal_components(x)[0], principal_components(wide)[0], atol=1e-6)


def test_features_without_variance_or_direction_are_zero():
    points, shares = principal_components(np.ones((5, 4)))
    assert not points.any() and not shares.any()
    points, shares = principal_components(np.arange(6.0)[:, None])
    assert points.shape == (6, 2) and not points[:, 1].any() and shares.tolist() == [1.0, 0.0]


def test_neighbours_stay_together_and_the_seed_decides():
    rng = np.random.default_rng(2)
    groups = np.repeat([0, 1], 15)
    x = rng.normal(size=(30, 8)) + 40 * groups[:, None]
    points = neighbour_map(x)
    assert points.shape == (30, 2) and np.array_equal(points, neighbour_map(x))
    centres = [points[groups == g].mean(axis=0) for g in (0, 1)]
    nearest = [int(np.argmin([np.linalg.norm(p - c) for c in centres])) for p in points]
    assert nearest == groups.tolist()
