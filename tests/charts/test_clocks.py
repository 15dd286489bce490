"""Clock error charts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.charts.clocks import error_chart, error_rows, mean_rows, smoothed_round

COLORS = {"a": "#0072B2", "b": "#D55E00"}


@given(st.lists(st.floats(0, 360), min_size=20, max_size=60), st.integers(0, 19))
def test_smoothing_goes_round_the_dial_and_keeps_the_mean(values, shift):
    values = np.array(values)
    smooth = smoothed_round(values, 5)
    assert smooth.shape == values.shape
    assert smooth.mean() == pytest.approx(values.mean(), abs=1e-6)
    np.testing.assert_allclose(smoothed_round(np.roll(values, shift), 5), np.roll(smooth, shift), atol=1e-6)


def test_errors_go_the_shorter_way_and_are_averaged_for_each_value():
    true = np.array([0, 10, 700])
    rows = error_rows(np.array([1.0, 1.0, 2.0]), true, {"a": np.array([719, 10, 20]), "b": true})
    means = mean_rows(rows)
    assert means[means["network"] == "a"]["error"].tolist() == [0.5, 40.0]
    assert means[means["network"] == "b"]["error"].tolist() == [0.0, 0.0]


def test_every_network_has_a_line_and_the_dial_an_axis_of_hours():
    rows = error_rows(np.arange(3.0), np.arange(3), {"a": np.arange(3), "b": np.arange(3)})
    spec = error_chart(rows, "time shown", COLORS).to_dict()
    assert spec["encoding"]["color"]["scale"]["domain"] == ["a", "b"]
    assert spec["encoding"]["x"]["axis"]["values"][-1] == 720
    assert "axis" not in error_chart(rows, "glare", COLORS).to_dict()["encoding"]["x"]


def test_lines_have_their_networks_colours_and_are_dashed_where_one_comes_again():
    names = ["a", "b", "c"]
    rows = error_rows(np.arange(3), np.zeros(3), {name: np.ones(3) for name in names})
    encoding = error_chart(rows, "glare", {"c": "red", "b": "blue", "a": "red"}, columns=1).to_dict()["encoding"]
    assert encoding["color"]["scale"] == {"domain": names, "range": ["red", "blue", "red"]}
    assert encoding["color"]["legend"]["columns"] == 1
    assert list(map(tuple, encoding["strokeDash"]["scale"]["range"])) == [(1, 0), (1, 0), (6, 2)]
