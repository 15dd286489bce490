"""Figures of experiments: rows for values, drawings for their marks and for not depending on the rows."""

from __future__ import annotations

import pytest

from lib.catalog.experiments import Axis, Experiment
from lib.charts.experiments import (
    axis_labels,
    curve_chart,
    curve_rows,
    factor_chart,
    factor_rows,
    heat_chart,
    heat_rows,
    last_epoch,
    line_styles,
    point_rows,
    progress_chart,
    progress_labels,
    progress_rows,
    reference_styles,
)
from lib.measures.replicates import TrialResult
from lib.spec.runs import EpochLog

GRID = Experiment("grid", "A grid", "?", "a6_500_300",
                  (Axis("activation", ("relu", "tanh")), Axis("l2", (1e-6, 1e-5, 1e-3))), (0, 1),
                  references=(("Hinton", 0.9847),))


def epochs(count, start):
    return tuple(EpochLog(e, e, 1.0, {"val_accuracy": start + e / 10}) for e in range(count))


def results():
    found = [TrialResult(t.cell, t.seed, "finished", epochs(3, 0.5 + t.seed / 10), {"test_accuracy": 0.9 + t.seed / 100},
                         planned=3) for t in GRID.trials()]
    found[1] = TrialResult(found[1].cell, 0, "running", epochs(1, 0.5), {}, planned=3)
    found[2] = TrialResult(found[2].cell, 0, "failed", (), {}, "NaN", planned=3)
    found[3] = TrialResult(found[3].cell, 0, "queued", planned=3)
    found[4] = TrialResult(found[4].cell, 0, "waiting", planned=3)
    return found


def test_the_progress_grid_has_a_cell_for_every_trial():
    rows = progress_rows(GRID, results())
    assert len(rows) == 12 and list(rows["row"].unique()) == ["relu", "tanh"]
    assert list(rows["text"][:6]) == ["90.0", "1/3", "failed", "next", "", "90.0"]
    assert list(rows["share"][:5]) == pytest.approx([1, 1 / 3, 1, 0, 0])
    assert rows["value"][1] == 0.5 and rows["tone"][1] == 0 and rows["tone"].max() == 1 and rows["tone"].isna().sum() == 3


def test_the_drawing_does_not_depend_on_the_rows():
    def spec(found):
        chart = progress_chart(progress_rows(GRID, found), GRID).to_dict()
        return {key: value for key, value in chart.items() if key not in ("datasets", "data", "layer")}, [
            {k: v for k, v in layer.items() if k != "data"} for layer in chart["layer"]]

    empty = [TrialResult(t.cell, t.seed, "waiting", planned=3) for t in GRID.trials()]
    assert spec(results()) == spec(empty)


def test_curves_are_means_with_a_band_of_one_deviation():
    rows = curve_rows(GRID, results(), "val_accuracy", "l2")
    first = rows[(rows["line"] == "relu") & (rows["panel"] == "1e-06") & (rows["epoch"] == 1)].iloc[0]
    assert first["mean"] == pytest.approx(0.55) and first["high"] - first["low"] == pytest.approx(2 * 0.0707, abs=1e-3)
    assert first["seeds"] == 2
    chart = curve_chart(rows, line_styles(GRID, "activation", "l2"), last_epoch=3).to_dict()
    assert [layer["mark"]["type"] for layer in chart["layer"]] == ["area", "line", "point"]
    assert chart["layer"][1]["encoding"]["x"]["scale"]["domain"] == [1, 3]
    assert "' %'" in chart["layer"][1]["encoding"]["y"]["axis"]["labelExpr"]


def test_the_axis_of_epochs_ends_where_trials_end_once_one_stopped_early():
    cell = GRID.cells()[0]

    def trial(state, done, planned):
        return TrialResult(cell, 0, state, epochs(done, 0.5), planned=planned)

    assert last_epoch([trial("running", 3, 20), trial("finished", 20, 20)]) == 20
    assert last_epoch([trial("finished", 12, 200), trial("running", 15, 200), trial("waiting", 0, 200)]) == 15


