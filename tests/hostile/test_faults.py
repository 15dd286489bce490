"""Faults from outside: a full disk, a killed process, a second server, a clock set back, a server told to end."""

import errno
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from lib.base import drafts
from lib.base.drafts import draft_of, remove_old_drafts
from lib.base.errors import RunError, StorageError
from lib.base.folders import low_space_words
from lib.models.training import train
from lib.runs import Runner, RunStore
from lib.runs import runner as runner_module
from lib.spec.runs import EpochLog, RunControl, RunState
from tests.conftest import ROOT
from tests.fakes import PATIENCE, StepwiseTrain, endless_train, fake_train, tiny_run_spec
from tests.pages.runs_list import column
from tests.tiny import tiny_dataset, tiny_spec


class FullDisk:
    """The disk of a store: `full` refuses every row, as SQLite does at 0 bytes free."""

    def __init__(self, store, monkeypatch):
        self.full = False
        for name in ("update", "append", "begin", "create"):
            monkeypatch.setattr(store, name, self._refusing(getattr(store, name)))

    def _refusing(self, write):
        def refuse(*arguments, **changes):
            if self.full:
                raise StorageError("The run store cannot be written: the disk is full.")
            return write(*arguments, **changes)

        return refuse


@pytest.fixture
def quiet(monkeypatch):
    """Runners that tend only when a test says so."""
    monkeypatch.setattr(runner_module, "TEND_SECONDS", 3600.0)


@contextmanager
def running(home, execute):
    store = RunStore(home)
    runner = Runner(store, execute)
    try:
        yield runner
    finally:
        runner.shutdown(20)
        store.close()


# --- a full disk --------------------------------------------------------------------------


def test_a_run_whose_state_no_longer_fits_goes_on_from_the_last_whole_epoch(tmp_path, monkeypatch):
    spec = tiny_spec(epochs=6, seed=5)
    whole = []
    train(spec, tiny_dataset(), whole.append, RunControl())
    savez, room = np.savez, [3]

    def until_full(file, **arrays):
        if "meta" in arrays:
            room[0] -= 1
        if room[0] < 0:
            file.write(b"as much as fits")
            raise OSError(errno.ENOSPC, "No space left on device")
        savez(file, **arrays)

    def execute(spec, folder, on_event, control):
        return train(spec, tiny_dataset(), on_event, control, folder)

    monkeypatch.setattr(np, "savez", until_full)
    with running(tmp_path, execute) as runner:
        run_id = runner.submit(spec)
        stopped = runner.wait(run_id, PATIENCE)
        assert stopped.state == RunState.INTERRUPTED and "No space left" in stopped.record.message
        assert [path.name for path in runner.store.folder(run_id).glob(".part-*")] == []
        room[0] = 100
        runner.resume(run_id)
        resumed = runner.wait(run_id, PATIENCE)
    losses = [event.metrics["loss"] for event in whole if type(event) is EpochLog]
    assert resumed.state == RunState.FINISHED
    assert [log.metrics["loss"] for log in resumed.epochs] == losses


def test_at_zero_bytes_free_store_and_memory_agree_once_there_is_room(tmp_path, monkeypatch, quiet):
    steps = StepwiseTrain()
    with running(tmp_path, steps) as runner:
        disk = FullDisk(runner.store, monkeypatch)
        run_id = runner.submit(tiny_run_spec(epochs=3))
        steps.wait_for_starts(1)
        steps.epoch(run_id)
        disk.full = True
        steps.tell(run_id, "epoch")
        ended = runner.wait(run_id, PATIENCE)
        assert ended.state == RunState.INTERRUPTED and "disk is full" in ended.record.message
        assert [record.state for record in runner.records()] == [RunState.INTERRUPTED]
        runner.tend()
        assert runner.store.record(run_id).state == RunState.RUNNING, "it could not be written"
        disk.full = False
        runner.tend()
        assert runner.store.record(run_id) == runner.snapshot(run_id).record
        assert runner.records()[0].state == RunState.INTERRUPTED and len(runner.store.epochs(run_id)) == 1
        steps.release()
        runner.resume(run_id)
        assert runner.wait(run_id, PATIENCE).state == RunState.FINISHED


def test_the_runs_page_does_not_rerun_endlessly_on_a_full_disk(open_page, use_runner, monkeypatch, quiet):
    steps = StepwiseTrain()
    runner = use_runner(steps)
    disk = FullDisk(runner.store, monkeypatch)
    run_id = runner.submit(tiny_run_spec())
    steps.wait_for_starts(1)
    disk.full = True
    steps.tell(run_id, "epoch")
    runner.wait(run_id, PATIENCE)
    app = open_page("runs")  # raises once a page has rerun itself too often
    assert column(app, "state") == ["interrupted"] and not app.exception
    disk.full = False
    runner.tend()
    assert column(open_page("runs"), "state") == ["interrupted"]
    steps.release()


