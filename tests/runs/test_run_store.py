from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import RunError
from lib.runs import RunStore, run_home
from lib.runs.store import LONGEST_NOTE
from lib.spec.runs import EpochLog, RunRecord, RunStarted, RunState, StepLog
from tests.fakes import PATIENCE, tiny_run_spec


def record_of(run_id: str, state: RunState = RunState.QUEUED, created: float = 1.0) -> RunRecord:
    return RunRecord(run_id, f"run {run_id}", tiny_run_spec(), state, created, owner="session")


def execute(home: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(home / "runs.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


# --- records ------------------------------------------------------------------------------


def test_record_comes_back_as_it_went(store: RunStore) -> None:
    full = dataclasses.replace(
        record_of("a", RunState.FAILED), started=2.0, ended=3.5, message="no", metrics={"test_loss": 0.25},
        device="CPU",
    )
    store.create(full)
    assert store.record("a") == full
    assert store.folder("a").is_dir()


def test_newest_record_comes_first(store: RunStore) -> None:
    for run_id, created in (("old", 1.0), ("new", 3.0), ("middle", 2.0)):
        store.create(record_of(run_id, created=created))
    assert [record.id for record in store.records()] == ["new", "middle", "old"]


def test_update_changes_only_what_it_names(store: RunStore) -> None:
    store.create(record_of("a"))
    store.update("a", state=RunState.FINISHED, metrics={"test_loss": math.inf})
    changed = dataclasses.replace(record_of("a"), state=RunState.FINISHED, metrics={"test_loss": math.inf})
    assert store.record("a") == changed
    with pytest.raises(TypeError, match="spec"):
        store.update("a", spec="other")


def test_rename(store: RunStore) -> None:
    store.create(record_of("a"))
    assert store.rename("a", "  better ") == store.record("a").name == "better"
    for bad in ("", "  ", "x" * 201):
        with pytest.raises(RunError, match="1 to 200"):
            store.rename("a", bad)


@pytest.mark.parametrize("run_id", ["missing", "../outside", "", "a/b", "x" * 65])
def test_unknown_runs_are_refused_readably(store: RunStore, run_id: str) -> None:
    for request in (store.record, store.delete, store.started, lambda i: store.update(i, message="x"),
                    lambda i: store.rename(i, "x"), lambda i: store.requeue(i, "x")):
        with pytest.raises(RunError, match="no run"):
            request(run_id)
    assert store.epochs(run_id) == store.steps(run_id) == ()


def test_deleting_removes_logs_and_folder(store: RunStore) -> None:
    store.create(record_of("a", RunState.FINISHED))
    store.append("a", EpochLog(0, 4, 1.0, {"loss": 1.0}), StepLog(0, 0, 1.0, {"loss": (1.0,)}))
    (store.folder("a") / "model.keras").write_bytes(b"weights")
    store.delete("a")
    assert store.records() == store.epochs("a") == store.steps("a") == ()
    assert not store.folder("a").exists()


def test_deleting_a_run_without_folder(store: RunStore) -> None:
    store.create(record_of("a", RunState.STOPPED))
    store.folder("a").rmdir()
    store.delete("a")
    assert store.records() == ()


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_unfinished_runs_are_not_deleted(store: RunStore, state: RunState) -> None:
    store.create(record_of("a", state))
    with pytest.raises(RunError, match="Stop it first"):
        store.delete("a")
    assert store.folder("a").is_dir()


def test_only_interrupted_and_stopped_runs_are_requeued(store: RunStore) -> None:
    for state in RunState:
        store.create(record_of(state, state))
        if state in ("interrupted", "stopped"):
            assert store.requeue(state, "other").state == RunState.QUEUED
            assert store.record(state).owner == "other"
        else:
            with pytest.raises(RunError, match="cannot be resumed"):
                store.requeue(state, "other")
            assert store.record(state) == record_of(state, state)


# --- logs ---------------------------------------------------------------------------------

finite = st.floats(allow_nan=False)
names = st.text(min_size=1, max_size=8)


@st.composite
def step_log(draw: st.DrawFn) -> StepLog:
    count = draw(st.integers(0, 5))
    values = st.lists(finite, min_size=count, max_size=count).map(tuple)
    metrics = draw(st.dictionaries(names, values, max_size=3))
    return StepLog(draw(st.integers(0, 9)), draw(st.integers(0, 10**9)), draw(finite), metrics)


@given(st.lists(step_log(), max_size=5), st.lists(st.dictionaries(names, finite), max_size=5))
def test_logs_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, steps: list, metrics: list) -> None:
    store = RunStore(tmp_path_factory.mktemp("home"))
    epochs = tuple(EpochLog(number, number * 4, 0.5, values) for number, values in enumerate(metrics))
    store.create(record_of("a"))
    store.append("a", *steps, *epochs)
    assert store.steps("a") == tuple(steps) and store.epochs("a") == epochs
    store.close()


def test_not_a_number_survives(store: RunStore) -> None:
    store.create(record_of("a"))
    store.append("a", StepLog(0, 0, 1.0, {"loss": (math.nan, 1.0)}), EpochLog(0, 2, 1.0, {"loss": math.nan}))
    assert math.isnan(store.steps("a")[0].metrics["loss"][0])
    assert math.isnan(store.epochs("a")[0].metrics["loss"])


def test_a_failed_append_writes_nothing(store: RunStore) -> None:
    store.create(record_of("a"))
    uneven = StepLog(0, 0, 1.0, {"loss": (1.0, 2.0), "accuracy": (1.0,)})
    with pytest.raises(RunError, match="differ in length"):
        store.append("a", EpochLog(0, 2, 1.0, {}), uneven)
    assert store.epochs("a") == ()
    with pytest.raises(RunError, match="not in the run store any more"):
        store.append("deleted", EpochLog(0, 2, 1.0, {}))


def test_beginning_again_drops_what_is_done_again(store: RunStore) -> None:
    store.create(record_of("a"))
    for epoch in range(3):
        store.append("a", StepLog(epoch, epoch * 4, 1.0, {"loss": (1.0,)}), EpochLog(epoch, 4, 1.0, {}))
    started = RunStarted(5, 4, 32, np.int64(100), "CPU", first_epoch=2)
    store.begin("a", started)
    assert [log.epoch for log in store.epochs("a")] == [log.epoch for log in store.steps("a")] == [0, 1]
    assert store.started("a") == started and store.record("a").device == "CPU"


def test_threads_share_a_store(store: RunStore) -> None:
    barrier, errors = threading.Barrier(4), []

    def hammer(run_id: str) -> None:
        try:
            barrier.wait(PATIENCE)
            store.create(record_of(run_id, RunState.RUNNING))
            for epoch in range(30):
                store.append(run_id, StepLog(epoch, epoch, 1.0, {"loss": (1.0,)}), EpochLog(epoch, epoch, 1.0, {}))
                assert len(store.epochs(run_id)) == len(store.steps(run_id)) == epoch + 1
                store.update(run_id, message=str(epoch))
                store.records()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=hammer, args=(f"run{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not errors
    assert [record.message for record in store.records()] == ["29"] * 4


# --- processes ----------------------------------------------------------------------------


def test_runs_of_a_dead_process_are_interrupted_in_queue_order(home: Path) -> None:
    first = RunStore(home)
    for run_id, state in (("z", RunState.RUNNING), ("a", RunState.QUEUED), ("f", RunState.FINISHED)):
        first.create(record_of(run_id, state))
    first.append("z", EpochLog(0, 4, 1.0, {"loss": 1.0}))
    first.close()
    second = RunStore(home)
    assert second.mark_interrupted() == ("z", "a")
    assert [second.record(i).state for i in "zaf"] == ["interrupted", "interrupted", "finished"]
    assert "trained" in second.record("z").message and "waited" in second.record("a").message
    assert len(second.epochs("z")) == 1
    assert second.mark_interrupted() == ()
    second.close()


def test_runs_of_a_living_process_are_left_alone(store: RunStore, home: Path) -> None:
    store.create(record_of("a", RunState.RUNNING))
    other = RunStore(home)
    assert other.mark_interrupted() == ()
    assert store.mark_interrupted(["a"]) == ()
    assert store.record("a").state == RunState.RUNNING
    assert store.mark_interrupted([]) == ("a",)
    other.close()


def test_left_over_lock_files_are_cleared(store: RunStore, home: Path) -> None:
    (home / "processes" / "77-dead.lock").touch()
    store.mark_interrupted()
    assert len(list((home / "processes").iterdir())) == 1


def test_closing_twice_and_using_a_closed_store(home: Path) -> None:
    store = RunStore(home)
    store.close()
    store.close()
    with pytest.raises(RunError, match="closed"):
        store.records()


# --- damage -------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [
    b"this is not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096,
])
def test_damaged_file_is_reported_and_left_alone(home: Path, damage: bytes) -> None:
    home.mkdir()
    (home / "runs.db").write_bytes(damage)
    with pytest.raises(RunError, match="Nothing was deleted"):
        RunStore(home)
    assert (home / "runs.db").read_bytes() == damage
    assert list((home / "processes").iterdir()) == []


