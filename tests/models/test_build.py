"""Every preset against Keras: the same shapes and the same number of parameters."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from lib.core.errors import SpecError
from lib.core.presets import PRESETS
from lib.core.specs import ArchitectureSpec, DenseSpec
from lib.core.summary import parameter_count, summarise
from lib.models.build import build_model
from tests.strategies import architectures


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_the_shapes_and_parameters_that_it_states(name):
    architecture = PRESETS[name].architecture
    rows = summarise(architecture, (28, 28, 1))
    model = build_model(architecture, (28, 28, 1), seed=0)
    assert model.count_params() == parameter_count(rows)
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == sum(row.trainable for row in rows)
    assert [tuple(layer.output.shape[1:]) for layer in model.layers[1:]] == [row.output_shape for row in rows]


@settings(max_examples=30)
@given(architectures())
def test_any_stack_that_the_arithmetic_accepts_builds_with_that_many_parameters(architecture):
    try:
        rows = summarise(architecture, (12, 12, 1))
    except SpecError:
        with pytest.raises(SpecError):
            build_model(architecture, (12, 12, 1), seed=0)
        return
    assert build_model(architecture, (12, 12, 1), seed=0).count_params() == parameter_count(rows)


def test_the_seed_decides_the_weights():
    architecture = PRESETS["light_cnn"].architecture
    first, same, other = (build_model(architecture, (28, 28, 1), seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize(("side", "size"), [(8, 2), (9, 2), (8, 3), (8, 4)])
def test_quick_pooling_has_the_values_and_gradients_of_keras(side, size):
    import tensorflow as tf

    from lib.models.pooling import max_pooling

    images = tf.constant(np.random.default_rng(0).normal(size=(3, side, side, 5)).astype(np.float32))
    results = []
    for layer in (max_pooling(size, "quick"), keras.layers.MaxPooling2D(size)):
        with tf.GradientTape() as tape:
            tape.watch(images)
            pooled = layer(images)
            total = tf.reduce_sum(pooled**2)
        results.append((pooled.numpy(), tape.gradient(total, images).numpy()))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_exported_model_has_only_keras_layers_and_the_same_weights():
    architecture = PRESETS["b4_small_cnn"].architecture
    exported = build_model(architecture, (28, 28, 1), seed=0, for_export=True)
    assert all(type(layer).__module__.startswith("keras.") for layer in exported.layers)
    for ours, theirs in zip(build_model(architecture, (28, 28, 1), 0).get_weights(), exported.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_layers_of_one_shape_start_differently():
    model = build_model(ArchitectureSpec((DenseSpec(8), DenseSpec(8), DenseSpec(8))), (8,), seed=0)
    first, second, third = model.get_weights()[::2]
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
