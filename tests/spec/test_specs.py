"""Specs: plain JSON there and back, refusal of what cannot work, variations."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.catalog.presets import PRESETS
from lib.spec.specs import (
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    RunSpec,
    TrainSpec,
    architecture_from_dict,
    run_from_dict,
    to_dict,
)
from lib.spec.variations import with_activation, with_classes, with_dropout, with_initializer, with_l2
from tests.strategies import architectures, run_specs


@given(run_specs)
def test_a_run_spec_survives_json(spec):
    again = run_from_dict(json.loads(json.dumps(to_dict(spec))))
    assert again == spec
    assert hash(again) == hash(spec)
    assert again.digest == spec.digest


@given(run_specs, st.integers(0, 2**31 - 1))
def test_the_digest_tells_seeds_apart(spec, seed):
    other = RunSpec(spec.architecture, spec.data, spec.train, seed)
    assert (other.digest == spec.digest) == (seed == spec.seed)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name):
    architecture = PRESETS[name].architecture
    assert architecture_from_dict(json.loads(json.dumps(to_dict(architecture)))) == architecture


@pytest.mark.parametrize("make", [
    lambda: DenseSpec(0), lambda: DenseSpec(10, "swish!"), lambda: DenseSpec(10, l2=-1), lambda: DenseSpec(2.5),
    lambda: DenseSpec(True), lambda: ConvSpec(8, 0), lambda: ConvSpec(8, padding="full"), lambda: DropoutSpec(1.5),
    lambda: TrainSpec("sgdd"), lambda: TrainSpec(learning_rate=float("nan")), lambda: TrainSpec(batch_size=0),
    lambda: TrainSpec(learning_rate=10**400), lambda: TrainSpec(batch_size=10**400), lambda: DenseSpec(10, l2=-(10**400)),
    lambda: TrainSpec(patience=0), lambda: DataSpec(""), lambda: DataSpec(train_size=0), lambda: DataSpec(split_seed=-1),
])
def test_values_out_of_range_are_refused_with_what_was_expected(make):
    with pytest.raises(SpecError, match=r"Expected: .+ Received: .+"):
        make()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["kind", "layers", "architecture", "data", "train", "seed", "units", "name"]), inner, max_size=4
    ),
    max_leaves=12,
)


@given(JSON)
def test_arbitrary_json_is_refused_with_a_spec_error_and_nothing_else(value):
    with pytest.raises(SpecError):
        run_from_dict(value)


@given(architectures(), st.floats(0.05, 0.9))
def test_dropout_follows_each_hidden_dense_layer_once(architecture, rate):
    layers = with_dropout(architecture, rate).layers
    hidden_dense = [i for i, layer in enumerate(layers[:-1]) if layer.kind == "dense"]
    assert [i + 1 for i in hidden_dense] == [i for i, layer in enumerate(layers) if layer.kind == "dropout"]
    assert not any(layer.kind == "dropout" for layer in with_dropout(architecture, 0.0).layers)


@given(architectures())
def test_variations_leave_the_head_alone(architecture):
    decayed = with_l2(architecture, 0.01)
    for varied in (decayed, with_activation(architecture, "tanh"), with_initializer(architecture, "he_normal")):
        assert varied.layers[-1] == architecture.layers[-1]
        assert len(varied.layers) == len(architecture.layers)
    assert all(layer.l2 == 0.01 for layer in decayed.layers[:-1] if layer.kind in ("dense", "conv"))


def test_the_head_takes_the_number_of_classes():
    assert with_classes(PRESETS["a5_64_64"].architecture, 26).layers[-1].units == 26
