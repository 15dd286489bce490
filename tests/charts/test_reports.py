"""The reports' charts: rows have the values that they should, charts the marks."""

import numpy as np
import pytest

from lib.charts.reports import (
    agreement_chart,
    agreement_rows,
    agreement_styles,
    circle_chart,
    circle_rows,
    class_chart,
    class_rows,
    histogram_chart,
    histogram_rows,
    network_chart,
    network_rows,
    residual_chart,
    residual_rows,
    way_chart,
    way_rows,
)

MINUTES = np.repeat(np.arange(720), 2)


def test_every_network_has_a_cell_of_its_mean():
    mlp = {"cell": {"model": 3, "activation": "relu"}, "data": "mnist"}
    stored = [{**mlp, "test_accuracy": value} for value in (0.97, 0.99)]
    stored.append({"cell": {"model": 4}, "data": "mnist", "test_accuracy": 0.993})
    rows = network_rows(stored)
    assert rows[["network", "seeds"]].values.tolist() == [["MLP 3, relu", 2], ["CNN 4", 1]]
    assert rows["accuracy"].tolist() == pytest.approx([0.98, 0.993])
    spec = network_chart(rows, {"mnist": "MNIST"}).to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rect", "text"]


def test_equal_figures_lie_on_the_diagonal():
    rows = agreement_rows([("A1: x", 0.98, 0.98, "as the report"), ("A2: y", 0.09, 0.10, "reduced")])
    assert rows["reported"].tolist() == pytest.approx([0.98, 0.09]) and rows["ours"].tolist() == pytest.approx([0.98, 0.1])
    spec = agreement_chart(rows, agreement_styles(["as the report", "reduced"])).to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "point"]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == pytest.approx([0.05, 1])


def test_residuals_are_circular_smoothed_and_need_no_clock_of_every_minute():
    predicted = MINUTES.copy()
    predicted[MINUTES == 0] = 710  # ten minutes early, across twelve
    rows = residual_rows(MINUTES, predicted, "a")
    assert len(rows) == 720 and rows["error"].max() == pytest.approx(10 / 15)
    assert rows.set_index("minute")["error"][360] == 0
    sparse = residual_rows(np.array([100]), np.array([130]), "b")
    assert set(sparse["minute"]) == set(range(93, 108)) and set(sparse["error"].round(6)) == {30.0}
    assert residual_chart(rows).to_dict()["mark"]["type"] == "line"


def test_class_shares_add_up_to_one_for_every_true_class():
    rows = class_rows(MINUTES, (MINUTES + 10) % 720, 24)
    assert rows.groupby("true")["share"].sum().round(9).eq(1).all()
    assert rows[rows["true"] == rows["predicted"]]["share"].iloc[0] == pytest.approx(20 / 30)
    assert class_chart(rows, 24).to_dict()["mark"]["type"] == "rect"


def test_points_of_perfect_outputs_lie_on_the_true_ones():
    angle = MINUTES * np.pi / 360
    rows = circle_rows(MINUTES, np.stack([np.cos(angle), np.sin(angle)], 1))
    true, said = (rows[rows["kind"] == kind][["cosine", "sine"]].to_numpy() for kind in ("true", "predicted"))
    np.testing.assert_allclose(true, said)
    assert np.allclose(true[MINUTES == 180], [0, 1])
    assert circle_chart(rows).to_dict()["facet"]["column"]["field"] == "kind"


def test_every_clock_is_in_the_histogram():
    rows = histogram_rows(MINUTES, (MINUTES + 360) % 720)
    assert rows["clocks"].sum() == len(MINUTES) and rows.iloc[-1]["clocks"] == len(MINUTES)
    assert histogram_chart(rows).to_dict()["mark"]["type"] == "bar"


def test_ways_are_means_over_the_seeds_that_reached_an_epoch():
    stored = [{"cell": {"network": "a"}, "history": {"val_minutes": values}} for values in ([10.0, 6.0], [20.0])]
    rows = way_rows(stored, {"a": "A"})
    assert rows[["network", "epoch", "mean", "seeds"]].values.tolist() == [["A", 1, 15.0, 2], ["A", 2, 6.0, 1]]
    assert rows["low"].iloc[0] == pytest.approx(15 - np.std([10, 20], ddof=1))
    assert len(way_chart(rows).to_dict()["layer"]) == 2