def test_a_run_can_be_deleted_where_there_is_room_only_afterwards(tmp_path):
    with running(tmp_path, fake_train) as runner:
        run_id = runner.submit(tiny_run_spec())
        runner.wait(run_id, PATIENCE)
        folder = runner.store.folder(run_id)
        (folder / "model.keras").write_bytes(b"large")
        seen = []
        runner.store._database._connection.set_trace_callback(
            lambda statement: seen.append(folder.exists()) if statement.startswith("DELETE") else None)
        runner.delete(run_id)
        assert seen and not any(seen) and runner.records() == ()


def test_low_space_is_said_before_it_fails(tmp_path, open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.base.folders.free_space", lambda folder: 20_000_000)
    assert "20 MB" in low_space_words(tmp_path)
    app = open_page("home")
    assert any("20 MB" in warning.value for warning in app.warning)
    monkeypatch.setattr("lib.base.folders.free_space", lambda folder: None)
    assert low_space_words(tmp_path) == ""


def test_drafts_of_dead_processes_are_removed_and_others_are_not(tmp_path, monkeypatch):
    (tmp_path / "run" / "epochs").mkdir(parents=True)
    (tmp_path / "datasets").mkdir()
    left = [tmp_path / ".part-c.json", tmp_path / "run" / ".part-a.npz", tmp_path / "run" / "epochs" / ".part-b.npz",
            tmp_path / "datasets" / ".x.part"]
    for path in left:
        path.write_bytes(b"half")
    RunStore(tmp_path).close()
    assert all(path.exists() for path in left), "somebody may be writing them"
    monkeypatch.setattr(drafts, "OLD_SECONDS", -1.0)
    remove_old_drafts(tmp_path)
    assert not any(path.exists() for path in left)


def test_a_draft_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "file.npz"
    path.write_text("old")
    with pytest.raises(KeyError), draft_of(path) as draft:
        draft.write_text("half")
        raise KeyError
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["file.npz"]


# --- a killed process ---------------------------------------------------------------------

#: Training as it is done, with arithmetic of one line: seeded, resumed from a file that is replaced as a whole.
_NUMPY = """
import json
import numpy as np
from lib.spec.runs import EpochLog, RunResult, RunStarted, RunState, StepLog
from lib.models.files import read_npz, write_npz

def execute(spec, folder, on_event, control):
    path, weight, first = folder / "resume.npz", np.ones(20_000), 0
    if path.exists():
        saved = read_npz(path)
        weight, first = saved["weight"], int(saved["epoch"])
    on_event(RunStarted(spec.train.epochs, 4, 32, 1, "here", first))
    for epoch in range(first, spec.train.epochs):
        for step in range(4 * epoch, 4 * epoch + 4):
            if control.should_stop():
                return RunResult(RunState.STOPPED, {})
            weight = np.sin(3 * weight + np.random.default_rng([spec.seed, step]).standard_normal(20_000))
            on_event(StepLog(epoch, step, float(step + 1), {"loss": (float(weight[0]),)}))
        on_event(EpochLog(epoch, 4 * epoch + 4, float(4 * epoch + 4), {"loss": float(weight.sum())}))
        write_npz(path, weight=weight, epoch=np.array(epoch + 1))
    return RunResult(RunState.FINISHED, {"test_loss": float(weight.mean())})
"""
_TRAINS = _NUMPY + """
import sys
from pathlib import Path
from lib.runs import Runner, RunStore
from tests.fakes import tiny_run_spec

def told(spec, folder, on_event, control):
    return execute(spec, folder, lambda event: (on_event(event), print("event", flush=True)), control)

runner = Runner(RunStore(Path(sys.argv[1])), told, flush_seconds=0.01)
for run_id in runner.interrupted:
    runner.resume(run_id)
if not runner.records():
    runner.submit(tiny_run_spec(epochs=int(sys.argv[2])))
for record in runner.records():
    runner.wait(record.id, 240)
print("over", flush=True)
"""
EPOCHS = 60


def kill_after(home, events):
    """Train in a process of its own and kill it after so many events."""
    process = subprocess.Popen([sys.executable, "-c", _TRAINS, str(home), str(EPOCHS)], cwd=ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        for _ in range(events):
            process.stdout.readline()
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()


def numpy_train(spec, folder, on_event, control):
    names = {}
    exec(_NUMPY, names)
    return names["execute"](spec, folder, on_event, control)


def test_a_run_killed_at_random_moments_has_the_curve_it_would_have_had(tmp_path):
    with running(tmp_path / "whole", numpy_train) as runner:
        expected = runner.wait(runner.submit(tiny_run_spec(epochs=EPOCHS)), PATIENCE)
    rng = random.Random(0)
    for _ in range(5):
        kill_after(tmp_path / "killed", rng.randint(1, 80))
    with running(tmp_path / "killed", numpy_train) as runner:
        (record,) = runner.records()
        if record.state == RunState.INTERRUPTED:
            runner.resume(record.id)
        ended = runner.wait(record.id, PATIENCE)
    assert ended.state == RunState.FINISHED and ended.epochs == expected.epochs
    assert ended.record.metrics == expected.record.metrics
    assert [log.first_step for log in ended.steps] == sorted({log.first_step for log in ended.steps})


# --- two servers --------------------------------------------------------------------------


def test_a_second_server_takes_over_what_a_dead_one_left(tmp_path, quiet):
    with running(tmp_path, fake_train) as second:
        first = RunStore(tmp_path)
        dying = Runner(first, endless_train)
        run_id = dying.submit(tiny_run_spec())
        second.tend()
        assert second.store.record(run_id).state in (RunState.QUEUED, RunState.RUNNING), "the first still lives"
        with pytest.raises(RunError, match="another process") as caught:
            second.stop(run_id)
        assert caught.value.remedy
        first._process.release()  # as the operating system does for a process that dies
        second.tend()
        assert second.store.record(run_id).state == RunState.INTERRUPTED
        dying.stop(run_id)
        dying.shutdown(20)
        first.close()


def test_stop_on_anothers_run_says_why_it_cannot(open_page, use_runner, tmp_path, quiet):
    use_runner(fake_train)
    with running(tmp_path / "runs", endless_train) as other:
        run_id = other.submit(tiny_run_spec())
        app = open_page("train", run=run_id)
        app.button(key="stop").click().run()
        assert not app.exception
        assert app.title and any("another process" in toast.value for toast in app.toast)
        other.stop(run_id)
        other.wait(run_id, PATIENCE)


# --- a clock set back ---------------------------------------------------------------------


def test_a_clock_set_back_gives_no_negative_duration(tmp_path, monkeypatch):
    steps = StepwiseTrain()
    with running(tmp_path, steps) as runner:
        run_id = runner.submit(tiny_run_spec())
        steps.wait_for_starts(1)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now - 86_400)
        steps.tell(run_id, "finish")
        record = runner.wait(run_id, PATIENCE).record
    assert record.created <= record.started <= record.ended


# --- a server told to end -----------------------------------------------------------------

_SERVES = _NUMPY + """
import threading
import uvicorn
from app import app
from lib.runs import Runner, RunStore, run_home
from lib.ui.lab import lab
from lib.ui.resources import runner
from tests.fakes import tiny_run_spec

lab().use(runner=Runner(RunStore(run_home()), execute))
runner().submit(tiny_run_spec(epochs=100_000))

def say():
    while not any(snapshot.epochs for snapshot in runner().active()):
        threading.Event().wait(0.05)
    print("training", flush=True)

threading.Thread(target=say, daemon=True).start()
uvicorn.run(app, host="127.0.0.1", port=0, log_level="critical")
"""


def test_a_server_told_to_end_marks_its_runs_interrupted_and_leaves_whole_files(tmp_path, monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", _SERVES], cwd=ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout.readline().strip() == "training"
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
    connection = sqlite3.connect(tmp_path / "runs.db")
    ((run_id, state, message),) = connection.execute("SELECT id, state, message FROM runs").fetchall()
    (epochs,) = connection.execute("SELECT COUNT(*) FROM epochs").fetchone()
    connection.close()
    assert state == "interrupted" and "Resume it" in message
    with np.load(tmp_path / run_id / "resume.npz") as saved:
        assert int(saved["epoch"]) == epochs
    assert not list((tmp_path / run_id).glob(".part-*"))


def test_a_trainer_that_does_not_hear_is_interrupted_in_the_store(tmp_path, quiet):
    began, heard = threading.Event(), threading.Event()

    def deaf(spec, folder, on_event, control):
        began.set()
        heard.wait(PATIENCE)
        return fake_train(spec, folder, on_event, control)

    store = RunStore(tmp_path)
    runner = Runner(store, deaf)
    run_id = runner.submit(tiny_run_spec())
    assert began.wait(PATIENCE)
    runner.shutdown(0.0)
    assert store.record(run_id).state == RunState.INTERRUPTED
    heard.set()
    runner.shutdown(20)
    store.close()
