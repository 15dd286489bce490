"""The chart of a search for a learning rate: rows for their values, the drawing for its form."""

import math
from dataclasses import replace

import pytest

from lib.charts.rate_search import LEARNED, MARK, NOT_LEARNED, SMOOTH, STEP, rate_rows, rate_spec
from lib.spec.rate_search import RANGE, THIRDS, search_run
from lib.spec.runs import EpochLog, RunRecord, RunSnapshot, RunState, StepLog
from tests.tiny import tiny_spec


def snapshot(kind, epochs=(), steps=(), **metrics):
    record = RunRecord("a", "a", search_run(tiny_spec(), kind), RunState.FINISHED, 0.0, metrics=metrics)
    return RunSnapshot(record, epochs, steps)


def test_a_range_test_has_its_steps_a_smoothed_line_and_marks():
    log = StepLog(0, 0, 1.0, {"loss": (2.0, 1.0, 50.0, math.nan, 1.0), "learning_rate": (1e-3, 1e-2, 1e-1, 1.0, 2.0)})
    rows = rate_rows(snapshot(RANGE, steps=(log,), suggested_rate=1e-3, lowest_rate=1e-2))
    each, smooth, marks = (rows[rows["series"] == name] for name in (STEP, SMOOTH, MARK))
    assert list(each["loss"]) == [2.0, 1.0, 3.0], "what is too high stands at the top, and what follows a NaN is left out"
    assert list(each["rate"]) == list(smooth["rate"]) == [1e-3, 1e-2, 1e-1]
    assert list(marks["label"]) == ["suggested 0.001", "lowest loss 0.01"]


def test_attempts_stand_at_their_loss_and_diverged_ones_at_the_top():
    found = [{"learning_rate": rate, "before": 2.0, "loss": loss, "learned": learned}
             for rate, loss, learned in ((9.0, math.nan, 0.0), (3.0, 2.1, 0.0), (1.0, 0.5, 1.0))]
    logs = tuple(EpochLog(i, i, 0.0, metrics) for i, metrics in enumerate(found))
    rows = rate_rows(snapshot(THIRDS, epochs=logs))
    assert list(rows["loss"]) == [3.0, 2.1, 0.5] and list(rows["series"]) == [NOT_LEARNED, NOT_LEARNED, LEARNED]


def test_nothing_yet_is_no_row():
    assert rate_rows(snapshot(RANGE)).empty and rate_rows(snapshot(THIRDS)).empty


@pytest.mark.parametrize("kind", [RANGE, THIRDS])
def test_the_axis_is_logarithmic_and_the_drawing_stays_the_same(kind):
    spec = rate_spec(kind)
    assert spec is rate_spec(kind) and "datasets" not in spec
    assert all(layer["encoding"]["x"]["scale"]["type"] == "log" for layer in spec["layer"])


def test_an_unknown_search_of_another_version_is_drawn_as_attempts():
    other = snapshot(RANGE)
    record = replace(other.record, spec=replace(other.record.spec, settings=(("rate_search", "other"),)))
    assert rate_rows(replace(other, record=record)).empty
