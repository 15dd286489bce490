"""Rows and drawing of the cat page's charts."""

import pytest

from lib.charts.cats import CHARTS, CURVE_CHARTS, KINDS, curve_chart, curve_rows, line_chart, line_rows

ROWS = [{"epoch": 0, "loss": 1.0, "discriminator_loss": 2.0},
        {"epoch": 1, "loss": 0.5, "discriminator_loss": 1.5, "kl": 3.0}]


def test_rows_hold_every_line_that_is_there_and_count_epochs_from_one():
    rows = line_rows(ROWS, "GAN losses")
    assert rows.to_dict("list") == {"epoch": [1, 2, 1, 2], "value": [1.0, 0.5, 2.0, 1.5],
                                    "line": ["generator"] * 2 + ["discriminator"] * 2}
    assert line_rows(ROWS, "Diversity (real images: 100 %)").empty


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_has_its_title_and_its_lines(chart):
    drawn = line_chart(line_rows(ROWS, chart), chart).to_dict()
    assert drawn["title"] == chart
    assert drawn["encoding"]["color"]["scale"]["domain"] == list(CHARTS[chart].values())


def test_shares_are_percent_and_accuracies_go_from_0_to_1():
    drawn = {chart: line_chart(line_rows(ROWS, chart), chart).to_dict()["encoding"]["y"] for chart in CHARTS}
    accuracy, diversity = drawn["Discriminator accuracy"], drawn["Diversity (real images: 100 %)"]
    assert accuracy["scale"] == {"domain": [0, 1]} and "%" in accuracy["axis"]["labelExpr"]
    assert diversity["scale"] == {"zero": True} and "%" in diversity["axis"]["labelExpr"]
    assert drawn["GAN losses"]["scale"] == {"zero": False} and "labelExpr" not in drawn["GAN losses"]["axis"]


CURVE = [{"kl_weight": weight, "cards": {"normal": {"frechet": [300 * weight, 320 * weight], "sharpness": [0.5, 0.7]},
                                         "redrawn": {"frechet": [100.0], "sharpness": [0.6]}}} for weight in (0.1, 1.0)]


def test_the_trade_off_has_a_point_for_each_weight_and_kind_of_images():
    rows = curve_rows(CURVE, "frechet")
    assert rows.to_dict("list") == {"kl_weight": [0.1, 1.0] * 2, "value": [pytest.approx(31), 310, 100, 100],
                                    "line": [KINDS["normal"]] * 2 + [KINDS["redrawn"]] * 2}
    for figure, title in CURVE_CHARTS.items():
        drawn = curve_chart(curve_rows(CURVE, figure), figure).to_dict()
        assert drawn["title"] == title
        assert drawn["encoding"]["x"]["scale"]["type"] == "log" and drawn["encoding"]["x"]["axis"]["values"] == [0.1, 1.0]
