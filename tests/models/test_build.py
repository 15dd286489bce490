"""Every preset against Keras: the same shapes and the same number of parameters."""

import contextlib
from dataclasses import replace

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from lib.base.errors import SpecError
from lib.catalog.presets import PRESETS
from lib.models.build import build_model, layer_seeds, make_layer
from lib.spec.specs import ActivationSpec, ArchitectureSpec, DenseSpec, GaussianNoiseSpec, PoolSpec
from lib.spec.summary import parameter_count, summarise
from tests.strategies import architectures, stacks


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
def test_any_stack_that_the_arithmetic_accepts_builds_with_these_shapes_and_parameters(architecture):
    try:
        rows = summarise(architecture, (12, 12, 1))
    except SpecError:
        with pytest.raises(SpecError):
            build_model(architecture, (12, 12, 1), seed=0)
        return
    model = build_model(architecture, (12, 12, 1), seed=0)
    assert model.count_params() == parameter_count(rows)
    assert [tuple(layer.output.shape[1:]) for layer in model.layers[1:]] == [row.output_shape for row in rows]


@settings(max_examples=40)
@given(stacks)
def test_layers_in_any_order_fit_exactly_where_keras_says_so(stack):
    checked = stack.check((9, 7, 3), 4)
    if checked.error is not None:
        with pytest.raises(SpecError, match="Received"):
            build_model(stack.architecture, (9, 7, 3), seed=0)
        if checked.fault < len(checked.rows):
            return
        layers = (*stack.layers, stack.head)
        before = checked.rows[-1].output_shape if checked.rows else (9, 7, 3)
        flat_dense = layers[checked.fault].kind == "dense"  # Keras takes maps there too, and gives maps
        with contextlib.nullcontext() if flat_dense else pytest.raises(ValueError):
            make_layer(layers[checked.fault], 0, "x")(keras.Input(before))
        return
    rows = checked.rows
    model = build_model(replace(stack.architecture, layers=(*stack.layers, replace(stack.head, units=4))), (9, 7, 3), 0)
    assert model.count_params() == sum(row.parameters for row in rows)
    assert [tuple(layer.output.shape[1:]) for layer in model.layers[1:]] == [row.output_shape for row in rows]


def test_the_new_layers_do_what_they_are_set_to():
    x = np.array([[[[-2.0]], [[1.0]]]], np.float32)  # one image of two pixels
    assert make_layer(ActivationSpec("leaky_relu", 0.3), 0, "a")(x).numpy().ravel() == pytest.approx([-0.6, 1.0])
    assert make_layer(PoolSpec(2, padding="same", strides=1), 0, "p")(x).numpy().ravel() == pytest.approx([1.0, 1.0])
    noise = make_layer(GaussianNoiseSpec(0.5), 3, "n")
    zeros = np.zeros((1, 20_000), np.float32)
    assert noise(zeros, training=True).numpy().std() == pytest.approx(0.5, rel=0.05)
    assert not noise(zeros, training=False).numpy().any()
    again = make_layer(GaussianNoiseSpec(0.5), 3, "m")(zeros, training=True).numpy()
    assert np.array_equal(again, make_layer(GaussianNoiseSpec(0.5), 3, "k")(zeros, training=True).numpy())


def test_the_seed_decides_the_weights():
    architecture = PRESETS["light_cnn"].architecture
    first, same, other = (build_model(architecture, (28, 28, 1), seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_layers_of_one_shape_start_differently():
    model = build_model(ArchitectureSpec((DenseSpec(8), DenseSpec(8), DenseSpec(8))), (8,), seed=0)
    first, second, third = model.get_weights()[::2]
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)


def test_neighbouring_seeds_share_no_initialiser():
    """Layer numbers were once added to seeds: layer 1 of seed 0 began as layer 0 of seed 1."""
    drawn = [seed for run in range(6) for which in ((), (0,), (1,)) for seed in layer_seeds(8, run, *which)]
    assert len(set(drawn)) == len(drawn)


def test_half_precision_keeps_weights_and_outputs_in_32_bits():
    architecture = PRESETS["b4_small_cnn"].architecture
    model = build_model(architecture, (28, 28, 1), 0, "mixed_bfloat16")
    assert {weight.dtype for weight in model.weights} == {"float32"} and model.output.dtype == "float32"
    assert {layer.compute_dtype for layer in model.layers[1:-1]} == {"bfloat16"}
    plain = build_model(architecture, (28, 28, 1), 0)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), plain.get_weights(), strict=True))
