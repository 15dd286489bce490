"""Backgrounds of scenes: grey, of other images in training, validation and test."""

from types import SimpleNamespace

import numpy as np
import pytest

from lib.datasets import backgrounds
from lib.datasets.backgrounds import SETS, collages


@pytest.fixture
def found(monkeypatch):
    """Every set has coloured training images of tone 10, and 4 test images of tones 20, 20, 30 and 30."""
    tests = np.repeat(np.array([20, 20, 30, 30], np.uint8), 32 * 32 * 3).reshape(4, 32, 32, 3)
    small = SimpleNamespace(x_train=np.full((6, 32, 32, 3), 10, np.uint8), x_test=tests)
    grey = SimpleNamespace(x_train=small.x_train[..., :1], x_test=tests[..., :1])
    monkeypatch.setattr(backgrounds, "load", lambda spec, on_progress: grey if "mnist" in spec.dataset else small)
    return backgrounds.backgrounds


@pytest.mark.parametrize(("split", "count", "tone"), [("train", 6, 10), ("validation", 2, 20), ("test", 2, 30)])
def test_splits_have_other_images(found, split, count, tone):
    images = found(split)
    assert tuple(images) == SETS
    for one in images.values():
        assert one.shape == (count, 32, 32) and one.dtype == np.uint8 and abs(int(one[0, 0, 0]) - tone) <= 1


def test_as_many_collages_as_asked_for(found):
    made = collages(found("train"), 3, 50, seed=4)
    assert [one.shape for one in made] == [(50, 50)] * 3
    assert all(np.array_equal(one, same) for one, same in zip(made, collages(found("train"), 3, 50, seed=4), strict=True))
