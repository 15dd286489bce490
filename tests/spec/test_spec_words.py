"""Runs are told apart by what they mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.experiments import base_spec
from lib.catalog.presets import PRESETS
from lib.spec.specs import DataSpec, DenseSpec, FlattenSpec, RunSpec
from lib.spec.variations import with_dropout, with_l2
from lib.spec.words import changes_text, differences, layers_text, spec_facts
from lib.ui.words import run_name
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
