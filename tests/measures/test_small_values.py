"""Early stopping, run control, history table, contact sheet, process-wide objects."""

import csv
import io
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import LabError
from lib.base.once import Once
from lib.images.sheets import contact_sheet
from lib.measures.history import history_csv
from lib.spec.early_stopping import Progress, earliest_end, progress_after
from lib.spec.runs import EpochLog, RunControl, RunState
from lib.spec.specs import TrainSpec


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 5))
def test_patience_counts_epochs_since_the_best(values, patience):
    train = TrainSpec(patience=patience)
    progress = Progress()
    for epoch, value in enumerate(values):
        progress = progress.after(epoch, value, train)
    assert progress.best == max(values)
    assert progress.best_epoch == values.index(max(values))
    assert progress.is_over(train) == (len(values) - 1 - progress.best_epoch >= patience)


def test_a_loss_improves_downwards():
    train = TrainSpec(patience=1, monitor="val_loss")
    progress = Progress().after(0, 2.0, train).after(1, 1.0, train)
    assert (progress.best, progress.wait) == (1.0, 0)
    assert progress.after(2, 1.5, train).is_over(train)


def test_gains_up_to_min_delta_do_not_count():
    train = TrainSpec(patience=1, min_delta=0.1)
    assert Progress().after(0, 0.5, train).after(1, 0.6, train).is_over(train)


def test_a_stop_ends_a_pause_and_forbids_another():
    control = RunControl()
    control.pause()
    assert control.is_paused
    waiter = threading.Thread(target=control.wait_if_paused)
    waiter.start()
    control.request_stop()
    waiter.join(10)
    assert not waiter.is_alive()
    control.pause()
    assert not control.is_paused
    assert control.should_stop()


def test_states_are_words_and_know_whether_they_are_final():
    assert RunState.RUNNING == "running"
    assert [s for s in RunState if not s.is_final] == ["queued", "running"]


def test_history_has_a_row_per_epoch_and_empty_cells_for_missing_metrics():
    logs = [EpochLog(0, 10, 1.0, {"loss": 2.0}), EpochLog(1, 20, 2.5, {"loss": 1.0, "val_loss": 1.5})]
    rows = list(csv.DictReader(io.StringIO(history_csv(logs))))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [row["val_loss"] for row in rows] == ["", "1.5"]


@given(st.integers(1, 12), st.integers(1, 5), st.sampled_from([1, 3]), st.integers(1, 3))
def test_every_image_stands_on_the_sheet(count, columns, channels, scale):
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] + np.full((1, 4, 5, channels), 10, np.uint8)
    sheet = contact_sheet(images, columns, scale=scale, gap=1, background=255)
    assert set(np.unique(sheet)) == {*range(10, 10 + count), 255}
    assert sheet.dtype == np.uint8


def test_a_sheet_refuses_other_shapes():
    with pytest.raises(ValueError, match="shape"):
        contact_sheet(np.zeros((2, 4, 4), np.uint8), 2)


def test_errors_say_what_was_expected_what_came_and_what_to_do():
    error = LabError("The file is short.", expected="10 bytes", received="3", remedy="Download it again.")
    assert str(error) == "The file is short. Expected: 10 bytes. Received: 3. Download it again."


def test_what_could_not_be_made_is_made_by_the_next_who_asks():
    once, tries = Once(), iter([OSError("busy"), "made"])

    def make():
        found = next(tries)
        if isinstance(found, OSError):
            raise found
        return found

    with pytest.raises(OSError, match="busy"):
        once.get("thing", make)
    assert not once.has("thing") and once.get("thing", make) == "made" and once.get("thing", make) == "made"
    assert once.forget("thing") == "made" and once.forget("thing") is None


def test_making_one_object_does_not_hold_up_another():
    once, entered, finish = Once(), threading.Event(), threading.Event()

    def slow():
        entered.set()
        assert finish.wait(10)
        return "slow"

    thread = threading.Thread(target=once.get, args=("slow", slow))
    thread.start()
    assert entered.wait(10)
    assert once.get("quick", lambda: "quick") == "quick"
    finish.set()
    thread.join(10)
    assert once.get("slow", lambda: "again") == "slow"


def test_the_earliest_end_is_the_best_epoch_plus_patience():
    train = TrainSpec(epochs=200, patience=5)
    history = [{"val_accuracy": value} for value in (0.5, 0.7, 0.6, 0.6)]
    assert earliest_end([], train) == 5 and earliest_end(history[:2], train) == 7 and earliest_end(history, train) == 7
    assert earliest_end(history, TrainSpec(epochs=6, patience=5)) == 6
    assert earliest_end(history, TrainSpec(epochs=6)) == 6
    assert progress_after(history, train).wait == 2 and progress_after([{"loss": 1.0}], train).wait == 0
