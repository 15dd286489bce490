"""Rows and drawing of the cat page's charts."""

import pytest

from lib.charts.cats import CHARTS, line_chart, line_rows

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
