"""Report cards of invented images, on cases with known answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.digits import mixed_codes, salted_codes
from lib.core.generative_metrics import diversity, frechet_distance, frechet_of_moments, moments, nearest


def test_equal_sets_have_no_distance():
    features = np.random.default_rng(0).normal(size=(400, 6))
    assert frechet_distance(features, features) == pytest.approx(0.0, abs=1e-6)


def test_normal_distributions_with_diagonal_covariance():
    mean_1, mean_2 = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 0.0])
    var_1, var_2 = np.array([1.0, 4.0, 0.25]), np.array([1.0, 1.0, 4.0])
    expected = ((mean_1 - mean_2) ** 2).sum() + ((np.sqrt(var_1) - np.sqrt(var_2)) ** 2).sum()
    assert frechet_of_moments(mean_1, np.diag(var_1), mean_2, np.diag(var_2)) == pytest.approx(expected)


@given(st.integers(0, 100))
def test_distance_is_symmetric_and_blind_to_rotations(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(60, 4)), rng.normal(size=(50, 4)) * 2 + 1
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    value = frechet_distance(first, second)
    assert frechet_distance(second, first) == pytest.approx(value, rel=1e-6)
    assert frechet_distance(first @ turn, second @ turn) == pytest.approx(value, rel=1e-6)


def test_moments_are_numpys():
    values = np.random.default_rng(1).normal(size=(30, 3))
    mean, covariance = moments(values)
    assert mean == pytest.approx(values.mean(axis=0))
    assert covariance == pytest.approx(np.cov(values.T))


def test_diversity_is_the_mean_distance_within_labels():
    features = np.array([[0.0, 0], [3, 4], [100, 0], [100, 0]])
    assert diversity(features, np.array([1, 1, 2, 2])) == pytest.approx((5 + 0) / 2)
    assert diversity(features[:1], np.array([1])) == 0.0


def test_nearest_finds_each_image_among_many_whatever_the_chunks():
    rng = np.random.default_rng(2)
    candidates = rng.integers(0, 256, (57, 5, 5, 1), dtype=np.uint8)
    chosen = [50, 3, 17]
    spoiled = np.clip(candidates[chosen].astype(int) + rng.integers(-4, 5, (3, 5, 5, 1)), 0, 255).astype(np.uint8)
    for chunk in (7, 57, 1000):
        assert nearest(spoiled, candidates, chunk).tolist() == chosen


@given(st.integers(0, 1000), st.floats(0, 1))
def test_salt_stays_between_a_codes_own_least_and_greatest(seed, level):
    codes = np.random.default_rng(seed).normal(size=(5, 40)).astype(np.float32)
    salted = salted_codes(codes, level, seed)
    assert (salted >= codes.min(axis=1, keepdims=True) - 1e-5).all()
    assert (salted <= codes.max(axis=1, keepdims=True) + 1e-5).all()
    same = salted == codes
    assert (level > 0) or same.all()
    harder = salted_codes(codes, min(level + 0.2, 1.0), seed)
    assert ((harder != codes) >= (salted != codes)).all()


def test_mixing_begins_at_the_first_code_and_ends_at_the_second():
    first, second = np.zeros((1, 4)), np.ones((1, 4))
    assert np.array_equal(mixed_codes(first, second, 0.0), first)
    assert np.array_equal(mixed_codes(first, second, 1.0), second)
    assert mixed_codes(first, second, 0.25) == pytest.approx(0.25)
