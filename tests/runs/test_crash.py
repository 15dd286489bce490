"""A process that is killed while it trains, for real."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.runs import Runner, RunStore
from tests.fakes import PATIENCE, fake_train

REPOSITORY = Path(__file__).parents[2]
APP = """
import sys, threading
from pathlib import Path
from lib.runs import Runner, RunStore
from tests.fakes import emit_epoch, run_started, tiny_run_spec

trained = threading.Event()

def hanging_train(spec, folder, on_event, control):
    on_event(run_started(spec))
    for epoch in range(3):
        emit_epoch(epoch, folder, on_event)
    trained.set()
    threading.Event().wait()

runner = Runner(RunStore(Path(sys.argv[1])), hanging_train)
spec = tiny_run_spec(epochs=5)
running, queued = runner.submit(spec, "A"), runner.submit(spec, "B")
trained.wait()
print(running, queued, flush=True)
threading.Event().wait()
"""


@contextmanager
def training_process(home: Path) -> Iterator[tuple[subprocess.Popen[str], tuple[str, ...]]]:
    """A process that has trained three epochs of one run and keeps another queued, and their ids."""
    command = [sys.executable, "-c", APP, str(home)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        yield process, tuple(process.stdout.readline().split())
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()


def test_killed_process_leaves_resumable_runs(home: Path) -> None:
    with training_process(home) as (process, ids):
        store = RunStore(home)
        assert store.mark_interrupted() == (), "the process still lives"
        process.kill()
        process.wait(PATIENCE)
    runner = Runner(store, fake_train)
    assert runner.interrupted == ids
    running, queued = ids
    check_interrupted(runner, running, epochs=3)
    check_interrupted(runner, queued, epochs=0)
    for run_id in runner.interrupted:
        runner.resume(run_id)
        resumed = runner.wait(run_id, PATIENCE)
        assert resumed.state == "finished" and [log.epoch for log in resumed.epochs] == list(range(5))
        assert [log.first_step for log in resumed.steps] == list(range(0, 20, 2))
    runner.shutdown()
    store.close()


def check_interrupted(runner: Runner, run_id: str, epochs: int) -> None:
    snapshot = runner.snapshot(run_id)
    assert snapshot.state == "interrupted" and "Resume it" in snapshot.record.message
    assert len(snapshot.epochs) == epochs and snapshot.step == 4 * epochs
