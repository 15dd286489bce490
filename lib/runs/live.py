"""What the runner remembers of a run that waits or trains."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lib.runs.outcome import Outcome
from lib.runs.thinning import Thinner
from lib.spec.runs import (
    EpochLog,
    RunChanged,
    RunControl,
    RunEvent,
    RunHeld,
    RunNote,
    RunRecord,
    RunSnapshot,
    RunStarted,
    StepLog,
)


class LiveRun:
    """The memory of one run in flight. Only the runner touches it, under its lock.

    `pending` are the logs that the store does not have yet. `failure` is the message of a store
    write that did not succeed and the state it leads to, `stop_asked` whether the user (not a shutdown) wants the end.
    `clock` is the monotonic time of its start: the computer's own clock may be set back meanwhile.
    """

    def __init__(self, record: RunRecord, epochs: Iterable[EpochLog] = (), steps: Iterable[StepLog] = ()) -> None:
        self.record = record
        self.control = RunControl(keeps_epochs=not record.is_trial)
        self.epochs = {log.epoch: log for log in epochs}
        self.steps = list(steps)
        self._thinners: dict[int, Thinner] = {}
        self.started: RunStarted | None = None
        self.note = ""
        self.pending: list[StepLog | EpochLog] = []
        self.flushed_at = 0.0
        self.failure: Outcome | None = None
        self.clock = time.monotonic()
        self.stop_asked = False
        self.closed = False
        self.seconds, self.step = progress(tuple(self.epochs.values()), self.steps)

    def add(self, event: RunEvent) -> None:
        """Take an event in."""
        match event:
            case RunStarted():
                self._begin(event)
            case StepLog():
                self._add_steps(event)
            case EpochLog():
                self._add_epoch(event)
            case RunNote():
                self.note = event.text
            case RunChanged():
                self.record = replace(self.record, spec=replace(self.record.spec, changes=event.changes))
            case RunHeld():
                self.note = f"Paused after step {event.step:,}; its state is saved"

    def now(self) -> float:
        """The time of day in seconds, never before the run's start."""
        if self.record.started is None:
            return max(time.time(), self.record.created)
        return self.record.started + time.monotonic() - self.clock

    def take_pending(self) -> list[StepLog | EpochLog]:
        """Hand over the logs that are to be written."""
        taken, self.pending = self.pending, []
        return taken

    def snapshot(self, position: int | None, max_steps: int | None) -> RunSnapshot:
        """The run as it is now, its steps thinned to `max_steps` (None: all of them)."""
        return RunSnapshot(
            record=self.record, epochs=tuple(self.epochs.values()), steps=self._thinned(max_steps), started=self.started,
            note=self.note, position=position, paused=self.control.is_paused, seconds=self.seconds, step=self.step,
            turn=self.control.turn,
        )

    def _thinned(self, max_steps: int | None) -> tuple[StepLog, ...]:
        if max_steps is None:
            return tuple(self.steps)
        return self._thinners.setdefault(max_steps, Thinner(max_steps)).thin(self.steps)

    def _begin(self, event: RunStarted) -> None:
        """Forget what a resumed training does again: everything from its first epoch on."""
        self.started = event
        self.record = replace(self.record, device=event.device)
        self.epochs = {number: log for number, log in self.epochs.items() if number < event.first_epoch}
        self.steps = [log for log in self.steps if _is_before(log, event)]
        self._thinners.clear()
        self.pending = [log for log in self.pending if _is_before(log, event)]
        self.seconds, self.step = progress(tuple(self.epochs.values()), self.steps)

    def _add_steps(self, event: StepLog) -> None:
        # A plain copy: the trainer may go on using its dict, and NumPy numbers are none for SQLite and JSON.
        metrics = {name: tuple(float(value) for value in values) for name, values in event.metrics.items()}
        log = replace(
            event, epoch=int(event.epoch), first_step=int(event.first_step), seconds=float(event.seconds),
            metrics=metrics)
        self.steps.append(log)
        self.pending.append(log)
        self.seconds, self.step = log.seconds, log.first_step + log.count
        self.note = ""  # what was being prepared is done

    def _add_epoch(self, event: EpochLog) -> None:
        metrics = {name: float(value) for name, value in event.metrics.items()}
        log = replace(
            event, epoch=int(event.epoch), step=int(event.step), seconds=float(event.seconds), metrics=metrics)
        self.epochs[log.epoch] = log
        self.pending.append(log)
        self.seconds, self.step = log.seconds, log.step


def _is_before(log: StepLog | EpochLog, event: RunStarted) -> bool:
    """Whether a training that begins there does not do again what the log tells of."""
    first_step = getattr(log, "first_step", None)
    return log.epoch < event.first_epoch or (first_step is not None and first_step < event.first_step)


def progress(epochs: Sequence[EpochLog], steps: Sequence[StepLog]) -> tuple[float, int]:
    """Seconds of training and number of steps done, as the last logs say."""
    done = [(log.seconds, log.step) for log in epochs[-1:]]
    done += [(log.seconds, log.first_step + log.count) for log in steps[-1:]]
    return max(done, default=(0.0, 0))