@pytest.mark.parametrize(("first", "second"), [(9, 1), (25, 1), (3, 4), (12, 3), (2, 9)])
def test_every_line_of_an_image_is_drawn_differently(first, second):
    axes = [Axis("units", tuple(str(64 + n) for n in range(first)))]
    axes += [Axis("batch_size", tuple(8 + n for n in range(second)))] if second > 1 else []
    many = Experiment("many", "Many", "?", "a6_500_300", tuple(axes), (0,))
    styles = line_styles(many, "units")
    assert len(styles) == len(set(styles.values())) == first * second


def test_two_choices_are_told_apart_by_colour_and_by_shape():
    styles = line_styles(GRID, "activation")
    assert len({style.color for style in styles.values()}) == 2 and len({style.shape for style in styles.values()}) == 3


def test_long_values_stand_below_each_other():
    """Beside each other they were turned and cut off."""
    changes = Axis("change", ("baseline", "early_stopping", "stopping_rate_01", "combined_50"))
    grid = Experiment("g", "G", "?", "a3_{change}", (changes,), (0,))
    found = [TrialResult(t.cell, t.seed, "finished", metrics={"test_accuracy": 0.9}) for t in grid.trials()]
    chart = factor_chart(factor_rows(grid, found, changes), point_rows(grid, found, changes), grid, changes).to_dict()
    assert chart["layer"][0]["encoding"]["y"]["field"] == "x" and chart["layer"][0]["encoding"]["x"]["field"] == "low"


def test_a_wide_grid_has_its_choices_down_the_side():
    """Twenty columns leave no room for a number."""
    rates = Axis("learning_rate", (0.001, 0.005, 0.01, 0.05))
    wide = Experiment("w", "W", "?", "a6_500_300", (Axis("activation", ("relu", "tanh")), rates), (0, 1, 2, 3, 4))
    rows, columns = progress_labels(wide)
    assert len(rows) == 8 and columns == [f"seed {seed}" for seed in range(5)]


def test_numbers_in_the_grid_are_means_over_seeds():
    activation, l2 = GRID.axes
    rows = heat_rows(GRID, results(), l2, [activation])
    cell = rows[(rows["x"] == "1e-06") & (rows["y"] == "relu")].iloc[0]
    assert cell["mean"] == pytest.approx(0.905) and cell["text"] == "90.5\n±0.7" and cell["runs"] == 2
    assert len(rows) == 6 and "failed" not in set(rows["text"]), "another seed of that cell has finished"
    only = heat_rows(GRID, results()[:6], l2, [activation])
    assert "failed" in set(only["text"])
    merged = heat_rows(GRID, results(), l2, [])
    assert len(merged) == 3 and set(merged["y"]) == {""}
    # Of two seeds in each of two merged cells, without those that failed.
    assert list(merged["runs"]) == list(factor_rows(GRID, results(), l2)["runs"]) == [3, 3, 2]
    heat_chart(rows, GRID, l2, [activation]).to_dict()


def test_a_factor_over_decades_is_drawn_logarithmically_with_reference_lines():
    l2 = GRID.axes[1]
    rows, points = factor_rows(GRID, results(), l2), point_rows(GRID, results(), l2)
    assert list(rows["x"]) == [1e-6, 1e-5, 1e-3] or sorted(rows["x"]) == [1e-6, 1e-5, 1e-3]
    assert rows["high"][0] - rows["mean"][0] == pytest.approx(rows["std"][0])
    chart = factor_chart(rows, points, GRID, l2).to_dict()
    marks = [layer["mark"]["type"] for layer in chart["layer"]]
    assert marks == ["line", "rule", "point", "point", "rule"]
    assert list(reference_styles(GRID)) == ["Hinton: 98.5 %"]
    assert chart["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    axis = chart["layer"][0]["encoding"]["x"]["axis"]
    assert "format" not in axis and "'1e-06', '1e-05', '0.001'" in axis["labelExpr"], "as the page writes the values"
    named = factor_chart(factor_rows(GRID, results(), GRID.axes[0], l2), points, GRID, GRID.axes[0], axis_labels(l2))
    assert named.to_dict()["layer"][0]["encoding"]["x"]["type"] == "nominal"
