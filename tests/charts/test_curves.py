"""Learning curves: rows for their values, charts for their specification."""

from dataclasses import replace

import pytest

from lib.charts.curves import (
    CHANGE_SERIES,
    CHANGE_WORDS,
    MOST_EPOCHS,
    SERIES,
    STEP_SERIES,
    curve_chart,
    curve_rows,
    curve_spec,
)
from lib.measures.record_lines import LINE_TITLES, RecordLine
from lib.spec.changes import Change
from lib.spec.runs import EpochLog, RunRecord, RunSnapshot, RunStarted, RunState, StepLog
from lib.spec.specs import ArchitectureSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec
from tests.tiny import tiny_spec


def snapshot(losses=(4.0, 3.0, 2.0, 1.0)) -> RunSnapshot:
    record = RunRecord("id", "name", tiny_spec(), RunState.RUNNING, 0.0)
    steps = (StepLog(0, 0, 1.0, {"loss": losses[:2]}), StepLog(1, 2, 3.0, {"loss": losses[2:]}))
    epochs = (EpochLog(0, 2, 1.5, {"loss": 3.5, "val_loss": 3.0}), EpochLog(1, 4, 3.5, {"loss": 1.5}))
    return RunSnapshot(record, epochs, steps, RunStarted(2, 2, 20, 100, "cpu:0"), seconds=3.5, step=4)


@pytest.mark.parametrize(("axis", "steps", "epochs"), [
    ("step", [1, 2, 3, 4], [2, 4]), ("epoch", [0.5, 1, 1.5, 2], [1, 2]), ("time", [0.5, 1, 2, 3], [1.5, 3.5]),
])
def test_rows_stand_at_their_place_on_each_axis(axis, steps, epochs):
    rows = curve_rows(snapshot(), "loss", axis)
    each_step, training, validation = (rows[rows["series"] == name] for name in SERIES)
    assert each_step["x"].tolist() == steps
    assert each_step["value"].tolist() == [4, 3, 2, 1]
    assert training["x"].tolist() == epochs
    assert training["value"].tolist() == [3.5, 1.5]
    assert validation["value"].tolist() == [3.0]


def test_a_metric_that_is_not_there_has_no_rows():
    assert curve_rows(snapshot(), "accuracy").empty


def test_accuracy_loses_no_epoch_and_steps_below_them_leave_a_gap():
    """The first steps must not decide the axis; no line may bridge what was left out; no curve of the legend is missing."""
    steps = (StepLog(0, 0, 1.0, {"accuracy": (0.1, 0.2, 0.9, 0.3, 0.3, 0.95)}),)
    epochs = (EpochLog(0, 3, 1.5, {"accuracy": 0.4, "val_accuracy": 0.94}),
              EpochLog(1, 6, 3.5, {"accuracy": 0.8, "val_accuracy": 0.95}))
    for as_error in (False, True):
        rows = curve_rows(replace(snapshot(), steps=steps, epochs=epochs), "accuracy", "step", as_error=as_error)
        each_step, training, validation = (rows[rows["series"] == name]["value"].round(6).tolist() for name in SERIES)
        ours = [1 - value for value in (0.4, 0.8)] if as_error else [0.4, 0.8]
        assert training == pytest.approx(ours) and len(validation) == 2
        shown = [value for value in each_step if value == value]
        assert shown == pytest.approx([0.1, 0.05] if as_error else [0.9, 0.95])
        assert [value == value for value in each_step] == [False, True, False, True]


def without_data(chart):
    spec = chart.to_dict()
    for name in ("data", "datasets"):
        spec.pop(name, None)
    return {key: value for key, value in spec.items() if key != "layer"}, [
        {k: v for k, v in layer.items() if k not in ("data", "name")} for layer in spec["layer"]
    ]


def test_new_rows_do_not_change_the_chart():
    """Or Streamlit would embed it anew each second, with a flicker."""
    first = curve_chart(curve_rows(snapshot(), "loss"), "loss")
    second = curve_chart(curve_rows(snapshot((9.0, 8.0, 7.0, 6.0)), "loss"), "loss")
    assert without_data(first) == without_data(second)


