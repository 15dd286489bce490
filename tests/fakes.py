"""Named stand-ins for real training, for every test that needs a run but no network."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict
from pathlib import Path

import numpy as np

from lib.base.errors import TrainingError
from lib.spec.runs import (
    Control,
    EpochLog,
    OnEvent,
    Pace,
    RunChanged,
    RunNote,
    RunResult,
    RunStarted,
    RunState,
    StepLog,
)
from lib.spec.specs import ArchitectureSpec, DataSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec
from lib.spec.steering import changed

STEPS_PER_EPOCH = 4
#: Seconds after which a fake or a test gives up waiting; reached only when something is broken.
PATIENCE = 30


def tiny_run_spec(epochs: int = 2, seed: int = 0) -> RunSpec:
    """The smallest classifier: one dense layer on the bundled digits."""
    architecture = ArchitectureSpec((FlattenSpec(), DenseSpec(10, activation="softmax")), name="tiny")
    data = DataSpec("digits", train_size=32, validation_size=16)
    return RunSpec(architecture, data, TrainSpec(batch_size=8, epochs=epochs), seed=seed)


def fake_train(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Train nothing, at once: the loss falls, the accuracy rises, the same for equal specs. Resumes and stops."""
    first = saved_epoch(folder)
    on_event(run_started(spec, first))
    on_event(RunNote("Training"))
    for epoch in range(first, spec.train.epochs):
        control.wait_if_paused()
        if control.should_stop():
            return RunResult(RunState.STOPPED, final_metrics(epoch), f"stopped after epoch {epoch}")
        emit_epoch(epoch, folder, on_event)
    return RunResult(RunState.FINISHED, final_metrics(spec.train.epochs), "all epochs done")


def failing_train(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Fail after one epoch with a message for the user."""
    on_event(run_started(spec))
    emit_epoch(0, folder, on_event)
    raise TrainingError("The loss is not a number.", remedy="Lower the learning rate.")


def crashing_train(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Fail after one epoch as a bug would."""
    on_event(run_started(spec))
    emit_epoch(0, folder, on_event)
    raise ValueError("shapes (3,) and (4,)\n  do not match")


def endless_train(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Train until asked to stop, honouring pauses."""
    on_event(run_started(spec))
    epoch, pace = 0, threading.Event()
    while not control.should_stop():
        emit_epoch(epoch, folder, on_event)
        epoch += 1
        pace.wait(0.01)  # Training takes time; nothing is ordered by this.
        control.wait_if_paused()
    return RunResult(RunState.STOPPED, final_metrics(epoch), f"stopped after epoch {epoch}")


class StepwiseTrain:
    """An `Execute` whose runs do what a test tells them, one command at a time.

    Every method blocks until the run has done it. `order` are the ids in the order in which they started.
    """

    def __init__(self) -> None:
        self.order: list[str] = []
        self._changed = threading.Condition()
        self._released = False
        self._lanes: defaultdict[str, _Lane] = defaultdict(_Lane)

    def __call__(self, spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        lane = self._lane(folder.name)
        epoch = saved_epoch(folder)
        on_event(run_started(spec, epoch))
        with self._changed:
            self.order.append(folder.name)
            self._changed.notify_all()
        while True:
            command = "look" if self._released else lane.commands.get(timeout=PATIENCE)
            control.wait_if_paused()
            if control.should_stop():
                return RunResult(RunState.STOPPED, final_metrics(epoch), f"stopped after epoch {epoch}")
            if command == "fail":
                raise TrainingError("The test wanted a failure.")
            if command == "finish":
                return RunResult(RunState.FINISHED, final_metrics(epoch), "all epochs done")
            spec = changed_on_request(spec, epoch, on_event, control)
            if command == "epoch":
                emit_epoch(epoch, folder, on_event)
                epoch += 1
                control.has_done(Pace.EPOCH)
            if self._released:
                return RunResult(RunState.FINISHED, final_metrics(epoch), "the test is over")
            lane.done.release()

    def wait_for_starts(self, count: int) -> list[str]:
        """The ids of the first starts, once there are `count`."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.order) >= count, PATIENCE), "a run did not start"
            return list(self.order)

    def epoch(self, run_id: str) -> None:
        """Let the run train one epoch."""
        self.tell(run_id, "epoch")
        assert self._lane(run_id).done.acquire(timeout=PATIENCE), "the run did not train"

    def tell(self, run_id: str, command: str) -> None:
        """Send "epoch", "finish", "fail" or "look" (at its control) and do not wait."""
        self._lane(run_id).commands.put(command)

    def release(self) -> None:
        """Let all runs end, also those that start later: the test is over."""
        self._released = True
        with self._changed:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.commands.put("look")

    def _lane(self, run_id: str) -> _Lane:
        with self._changed:
            return self._lanes[run_id]


class _Lane:
    """The two directions between a test and one of its runs."""

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.done = threading.Semaphore(0)


def changed_on_request(spec: RunSpec, epoch: int, on_event: OnEvent, control: Control) -> RunSpec:
    """`spec` with what the user wants changed, which is reported."""
    request = control.take_request()
    if request is None:
        return spec
    images = STEPS_PER_EPOCH * spec.train.batch_size
    spec = changed(spec, images, epoch, epoch * STEPS_PER_EPOCH, request.learning_rate, request.batch_size)
    on_event(RunChanged(spec.changes))
    return spec


# --- what all fakes report ----------------------------------------------------------------


def run_started(spec: RunSpec, first_epoch: int = 0) -> RunStarted:
    """The totals of a fake training."""
    images = STEPS_PER_EPOCH * spec.train.batch_size
    return RunStarted(spec.train.epochs, STEPS_PER_EPOCH, images, 7850, "fake device", first_epoch)


def emit_epoch(epoch: int, folder: Path, on_event: OnEvent) -> None:
    """Report one epoch in two step logs and an epoch log, and save where a resumed run goes on."""
    first, half = epoch * STEPS_PER_EPOCH, STEPS_PER_EPOCH // 2
    for start in (first, first + half):
        losses = tuple(loss_at(step) for step in range(start, start + half))
        on_event(StepLog(epoch, start, float(start + half), {"loss": losses}))
    end = first + STEPS_PER_EPOCH
    loss = loss_at(end - 1)
    metrics = {"loss": loss, "accuracy": 1 - loss / 3, "val_loss": loss + 0.1, "val_accuracy": 0.95 - loss / 3}
    on_event(EpochLog(epoch, end, float(end), metrics))
    np.savez(folder / "resume.npz", epoch=epoch + 1)


def loss_at(step: int) -> float:
    """A loss that falls from 2.3 towards 0."""
    return 2.3 * 0.97**step


def final_metrics(epochs: int) -> dict[str, float]:
    """The test metrics after so many epochs."""
    loss = loss_at(epochs * STEPS_PER_EPOCH)
    return {"test_loss": loss, "test_accuracy": 1 - loss / 3, "test_images": 32.0}


def saved_epoch(folder: Path) -> int:
    """The epoch at which a training in `folder` goes on; 0 for a new one."""
    path = folder / "resume.npz"
    if not path.exists():
        return 0
    with np.load(path) as saved:
        return int(saved["epoch"])
