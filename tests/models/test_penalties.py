"""Penalties are Keras' own, and steps can be timed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.models.build import build_model
from lib.models.calibration import made_up_dataset, measure_step
from lib.models.networks.penalties import penalties
from lib.spec.variations import with_l1, with_l2
from tests.tiny import CNN, MLP, TINY_INFO, tiny_spec


@pytest.mark.parametrize("architecture", [MLP, with_l2(MLP, 0.01), with_l1(with_l2(CNN, 0.02), 0.03), with_l1(MLP, 0.1)])
def test_penalties_are_what_keras_adds(architecture):
    import tensorflow as tf

    model = build_model(architecture, (8, 8, 1), seed=0)
    ours = [float(np.asarray(value)) for value in penalties(model)]
    assert ours == pytest.approx([float(np.asarray(value)) for value in model.losses], rel=1e-5)
    if not ours:
        return
    layers = [layer for layer in model.layers if getattr(layer, "kernel_regularizer", None) is not None]
    values = [layer.kernel.value for layer in layers]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        total = sum(penalties(model))
    for layer, gradient in zip(layers, tape.gradient(total, values), strict=True):
        kernel, factors = layer.kernel.numpy(), layer.kernel_regularizer
        expected = 2 * float(factors.l2) * kernel + float(factors.l1) * np.sign(kernel)
        assert np.allclose(gradient.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("architecture", [MLP, CNN])
def test_a_step_is_timed_on_made_up_images(architecture):
    cost = measure_step(replace(tiny_spec(), architecture=architecture), TINY_INFO)
    assert 0 < cost.step < 5 and 0 < cost.image < 1 and cost.setup > 0
    data = made_up_dataset(TINY_INFO, 20)
    assert data.x_train.shape == (20, 8, 8, 1) and data.x_train.dtype == np.uint8 and data.y_train.max() < 3
