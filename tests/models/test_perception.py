"""Comparing images by a classifier's feature maps."""

import numpy as np
import pytest

from lib.base.errors import CheckpointError
from lib.models.networks.perception import Perception, PerceptionFeatures, structure_difference, texture_difference


def fur(seed, size=64):
    """Vertical hairs at random places, float32 (1, size, size, 3)."""
    hairs = np.random.default_rng(seed).random((1, 1, size, 1))
    return np.broadcast_to(hairs, (1, size, size, 3)).astype(np.float32)


def blurred(images):
    return np.broadcast_to(images.mean(axis=2, keepdims=True), images.shape).astype(np.float32)


def test_equal_images_do_not_differ_and_other_texture_does():
    network = Perception(64, 64)
    structure, texture = (np.asarray(part) for part in network.differences(fur(0), fur(0)))
    assert structure == pytest.approx(0, abs=1e-5) and texture == pytest.approx(0, abs=1e-5)
    other = float(np.asarray(network.differences(fur(0), fur(1))[1])[0])
    soft = float(np.asarray(network.differences(fur(0), blurred(fur(0)))[1])[0])
    assert 0 < other < 0.5 * soft  # hairs elsewhere are nearly the same texture, none are not


def test_grey_images_of_any_size_are_compared_too():
    grey = np.random.default_rng(0).random((2, 8, 8, 1)).astype(np.float32)
    structure, texture = Perception(8, 8).differences(grey, grey[::-1].copy())
    assert structure.shape == texture.shape == (2,) and float(np.asarray(structure).min()) > 0


def test_structure_is_compared_place_by_place_and_texture_is_not():
    maps = np.random.default_rng(0).random((1, 16, 16, 4)).astype(np.float32)
    moved = np.roll(maps, 1, axis=1)
    assert float(np.asarray(texture_difference(maps, moved))[0]) < float(np.asarray(structure_difference(maps, moved))[0])
    np.testing.assert_allclose(np.asarray(structure_difference(maps, 3 * maps)), 0, atol=1e-5)  # directions alone
    assert float(np.asarray(texture_difference(maps, 0.5 * maps))[0]) == pytest.approx(0.25, abs=1e-3)


def test_features_to_measure_with_and_a_missing_network(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    assert PerceptionFeatures().features(images).shape == (3, 128)
    with pytest.raises(CheckpointError):
        Perception(64, 64, tmp_path)
