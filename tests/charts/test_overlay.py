"""Curves of several runs: means and bands over seeds, smoothing, and what is drawn."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.charts.overlay import overlay_changes, overlay_chart, overlay_rows, overlay_styles
from lib.measures.comparison import EACH_RUN, default_field, seed_groups
from lib.spec.changes import Change
from lib.spec.runs import EpochLog, RunRecord, RunState
from tests.many_runs import made_epochs, made_spec


def runs(count):
    return [RunRecord(f"r{n}", f"run {n}", made_spec(n), RunState.FINISHED, float(n)) for n in range(count)]


def rows_of(histories, **options):
    """The rows of a group of seeds with these values at their epochs."""
    records = runs(len(histories))
    curves = {f"r{n}": [EpochLog(e, 10 * (e + 1), (n + 1.0) * (e + 1), {"val_loss": v}) for e, v in enumerate(values)]
              for n, values in enumerate(histories)}
    return overlay_rows(seed_groups(records, "learning rate"), curves, "loss", **options)


_HISTORIES = st.lists(st.lists(st.floats(-100, 100), min_size=1, max_size=8), min_size=1, max_size=3)


@given(_HISTORIES)
def test_the_line_is_the_mean_over_the_seeds_that_have_reached_the_epoch(histories):
    rows = rows_of(histories)
    assert rows["x"].tolist() == list(range(1, max(map(len, histories)) + 1))
    for epoch, row in enumerate(rows.itertuples()):
        values = [history[epoch] for history in histories if len(history) > epoch]
        assert row.seeds == len(values) and row.value == pytest.approx(np.mean(values), abs=1e-9)
        assert row.std == pytest.approx(np.std(values, ddof=1) if len(values) > 1 else 0.0, abs=1e-9)
        assert row.low <= row.value <= row.high and row.high - row.low == pytest.approx(2 * row.std, abs=1e-9)


def test_places_on_the_other_axes():
    assert rows_of([[1.0, 2.0], [3.0, 4.0]], x_axis="step")["x"].tolist() == [10, 20]
    assert rows_of([[1.0, 2.0], [3.0, 4.0]], x_axis="time")["x"].tolist() == [1.5, 3.0], "the mean of the seeds' seconds"


def test_a_smoothed_line_has_the_raw_one_beside_it():
    rows = rows_of([[0.0, 4.0, 0.0]], smoothing=0.5)
    assert rows[rows["raw"]]["value"].tolist() == [0, 4, 0] and not rows[rows["raw"]]["marked"].any()
    assert rows[~rows["raw"]]["value"].tolist() == pytest.approx([0, 8 / 3, 8 / 7])


def test_an_epoch_that_is_no_number_is_left_out():
    assert rows_of([[1.0, float("nan"), 3.0, float("inf")]])["value"].tolist() == [1, 3]


def test_the_training_and_the_validation_of_each_group_are_lines_of_their_own():
    records = runs(9)
    curves = {f"r{n}": made_epochs(n) for n in range(9)}
    field = default_field(records)
    rows = overlay_rows(seed_groups(records, field), curves, "accuracy")
    lines = [f"learning rate {rate} (n = 3)" for rate in ("0.0001", "0.001", "0.01")]
    assert set(zip(rows["line"], rows["split"], strict=True)) == {
        (line, split) for line in lines for split in ("training", "validation")}
    only = overlay_rows(seed_groups(records, field), curves, "accuracy", splits=("training",))
    assert set(only["split"]) == {"training"}
    apart = overlay_rows(seed_groups(records, EACH_RUN), curves, "accuracy")
    assert apart["line"].nunique() == 9 and set(apart["seeds"]) == {1}


def test_long_and_many_lines_stay_drawable():
    long = rows_of([[float(n) for n in range(5000)]])
    assert len(long) <= 300 and long["value"].iloc[-1] == 4999, "the last epoch is there"
    many = overlay_rows(seed_groups(runs(60), EACH_RUN), {f"r{n}": made_epochs(n) for n in range(60)}, "accuracy")
    assert 0 < many["marked"].sum() <= 700 and not many[~many["marked"]]["shaped"].any()
    assert (many[many["marked"]].groupby(["line", "split"])["shaped"].sum() > 0).all(), "every line has its shape"
    assert overlay_rows([], {}, "loss").empty


def test_a_long_line_has_its_shape_on_some_points_and_answers_the_pointer_on_all():
    short, long = (rows_of([[float(n) for n in range(count)]]) for count in (30, 200))
    assert short["shaped"].all()
    assert 10 <= long["shaped"].sum() <= 15 and long["shaped"].iloc[0] and long["marked"].all()
    points = overlay_chart(long, overlay_styles(["a"]), "accuracy").to_dict()["layer"][-1]
    size = points["encoding"]["size"]
    assert size["condition"]["test"] == "datum.shaped" and size["condition"]["value"] > 0 == size["value"]


def test_what_is_drawn():
    rows = rows_of([[1.0, 2.0], [2.0, 3.0]])
    styles = overlay_styles(["rate 0.1", "rate 0.01"])
    assert list(styles) == ["rate 0.01", "rate 0.1"] and len(set(styles.values())) == 2
    spec = overlay_chart(rows, styles, "accuracy").to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "area", "line", "point"]
    assert all(layer["encoding"]["color"]["scale"]["domain"] == list(styles) for layer in spec["layer"])
    assert all(layer["encoding"]["y"]["axis"]["labelExpr"].endswith("' %'") for layer in spec["layer"])
    detail = spec["layer"][0]["encoding"]["detail"]
    assert [d["field"] for d in detail] == ["line", "split"], "two runs of one colour are still two lines"
    tooltip = [each.get("title", each["field"]) for each in spec["layer"][-1]["encoding"]["tooltip"]]
    assert tooltip == ["run", "split", "epoch", "accuracy", "standard deviation", "seeds"]


def test_what_was_changed_of_a_run_is_marked_where_it_was_changed():
    plain, steered = runs(2)
    changes = (Change(1, 20, learning_rate=0.5), Change(2, 32, batch_size=64), Change(90, 10**6, learning_rate=0.1))
    steered = replace(steered, spec=replace(steered.spec, changes=changes), parent="r0", forked_epoch=1)
    curves = {f"r{n}": made_epochs(n) for n in range(2)}  # 16 steps and 1.5 s an epoch
    groups = seed_groups([plain, steered], EACH_RUN)
    rows = overlay_changes(groups, curves, {"r1": 512})
    assert rows["x"].tolist() == [1.0, 1.25, 2.0] and set(rows["line"]) == {"run 1"}
    assert rows["words"].tolist() == ["forked", "learning rate 0.0001 → 0.5", "batch 32 → 64"]
    assert overlay_changes(groups, curves, {"r1": 512}, "step")["x"].tolist() == [16, 20, 32]
    assert overlay_changes(groups, curves, {"r1": 512}, "time")["x"].tolist() == [1.5, 1.875, 3.0]
    assert overlay_changes(groups, curves, {}).empty and overlay_changes(groups, {}, {"r1": 512}).empty
    styles = overlay_styles(["run 0", "run 1"])
    spec = overlay_chart(overlay_rows(groups, curves, "loss"), styles, "loss", changes=rows).to_dict()
    marks = spec["layer"][-1]["layer"]
    assert [layer["mark"]["type"] for layer in marks] == ["rule", "point"]
    assert [tip["field"] for tip in marks[1]["encoding"]["tooltip"]] == ["line", "words", "x"]
