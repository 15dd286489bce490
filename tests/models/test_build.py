"""Every preset against Keras: the same shapes and the same number of parameters."""

import numpy as np
import pytest
from hypothesis import given, settings

from lib.base.errors import SpecError
from lib.catalog.presets import PRESETS
from lib.models.build import build_model, layer_seeds
from lib.spec.specs import ArchitectureSpec, DenseSpec
from lib.spec.summary import parameter_count, summarise
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
