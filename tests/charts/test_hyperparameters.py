"""A figure against hyperparameters: rows, what is drawn, and what a dragged frame holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.charts.hyperparameters import (
    framed,
    parallel_chart,
    parallel_rows,
    passing,
    scatter_chart,
    scatter_rows,
    tick_rows,
)
from lib.charts.overlay import overlay_styles
from lib.measures.comparison import color_labels
from lib.measures.figures import FIGURES
from lib.measures.hyperparameters import dimension, spec_dimensions
from lib.spec.runs import RunRecord, RunState
from tests.many_runs import made_accuracy, made_spec

FIGURE = FIGURES["test_accuracy"]
RECORDS = [RunRecord(f"r{n}", f"run {n}", made_spec(n), RunState.FINISHED, float(n),
                     metrics={"test_accuracy": made_accuracy(n)} if n else {}) for n in range(13)]
COLORS = color_labels(RECORDS, "learning rate")
RATE = spec_dimensions(RECORDS)["learning rate"]
LAYERS = spec_dimensions(RECORDS)["layers"]
SECONDS = dimension("seconds", [float(n * n) for n in range(1, 14)])


def test_a_point_for_each_run_that_has_the_figure():
    rows = scatter_rows(RECORDS, COLORS, RATE, FIGURE)
    assert rows["id"].tolist() == [f"r{n}" for n in range(1, 13)]
    assert set(rows["x"]) == {"0.0001", "0.001", "0.01"}, "few values are steps"
    for _, beside in rows.groupby("x"):
        assert beside["place"].is_unique and beside["place"].abs().max() <= 0.5, "equal runs stand side by side"
        assert beside["place"].mean() == pytest.approx(0, abs=1e-9), "about their step"
    assert scatter_rows(RECORDS[1:2], COLORS[1:2], RATE, FIGURE)["place"].tolist() == [0.0]
    assert scatter_rows(RECORDS, COLORS, SECONDS, FIGURE)["x"].tolist() == [float(n * n) for n in range(2, 14)]


@pytest.mark.parametrize(("along", "kind", "scale"), [(RATE, "nominal", None), (LAYERS, "nominal", None),
                                                      (SECONDS, "quantitative", "log")])
def test_the_axis_of_a_scatter_fits_its_values(along, kind, scale):
    spec = scatter_chart(scatter_rows(RECORDS, COLORS, along, FIGURE), overlay_styles(COLORS), along, FIGURE).to_dict()
    encoding = spec["encoding"]
    assert encoding["x"]["type"] == kind and encoding["x"]["scale"].get("type") == scale
    assert ("xOffset" in encoding) == (kind == "nominal")
    assert encoding["tooltip"][0] == {"field": "run", "title": "run", "type": "nominal"}, "the pointer names the run"
    assert [param["name"] for param in spec["params"]] == ["brush", "hover"]


def test_a_line_for_each_run_through_every_axis():
    rows = parallel_rows(RECORDS, [RATE, LAYERS], FIGURE)
    assert rows.groupby("id")["axis"].apply(list).tolist() == [["learning rate", "layers", "test accuracy"]] * 12
    last = rows[rows["axis"] == "test accuracy"].set_index("id")
    assert last["share"].min() == 0 and last["share"].max() == 1
    assert last["share"].idxmax() == max(RECORDS[1:], key=lambda r: r.metrics["test_accuracy"]).id
    assert rows["share"].between(-0.05, 1.05).all()
    same = rows[(rows["axis"] == "layers") & (rows["text"] == "64-10")]
    assert same["share"].nunique() == len(same), "runs of a step fan out"
    assert same.sort_values("share")["value"].is_monotonic_increasing, "the best on top"


def test_the_only_run_of_a_step_goes_through_its_label():
    two = [next(r for r in RECORDS[1:] if r.spec.train.learning_rate == rate) for rate in (0.0001, 0.01)]
    rates = spec_dimensions(two)["learning rate"]
    found = parallel_rows(two, [rates], FIGURE)
    ticks = tick_rows(two, [rates], FIGURE)
    for rows in (found, ticks):
        assert sorted(rows[rows["axis"] == "learning rate"]["share"]) == [0, 1]


def test_each_axis_is_labelled():
    ticks = tick_rows(RECORDS, [RATE, LAYERS, SECONDS], FIGURE)
    assert ticks[ticks["axis"] == "learning rate"]["text"].tolist() == ["0.0001", "0.001", "0.01"]
    assert ticks[ticks["axis"] == "learning rate"]["share"].tolist() == pytest.approx([0, 0.5, 1]), "a logarithmic axis"
    assert ticks[ticks["axis"] == "seconds"]["text"].tolist() == ["1", "13", "169"]
    assert all(text.endswith(" %") for text in ticks[ticks["axis"] == "test accuracy"]["text"])
    spec = parallel_chart(parallel_rows(RECORDS, [RATE], FIGURE), ticks, [RATE], FIGURE).to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rule", "line", "point", "text"]


def test_a_frame_keeps_the_runs_that_pass_through_it():
    rows = parallel_rows(RECORDS, [RATE, LAYERS], FIGURE)
    kept = passing(rows, {"axis": ["learning rate"], "share": [1.2, 0.9]})
    assert kept == {r.id for r in RECORDS[1:] if r.spec.train.learning_rate == 0.01}
    faded = parallel_rows(RECORDS, [RATE, LAYERS], FIGURE, kept)
    assert set(faded[faded["kept"]]["id"]) == kept and len(faded) == len(rows)
    scatter = scatter_rows(RECORDS, COLORS, RATE, FIGURE)
    assert framed(scatter, {"x": ["0.01"], "value": [0, 1]}) == kept
    seconds = scatter_rows(RECORDS, COLORS, SECONDS, FIGURE)
    assert framed(seconds, {"x": [10, 3], "value": [0, 1]}) == {"r1", "r2"}


_ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                         lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(st.dictionaries(st.sampled_from(["x", "value", "axis", "share"]), _ANYTHING))
def test_a_browser_may_send_any_frame(sent):
    for rows in (scatter_rows(RECORDS, COLORS, RATE, FIGURE), scatter_rows(RECORDS, COLORS, SECONDS, FIGURE)):
        found = framed(rows, sent)
        assert found is None or found <= {r.id for r in RECORDS}
    found = passing(parallel_rows(RECORDS, [RATE], FIGURE), sent)
    assert found is None or found <= {r.id for r in RECORDS}
