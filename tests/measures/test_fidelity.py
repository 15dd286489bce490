"""Measures of generated images against cases whose answer is known."""

import numpy as np
import pytest

from lib.measures.fidelity import (
    diversity,
    frechet_distance,
    frechet_of_moments,
    interpolate,
    latent_shape,
    nearest,
    precision_recall,
    report_card,
    sharpness,
)


def cloud(seed=0, count=400, width=5):
    return np.random.default_rng(seed).standard_normal((count, width))


def test_equal_sets_have_distance_zero():
    assert frechet_distance(cloud(), cloud()) == pytest.approx(0, abs=1e-9)


def test_gaussians_with_commuting_covariances_have_the_closed_form():
    a, b = np.diag([1.0, 4.0, 9.0]), np.diag([4.0, 4.0, 1.0])
    expected = 5.0 + (1 - 2) ** 2 + 0 + (3 - 1) ** 2
    assert frechet_of_moments(np.zeros(3), a, np.array([1.0, 2.0, 0.0]), b) == pytest.approx(expected)


def test_the_distance_is_symmetric_and_a_shift_adds_its_square():
    a, b = cloud(0), 2 * cloud(1) + 1
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))
    assert frechet_distance(a, a + 3.0) == pytest.approx(9.0 * 5)


def test_singular_covariances_are_fine():
    flat = np.repeat(cloud(width=1), 4, axis=1)
    assert frechet_distance(flat, flat) == pytest.approx(0, abs=1e-9)


def test_precision_and_recall_of_the_same_cloud_are_high_and_of_distant_clouds_zero():
    assert precision_recall(cloud(0), cloud(0)) == (1.0, 1.0)
    assert min(precision_recall(cloud(0), cloud(1))) > 0.8
    assert precision_recall(cloud(0), cloud(1) + 100) == (0.0, 0.0)


def test_collapse_costs_recall_and_noise_costs_precision():
    real = np.concatenate([cloud(0), cloud(1) + 50])
    precision, recall = precision_recall(real, cloud(2))
    assert precision > 0.8 and recall < 0.6
    precision, recall = precision_recall(cloud(0), np.concatenate([cloud(3), cloud(4) * 100]))
    assert precision < 0.65 and recall > 0.8


def test_precision_needs_enough_images():
    with pytest.raises(ValueError, match="more than 3"):
        precision_recall(cloud(count=3), cloud())


def test_the_nearest_of_a_set_to_its_own_members_is_itself():
    index, distance = nearest(cloud()[:7], cloud())
    assert index.tolist() == list(range(7)) and distance == pytest.approx(0, abs=1e-6)


def test_blur_lowers_sharpness_and_copies_have_no_diversity():
    images = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3)).astype(np.uint8)
    blurred = ((images.astype(int) + np.roll(images, 1, 1) + np.roll(images, 1, 2)) // 3).astype(np.uint8)
    assert sharpness(blurred) < sharpness(images)
    assert diversity(np.repeat(images[:1], 5, axis=0)) == 0 < diversity(images)
    card = report_card(images, cloud(count=6), cloud(count=6), sharpness(images), diversity(images))
    assert (card.frechet, card.sharpness, card.diversity) == pytest.approx((0, 1, 1), abs=1e-9)


def test_the_way_between_two_points_keeps_its_ends_and_its_length():
    a, b = cloud(count=2, width=64)
    b *= np.linalg.norm(a) / np.linalg.norm(b)
    way = interpolate(a, b, np.linspace(0, 1, 5))
    np.testing.assert_allclose(way[[0, -1]], [a, b], rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(way, axis=1), np.linalg.norm(a), rtol=1e-5)
    np.testing.assert_allclose(interpolate(a, a, np.array([0.3])), a[None], rtol=1e-5)


def test_the_first_latent_direction_is_the_widest():
    points = cloud(count=2000, width=3) * np.array([1.0, 5.0, 0.1]) + 7
    shape = latent_shape(points)
    assert abs(shape.directions[0, 1]) > 0.99
    assert shape.deviations == pytest.approx([5, 1, 0.1], rel=0.1)
    np.testing.assert_allclose(shape.point(np.zeros(3)), points.mean(axis=0), rtol=1e-5)
