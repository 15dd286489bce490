"""Launched experiments in the background: trials become runs, a few at a time, beside everybody else's runs."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lib.base.errors import LabError, RunError
from lib.catalog.experiments import Experiment, Trial
from lib.measures.replicates import TrialResult
from lib.runs.runner import Runner
from lib.runs.sweep_store import SweepRecord, SweepState, SweepStore
from lib.spec.runs import EXPERIMENT_OWNER, RunRecord, RunSnapshot, RunState

#: Trials that wait in the queue beside those that train, so that no worker ever idles between two.
SPARE = 1
_OVER = (RunState.FINISHED, RunState.FAILED)
_RESUMABLE = (RunState.STOPPED, RunState.INTERRUPTED)


@dataclass
class _Live:
    """What the scheduler knows of one running experiment; only it touches this, under its lock."""

    trials: tuple[Trial, ...]
    runs: list[str | None]
    #: Positions of stopped runs, and of runs that are about to stop, which go on.
    again: set[int] = field(default_factory=set)


class Sweeps:
    """Owns the process's launched experiments. Methods raise RunError; asking twice has no effect.

    A trial is a run like any other, recognised by the digest of its spec: one that has finished before, in this
    experiment or anywhere else, is not repeated. Each experiment is one owner in the runner's queue, so that single
    runs and other experiments take turns with it.
    """

    def __init__(self, runner: Runner, store: SweepStore, tick_seconds: float = 0.25) -> None:
        self.runner, self.store = runner, store
        self._tick_seconds = tick_seconds
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closing = False
        self._live: dict[str, _Live] = {}
        self._trials: dict[str, tuple[Trial, ...]] = {}
        self._ended: dict[str, TrialResult] = {}
        self._times: dict[str, tuple[float, float]] = {}
        self.interrupted = self._mark_interrupted()
        self._thread = threading.Thread(target=self._work, name="neural-lab-sweeps", daemon=True)
        self._thread.start()

    # --- requests -----------------------------------------------------------------------

    def launch(self, experiment: Experiment, browser: str = "") -> str:
        """Start the experiment, which belongs to `browser` with its runs; its id.

        Raises SpecError where values of the grid do not go together.
        """
        trials = tuple(experiment.trials())
        record = SweepRecord(uuid.uuid4().hex[:10], experiment, SweepState.RUNNING, time.time(), browser=browser)
        with self._lock:
            self.store.create(record, [trial.digest for trial in trials])
            self._trials[record.id] = trials
            self._begin(record.id)
        return record.id

    def resume(self, sweep_id: str) -> None:
        """Go on with a paused, stopped or interrupted experiment: what is not finished, failed trials too.

        A trial that diverged stays: the same training diverges again.
        """
        with self._lock:
            if sweep_id in self._live:
                return
            self._require_ours(sweep_id)
            self.store.set_state(sweep_id, SweepState.RUNNING)
            self._begin(sweep_id)

    def pause(self, sweep_id: str) -> None:
        """Begin no new trial and free the workers: what trains stops after its last whole epoch, to go on later."""
        self._halt(sweep_id, SweepState.PAUSED)

    def stop(self, sweep_id: str) -> None:
        """End the experiment; what has been learned stays, and it can be resumed."""
        self._halt(sweep_id, SweepState.STOPPED)

    def delete(self, sweep_id: str) -> None:
        """Forget an experiment that is not running; its runs stay on the Runs page."""
        with self._lock:
            if self._require_ours(sweep_id).state == SweepState.RUNNING:
                raise RunError("A running experiment cannot be deleted.", remedy="Stop it first.")
            self.store.delete(sweep_id)
            self._trials.pop(sweep_id, None)

    def shutdown(self, timeout: float = 10.0) -> None:
        """End the scheduler; running experiments count as interrupted from the next start on. Safe to repeat."""
        self._closing = True
        self._wake.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    # --- questions ----------------------------------------------------------------------

    def record(self, sweep_id: str) -> SweepRecord:
        """The launched experiment as it is now."""
        return self.store.record(sweep_id)

    def records(self) -> tuple[SweepRecord, ...]:
        """All launched experiments, newest first; those whose process died meanwhile count as interrupted."""
        with contextlib.suppress(RunError):
            self._mark_interrupted()
        return self.store.records()

    def trials(self, sweep_id: str) -> tuple[Trial, ...]:
        """Its trials in order; kept, since digests of a large grid take a while."""
        with self._lock:
            if sweep_id not in self._trials:
                self._trials[sweep_id] = tuple(self.store.record(sweep_id).experiment.trials())
            return self._trials[sweep_id]

    def results(self, sweep_id: str) -> list[TrialResult]:
        """Every trial as it is now, in the order of `trials`."""
        active = {snapshot.record.id: snapshot for snapshot in self.runner.active(max_steps=3)}
        pairs = zip(self.trials(sweep_id), self.store.runs(sweep_id), strict=True)
        return [self._result(trial, run_id, active) for trial, run_id in pairs]

    def title_of(self, run_id: str) -> str:
        """What the launched experiment is called that counts this run among its trials; "" for none."""
        sweep_id = self.store.sweep_of(run_id)
        try:
            return self.store.record(sweep_id).experiment.title if sweep_id else ""
        except RunError:  # written by another version
            return str(sweep_id)

    def seconds_spent(self, sweep_id: str) -> dict[str, float]:
        """Seconds that the finished trials took, by digest, for those trained since the experiment was launched."""
        created = self.store.record(sweep_id).created
        finished = {result.run_id for result in self.results(sweep_id) if result.is_finished}
        found = {}
        for trial, run_id in zip(self.trials(sweep_id), self.store.runs(sweep_id), strict=True):
            started, seconds = self._times_of(run_id) if run_id in finished else (0.0, 0.0)
            if started >= created:
                found[trial.digest] = seconds
        return found

    def _times_of(self, run_id: str) -> tuple[float, float]:
        """When a finished run last started, and how long it took; kept, since a page asks every second."""
        if run_id not in self._times:
            with contextlib.suppress(RunError):
                record = self.runner.store.record(run_id)
                self._times[run_id] = (record.started or 0.0, record.seconds or 0.0)
        return self._times.get(run_id, (0.0, 0.0))

    # --- the scheduler ------------------------------------------------------------------

    def _work(self) -> None:
        while not self._closing:
            with self._lock:
                for sweep_id in list(self._live):
                    self._advance_safely(sweep_id)
                busy = bool(self._live)
            self._wake.wait(self._tick_seconds if busy else None)
            self._wake.clear()

    def _advance_safely(self, sweep_id: str) -> None:
        """One step; an error pauses this experiment with its message and leaves the others alone."""
        try:
            self._advance(sweep_id)
        except Exception as error:
            self._live.pop(sweep_id, None)
            with contextlib.suppress(LabError):
                self.store.set_state(sweep_id, SweepState.PAUSED, f"Paused by an error: {error}")

    def _advance(self, sweep_id: str) -> None:
        """Hand over trials until enough are in flight; finished once none is left."""
        live, in_flight = self._live[sweep_id], self.runner.in_flight()
        flying = sum(run in in_flight for run in live.runs)
        waiting = [position for position, run in enumerate(live.runs)
                   if run is None or (position in live.again and run not in in_flight)]
        for position in waiting[: max(0, self.runner.workers + SPARE - flying)]:
            self._start(sweep_id, position)
        if not waiting and not flying:
            del self._live[sweep_id]
            self._finish(sweep_id)

    def _finish(self, sweep_id: str) -> None:
        """Finished; stopped where somebody stopped some of its runs by hand, so that they can be resumed."""
        left = sum(result.state not in _OVER for result in self.results(sweep_id))
        if not left:
            self.store.set_state(sweep_id, SweepState.FINISHED, ended=time.time())
            return
        message = f"{left} of its runs {'was' if left == 1 else 'were'} stopped. Resume to train what is left."
        self.store.set_state(sweep_id, SweepState.STOPPED, message, time.time())

    def _start(self, sweep_id: str, position: int) -> None:
        live, owner = self._live[sweep_id], EXPERIMENT_OWNER + sweep_id
        trial, run_id = live.trials[position], live.runs[position]
        if position in live.again and run_id is not None:
            live.again.discard(position)
            if self.runner.store.record(run_id).state in _RESUMABLE:  # it may have reached its end before it stopped
                self.runner.resume(run_id, owner)
            return
        record = self.store.record(sweep_id)
        name = f"{record.experiment.title} · {trial.label}"[:190]
        live.runs[position] = self.runner.submit(trial.spec, owner, name, record.browser)
        self.store.set_run(sweep_id, position, live.runs[position])

    # --- beginnings and ends ------------------------------------------------------------

    def _begin(self, sweep_id: str) -> None:
        """Take up the trials: those with a useful run keep or adopt it, the others wait."""
        trials = self.trials(sweep_id)
        records = self.runner.store.records()
        by_id = {record.id: record for record in records}
        adoptable = _adoptable(records, self.runner.in_flight() - self.runner.stopping())
        live, browser = _Live(trials, self.store.runs(sweep_id)), self.store.record(sweep_id).browser
        for position, trial in enumerate(trials):
            self._settle_trial(live, position, by_id, adoptable.get(trial.digest), browser)
            self.store.set_run(sweep_id, position, live.runs[position])
        self._live[sweep_id] = live
        self._wake.set()

    def _settle_trial(self, live: _Live, position: int, by_id: Mapping[str, RunRecord], other: str | None,
                      browser: str) -> None:
        record = by_id.get(live.runs[position] or "")
        if record is None:
            live.runs[position] = None  # never started, or deleted
        elif (record.state in _RESUMABLE or record.id in self.runner.stopping()) and record.browser in ("", browser):
            live.again.add(position)  # somebody else's is not resumed for them
        elif record.state == RunState.FINISHED or record.has_diverged or record.id in self.runner.in_flight():
            return
        else:
            live.runs[position] = None  # failed
        if other is not None:
            live.again.discard(position)
            live.runs[position] = other

    def _halt(self, sweep_id: str, state: SweepState) -> None:
        with self._lock:
            record = self._require_ours(sweep_id)
            live = self._live.pop(sweep_id, None)
            if live is None:
                if record.state == SweepState.PAUSED and state == SweepState.STOPPED:
                    self.store.set_state(sweep_id, state, ended=time.time())
                return
            self.store.set_state(sweep_id, state, ended=time.time() if state == SweepState.STOPPED else None)
            for position, run_id in enumerate(live.runs):
                if run_id is not None and run_id in self.runner.in_flight():
                    self._withdraw(sweep_id, position, run_id)

    def _withdraw(self, sweep_id: str, position: int, run_id: str) -> None:
        """Stop a run that trains; take one that only waits away, unless it was somebody else's first."""
        ours = self.runner.store.record(run_id).owner == EXPERIMENT_OWNER + sweep_id
        if not ours:
            return
        waited = self.runner.position(run_id) is not None
        self.runner.stop(run_id)
        if waited and not self.runner.store.epochs(run_id):
            with contextlib.suppress(RunError):  # it began just now; then it is stopped like the others
                self.runner.delete(run_id)
                self.store.set_run(sweep_id, position, None)

    def _mark_interrupted(self) -> tuple[str, ...]:
        """Declare what dead processes left running interrupted; the ids."""
        with self._lock:
            dead = [record.id for record in self.store.records()
                    if record.state == SweepState.RUNNING and record.id not in self._live
                    and (record.process == self.store.process or not self.runner.store.is_alive(record.process))]
            for sweep_id in dead:
                self.store.set_state(sweep_id, SweepState.INTERRUPTED,
                                     "The app ended while this experiment ran. Resume it: finished runs are kept.")
            return tuple(dead)

    # --- small parts --------------------------------------------------------------------

    def _require_ours(self, sweep_id: str) -> SweepRecord:
        record = self.store.record(sweep_id)
        if record.state == SweepState.RUNNING and sweep_id not in self._live:
            raise RunError("This experiment runs in another process of the app.",
                           remedy="Steer it there, or wait for its end.")
        return record

    def _result(self, trial: Trial, run_id: str | None, active: Mapping[str, RunSnapshot]) -> TrialResult:
        planned = trial.spec.train.epochs
        if run_id is None:
            return TrialResult(trial.cell, trial.seed, "waiting", planned=planned)
        if run_id in active:
            snapshot = active[run_id]
            return TrialResult(trial.cell, trial.seed, str(snapshot.state), snapshot.epochs, {}, snapshot.note, run_id,
                               planned)
        if run_id in self._ended and not self.runner.store.folder(run_id).exists():
            del self._ended[run_id]  # the run was deleted
        if run_id not in self._ended:
            result = self._stored(trial, run_id)
            if result.state not in _OVER:
                return result
            self._ended[run_id] = result
        ended = self._ended[run_id]
        # A run may be a trial of two experiments, as a cell of different axes.
        same = ended.cell == trial.cell
        return ended if same else TrialResult(trial.cell, trial.seed, ended.state, ended.epochs, ended.metrics,
                                              ended.message, run_id, planned)

    def _stored(self, trial: Trial, run_id: str) -> TrialResult:
        planned = trial.spec.train.epochs
        try:
            record = self.runner.store.record(run_id)
        except RunError:
            return TrialResult(trial.cell, trial.seed, "waiting", message="Its run was deleted.", planned=planned)
        return TrialResult(trial.cell, trial.seed, str(record.state), self.runner.store.epochs(run_id), record.metrics,
                           record.message, run_id, planned)


def _adoptable(records: Sequence[RunRecord], in_flight: frozenset[str]) -> dict[str, str]:
    """Digest -> a run that has finished, else one that this process is about to train."""
    found: dict[str, str] = {}
    for record in records:
        if record.id in in_flight:
            found.setdefault(record.spec.digest, record.id)
    for record in records:
        if record.state == RunState.FINISHED:
            found[record.spec.digest] = record.id
    return found