def test_the_loss_can_have_a_logarithmic_axis():
    spec = curve_chart(curve_rows(snapshot(), "loss"), "loss", log_scale=True).to_dict()
    scales = [layer["encoding"]["y"]["scale"]["type"] for layer in spec["layer"] if "scale" in layer["encoding"]["y"]]
    assert scales and set(scales) == {"log"}
    assert spec["layer"][0]["encoding"]["x"]["title"] == "epoch"


@pytest.mark.parametrize("log_scale", [False, True])
def test_the_specification_without_rows_is_the_charts_own(log_scale):
    chart = curve_chart(curve_rows(snapshot(), "loss"), "loss", "step", log_scale).to_dict()
    spec = curve_spec("loss", "step", log_scale)
    assert "data" not in spec and "datasets" not in spec
    assert spec == {key: value for key, value in chart.items() if key not in ("data", "datasets")}


def test_an_axis_is_called_what_people_call_its_figure():
    spec = curve_spec("psnr")
    assert spec["layer"][0]["encoding"]["y"]["title"] == "PSNR (dB)"


def accurate():
    """Four epochs with accuracies."""
    record = RunRecord("id", "name", tiny_spec(), RunState.RUNNING, 0.0)
    epochs = tuple(EpochLog(n, n + 1, n + 1.0, {"loss": 1.0, "accuracy": 0.5 + n / 10, "val_accuracy": 0.5 + n / 10})
                   for n in range(4))
    return RunSnapshot(record, epochs, (), RunStarted(4, 1, 20, 100, "cpu:0"), step=4)


LINES = (RecordLine("report", 0.98, "report 000: 98 %"), RecordLine("best_known", 1.0, "best known: 100.00 %"))


def test_record_lines_are_rows_with_their_words():
    rows = curve_rows(accurate(), "accuracy", lines=LINES)
    found = {row.series: (row.value, row.label) for row in rows.itertuples() if row.series in LINE_TITLES}
    assert found == {"report": (0.98, "report 000: 98 %"), "best_known": (1.0, "best known: 100.00 %")}
    as_error = curve_rows(accurate(), "accuracy", as_error=True, lines=LINES)
    assert as_error[as_error["series"] == "report"]["value"].tolist() == [pytest.approx(0.02)]
    assert "best_known" not in set(as_error["series"])  # an error of 0 has no place on a logarithmic axis
    assert not set(LINE_TITLES) & set(curve_rows(RunSnapshot(accurate().record), "accuracy", lines=LINES)["series"])


def test_the_words_of_lines_that_are_close_stand_on_two_sides():
    def below(*values, **options):
        lines = [RecordLine(name, value, name) for name, value in zip(LINE_TITLES, values, strict=False)]
        rows = curve_rows(accurate(), "accuracy", lines=lines, **options)
        return [row.series for row in rows.itertuples() if row.below]

    lowest = curve_rows(accurate(), "accuracy")["value"].min()
    assert below(lowest + 0.01) == [], "alone it has the room above"
    assert below(lowest + 0.01, lowest + 0.02) == ["report"] and below(lowest + 0.02, lowest + 0.01) == ["best_here"]
    assert below(lowest - 0.1, lowest + 0.02) == [], "below the curves there is no room"
    assert below(lowest + 0.01, lowest + 0.02, lowest + 0.03) == ["report", "best_here"]
    sides = [layer["mark"]["dy"] for layer in curve_spec("accuracy")["layer"] if "best_here" in str(layer["transform"])
             and layer["mark"]["type"] == "text"]
    assert sorted(sides) == [-6, 6]


def test_every_record_line_is_drawn():
    texts = [layer for layer in curve_spec("accuracy")["layer"] if layer["mark"]["type"] == "text"]
    assert all(any(f"'{name}'" in str(layer) or f'"{name}"' in str(layer) or name in str(layer["transform"])
                   for layer in texts) for name in LINE_TITLES)


@pytest.mark.parametrize(("best", "series"), [(0, "best"), (3, "late best")])
def test_the_best_epoch_says_by_what_and_stands_where_there_is_room(best, series):
    rows = curve_rows(accurate(), "accuracy", best_epoch=best, best_by="validation accuracy")
    row = rows[rows["label"] != ""].iloc[0]
    assert (row["series"], row["x"], row["label"]) == (series, best + 1, f"best epoch {best + 1}, by validation accuracy")


