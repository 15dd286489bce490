"""Trains runs in the background: a fair queue, worker threads, and snapshots for whoever looks."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from dataclasses import replace
from functools import partial
from typing import Any

from lib.base.errors import LabError, RunError
from lib.base.priority import give_way
from lib.models.epoch_states import drop_states
from lib.runs.fair_queue import FairQueue
from lib.runs.live import LiveRun, progress
from lib.runs.outcome import Outcome, outcome_of
from lib.runs.steering import checked_request, extended_spec, fork
from lib.runs.store import RunStore
from lib.runs.thinning import thin_steps
from lib.spec.runs import (
    ChangeRequest,
    EpochLog,
    Execute,
    Pace,
    RunChanged,
    RunEvent,
    RunHeld,
    RunRecord,
    RunSnapshot,
    RunStarted,
    RunState,
)
from lib.spec.specs import RunSpec

#: As many points of a step curve as a page draws.
MAX_STEPS = 400
NO_CHANGE = ChangeRequest()
#: Events that the store is told of at once, with all that came before them.
_URGENT = (EpochLog, RunHeld, RunChanged)
#: Seconds between two looks at what could not be written, and at other processes of the app.
TEND_SECONDS = 5.0
_CLOSED = "The app was closed while this run trained. Resume it to go on."


class Runner:
    """Owns the process's runs; `workers` of them train at a time, each in a daemon thread calling `execute`.

    Pages hand in specs and get ids and frozen snapshots. Runs in flight live in memory and in `store`;
    a run that ended lives in the store alone. Logs are written about every `flush_seconds`, after each
    epoch and at the end. `interrupted` are the ids of the runs that earlier processes left unfinished.
    Methods raise RunError for an unknown id; asking twice, or too late, has no effect.
    """

    def __init__(self, store: RunStore, execute: Execute, workers: int = 1, flush_seconds: float = 1.0) -> None:
        self.store = store
        self._execute = execute
        self._flush_seconds = flush_seconds
        self._changed = threading.Condition()
        self._queue = FairQueue()
        self._live: dict[str, LiveRun] = {}
        self._closing = False
        self.interrupted = store.mark_interrupted()
        self._threads: list[threading.Thread] = []
        self.add_workers(workers)
        self._closed = threading.Event()
        threading.Thread(target=self._keep_tending, name="neural-lab-keeper", daemon=True).start()

    # --- requests -----------------------------------------------------------------------

    def add_workers(self, count: int, execute: Execute | None = None) -> None:
        """Train `count` more runs at a time, with another `execute` where these train elsewhere."""
        for _ in range(count):
            name = f"neural-lab-worker-{len(self._threads)}"
            thread = threading.Thread(target=self._work, args=(execute or self._execute,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    @property
    def workers(self) -> int:
        """How many runs can train at a time."""
        return len(self._threads)

    def submit(self, spec: RunSpec, owner: str = "", name: str = "", browser: str = "") -> str:
        """Queue a run that takes turns as `owner` and belongs to `browser`; returns its id."""
        record = RunRecord(
            id=uuid.uuid4().hex[:12], name=name.strip() or f"{spec.architecture.name} on {spec.data.dataset}",
            spec=spec, state=RunState.QUEUED, created=time.time(), owner=owner,
            browser=browser,
        )
        with self._changed:
            self._require_open()
            self.store.create(record)
            self._enqueue(LiveRun(record))
        return record.id

    def resume(self, run_id: str, owner: str | None = None, pace: Pace = Pace.FREE) -> None:
        """Queue an interrupted or stopped run again, for its own owner unless `owner` is given, as far as `pace` says.

        Its logs stay; training goes on from the state file in its folder where there is one.
        """
        self._queue_again(run_id, owner, None, pace)

    def extend(self, run_id: str, epochs: int, request: ChangeRequest = NO_CHANGE, owner: str | None = None) -> None:
        """Queue a run that has ended for `epochs` more than it has done, changed from there on as `request` says.

        Raises SpecError for what it cannot train. It goes on with its optimiser's state.
        """
        self._queue_again(run_id, owner, extended_spec(self.store, run_id, epochs, request))

    def _queue_again(self, run_id: str, owner: str | None, spec: RunSpec | None, pace: Pace = Pace.FREE) -> None:
        record = self.store.record(run_id)
        epochs, steps = self.store.epochs(run_id), self.store.steps(run_id)
        with self._changed:
            self._require_open()
            run = LiveRun(self.store.requeue(run_id, record.owner if owner is None else owner, spec), epochs, steps)
            run.control.resume(pace)
            self._enqueue(run)

    def fork(self, run_id: str, after: int, epochs: int | None = None, request: ChangeRequest = NO_CHANGE, owner: str = "",
             name: str = "", browser: str = "") -> str:
        """Queue a new run that begins as this one was after `after` epochs, changed from there on; its id.

        `epochs` are the new run's in all, None for as many as this one has. Raises RunError or SpecError.
        """
        with self._changed:
            self._require_open()
            record = fork(self.store, run_id, after, epochs, request, name, owner, browser)
            self._enqueue(LiveRun(record, self.store.epochs(record.id), self.store.steps(record.id)))
        return record.id

    def stop(self, run_id: str) -> None:
        """End a queued run at once, a running one after its present chunk of steps; what it learned is kept."""
        run = self._find(run_id)
        if run is None:
            return
        with self._changed:
            run.stop_asked = True
            run.control.request_stop()
            waited = self._queue.remove(run_id)
        if waited:
            self._settle(run, Outcome(RunState.STOPPED, "Stopped before it started."))

    def pause(self, run_id: str) -> None:
        """Hold a running run after its present chunk of steps; it keeps its worker."""
        run = self._find(run_id)
        with self._changed:
            if run is not None and run.record.state == RunState.RUNNING:
                run.control.pause()

    def resume_paused(self, run_id: str, pace: Pace = Pace.FREE, turn: int | None = None) -> None:
        """Let a run go on, to its end or for one step or epoch; an interrupted or stopped one is queued for that.

        With the `turn` of a snapshot only if nobody has let it go on since: a press that arrives twice counts once.
        """
        run = self._find(run_id)
        if run is not None:
            if turn in (None, run.control.turn):
                run.control.resume(pace)
        elif pace != Pace.FREE:
            self.resume(run_id, pace=pace)

    def change(self, run_id: str, request: ChangeRequest) -> None:
        """Train a running run otherwise: another rate from its next step on, other batches from its next epoch on.

        Raises SpecError for what it cannot train, RunError for a run that does not train.
        """
        run = self._find(run_id)
        if run is None or run.record.state != RunState.RUNNING:
            raise RunError("Only a run that trains can be changed.", received=f"a {self.store.record(run_id).state} one",
                           remedy="Extend it or fork it with other settings.")
        run.control.request_change(checked_request(self.store, run_id, request))

    def rename(self, run_id: str, name: str) -> None:
        """Give the run another name, whatever its state."""
        with self._changed:
            self._remember(run_id, name=self.store.rename(run_id, name))

    def star(self, run_id: str, starred: bool) -> None:
        """Mark a run as one to find again, or take the mark off, whatever its state."""
        with self._changed:
            self.store.star(run_id, starred)
            self._remember(run_id, starred=bool(starred))

    def write_note(self, run_id: str, text: str) -> None:
        """Keep what people write about a run, whatever its state; raises RunError for too long a text."""
        with self._changed:
            self._remember(run_id, note=self.store.write_note(run_id, text))

    def _remember(self, run_id: str, **changes: Any) -> None:
        """What the store has just been told, for a run in flight."""
        run = self._live.get(run_id)
        if run is not None:
            run.record = replace(run.record, **changes)

    def delete(self, run_id: str) -> None:
        """Remove a run that ended, with all its files; raises RunError for a queued or running one."""
        with self._changed:
            run = self._live.get(run_id)
            if run is not None and run.record.state.is_final:
                # Its end could not be written when it came, so the store takes it for running.
                self.store.update(run_id, state=run.record.state)
            self.store.delete(run_id)
            self._live.pop(run_id, None)

    def shutdown(self, timeout: float = 10.0) -> None:
        """Interrupt all runs, to be resumed another day, and wait up to `timeout` seconds for the workers.

        The store stays open. Safe to repeat.
        """
        self._closed.set()
        with self._changed:
            self._closing = True
            waiting = [self._live[run_id] for run_id in self._queue.clear()]
            for run in self._live.values():
                run.control.request_stop()
            self._changed.notify_all()
        for run in waiting:
            self._settle(run, Outcome(RunState.INTERRUPTED, "The app was closed before this run started."))
        self._join(time.monotonic() + timeout)
        self._interrupt_the_rest()

    def _interrupt_the_rest(self) -> None:
        """Write that what still trains is interrupted: the process ends now, whatever becomes of its threads."""
        with self._changed:
            running = [run for run in self._live.values() if run.record.state == RunState.RUNNING]
        for run in running:
            with contextlib.suppress(LabError):
                self.store.update(run.record.id, state=RunState.INTERRUPTED, message=_CLOSED, ended=run.now())

    def tend(self) -> None:
        """Do what could not be done before: write endings that the disk refused, take over runs whose process died.

        Called every few seconds by a thread of the runner's own; calling it more often does no harm.
        """
        with self._changed:
            unsaved = [run for run in self._live.values() if run.record.state.is_final]
        for run in unsaved:
            self._write_ending(run)
        with self._changed, contextlib.suppress(LabError):
            # Under the lock: a run that is being submitted is in the store a moment before it is in the memory.
            self.store.mark_interrupted(tuple(self._live))

    def _write_ending(self, run: LiveRun) -> None:
        record = run.record
        with contextlib.suppress(LabError):
            self.store.update(
                record.id, state=record.state, message=record.message, metrics=record.metrics, ended=record.ended)
            with self._changed:
                if self._live.get(record.id) is run and run.record.state.is_final:
                    del self._live[record.id]

    def _keep_tending(self) -> None:
        while not self._closed.wait(TEND_SECONDS):
            with contextlib.suppress(Exception):  # the store may be closed by now
                self.tend()

    # --- questions ----------------------------------------------------------------------

    def position(self, run_id: str) -> int | None:
        """The run's place in the order of starts, from 1; None when it does not wait."""
        with self._changed:
            return self._positions().get(run_id)

    def snapshot(self, run_id: str, max_steps: int | None = MAX_STEPS) -> RunSnapshot:
        """The run as it is now, its step curve thinned to `max_steps` points (None: all steps)."""
        with self._changed:
            run = self._live.get(run_id)
            if run is not None:
                return run.snapshot(self._positions().get(run_id), max_steps)
        return self._stored(run_id, max_steps)

    def records(self) -> tuple[RunRecord, ...]:
        """All readable runs, newest first, as they are now: also where the store could not be told yet."""
        stored = self.store.records()
        with self._changed:
            live = {run_id: run.record for run_id, run in self._live.items()}
        return tuple(live.get(record.id, record) for record in stored)

    def active(self, max_steps: int | None = MAX_STEPS) -> list[RunSnapshot]:
        """The running runs of this process, then the queued ones in the order of their starts."""
        with self._changed:
            positions = self._positions()
            runs = [run for run in self._live.values() if not run.record.state.is_final]
            snapshots = [run.snapshot(positions.get(run.record.id), max_steps) for run in runs]
        return sorted(snapshots, key=lambda snapshot: snapshot.position or 0)

    def in_flight(self) -> frozenset[str]:
        """The ids of the runs that wait or train in this process."""
        with self._changed:
            return frozenset(run_id for run_id, run in self._live.items() if not run.record.state.is_final)

    def stopping(self) -> frozenset[str]:
        """The ids of the runs of this process that were told to stop and have not ended yet."""
        with self._changed:
            return frozenset(run_id for run_id, run in self._live.items()
                             if run.stop_asked and not run.record.state.is_final)

    def paused(self) -> frozenset[str]:
        """The ids of the runs of this process that are held: their workers wait to be told to go on."""
        with self._changed:
            return frozenset(run_id for run_id, run in self._live.items()
                             if run.control.is_paused and not run.record.state.is_final)

    def wait(self, run_id: str, timeout: float | None = None) -> RunSnapshot:
        """Block until the run has ended and return it; raises RunError after `timeout` seconds.

        For scripts and tests: a page polls `snapshot` instead.
        """
        with self._changed:
            if not self._changed.wait_for(partial(self._is_over, run_id), timeout):
                raise RunError(f"The run {run_id!r} did not end within {timeout:g} seconds.")
        return self.snapshot(run_id)

    # --- workers ------------------------------------------------------------------------

    def _work(self, execute: Execute) -> None:
        give_way()
        while (run := self._next()) is not None:
            try:
                self._settle(run, self._attempt(run, execute))
            except BaseException as error:
                self._publish(run, outcome_of(None, error), saved=False, ended=run.now())
            # Otherwise the thread would keep the last run alive until the next one comes.
            del run

    def _next(self) -> LiveRun | None:
        """The run whose turn it is, now running; None when the runner closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or len(self._queue))
            if self._closing:
                return None
            run = self._live[self._queue.pop()]
            run.record, run.clock = replace(run.record, state=RunState.RUNNING, started=time.time()), time.monotonic()
            return run

    def _attempt(self, run: LiveRun, execute: Execute) -> Outcome:
        """Train the run; whatever happens becomes an outcome."""
        run_id = run.record.id
        try:
            self.store.update(run_id, state=RunState.RUNNING, started=run.record.started)
            folder = self.store.folder(run_id)
            folder.mkdir(parents=True, exist_ok=True)
            return outcome_of(execute(run.record.spec, folder, partial(self._on_event, run), run.control))
        except BaseException as error:
            return outcome_of(None, error)

    def _on_event(self, run: LiveRun, event: RunEvent) -> None:
        """Remember an event and write what is due. Called by the trainer, in its thread."""
        with self._changed:
            if run.closed:
                return
            run.add(event)
            due = self._take_due(run, event)
        try:
            if isinstance(event, RunStarted):
                self.store.begin(run.record.id, event)
            if isinstance(event, RunChanged):
                self.store.set_spec(run.record.id, run.record.spec)
            self.store.append(run.record.id, *due)
        except Exception as error:
            # Kept, because a trainer may swallow it or dress it up.
            run.failure = run.failure or outcome_of(None, error)
            raise

    def _take_due(self, run: LiveRun, event: RunEvent) -> list[Any]:
        now = time.monotonic()
        if not isinstance(event, _URGENT) and now - run.flushed_at < self._flush_seconds:
            return []
        run.flushed_at = now
        return run.take_pending()

    # --- endings ------------------------------------------------------------------------

    def _settle(self, run: LiveRun, outcome: Outcome) -> None:
        """Give the run its final state: first in the store, then in memory, so that no reader is ahead of the disk."""
        with self._changed:
            run.closed = True
            logs = run.take_pending()
            outcome = self._judged(run, outcome)
        outcome = self._keep_details(run, outcome)
        ended = run.now()
        outcome, saved = self._save(run.record.id, logs, outcome, ended)
        self._publish(run, outcome, saved, ended)
        if not run.record.is_trial:
            self._drop_old_states()

    def _drop_old_states(self) -> None:
        """Keep the states to fork from small on the disk: the runs that trained longest ago lose theirs first."""
        with contextlib.suppress(OSError):
            folders = sorted(self.store.home.glob("*/states"), key=lambda path: -path.stat().st_mtime)
            drop_states([folder.parent for folder in folders])

    def _judged(self, run: LiveRun, outcome: Outcome) -> Outcome:
        """The outcome in the light of what the trainer does not know: lost writes, and who asked for the stop."""
        if run.failure is not None:
            return replace(run.failure, metrics=outcome.metrics)
        if outcome.state == RunState.STOPPED and self._closing and not run.stop_asked:
            return replace(outcome, state=RunState.INTERRUPTED, message=_CLOSED)
        return outcome

    def _keep_details(self, run: LiveRun, outcome: Outcome) -> Outcome:
        if outcome.details:
            # A run whose folder is gone or whose disk is full has a message all the same.
            with contextlib.suppress(OSError):
                folder = self.store.folder(run.record.id)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "error.txt").write_text(outcome.details, encoding="utf-8")
        return replace(outcome, details="")

    def _save(self, run_id: str, logs: list[Any], outcome: Outcome, ended: float) -> tuple[Outcome, bool]:
        """Write the last logs and the outcome; a failed write is the outcome then. Whether the state was written."""
        try:
            self.store.append(run_id, *logs)
        except Exception as error:
            outcome = outcome_of(None, error)
        try:
            self.store.update(
                run_id, state=outcome.state, message=outcome.message, metrics=outcome.metrics, ended=ended)
        except Exception as error:
            return outcome_of(None, error), False
        return outcome, True

    def _publish(self, run: LiveRun, outcome: Outcome, saved: bool, ended: float) -> None:
        """Show the outcome. A run that the store knows is over leaves the memory; `tend` writes the others later."""
        with self._changed:
            run.closed = True
            run.control.resume()
            run.record = replace(
                run.record, state=outcome.state, message=outcome.message, metrics=outcome.metrics, ended=ended)
            if saved and self._live.get(run.record.id) is run:  # it may have been queued again since it was saved
                del self._live[run.record.id]
            self._changed.notify_all()

    # --- small parts --------------------------------------------------------------------

    def _enqueue(self, run: LiveRun) -> None:
        self._live[run.record.id] = run
        self._queue.push(run.record.owner, run.record.id)
        self._changed.notify_all()

    def _require_open(self) -> None:
        if self._closing:
            raise RunError("The app is closing and takes no more runs.", remedy="Start it again.")

    def _find(self, run_id: str) -> LiveRun | None:
        """The run in flight, None for one that has ended; raises RunError for one that is not ours to steer."""
        with self._changed:
            run = self._live.get(run_id)
            if run is None and not self.store.record(run_id).state.is_final:
                raise RunError(
                    "This run trains in another process of the app, and only that one can steer it.",
                    remedy="Open the app that started it, or wait for its end. If that app is gone, the run is shown as "
                           "interrupted within a few seconds and can be resumed here.",
                )
            return run

    def _is_over(self, run_id: str) -> bool:
        run = self._live.get(run_id)
        return run.record.state.is_final if run is not None else self.store.record(run_id).state.is_final

    def _positions(self) -> dict[str, int]:
        return {run_id: place for place, run_id in enumerate(self._queue.order(), start=1)}

    def _stored(self, run_id: str, max_steps: int | None) -> RunSnapshot:
        record = self.store.record(run_id)
        epochs, steps = self.store.epochs(run_id), self.store.steps(run_id)
        seconds, step = progress(epochs, steps)
        return RunSnapshot(record=record, epochs=epochs, steps=thin_steps(steps, max_steps),
                           started=self.store.started(run_id), seconds=seconds, step=step)

    def _join(self, deadline: float) -> None:
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
