from __future__ import annotations

import math
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lib.base.errors import RunError, SpecError
from lib.base.priority import NICENESS
from lib.runs import Runner, RunStore
from lib.runs.runner import MAX_STEPS
from lib.spec.changes import Change
from lib.spec.runs import ChangeRequest, Control, EpochLog, OnEvent, Pace, RunNote, RunResult, RunState, StepLog
from lib.spec.specs import RunSpec
from tests.fakes import (
    PATIENCE,
    STEPS_PER_EPOCH,
    StepwiseTrain,
    crashing_train,
    emit_epoch,
    endless_train,
    failing_train,
    fake_train,
    run_started,
    tiny_run_spec,
)

MakeRunner = Callable[..., Runner]


@pytest.fixture
def steered(make_runner: MakeRunner) -> Iterator[tuple[Runner, StepwiseTrain]]:
    """A runner whose runs obey the test; what still trains at the end is let go."""
    train = StepwiseTrain()
    runner = make_runner(train)
    yield runner, train
    runner.shutdown(timeout=0)
    train.release()


# --- a run's life -------------------------------------------------------------------------


def test_finished_run(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=3), "session", "  first ")
    done = runner.wait(run_id, PATIENCE)
    assert (done.state, done.record.name, done.record.owner) == ("finished", "first", "session")
    assert done.record.message == "all epochs done" and done.record.device == "fake device"
    assert done.record.metrics["test_accuracy"] > 0
    assert [log.epoch for log in done.epochs] == [0, 1, 2]
    assert sum(log.count for log in done.steps) == done.step == 3 * STEPS_PER_EPOCH
    assert done.seconds == 12.0 and done.started is not None and done.started.epochs == 3
    assert done.record.created <= done.record.started <= done.record.ended
    assert runner.store.record(run_id) == done.record
    assert runner.active() == [] and runner.position(run_id) is None


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux alone")
def test_training_gives_way_to_the_pages(make_runner: MakeRunner) -> None:
    found: list[int] = []

    def execute(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return fake_train(spec, folder, on_event, control)

    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    runner = make_runner(execute)
    runner.wait(runner.submit(tiny_run_spec(), "session"), PATIENCE)
    assert found == [max(own, NICENESS)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


def test_run_without_a_name_is_named_after_its_spec(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train)
    assert runner.wait(runner.submit(tiny_run_spec()), PATIENCE).record.name == "tiny on digits"


def test_live_run_is_seen_as_it_goes(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec(), "session")
    train.wait_for_starts(1)
    before = runner.snapshot(run_id)
    train.epoch(run_id)
    after = runner.snapshot(run_id)
    assert (before.state, before.step, before.epochs) == ("running", 0, ())
    assert (after.step, after.seconds, len(after.epochs)) == (4, 4.0, 1)
    assert after.epochs == runner.store.epochs(run_id) and after.steps == runner.store.steps(run_id)
    assert [snapshot.record.id for snapshot in runner.active()] == [run_id]


def test_failing_run_shows_its_message(make_runner: MakeRunner) -> None:
    runner = make_runner(failing_train)
    failed = runner.wait(runner.submit(tiny_run_spec()), PATIENCE)
    assert failed.state == "failed" and failed.record.message.startswith("The loss is not a number.")
    assert len(failed.epochs) == 1
    assert not (runner.store.folder(failed.record.id) / "error.txt").exists()


def test_crashing_run_keeps_its_traceback_in_a_file(make_runner: MakeRunner) -> None:
    runner = make_runner(crashing_train)
    failed = runner.wait(runner.submit(tiny_run_spec()), PATIENCE)
    assert failed.record.message == "Training broke off: ValueError: shapes (3,) and (4,) do not match"
    assert "Traceback" in (runner.store.folder(failed.record.id) / "error.txt").read_text()


@pytest.mark.parametrize("error", [MemoryError, SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError])
def test_worker_survives_every_error(make_runner: MakeRunner, error: type[BaseException]) -> None:
    def breaking(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        if spec.seed == 0:
            raise error()
        return fake_train(spec, folder, on_event, control)

    runner = make_runner(breaking)
    assert runner.wait(runner.submit(tiny_run_spec(seed=0)), PATIENCE).state == "failed"
    assert runner.wait(runner.submit(tiny_run_spec(seed=1)), PATIENCE).state == "finished"


# --- steering -----------------------------------------------------------------------------


def test_stopping_a_running_run_keeps_what_it_learned(make_runner: MakeRunner) -> None:
    runner = make_runner(endless_train)
    run_id = runner.submit(tiny_run_spec())
    runner.stop(run_id)
    runner.stop(run_id)
    assert runner.wait(run_id, PATIENCE).state == "stopped"
    runner.stop(run_id)
    assert runner.snapshot(run_id).state == "stopped"


def test_stopping_a_queued_run(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    first, second = runner.submit(tiny_run_spec(), "A"), runner.submit(tiny_run_spec(), "A")
    train.wait_for_starts(1)
    runner.stop(second)
    stopped = runner.snapshot(second)
    assert stopped.state == "stopped" and stopped.record.started is None and stopped.record.ended is not None
    train.tell(first, "finish")
    assert runner.wait(first, PATIENCE).state == "finished"
    assert train.order == [first]


def test_pausing(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id, queued = runner.submit(tiny_run_spec()), runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    for waiting in (run_id, queued):
        runner.pause(waiting)
    assert runner.snapshot(run_id).paused and not runner.snapshot(queued).paused
    train.tell(run_id, "finish")
    assert runner.snapshot(run_id).state == "running"
    runner.resume_paused(run_id)
    assert runner.wait(run_id, PATIENCE).state == "finished"
    runner.pause(run_id)
    assert not runner.snapshot(run_id).paused


def test_stop_ends_a_pause(make_runner: MakeRunner) -> None:
    runner = make_runner(endless_train)
    run_id = runner.submit(tiny_run_spec())
    runner.pause(run_id)
    runner.stop(run_id)
    assert runner.wait(run_id, PATIENCE).state == "stopped"


def test_changes_reach_the_trainer_and_are_kept_with_the_run(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    with pytest.raises(RunError, match=r"Only a run that trains|has not begun"):
        runner.change(run_id, ChangeRequest(learning_rate=0.1))
    train.wait_for_starts(1)
    train.epoch(run_id)
    for bad in (math.nan, 0, -1, math.inf, 1e9, "0.1", True):
        with pytest.raises(SpecError, match=r"learning rate cannot be used.*above 0, at most 1000"):
            runner.change(run_id, ChangeRequest(learning_rate=bad))
    for bad in (0, 33, 1e9, math.nan, 2.5):
        with pytest.raises(SpecError, match=r"batch size cannot be used.*from 1 to 32"):
            runner.change(run_id, ChangeRequest(batch_size=bad))
    runner.change(run_id, ChangeRequest(learning_rate=0.5))
    runner.change(run_id, ChangeRequest(batch_size=16))
    train.epoch(run_id)
    changes = (Change(1, 4, learning_rate=0.5), Change(1, 4, batch_size=16))
    assert runner.snapshot(run_id).record.spec.changes == changes == runner.store.record(run_id).spec.changes
    train.tell(run_id, "finish")
    assert runner.wait(run_id, PATIENCE).record.spec == replace(tiny_run_spec(), changes=changes)
    with pytest.raises(RunError, match="Only a run that trains"):
        runner.change(run_id, ChangeRequest(0.1))


def test_a_batch_that_does_not_fit_into_memory_is_refused(steered: tuple[Runner, StepwiseTrain],
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    runner.store.update(run_id, device="cpu:0")
    monkeypatch.setattr("lib.spec.memory_need.free_bytes", lambda: 10_000)
    with pytest.raises(SpecError, match="does not fit into memory"):
        runner.change(run_id, ChangeRequest(batch_size=16))


def test_one_epoch_at_a_time(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec(epochs=5))
    train.wait_for_starts(1)
    turn = runner.snapshot(run_id).turn
    runner.resume_paused(run_id, Pace.EPOCH, turn)
    assert not runner.snapshot(run_id).paused
    train.epoch(run_id)
    assert runner.snapshot(run_id).paused and len(runner.snapshot(run_id).epochs) == 1
    runner.resume_paused(run_id, Pace.EPOCH, turn)
    assert runner.snapshot(run_id).paused, "the same press, twice"
    runner.stop(run_id)
    train.tell(run_id, "look")
    runner.wait(run_id, PATIENCE)
    runner.resume_paused(run_id, Pace.EPOCH)
    train.wait_for_starts(2)
    train.epoch(run_id)
    assert runner.snapshot(run_id).paused and len(runner.snapshot(run_id).epochs) == 2


def test_extending_an_ended_run(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=3))
    before = runner.wait(run_id, PATIENCE)
    for bad in (0, -1, 1e9, math.nan, 1.5):
        with pytest.raises(SpecError, match="epochs"):
            runner.extend(run_id, bad)
    runner.extend(run_id, 2, ChangeRequest(learning_rate=0.25))
    after = runner.wait(run_id, PATIENCE)
    assert [log.epoch for log in after.epochs] == [0, 1, 2, 3, 4] and after.epochs[:3] == before.epochs
    assert after.steps[:6] == before.steps and after.record.spec.train.epochs == 5
    assert after.record.spec.changes == (Change(3, 12, epochs=5), Change(3, 12, learning_rate=0.25))
    runner.extend(run_id, 1)
    assert runner.wait(run_id, PATIENCE).record.spec.train.epochs == 6


def test_a_run_extended_at_the_moment_of_its_end_is_not_lost(make_runner: MakeRunner,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    runner = make_runner(fake_train)
    save, extended = runner._save, []

    def save_and_extend(run_id: str, *rest: object) -> object:
        saved = save(run_id, *rest)
        if not extended:  # the store knows that it has ended, the runner's memory not yet
            extended.append(run_id)
            runner.extend(run_id, 2)
        return saved

    monkeypatch.setattr(runner, "_save", save_and_extend)
    run_id = runner.submit(tiny_run_spec(epochs=3))
    after = runner.submit(tiny_run_spec(seed=1))
    assert runner.wait(after, PATIENCE).state == RunState.FINISHED, "its worker lives"
    ended = runner.wait(run_id, PATIENCE)
    assert ended.state == RunState.FINISHED and len(ended.epochs) == 5


def test_a_run_that_trains_or_failed_is_not_extended(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    train.epoch(run_id)
    with pytest.raises(RunError, match=r"cannot be extended\. Expected: a finished, stopped .*Received: a running one"):
        runner.extend(run_id, 2)
    train.tell(run_id, "fail")
    runner.wait(run_id, PATIENCE)
    with pytest.raises(RunError, match="cannot be extended"):
        runner.extend(run_id, 2)


def test_forking_any_run_that_has_trained_an_epoch(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=4), "A", "first")
    parent = runner.wait(run_id, PATIENCE)
    for after in (0, 5, -1, None, 1.5):
        with pytest.raises(SpecError, match=r"no such epoch to fork from.*1 to 4"):
            runner.fork(run_id, after)
    with pytest.raises(SpecError, match=r"last epoch cannot be used.*from 5"):
        runner.fork(run_id, 4)
    child = runner.fork(run_id, 2, 6, ChangeRequest(0.5, 4), "B", browser="mine")
    done = runner.wait(child, PATIENCE)
    assert (done.record.parent, done.record.forked_epoch) == (run_id, 2) and done.record.name == "first · fork of epoch 2"
    assert (done.record.owner, done.record.browser) == ("B", "mine")
    assert done.record.spec.train.epochs == 6 and len(done.epochs) == 6 and done.epochs[:2] == parent.epochs[:2]
    assert [change.kind for change in done.record.spec.changes] == ["epochs", "learning_rate", "batch_size"]
    assert runner.snapshot(run_id) == parent, "its parent is as it was"
    again = runner.wait(runner.fork(run_id, 3), PATIENCE)
    assert again.record.spec == parent.record.spec and again.record.spec.digest == parent.record.spec.digest


def test_a_failed_run_is_forked_from_an_epoch_that_went_well(make_runner: MakeRunner) -> None:
    runner = make_runner(failing_train)
    run_id = runner.submit(tiny_run_spec())
    runner.wait(run_id, PATIENCE)
    child = runner.fork(run_id, 1, request=ChangeRequest(learning_rate=1e-4))
    assert runner.wait(child, PATIENCE).record.spec.changes == (Change(1, 4, learning_rate=1e-4),)


def test_a_run_without_an_epoch_cannot_be_forked(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    with pytest.raises(RunError, match="No epoch of this run has ended"):
        runner.fork(run_id, 1)
    assert [record.id for record in runner.records()] == [run_id]


def test_a_fork_that_cannot_be_written_leaves_nothing(make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = make_runner(fake_train)
    run_id = runner.submit(tiny_run_spec())
    runner.wait(run_id, PATIENCE)

    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib.runs.steering.copy_state", full)
    with pytest.raises(RunError, match="cannot be forked: No space left"):
        runner.fork(run_id, 1)
    assert [record.id for record in runner.records()] == [run_id]


def test_resuming_goes_on_where_it_stopped(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec(), "A")
    train.wait_for_starts(1)
    train.epoch(run_id)
    runner.stop(run_id)
    train.tell(run_id, "look")
    before = runner.wait(run_id, PATIENCE)
    runner.resume(run_id, owner="B")
    train.wait_for_starts(2)
    train.epoch(run_id)
    train.tell(run_id, "finish")
    after = runner.wait(run_id, PATIENCE)
    assert after.epochs[:1] == before.epochs and [log.epoch for log in after.epochs] == [0, 1]
    assert after.steps[:2] == before.steps and after.step == 8
    assert after.record.owner == "B" and after.state == "finished"
    with pytest.raises(RunError, match="cannot be resumed"):
        runner.resume(run_id)


def test_resuming_without_its_files_starts_over(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    train.epoch(run_id)
    runner.stop(run_id)
    train.tell(run_id, "look")
    runner.wait(run_id, PATIENCE)
    shutil.rmtree(runner.store.folder(run_id))
    runner.resume(run_id)
    train.wait_for_starts(2)
    again = runner.snapshot(run_id)
    assert again.epochs == again.steps == runner.store.epochs(run_id) == runner.store.steps(run_id) == ()
    assert (again.step, again.seconds) == (0, 0.0)
    train.epoch(run_id)
    assert [log.epoch for log in runner.snapshot(run_id).epochs] == [0]


def test_folder_deleted_while_training(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    runner.store.folder(run_id).rmdir()
    train.tell(run_id, "epoch")
    failed = runner.wait(run_id, PATIENCE)
    assert failed.state == "failed" and "FileNotFoundError" in failed.record.message
    assert len(failed.epochs) == 1


def test_renaming_and_describing_a_live_run(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    runner.rename(run_id, " new ")
    runner.star(run_id, True)
    runner.write_note(run_id, "look at epoch 3 ")
    for record in (runner.snapshot(run_id).record, runner.store.record(run_id), *runner.records()):
        assert (record.name, record.starred, record.note) == ("new", True, "look at epoch 3")


def test_unknown_runs(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train)
    requests = (runner.stop, runner.pause, runner.resume_paused, runner.resume, runner.snapshot, runner.delete,
                runner.wait, lambda i: runner.change(i, ChangeRequest(0.1)), lambda i: runner.extend(i, 1),
                lambda i: runner.fork(i, 1), lambda i: runner.rename(i, "x"),
                lambda i: runner.star(i, True), lambda i: runner.write_note(i, "x"))
    for request in requests:
        with pytest.raises(RunError, match="no run"):
            request("missing")
    assert runner.position("missing") is None


# --- queue --------------------------------------------------------------------------------


def test_owners_take_turns_and_positions_tell_so(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    ids = [runner.submit(tiny_run_spec(), "A")]
    train.wait_for_starts(1)
    ids += [runner.submit(tiny_run_spec(), owner) for owner in "AABC"]
    assert [runner.position(run_id) for run_id in ids] == [None, 1, 4, 2, 3]
    expected = [ids[0], ids[1], ids[3], ids[4], ids[2]]
    assert [snapshot.record.id for snapshot in runner.active()] == expected
    assert [snapshot.position for snapshot in runner.active()] == [None, 1, 2, 3, 4]
    for count, run_id in enumerate(expected, start=1):
        assert train.wait_for_starts(count)[-1] == run_id
        train.tell(run_id, "finish")
        runner.wait(run_id, PATIENCE)


def test_workers_train_side_by_side(make_runner: MakeRunner) -> None:
    together = threading.Barrier(3)

    def meeting(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        together.wait(PATIENCE)
        return fake_train(spec, folder, on_event, control)

    runner = make_runner(meeting, workers=3)
    ids = [runner.submit(tiny_run_spec()) for _ in range(3)]
    assert {runner.wait(run_id, PATIENCE).state for run_id in ids} == {"finished"}


def test_many_threads_submit_stop_and_look(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train, workers=3)
    ids, errors = [], []

    def hammer(owner: str) -> None:
        try:
            for number in range(20):
                run_id = runner.submit(tiny_run_spec(), owner)
                ids.append(run_id)
                if number % 3 == 0:
                    runner.stop(run_id)
                runner.snapshot(run_id)
                runner.active()
                runner.wait(run_id, PATIENCE)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=hammer, args=(owner,)) for owner in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not errors and len(set(ids)) == 80
    assert {runner.snapshot(run_id).state.value for run_id in ids} <= {"finished", "stopped"}


# --- writing ------------------------------------------------------------------------------


def test_steps_are_written_together(make_runner: MakeRunner, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[list[str]] = []
    append = store.append
    monkeypatch.setattr(store, "append", lambda i, *logs: (writes.append([type(e).__name__ for e in logs]),
                                                           append(i, *logs)))

    def chatty(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        for step in range(50):
            on_event(StepLog(0, step, 1.0, {"loss": (1.0,)}))
        on_event(EpochLog(0, 50, 1.0, {"loss": 1.0}))
        on_event(StepLog(1, 50, 1.0, {"loss": (1.0,)}))
        return RunResult(RunState.STOPPED, {})

    runner = make_runner(chatty, flush_seconds=math.inf)
    done = runner.wait(runner.submit(tiny_run_spec()), PATIENCE)
    assert [write for write in writes if write] == [["StepLog"] * 50 + ["EpochLog"], ["StepLog"]]
    assert len(done.steps) == 51


def test_snapshot_is_thinned_on_request(make_runner: MakeRunner) -> None:
    runner = make_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=200))
    done = runner.wait(run_id, PATIENCE)
    assert MAX_STEPS / 2 < sum(log.count for log in done.steps) <= MAX_STEPS
    assert sum(log.count for log in runner.snapshot(run_id, max_steps=None).steps) == 800
    assert len(done.epochs) == 200


def test_numpy_numbers_become_plain_ones(make_runner: MakeRunner) -> None:
    def arrays(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        metrics = {"loss": np.ones(3, dtype=np.float32)}
        on_event(StepLog(np.int64(0), np.int64(0), np.float32(1), metrics))
        on_event(EpochLog(np.int64(0), np.int64(3), np.float64(1), {"loss": np.float32(0.5)}))
        metrics.clear()
        return RunResult(RunState.FINISHED, {"test_loss": np.float32(0.25)})

    runner = make_runner(arrays)
    done = runner.wait(runner.submit(tiny_run_spec()), PATIENCE)
    assert done.state == "finished" and done.steps == (StepLog(0, 0, 1.0, {"loss": (1.0, 1.0, 1.0)}),)
    assert done.record.metrics == {"test_loss": 0.25} and done.epochs[0].metrics == {"loss": 0.5}


def test_events_after_the_end_change_nothing(make_runner: MakeRunner) -> None:
    kept = []

    def leaking(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        kept.append(on_event)
        return RunResult(RunState.FINISHED, {})

    runner = make_runner(leaking)
    before = runner.wait(runner.submit(tiny_run_spec()), PATIENCE)
    kept[0](EpochLog(0, 1, 1.0, {"loss": 1.0}))
    assert runner.snapshot(before.record.id) == before


def test_full_disk_interrupts_the_run_readably(make_runner: MakeRunner, store: RunStore) -> None:
    def greedy(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        if spec.seed == 0:
            limit_pages(store)
            on_event(StepLog(0, 0, 1.0, {"loss": (1.0,) * 100_000}))
            on_event(EpochLog(0, 100_000, 1.0, {"loss": 1.0}))
        return RunResult(RunState.FINISHED, {})

    runner = make_runner(greedy)
    failed = runner.wait(runner.submit(tiny_run_spec(seed=0)), PATIENCE)
    assert failed.state == "interrupted" and "disk is full" in failed.record.message
    assert store.record(failed.record.id).message == failed.record.message
    assert runner.wait(runner.submit(tiny_run_spec(seed=1)), PATIENCE).state == "finished"


def limit_pages(store: RunStore) -> None:
    pages = store._database._connection.execute("PRAGMA page_count").fetchone()[0]
    store._database._connection.execute(f"PRAGMA max_page_count = {pages + 5}")


class DeadDisk(RunStore):
    """A store whose disk refuses writes once `dead` is set."""

    dead = False

    def update(self, run_id: str, **changes: object) -> None:
        self._refuse()
        super().update(run_id, **changes)

    def append(self, run_id: str, *logs: StepLog | EpochLog) -> None:
        self._refuse()
        super().append(run_id, *logs)

    def _refuse(self) -> None:
        if self.dead:
            raise RunError("The disk is full.")


@pytest.fixture
def dead_disk(tmp_path: Path) -> Iterator[DeadDisk]:
    store = DeadDisk(tmp_path / "dead")
    yield store
    store.close()


def test_end_that_cannot_be_written_is_shown_all_the_same(dead_disk: DeadDisk) -> None:
    def dying(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        dead_disk.dead = True
        return RunResult(RunState.FINISHED, {})

    runner = Runner(dead_disk, dying)
    run_id = runner.submit(tiny_run_spec())
    failed = runner.wait(run_id, PATIENCE)
    assert failed.state == "failed" and failed.record.message == "The disk is full."
    assert runner.active() == []
    dead_disk.dead = False
    with pytest.raises(RunError, match="cannot be resumed"):
        runner.resume(run_id)
    runner.delete(run_id)
    with pytest.raises(RunError, match="no run"):
        runner.snapshot(run_id)
    runner.shutdown()


def test_lost_write_fails_a_run_whose_trainer_swallows_it(dead_disk: DeadDisk) -> None:
    def careless(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        dead_disk.dead = True
        with pytest.raises(RunError):
            on_event(EpochLog(0, 4, 1.0, {"loss": 1.0}))
        dead_disk.dead = False
        return RunResult(RunState.FINISHED, {"test_loss": 1.0})

    runner = Runner(dead_disk, careless)
    failed = runner.wait(runner.submit(tiny_run_spec()), PATIENCE)
    assert failed.state == "failed" and failed.record.message == "The disk is full."
    runner.shutdown()


# --- processes and events -----------------------------------------------------------------


def test_shutdown_interrupts_and_the_next_runner_resumes(store: RunStore) -> None:
    first = Runner(store, endless_train)
    running, queued, asked = (first.submit(tiny_run_spec(), "A") for _ in range(3))
    first.stop(asked)
    first.shutdown(PATIENCE)
    first.shutdown(PATIENCE)
    assert [store.record(i).state for i in (running, queued, asked)] == ["interrupted", "interrupted", "stopped"]
    for request in (lambda: first.submit(tiny_run_spec()), lambda: first.resume(running)):
        with pytest.raises(RunError, match="closing"):
            request()
    second = Runner(store, fake_train)
    for run_id in (running, queued):
        second.resume(run_id)
        assert second.wait(run_id, PATIENCE).state == "finished"
    second.shutdown()


def test_run_that_the_user_stopped_is_not_interrupted_by_a_shutdown(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    runner.stop(run_id)
    runner.shutdown(timeout=0)
    train.tell(run_id, "look")
    assert runner.wait(run_id, PATIENCE).state == "stopped"


def test_runs_of_another_process_are_shown_but_not_steered(
    steered: tuple[Runner, StepwiseTrain], home: Path,
) -> None:
    here, train = steered
    run_id = here.submit(tiny_run_spec())
    train.wait_for_starts(1)
    train.epoch(run_id)
    elsewhere = RunStore(home)
    there = Runner(elsewhere, fake_train)
    assert there.interrupted == () and there.active() == []
    assert there.snapshot(run_id).state == "running" and len(there.snapshot(run_id).epochs) == 1
    with pytest.raises(RunError, match="another process"):
        there.stop(run_id)
    with pytest.raises(RunError, match="Stop it first"):
        there.delete(run_id)
    there.shutdown()
    elsewhere.close()


def test_unknown_events_are_ignored_and_notes_are_shown(make_runner: MakeRunner) -> None:
    shown, go = threading.Event(), threading.Event()

    def noting(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        on_event(run_started(spec))
        on_event(RunNote("Loading digits"))
        on_event(object())
        shown.set()
        assert go.wait(PATIENCE)
        emit_epoch(0, folder, on_event)
        return RunResult(RunState.FINISHED, {})

    runner = make_runner(noting)
    run_id = runner.submit(tiny_run_spec())
    assert shown.wait(PATIENCE)
    assert runner.snapshot(run_id).note == "Loading digits"
    go.set()
    assert runner.wait(run_id, PATIENCE).note == ""


def test_waiting_ends_with_a_message(steered: tuple[Runner, StepwiseTrain]) -> None:
    runner, train = steered
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    with pytest.raises(RunError, match="did not end"):
        runner.wait(run_id, timeout=0)
