"""The menu of networks: every preset once, under a name of its own that says what it is."""

from collections import Counter

import pytest

from lib.catalog.preset_groups import group_of, network_name, preset_groups, preset_label
from lib.catalog.presets import PRESETS


def test_every_preset_is_in_exactly_one_group():
    assert Counter(name for names in preset_groups().values() for name in names) == Counter(list(PRESETS))
    assert all(preset_groups().values())


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_found_in_its_group(name):
    assert name in preset_groups()[group_of(name)]


def test_no_two_labels_are_equal():
    labels = [preset_label(preset) for preset in PRESETS.values()]
    assert len(set(labels)) == len(labels)


def test_a_label_says_what_it_is_before_whose():
    assert preset_label(PRESETS["a1_model3_relu"]) == "MLP 300-100, relu, dropout 0.5 (report 000, A1 model 3)"
    assert preset_label(PRESETS["a1_model5_relu"]) == "MLP 300-100, relu, L2 (report 000, A1 model 5)"
    assert preset_label(PRESETS["light_cnn"]) == "Light CNN"


def test_a_network_has_one_name_and_no_other_has_it():
    names = [network_name(preset) for preset in PRESETS.values()]
    assert len(set(names)) == len(names)
    assert all(preset_label(preset).startswith(network_name(preset)) for preset in PRESETS.values())
    assert network_name(PRESETS["b1_model4"]) == "CNN C64k3-P2-C256k7-P2-128, dropout 0.5 and 0.2"
