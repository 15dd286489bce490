"""What pages say of stored figures: in one form, without columns or sentences that say nothing."""

import re

from lib.catalog.reported import REPORTED
from lib.measures.results import light_rows, measured_of, stored_rows
from lib.spec.metrics import is_minutes
from lib.ui.denoise.measured import crossing_words
from lib.ui.permuted.measured import gap_lines
from lib.ui.results.table import filled_columns, scale_styles, table_row
from tests.fakes import fake_train


def test_a_crossing_at_no_noise_is_said_to_be_none():
    assert "0.00" not in crossing_words("A filter", 0.004) and "below" not in crossing_words("A filter", 0.004)
    assert "from level 0.25 on" in crossing_words("A filter", 0.25)


def test_accuracies_on_permuted_pixels_are_percent(open_page, use_runner):
    use_runner(fake_train)
    ours, theirs = (table.value for table in open_page("permuted_pixels", lens_tab="What we measured").table)
    assert ours["test"].str.match(r"\d+\.\d %( ± [\d.]+)?$").all()
    assert "98 %" in set(theirs["test"]), "with the digits of the report"


def test_a_gap_is_in_points_and_has_its_sign_seed_by_seed():
    rows = [{"network": "light_cnn_pool2", "pixels": pixels, "seed": 0, "test_accuracy": value}
            for pixels, value in (("original", 0.98), ("permuted", 0.96))]
    (line,) = gap_lines(rows)
    assert line.endswith("**2.0 points** (seed by seed +2.0)")


def test_a_section_of_the_results_has_no_empty_columns():
    rows = [table_row(reported, None) for reported in REPORTED if reported.system == "E1"]
    assert "difference" not in filled_columns(rows) and {"what", "ours", "the report"} <= set(filled_columns(rows))


def test_a_difference_of_clocks_is_in_minutes():
    rows = [table_row(reported, measured_of(reported, stored_rows(), light_rows())) for reported in REPORTED
            if is_minutes(reported.metric)]
    differences = [row["difference"] for row in rows if row["difference"]]
    assert differences and all(re.match(r"[+-][\d.]+ min( \*)?$", text) for text in differences)


def test_what_a_figure_of_ours_is_worth_stands_beside_it():
    rows = [table_row(reported, measured_of(reported, stored_rows(), light_rows())) for reported in REPORTED]
    shown = filled_columns(rows)
    assert shown[shown.index("ours") : shown.index("ours") + 3] == ["ours", "difference", "scale"]


def test_a_scale_looks_the_same_in_every_section():
    alone, both = scale_styles({"other network"}), scale_styles({"as the report", "other network"})
    assert list(alone) == ["other network"] and alone["other network"] == both["other network"]
    assert list(both) == ["as the report", "other network"]