def test_damage_inside_the_file_is_reported(home: Path) -> None:
    store = RunStore(home)
    for number in range(200):
        store.create(record_of(f"run{number}", RunState.FINISHED))
    store.close()
    data = bytearray((home / "runs.db").read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    (home / "runs.db").write_bytes(data)
    with pytest.raises(RunError, match="Nothing was deleted"), contextlib.closing(RunStore(home)) as damaged:
        damaged.records()


def test_newer_store_is_refused(home: Path) -> None:
    RunStore(home).close()
    execute(home, "PRAGMA user_version = 99")
    with pytest.raises(RunError, match=r"newer version.*format 99.*Update"):
        RunStore(home)


def test_a_store_of_the_first_format_opens_and_its_runs_are_nobodys(home: Path) -> None:
    with contextlib.closing(RunStore(home)) as store:
        store.create(record_of("old", RunState.FINISHED))
        store.append("old", EpochLog(0, 4, 1.0, {"loss": 0.5}))
    for column in ("browser", "starred", "note", "parent", "forked_epoch", "spent"):
        execute(home, f"ALTER TABLE runs DROP COLUMN {column}")
    execute(home, "PRAGMA user_version = 1")
    for _ in range(2):  # the second time it is of the present format
        with contextlib.closing(RunStore(home)) as store:
            assert [record.id for record in store.records()] == ["old"] and len(store.epochs("old")) == 1
            assert store.record("old").browser == store.browser("old") == ""
    with contextlib.closing(RunStore(home)) as store:
        store.create(dataclasses.replace(record_of("new"), browser="mine"))
        store.update("new", state=RunState.STOPPED)
        assert store.requeue("new", "another tab").browser == "mine", "also when somebody else resumes it"


def test_a_resumed_run_took_the_time_of_all_its_parts(store: RunStore) -> None:
    store.create(record_of("a"))
    store.update("a", state=RunState.STOPPED, started=100.0, ended=130.0)
    assert store.record("a").seconds == 30.0
    assert store.requeue("a", "").seconds is None
    store.update("a", state=RunState.FINISHED, started=1000.0, ended=1012.0)
    assert (store.record("a").seconds, store.record("a").started) == (42.0, 1000.0)


def test_metrics_of_older_formats_have_their_names_of_today(home: Path) -> None:
    with contextlib.closing(RunStore(home)) as store:
        store.create(dataclasses.replace(record_of("old", RunState.FINISHED), metrics={"val_real_right": 0.5}))
        store.append("old", EpochLog(0, 4, 1.0, {"real_right": 0.7, "val_variety": 0.9, "loss": 0.5}))
        store.append("old", StepLog(0, 0, 1.0, {"fake_right": (0.1, 0.2), "loss": (1.0, 2.0)}))
    for column in ("parent", "forked_epoch", "spent"):
        execute(home, f"ALTER TABLE runs DROP COLUMN {column}")
    execute(home, "PRAGMA user_version = 3")
    with contextlib.closing(RunStore(home)) as store:
        assert store.record("old").metrics == {"val_real_accuracy": 0.5}
        assert store.epochs("old")[0].metrics == {"real_accuracy": 0.7, "val_diversity": 0.9, "loss": 0.5}
        assert store.steps("old")[0].metrics == {"fake_accuracy": (0.1, 0.2), "loss": (1.0, 2.0)}


def test_a_store_of_the_second_format_opens_without_stars_and_notes(home: Path) -> None:
    with contextlib.closing(RunStore(home)) as store:
        store.create(dataclasses.replace(record_of("old", RunState.FINISHED), browser="mine"))
    for column in ("starred", "note", "parent", "forked_epoch", "spent"):
        execute(home, f"ALTER TABLE runs DROP COLUMN {column}")
    execute(home, "PRAGMA user_version = 2")
    with contextlib.closing(RunStore(home)) as store:
        (record,) = store.records()
        assert (record.starred, record.note, record.browser) == (False, "", "mine")
        store.star("old", True)
        assert store.write_note("old", "  worse than =1+1 <b>\n") == "worse than =1+1 <b>"
    with contextlib.closing(RunStore(home)) as store:
        assert (store.record("old").starred, store.record("old").note) == (True, "worse than =1+1 <b>")


def test_a_note_has_a_length_limit_and_an_unknown_run_none(store: RunStore) -> None:
    store.create(record_of("a"))
    store.write_note("a", "x" * LONGEST_NOTE)
    with pytest.raises(RunError, match=r"at most 2,000 characters.*Received: 2,001"):
        store.write_note("a", "x" * (LONGEST_NOTE + 1))
    assert len(store.record("a").note) == LONGEST_NOTE
    for change in (lambda: store.star("b", True), lambda: store.write_note("b", "x")):
        with pytest.raises(RunError, match="There is no run"):
            change()


def test_another_programs_database_is_refused(home: Path) -> None:
    home.mkdir()
    execute(home, "CREATE TABLE runs (distance REAL)")
    with pytest.raises(RunError, match="no run store"):
        RunStore(home)


def test_home_that_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="NEURAL_LAB_HOME"):
        RunStore(tmp_path / "file" / "runs")


