"""Report cards of generated images, on cases with known answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.catalog.digits import mixed_latents, salted_latents
from lib.measures.fidelity import class_diversity, nearest


def test_diversity_is_the_mean_distance_within_labels():
    features = np.array([[0.0, 0], [3, 4], [100, 0], [100, 0]])
    assert class_diversity(features, np.array([1, 1, 2, 2])) == pytest.approx((5 + 0) / 2)
    assert class_diversity(features[:1], np.array([1])) == 0.0


def test_nearest_finds_each_image_among_many_whatever_the_chunks():
    rng = np.random.default_rng(2)
    candidates = rng.integers(0, 256, (57, 5, 5, 1), dtype=np.uint8)
    chosen = [50, 3, 17]
    spoiled = np.clip(candidates[chosen].astype(int) + rng.integers(-4, 5, (3, 5, 5, 1)), 0, 255).astype(np.uint8)
    for chunk in (7, 57, 1000):
        assert nearest(spoiled.reshape(3, -1), candidates.reshape(57, -1), chunk)[0].tolist() == chosen


@given(st.integers(0, 1000), st.floats(0, 1))
def test_salt_stays_between_a_codes_own_least_and_greatest(seed, level):
    latents = np.random.default_rng(seed).normal(size=(5, 40)).astype(np.float32)
    salted = salted_latents(latents, level, seed)
    assert (salted >= latents.min(axis=1, keepdims=True) - 1e-5).all()
    assert (salted <= latents.max(axis=1, keepdims=True) + 1e-5).all()
    same = salted == latents
    assert (level > 0) or same.all()
    harder = salted_latents(latents, min(level + 0.2, 1.0), seed)
    assert ((harder != latents) >= (salted != latents)).all()


def test_mixing_begins_at_the_first_latent_code_and_ends_at_the_second():
    first, second = np.zeros((1, 4)), np.ones((1, 4))
    assert np.array_equal(mixed_latents(first, second, 0.0), first)
    assert np.array_equal(mixed_latents(first, second, 1.0), second)
    assert mixed_latents(first, second, 0.25) == pytest.approx(0.25)
