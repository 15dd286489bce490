"""What a run is while it trains and afterwards: states, events, snapshots, records.

Threads exchange these values and nothing else. All of them are frozen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from lib.spec.changes import Change
from lib.spec.checks import Pairs
from lib.spec.specs import RunSpec


class RunState(StrEnum):
    """Where a run is in its life."""

    QUEUED = "queued"
    """Waiting for a worker."""
    RUNNING = "running"
    """A worker is training it (also while paused)."""
    FINISHED = "finished"
    """All epochs done, or early stopping ended it."""
    STOPPED = "stopped"
    """The user asked it to stop; what was learned until then is kept."""
    FAILED = "failed"
    """An error ended it; the message says which."""
    INTERRUPTED = "interrupted"
    """The process died while it was queued or running; it can be resumed."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to this run unless the user asks for it."""
        return self not in (RunState.QUEUED, RunState.RUNNING)

    @property
    def can_resume(self) -> bool:
        """Whether it ended before its training did and goes on when the user asks for it."""
        return self in (RunState.STOPPED, RunState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Training is about to begin, after `first_step` steps; totals for progress bars and where it runs.

    `steps_per_epoch` are those of the first epoch that it trains: a changed batch size changes them.
    """

    epochs: int
    steps_per_epoch: int
    train_images: int
    parameters: int
    device: str
    first_epoch: int = 0
    first_step: int = 0


@dataclass(frozen=True, slots=True)
class StepLog:
    """Consecutive optimiser steps: `metrics[name][i]` belongs to step `first_step + i`.

    `seconds` is training time since the run began (without pauses) at the end of the last step.
    """

    epoch: int
    first_step: int
    seconds: float
    metrics: Mapping[str, tuple[float, ...]]

    @property
    def count(self) -> int:
        """Number of steps in this log."""
        return len(next(iter(self.metrics.values()), ()))


@dataclass(frozen=True, slots=True)
class EpochLog:
    """Metrics of one epoch (0-based): `loss`, `accuracy`, `val_loss`, ...; plain floats."""

    epoch: int
    step: int
    seconds: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RunNote:
    """A sentence for the user about what is going on ("Loading MNIST", "Testing")."""

    text: str


@dataclass(frozen=True, slots=True)
class RunChanged:
    """What the user wanted changed has its place in the training: these are now all changes of the run."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RunHeld:
    """A paused training has written its state after `step` steps, to go on from there even if the process ends."""

    step: int


RunEvent = RunStarted | StepLog | EpochLog | RunNote | RunChanged | RunHeld
OnEvent = Callable[[RunEvent], None]


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What the user wants changed of a run; None for what stays. `choices` (`lib.spec.choices`) are a fork's alone."""

    learning_rate: float | None = None
    batch_size: int | None = None
    choices: Pairs = ()


def merged(first: ChangeRequest | None, then: ChangeRequest | None) -> ChangeRequest | None:
    """Two requests as one: what the later one says nothing about, the earlier one does."""
    if first is None or then is None:
        return then or first
    return ChangeRequest(first.learning_rate if then.learning_rate is None else then.learning_rate,
                first.batch_size if then.batch_size is None else then.batch_size, then.choices or first.choices)


class Pace(StrEnum):
    """How far a run may go before it pauses."""

    FREE = "free"
    """To its end."""
    STEP = "step"
    """One optimiser step."""
    EPOCH = "epoch"
    """To the end of the present epoch."""


class Control(Protocol):
    """What a trainer asks between chunks of steps."""

    def should_stop(self) -> bool:
        """Whether the user wants the run to end now, keeping what it learned."""

    @property
    def is_paused(self) -> bool:
        """Whether the run holds, or will at the next chunk."""

    def wait_if_paused(self) -> None:
        """Return at once, or when a pause ends, something else is asked for, or a stop is asked for."""

    def pace(self) -> Pace:
        """How far it may go before it pauses by itself."""

    def has_done(self, what: Pace) -> None:
        """Take note that a step or an epoch is over; pauses where the run might go no further."""

    def take_request(self) -> ChangeRequest | None:
        """What the user wants changed from now on, told once; None for nothing."""

    def keeps_epochs(self) -> bool:
        """Whether states of earlier epochs are kept, to fork from."""


class RunControl:
    """Thread-safe `Control` that the runner hands to a trainer."""

    def __init__(self, keeps_epochs: bool = False) -> None:
        self._changed = threading.Condition()
        self._stop = self._paused = False
        self._pace = Pace.FREE
        self._request: ChangeRequest | None = None
        self._keeps_epochs = keeps_epochs
        #: How often it was told to go on: tells one step that was asked for from the next.
        self.turn = 0

    def request_stop(self) -> None:
        """Ask for the end; safe to repeat; also ends a pause."""
        with self._changed:
            self._stop, self._paused = True, False
            self._changed.notify_all()

    def pause(self) -> None:
        """Hold training at the next chunk, unless a stop has been asked for."""
        with self._changed:
            self._paused = not self._stop

    def resume(self, pace: Pace = Pace.FREE) -> None:
        """Let a paused run go on, to its end or for one step or epoch."""
        with self._changed:
            self._paused, self._pace = False, pace
            self.turn += 1
            self._changed.notify_all()

    def request_change(self, request: ChangeRequest) -> None:
        """Ask for a change; what an earlier request asked for and this one does not, stays asked for."""
        with self._changed:
            self._request = merged(self._request, request)
            self._changed.notify_all()

    def should_stop(self) -> bool:
        """See `Control`."""
        return self._stop

    @property
    def is_paused(self) -> bool:
        """See `Control`."""
        return self._paused

    def wait_if_paused(self) -> None:
        """See `Control`."""
        with self._changed:
            self._changed.wait_for(lambda: not self._paused or self._request is not None)

    def pace(self) -> Pace:
        """See `Control`."""
        return self._pace

    def has_done(self, what: Pace) -> None:
        """See `Control`."""
        with self._changed:
            if what == self._pace != Pace.FREE:
                self._pace, self._paused = Pace.FREE, not self._stop

    def take_request(self) -> ChangeRequest | None:
        """See `Control`."""
        with self._changed:
            request, self._request = self._request, None
            return request

    def keeps_epochs(self) -> bool:
        """See `Control`."""
        return self._keeps_epochs


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a trainer returns: final metrics (`test_accuracy`, `test_loss`, ...) and a reason to have ended.

    `state` is FINISHED or STOPPED; `message` says why in words ("early stopping after epoch 12").
    """

    state: RunState
    metrics: Mapping[str, float]
    message: str = ""


#: Trains `spec`, writing its files (model.keras, resume.npz, test.npz) into the folder; raises LabError on failure.
Execute = Callable[[RunSpec, Path, OnEvent, Control], RunResult]


def has_diverged(state: str, metrics: Mapping[str, float]) -> bool:
    """Whether a run's loss became NaN or infinite: it failed, and its metrics are of the network as it was then."""
    return state == RunState.FAILED and bool(metrics.get("diverged"))


#: How the owner of every run begins that an experiment started.
EXPERIMENT_OWNER = "sweep-"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the store knows it: one row of the Runs page. Times are seconds since the Unix epoch.

    `owner` is with whom it takes turns in the queue (a browser tab, an experiment), `browser` the mark of the browser that
    may steer it, "" for anybody. `starred` and `note` are what people marked and wrote about it. `parent` is the run that
    it was forked from after `forked_epoch` epochs, "" for none. `started` is its last beginning, `spent` the seconds that it
    took before it was resumed then.
    """

    id: str
    name: str
    spec: RunSpec
    state: RunState
    created: float
    started: float | None = None
    ended: float | None = None
    message: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    device: str = ""
    owner: str = ""
    browser: str = ""
    starred: bool = False
    note: str = ""
    parent: str = ""
    forked_epoch: int = 0
    spent: float = 0.0

    @property
    def seconds(self) -> float | None:
        """How long it took in all, None while it has no end."""
        return None if self.started is None or self.ended is None else self.spent + max(self.ended - self.started, 0.0)

    @property
    def has_diverged(self) -> bool:
        """See the function of this name."""
        return has_diverged(self.state, self.metrics)

    @property
    def is_trial(self) -> bool:
        """Whether an experiment started it."""
        return self.owner.startswith(EXPERIMENT_OWNER)


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """A run in flight or at rest, as a page draws it. Never changes once handed out.

    `turn` is how often it was told to go on: who asks for one step says after which, and is not given two.
    """

    record: RunRecord
    epochs: tuple[EpochLog, ...] = ()
    steps: tuple[StepLog, ...] = ()
    started: RunStarted | None = None
    note: str = ""
    position: int | None = None
    paused: bool = False
    seconds: float = 0.0
    step: int = 0
    turn: int = 0

    @property
    def state(self) -> RunState:
        """The record's state."""
        return self.record.state
