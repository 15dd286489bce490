"""Shapes, parameters and multiply-adds without Keras."""

import pytest

from lib.base.errors import SpecError
from lib.catalog.presets import PRESETS
from lib.spec.specs import ArchitectureSpec, ConvSpec, DenseSpec, FlattenSpec, PoolSpec
from lib.spec.summary import multiply_add_count, parameter_count, summarise

MNIST = (28, 28, 1)


def test_a5_has_the_parameters_that_its_report_counts():
    rows = summarise(PRESETS["a5_64_64"].architecture, MNIST)
    assert parameter_count(rows) == 55_050
    assert multiply_add_count(rows) == 54_912  # one multiply-add per weight, none per bias


def test_a_convolution_multiplies_every_weight_at_every_place():
    rows = summarise(ArchitectureSpec((ConvSpec(8, 3, padding="valid"), FlattenSpec(), DenseSpec(10))), MNIST)
    assert rows[0].output_shape == (26, 26, 8)
    assert rows[0].parameters == 3 * 3 * 1 * 8 + 8
    assert rows[0].multiply_adds == 26 * 26 * 3 * 3 * 8


@pytest.mark.parametrize(("layers", "message"), [
    ((DenseSpec(10),), "Layer 1: A dense layer needs a vector"),
    ((FlattenSpec(), ConvSpec(8)), "Layer 2: A conv layer needs feature maps"),
    ((PoolSpec(16), PoolSpec(4), FlattenSpec()), "Layer 2: Max pooling 4x4 no longer fits"),
    ((ConvSpec(8, 31, padding="valid"), FlattenSpec()), "Layer 1: The 31x31 convolution no longer fits"),
    ((FlattenSpec(), DenseSpec(16384), DenseSpec(16384), DenseSpec(10)), "too large"),
])
def test_stacks_that_do_not_fit_say_which_layer_and_what_to_do(layers, message):
    with pytest.raises(SpecError, match=message):
        summarise(ArchitectureSpec(layers), MNIST)


def test_presets_cover_every_row_of_the_reports():
    systems = {preset.system for preset in PRESETS.values()} - {""}
    assert systems == {"A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4", "B5", "C2"}
    assert sum(preset.system == "A1" for preset in PRESETS.values()) == 18
    assert sum(preset.system == "A2" for preset in PRESETS.values()) == 27
    assert sum(preset.system == "B1" for preset in PRESETS.values()) == 6


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fits_grey_and_colour_images(name):
    architecture = PRESETS[name].architecture
    assert architecture.name == name
    for shape in (MNIST, (32, 32, 3)):
        assert summarise(architecture, shape)[-1].output_shape == (10,)