@pytest.mark.parametrize(("column", "value"), [
    ("spec", "{"), ("spec", "[]"), ("spec", '{"architecture": {"layers": [{"kind": "quantum"}]}}'),
    ("spec", b"\xff\xfe"), ("spec", "[" * 100_000), ("state", "exploded"), ("metrics", '{"loss": "low"}'),
    ("metrics", "7"),
])
def test_unreadable_run_does_not_break_the_listing(store: RunStore, home: Path, column: str, value: object) -> None:
    store.create(record_of("good"))
    store.create(record_of("bad", RunState.FINISHED))
    execute(home, f"UPDATE runs SET {column} = ? WHERE id = 'bad'", value)
    assert [record.id for record in store.records()] == ["good"]
    (unreadable,) = store.unreadable()
    assert (unreadable.id, unreadable.name) == ("bad", "run bad") and "cannot be read" in unreadable.reason
    with pytest.raises(RunError, match="cannot be read"):
        store.record("bad")


def test_unreadable_finished_run_can_be_deleted(store: RunStore, home: Path) -> None:
    store.create(record_of("bad", RunState.FINISHED))
    execute(home, "UPDATE runs SET spec = '{'")
    store.delete("bad")
    assert store.unreadable() == ()


def test_unreadable_logs_are_reported(store: RunStore, home: Path) -> None:
    store.create(record_of("a"))
    store.append("a", StepLog(0, 0, 1.0, {"loss": (1.0, 2.0)}), EpochLog(0, 2, 1.0, {}))
    execute(home, "UPDATE steps SET \"values\" = x'00'")
    execute(home, "UPDATE epochs SET metrics = 'x'")
    for read in (store.steps, store.epochs):
        with pytest.raises(RunError, match="cannot be read"):
            read("a")


def test_full_disk_is_named(store: RunStore) -> None:
    store.create(record_of("a"))
    fill_disk(store)
    with pytest.raises(RunError, match="disk is full"):
        store.append("a", StepLog(0, 0, 1.0, {"loss": (1.0,) * 100_000}))
    assert store.steps("a") == ()
    store.update("a", message="small writes still fit")


def fill_disk(store: RunStore) -> None:
    pages = store._database._connection.execute("PRAGMA page_count").fetchone()[0]
    store._database._connection.execute(f"PRAGMA max_page_count = {pages + 1}")


# --- home ---------------------------------------------------------------------------------


def test_default_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "mine"))
    assert run_home() == tmp_path / "mine"
    monkeypatch.setenv("NEURAL_LAB_HOME", "")
    monkeypatch.chdir(tmp_path)
    assert run_home() == Path(os.getcwd()) / "runs"
