"""Runs are told apart by what they mean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.experiments import base_spec
from lib.catalog.presets import PRESETS
from lib.spec.permutations import PermutationSpec
from lib.spec.specs import (
    ArchitectureSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GlobalPoolSpec,
    HeadSpec,
    RunSpec,
)
from lib.spec.variations import with_dropout, with_l2
from lib.spec.words import changes_text, differences, layers_text, spec_facts
from lib.ui.words import run_name
from tests.strategies import architectures, hidden_layers, run_specs, seeds
from tests.tiny import MLP, tiny_spec


def test_a_changed_rate_is_one_fact_and_not_a_shifted_list():
    first = tiny_spec()
    second = replace(tiny_spec(seed=2), architecture=with_dropout(MLP, 0.5))
    assert differences([first, second]) == {"dropout": ["0.2", "0.5"], "seed": ["0", "2"]}
    assert differences([first, replace(first, architecture=with_dropout(MLP, 0.0))]) == {"dropout": ["0.2", "none"]}
    assert differences([first, first]) == {} and changes_text(first, first) == ""


def test_a_run_is_named_by_what_differs_from_its_preset():
    base = base_spec("a6_500_300")
    changed = replace(base, architecture=with_l2(base.architecture, 0.0), train=replace(base.train, batch_size=64, epochs=5))
    assert changes_text(changed, base) == "L2 0, batch 64, 5 epochs"
    assert run_name(base, base, "MLP", "MNIST") == "MLP · MNIST · seed 0"
    assert run_name(changed, base, "MLP", "MNIST") == "MLP (L2 0, batch 64, 5 epochs) · MNIST · seed 0"
    few = replace(changed, data=DataSpec("mnist", 500), seed=3)
    assert run_name(few, base, "MLP", "MNIST").endswith("MNIST, 500 images · seed 3")
    assert len(run_name(changed, base, "A network of a very long title " * 2, "MNIST")) < 110


@pytest.mark.parametrize("name", [*PRESETS, *CLOCK_PRESETS])
def test_every_preset_has_facts(name):
    spec = base_spec(name)
    facts = spec_facts(spec)
    assert all(isinstance(value, str) for value in facts.values())
    assert facts["layers"] and facts["seed"] == "0" and facts["data set"] == spec.data.dataset
    assert changes_text(spec, spec) == ""


def test_stacks_are_written_in_short():
    assert layers_text(PRESETS["b1_model4"].architecture.layers) == "C64k3-P2-C256k7-P2-128-10"
    assert spec_facts(base_spec("b1_model4"))["dropout"] == "0.5, 0.2"
    assert spec_facts(base_spec("d3_two_heads"))["output and loss"] == "two_heads"


def test_a_network_without_hidden_layers_has_the_penalties_of_one_that_has_none_set():
    bare = replace(MLP, layers=(FlattenSpec(), DenseSpec(10, "softmax")))
    found = differences([RunSpec(MLP, DataSpec("mnist")), RunSpec(bare, DataSpec("mnist"))])
    assert "layers" in found and not {"L1", "L2"} & set(found)


# --- whatever decides the curve is a fact ---------------------------------------------------


@st.composite
def two_much_alike(draw):
    """Two runs of one seed that differ in a part of their specs, or in the order or one of the layers of their networks."""
    first = replace(draw(run_specs), seed=0)
    kind = draw(st.sampled_from(["data", "train", "field", "order", "layer", "added", "permutation"]))
    other, layers = draw(run_specs), list(first.architecture.layers)
    place = draw(st.integers(0, len(layers) - 1))
    match kind:
        case "data" | "train":
            return first, replace(first, **{kind: getattr(other, kind)})
        case "field":
            name = draw(st.sampled_from(["optimizer", "learning_rate", "batch_size", "patience", "monitor", "min_delta",
                                         "restore_best"]))
            return first, replace(first, train=replace(first.train, **{name: getattr(other.train, name)}))
        case "permutation":
            return first, replace(first, data=replace(first.data, permutation=other.data.permutation))
        case "order":
            layers = [*draw(st.permutations(layers[:-1])), layers[-1]]
        case "layer":
            layers[place] = draw(hidden_layers)
        case "added":
            layers.insert(place, draw(st.sampled_from(layers) | hidden_layers))
    return first, replace(first, architecture=ArchitectureSpec(tuple(layers)))


def heeded(spec):
    """`spec` without what is not heeded in it: without early stopping nothing asks for the least gain."""
    return spec if spec.train.patience else replace(spec, train=replace(spec.train, min_delta=0.0, restore_best=True))


@given(two_much_alike())
def test_different_trainings_differ_in_a_fact(pair):
    first, second = map(heeded, pair)
    assume(first.digest != second.digest)
    assert differences([first, second])


@given(run_specs, architectures(), seeds)
def test_a_name_is_no_difference_and_a_seed_the_only_one(spec, named, seed):
    other = replace(spec, architecture=replace(spec.architecture, name=named.name), seed=seed)
    assert set(differences([spec, other])) == ({"seed"} if seed != spec.seed else set())


DIAL = RunSpec(ArchitectureSpec((ConvSpec(4, activation="tanh"), FlattenSpec(), DenseSpec(8, "tanh"))),
               DataSpec("clocks_wall_75"), task="clock", head=HeadSpec("two_heads"))
FLAT = tiny_spec()


def branched(*branches, weights=()):
    return replace(DIAL, head=HeadSpec("two_heads", branches, weights))


def of_layers(*layers):
    return RunSpec(ArchitectureSpec((*layers, DenseSpec(10, "softmax"))))


def permuted(*how):
    return RunSpec(MLP, DataSpec("digits", permutation=PermutationSpec(*how)))


@pytest.mark.parametrize(("first", "second", "facts"), [
    (permuted("blocks", 2), permuted("blocks", 7), {"block size": ["2", "7"]}),
    (permuted("share", 10), permuted("share", 50), {"moved pixels": ["10 %", "50 %"]}),
    (permuted("full"), permuted("blocks", 7), {"permutation": ["full, seed 0", "blocks, seed 0"]}),
    (of_layers(GlobalPoolSpec()), of_layers(GlobalPoolSpec("max")), {"global pooling": ["average", "max"]}),
    (tiny_spec(patience=3), tiny_spec(patience=3, restore_best=False),
     {"weights kept": ["of the best epoch", "of the last epoch"]}),
    (tiny_spec(patience=3), tiny_spec(patience=3, min_delta=0.01), {"smallest gain": ["0", "0.01"]}),
    (FLAT, tiny_spec(patience=3), {"patience": ["none", "3"]}),
    (tiny_spec(learning_rate=0.0012345671), tiny_spec(learning_rate=0.0012345672),
     {"learning rate": ["0.0012345671", "0.0012345672"]}),
    (of_layers(FlattenSpec(), DenseSpec(8), DropoutSpec(), DenseSpec(8)),
     of_layers(FlattenSpec(), DenseSpec(8), DenseSpec(8), DropoutSpec()),
     {"layer order": ["flatten-dense-dropout-dense-dense", "flatten-dense-dense-dropout-dense"]}),
    (of_layers(FlattenSpec(), DenseSpec(8), DropoutSpec()), of_layers(FlattenSpec(), DenseSpec(8)),
     {"dropout": ["0.5", "none"]}),
    (RunSpec(replace(MLP, layers=(*MLP.layers[:-1], DenseSpec(3, "softmax", l2=0.1)))), RunSpec(MLP),
     {"L2": ["0, output 0.1", "0"]}),
    (branched(), branched(weights=(0.8, 0.2)), {"loss weights": ["equal", "0.8, 0.2"]}),
    (branched((DenseSpec(4), DenseSpec(4)), ()), branched((DenseSpec(4),), (DenseSpec(4),)),
     {"layer order": ["conv-flatten-dense / dense-dense / ", "conv-flatten-dense / dense / dense"]}),
    (RunSpec(MLP, task="vae", settings=(("precision", 2.0),)), RunSpec(MLP, task="vae", settings=(("precision", 3.0),)),
     {"setting precision": ["2", "3"]}),
])
def test_what_differs_is_told_once(first, second, facts):
    assert differences([first, second]) == facts and differences([first, first]) == {}


def test_the_last_hidden_layer_of_a_clock_network_is_not_its_output():
    facts = spec_facts(DIAL)
    assert facts["activation"] == "tanh" and "output" not in facts
    softer = replace(DIAL, architecture=ArchitectureSpec((*DIAL.architecture.layers[:-1], DenseSpec(8, "relu", l2=0.1))))
    assert differences([DIAL, softer]) == {"activation": ["tanh", "tanh, relu"], "L2": ["0", "0, 0.1"]}
