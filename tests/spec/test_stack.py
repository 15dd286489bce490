"""A network that somebody builds: edits, what is wrong and what repairs it, and its text for links."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.catalog.networks import network_named, own_text, stack_named
from lib.catalog.presets import PRESETS
from lib.spec.specs import (
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    PoolSpec,
    RunSpec,
    run_from_dict,
    to_dict,
)
from lib.spec.stack import LONGEST_TITLE, MOST_LAYERS, NEW_LAYERS, Stack, clean_title, fixes, stack_of
from lib.spec.stack_text import is_network_text, network_text, read_network
from tests.strategies import hidden_layers, stacks

MNIST = (28, 28, 1)
CNN = Stack((ConvSpec(8), PoolSpec(2), FlattenSpec(), DenseSpec(16)), title="Mine")


# --- edits --------------------------------------------------------------------------------


@given(stacks, hidden_layers, st.integers(0, 8), st.integers(0, 7))
def test_every_edit_can_be_taken_back_by_its_opposite(stack, layer, at, to):
    at = min(at, len(stack.layers))
    assert stack.inserted(at, layer).removed(at) == stack
    if stack.layers:
        at, to = at % len(stack.layers), to % len(stack.layers)
        assert stack.moved(at, to).moved(to, at) == stack
        assert stack.duplicated(at).removed(at + 1) == stack


@pytest.mark.parametrize("edit", [
    lambda: CNN.removed(4), lambda: CNN.moved(0, -1), lambda: CNN.moved(0, 4), lambda: CNN.duplicated(9),
    lambda: CNN.changed(3, units=0), lambda: CNN.changed(3, units=1_000_000), lambda: CNN.changed(1, size="2"),
    lambda: Stack((FlattenSpec(),) * 60), lambda: Stack((FlattenSpec(),) * MOST_LAYERS).duplicated(0),
])
def test_what_cannot_be_is_a_sentence(edit):
    with pytest.raises(SpecError, match=r"Expected: .+ Received: .+"):
        edit()


def test_the_output_layer_is_no_layer_to_edit_and_has_as_many_units_as_there_are_classes():
    assert CNN.check(MNIST, 7).rows[-1].output_shape == (7,)
    assert CNN.architecture.layers[-1] == DenseSpec(10, "softmax")
    with pytest.raises(SpecError):
        CNN.changed(4, units=3)


def test_every_kind_of_layer_can_be_added_to_an_empty_stack():
    for _, layer in NEW_LAYERS.values():
        assert Stack().inserted(0, layer).layers == (layer,)


@given(st.text(max_size=80) | st.lists(st.sampled_from(["a", " ", "\u200b", "\n", "\x00", "\u2003", "b" * 58])).map("".join))
@example("My \u200b net")
@example("b" * 59 + " \u200bc")
def test_a_clean_title_is_one_printable_line_and_stays_as_it_is(text):
    title = clean_title(text)
    assert clean_title(title) == title and title.isprintable() and len(title) <= LONGEST_TITLE
    assert "  " not in title and title == title.strip()


def test_words_of_a_title_stay_apart():
    assert clean_title("My \u200b net") == clean_title("\x00My\nnet ") == "My net"


# --- what is wrong, and what repairs it -----------------------------------------------------


@pytest.mark.parametrize(("layers", "fault", "problem", "labels"), [
    ((), 0, "needs a vector", ["Put Flatten before it", "Put global pooling before it"]),
    ((ConvSpec(4),), 1, "needs a vector", ["Put Flatten before it", "Put global pooling before it"]),
    ((PoolSpec(28), PoolSpec(2), FlattenSpec()), 1, "pooling 2x2 no longer fits on a 1x1 map",
     ["Use same padding", "Remove it"]),
    ((FlattenSpec(), ConvSpec(8), DenseSpec(4)), 1, "needs feature maps", ["Move it before flatten", "Remove it"]),
    ((FlattenSpec(), DenseSpec(16384), DenseSpec(16384)), 2, "too large", []),
])
def test_an_impossible_stack_names_the_layer_and_the_fix(layers, fault, problem, labels):
    stack = Stack(layers)
    checked = stack.check(MNIST, 10)
    assert checked.fault == fault and problem in checked.error.problem and checked.error.remedy
    assert [fix.label for fix in fixes(stack, MNIST)] == labels


@given(stacks)
def test_a_fix_lets_more_layers_fit(stack):
    checked = stack.check((12, 12, 1), 10)
    for fix in fixes(stack, (12, 12, 1)):
        again = fix.stack.check((12, 12, 1), 10)
        behind_before = len(stack.layers) + 1 - len(checked.rows)
        behind_now = len(fix.stack.layers) + 1 - len(again.rows)
        assert again.error is None or behind_now < behind_before, fix.label


# --- the text -----------------------------------------------------------------------------


@given(stacks)
def test_a_network_survives_its_text(stack):
    text = network_text(stack)
    assert read_network(text) == stack
    assert is_network_text(text) and not set(text) & set(" {}|\"'<>&#?/+")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_edited_and_trains_as_before_until_it_is(name):
    preset = PRESETS[name]
    own = network_named(network_text(stack_named(name)))
    assert own.architecture.layers == preset.architecture.layers
    assert RunSpec(own.architecture, preset.data, preset.train).digest == \
        RunSpec(preset.architecture, preset.data, preset.train).digest


def test_a_small_network_has_a_short_text():
    assert network_text(CNN) == "1~c8~m2~f~d16~tMine"
    assert network_text(replace(CNN, layers=(DenseSpec(5, "leaky_relu", l2=0.001, slope=0.3), DropoutSpec(0.25)))) == \
        "1~d5_aleaky-relu_z0.3_w0.001~o0.25~tMine"


@given(st.text(max_size=40) | st.lists(st.sampled_from(
    ["1", "2", "c32", "c", "d-1", "d1e9", "d²", "m2_k3", "x", "xrelu_z2", "t%ff", "t%", "h", "hh", "o9", "n0.1", "_", "f_",
     "c8_k", "c8_a", "d" + "9" * 400, "a2_sNaN"]), max_size=5).map("~".join))
def test_any_other_text_is_a_sentence(text):
    try:
        read_network(text)
    except SpecError as error:
        assert error.expected and error.received


@pytest.mark.parametrize(("text", "words"), [
    ("2~c32", "version"), ("1~c32~y7", "Part 2"), ("1~d0", "Layer 1"), ("1~d1000000", "Layer 1"),
    ("1" + "~f" * 60, "too many layers"), ("1~f" + "~tx" * 5000, "too long"),
])
def test_a_malformed_network_says_where(text, words):
    with pytest.raises(SpecError, match=words):
        read_network(text)


def test_the_network_of_a_run_that_somebody_built_is_found_again():
    spec = RunSpec(CNN.architecture, DataSpec("digits"))
    assert own_text(run_from_dict(to_dict(spec))) == network_text(CNN)
    assert own_text(RunSpec(PRESETS["light_cnn"].architecture)) is None
    assert stack_of(PRESETS["light_cnn"].architecture).architecture.name not in PRESETS


# --- specs written before there were slopes, strides of pools and noise ------------------------


@pytest.mark.parametrize(("name", "digest"), [
    ("a3_leaky_relu", "86e25060dadd"), ("b4_small_cnn", "0bf2196b8ec9"), ("a1_model3_elu", "20bf7abb1812"),
])
def test_younger_fields_change_no_digest(name, digest):
    preset = PRESETS[name]
    assert RunSpec(preset.architecture, preset.data, preset.train).digest == digest
