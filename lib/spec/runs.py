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


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Training is about to begin; totals for progress bars and where it runs."""

    epochs: int
    steps_per_epoch: int
    train_images: int
    parameters: int
    device: str
    first_epoch: int = 0


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


RunEvent = RunStarted | StepLog | EpochLog | RunNote
OnEvent = Callable[[RunEvent], None]


class Control(Protocol):
    """What a trainer asks between chunks of steps."""

    def should_stop(self) -> bool:
        """Whether the user wants the run to end now, keeping what it learned."""

    def wait_if_paused(self) -> None:
        """Return at once, or when a pause ends or a stop is asked for."""

    def learning_rate(self) -> float | None:
        """The learning rate the user set while training, None for the spec's own."""


class RunControl:
    """Thread-safe `Control` that the runner hands to a trainer."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._learning_rate: float | None = None

    def request_stop(self) -> None:
        """Ask for the end; safe to repeat; also ends a pause."""
        self._stop.set()
        self._go.set()

    def pause(self) -> None:
        """Hold training at the next chunk, unless a stop has been asked for."""
        if not self._stop.is_set():
            self._go.clear()

    def resume(self) -> None:
        """Let a paused run go on."""
        self._go.set()

    def set_learning_rate(self, value: float) -> None:
        """Use `value` from the next chunk on."""
        self._learning_rate = float(value)

    @property
    def is_paused(self) -> bool:
        """Whether the run holds, or will at the next chunk."""
        return not self._go.is_set()

    def should_stop(self) -> bool:
        """See `Control`."""
        return self._stop.is_set()

    def wait_if_paused(self) -> None:
        """See `Control`."""
        self._go.wait()

    def learning_rate(self) -> float | None:
        """See `Control`."""
        return self._learning_rate


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


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the store knows it: one row of the Runs page. Times are seconds since the Unix epoch.

    `owner` is with whom it takes turns in the queue (a browser tab, an experiment), `browser` the mark of the browser that
    may steer it, "" for anybody. `starred` and `note` are what people marked and wrote about it.
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


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """A run in flight or at rest, as a page draws it. Never changes once handed out."""

    record: RunRecord
    epochs: tuple[EpochLog, ...] = ()
    steps: tuple[StepLog, ...] = ()
    started: RunStarted | None = None
    note: str = ""
    position: int | None = None
    paused: bool = False
    seconds: float = 0.0
    step: int = 0

    @property
    def state(self) -> RunState:
        """The record's state."""
        return self.record.state
