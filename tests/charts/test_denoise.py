"""Curves against the level of noise, and where they cross."""

import pytest

from lib.catalog.digits import SHOWN_METHODS
from lib.charts.denoise import STYLES, crossing, level_chart, level_rows
from lib.charts.theme import TEXT_COLOR

NOTHING, CONV = SHOWN_METHODS["nothing"], SHOWN_METHODS["conv"]


def rows(nothing, conv):
    return [
        {"level": level, "method": method, "accuracy": value, "by_class": [value, 1 - value]}
        for method, values in (("nothing", nothing), ("conv", conv))
        for level, value in zip((0.0, 0.5, 1.0), values, strict=True)
    ]


def test_the_crossing_lies_between_levels_in_proportion():
    table = level_rows(rows((1.0, 0.6, 0.1), (0.9, 0.9, 0.5)), "accuracy")
    assert crossing(table, NOTHING, CONV) == pytest.approx(0.5 * 0.1 / 0.4)


@pytest.mark.parametrize(("nothing", "conv"), [((1, 1, 1), (0.9, 0.9, 0.9)), ((0.5, 0.5, 0.5), (0.6, 0.6, 0.6))])
def test_curves_that_do_not_cross_have_no_crossing(nothing, conv):
    assert crossing(level_rows(rows(nothing, conv), "accuracy"), NOTHING, CONV) is None


def test_one_class_alone():
    table = level_rows(rows((1.0, 0.6, 0.1), (0.9, 0.9, 0.5)), "accuracy", label=1)
    assert table[table.method == CONV].value.tolist() == pytest.approx([0.1, 0.1, 0.5])


def test_the_chart_has_a_rule_only_with_a_crossing():
    table = level_rows(rows((1.0, 0.6, 0.1), (0.9, 0.9, 0.5)), "accuracy")
    for mark, rows_drawn in ((0.2, 1), (None, 0)):
        spec = level_chart(table, "accuracy", mark).to_dict()
        *_, rule = spec["layer"]
        assert len(spec["datasets"][rule["data"]["name"]]) == rows_drawn
        assert rule["mark"]["color"] == TEXT_COLOR  # black would not be seen on a dark page


def test_every_way_to_clean_has_a_colour_and_a_shape_of_its_own():
    assert len({style.color for style in STYLES.values()}) == len({style.shape for style in STYLES.values()}) == len(STYLES)


def test_recognised_images_are_percent_as_everywhere():
    table = level_rows(rows((1.0, 0.6, 0.1), (0.9, 0.9, 0.5)), "accuracy")
    line = level_chart(table, "accuracy").to_dict()["layer"][0]
    assert "' %'" in line["encoding"]["y"]["axis"]["labelExpr"]