# --- changes --------------------------------------------------------------------------------


def changed_snapshot(**record):
    """Two epochs of five steps, then one of two steps since the batches are larger, and one begun."""
    spec = RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(3, "softmax"))), train=TrainSpec(batch_size=10, epochs=6))
    spec = replace(spec, changes=(Change(1, 7, learning_rate=0.5), Change(2, 10, batch_size=25), Change(2, 10, epochs=6),
                                  Change(3, 12, learning_rate=0.1), Change(4, 14, batch_size=10)))
    epochs = tuple(EpochLog(e, step, 1.0 * step, {"loss": 1.0}) for e, step in enumerate((5, 10, 12)))
    steps = tuple(StepLog(e, first, first + n, {"loss": (1.0,) * n}) for e, first, n in ((0, 0, 5), (1, 5, 5), (2, 10, 2),
                                                                                        (3, 12, 1)))
    started = RunStarted(6, 5, 50, 10, "cpu")
    run = RunRecord("a", "a", spec, RunState.RUNNING, 0.0, **record)
    return RunSnapshot(run, epochs, steps, started, step=13)


@pytest.mark.parametrize(("axis", "places"), [
    ("epoch", [1.4, 2.0, 3.0]), ("step", [7.0, 10.0, 12.0]), ("time", [5.0, 10.0, 12.0])])
def test_changes_so_far_are_marked_where_they_were_made(axis, places):
    rows = curve_rows(changed_snapshot(), "loss", axis)
    marks = rows[rows["series"] == CHANGE_SERIES]
    assert list(marks["x"]) == pytest.approx(places)
    assert list(marks["label"]) == ["learning rate 0.001 → 0.5", "batch 10 → 25, extended to 6 epochs",
                                    "learning rate 0.5 → 0.1"]


def test_words_of_changes_that_lie_close_are_said_together():
    close, first = Change(1, 7, learning_rate=0.5), Change(0, 2, learning_rate=0.25)
    snapshot = changed_snapshot()
    spec = replace(snapshot.record.spec, changes=(first, close, Change(1, 8, learning_rate=0.1)))
    epochs = tuple(EpochLog(e, 5 * (e + 1), 1.0 * e, {"loss": 1.0}) for e in range(20))
    snapshot = replace(snapshot, record=replace(snapshot.record, spec=spec), epochs=epochs, steps=(), step=100)
    rows = curve_rows(snapshot, "loss", "step")
    assert list(rows[rows["series"] == CHANGE_SERIES]["x"]) == [2, 7, 8]
    words = rows[rows["series"] == CHANGE_WORDS]
    assert list(words["x"]) == [2, 7]
    assert list(words["label"])[1] == "learning rate 0.25 → 0.5; learning rate 0.5 → 0.1"


def test_steps_lie_in_their_epochs_also_where_batches_change():
    rows = curve_rows(changed_snapshot(), "loss", "epoch")
    places = list(rows[rows["series"] == STEP_SERIES]["x"])
    assert places == pytest.approx([0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5])


def test_a_fork_is_marked_where_it_began():
    rows = curve_rows(changed_snapshot(parent="b", forked_epoch=1), "loss", "epoch")
    assert ("forked", 1.0) in zip(rows["label"], rows["x"], strict=True)


def test_the_drawing_does_not_depend_on_changes():
    assert curve_spec("loss")["layer"][-1]["encoding"]["text"]["field"] == "label"


def test_of_a_long_run_some_epochs_are_drawn_and_stay():
    def drawn(count):
        epochs = tuple(EpochLog(n, 2 * n, float(n), {"loss": n + 0.5}) for n in range(count))
        rows = curve_rows(replace(snapshot(), epochs=epochs, steps=()), "loss")
        return rows["x"].tolist(), rows["value"].tolist()

    assert drawn(MOST_EPOCHS)[0] == list(range(1, MOST_EPOCHS + 1))
    before, values = drawn(3 * MOST_EPOCHS + 1)
    assert len(before) <= MOST_EPOCHS + 2
    assert (before[0], before[-1]) == (1, 3 * MOST_EPOCHS + 1)
    assert values == [x - 0.5 for x in before], "each of them is one that was measured"
    after = drawn(4 * MOST_EPOCHS)[0]
    assert {*before[:-1]} <= {*after}
