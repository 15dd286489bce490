"""The runner against a model, for whatever users may ask in whatever order."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from lib.base.errors import RunError
from lib.runs import Runner, RunStore
from tests.fakes import PATIENCE, StepwiseTrain, tiny_run_spec


@dataclass
class Expected:
    """What the model thinks of a run."""

    owner: str
    state: str = "queued"
    epochs: int = 0
    paused: bool = False

    @property
    def trains(self) -> bool:
        return self.state == "running" and not self.paused


class RunnerMachine(RuleBasedStateMachine):
    runs = Bundle("runs")

    @initialize(target=runs, workers=st.integers(1, 2))
    def open(self, workers: int) -> str:
        self.home = Path(tempfile.mkdtemp())
        self.workers = workers
        self.expected: dict[str, Expected] = {}
        self.overtaken: dict[str, list[str]] = {}
        self.launch()
        return self.submit_for("A")

    def launch(self) -> None:
        self.train, self.starts = StepwiseTrain(), 0
        self.store = RunStore(self.home)
        self.runner = Runner(self.store, self.train, self.workers)

    def close(self) -> None:
        self.runner.shutdown(timeout=0)
        self.train.release()
        self.runner.shutdown(PATIENCE)
        self.store.close()

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.close()
            shutil.rmtree(self.home)

    # --- the model ----------------------------------------------------------------------

    def in_state(self, *states: str) -> list[str]:
        return [run_id for run_id, run in self.expected.items() if run.state in states]

    def line(self) -> list[str]:
        """Who waits, in the order that the runner promises."""
        return sorted(self.in_state("queued"), key=self.runner.position)

    def free(self) -> int:
        return self.workers - len(self.in_state("running"))

    def expect_start(self, promised: list[str]) -> None:
        """After a worker became free or a run was queued: who was promised to be next has started."""
        if not promised or self.free() == 0:
            return
        self.starts += 1
        started = self.train.wait_for_starts(self.starts)[-1]
        assert started == promised[0]
        self.expected[started].state = "running"
        self.note_overtaking(self.expected[started].owner)

    def note_overtaking(self, served: str) -> None:
        """No owner is served twice while another waits."""
        waiting = {self.expected[run_id].owner for run_id in self.in_state("queued")}
        self.overtaken = {owner: passed for owner, passed in self.overtaken.items() if owner in waiting}
        self.overtaken[served] = []
        for owner in waiting - {served}:
            passed = self.overtaken.setdefault(owner, [])
            assert served not in passed
            passed.append(served)

    def expect_end(self, run_id: str, state: str, promised: list[str]) -> None:
        """The run ends as `state`, and the first of `promised` takes its worker."""
        assert self.runner.wait(run_id, PATIENCE).state == state
        self.expected[run_id].state, self.expected[run_id].paused = state, False
        self.expect_start(promised)

    # --- what may happen ----------------------------------------------------------------

    @rule(target=runs, owner=st.sampled_from("ABC"))
    def submit(self, owner: str) -> str:
        return self.submit_for(owner)

    def submit_for(self, owner: str) -> str:
        idle = self.free() > 0
        run_id = self.runner.submit(tiny_run_spec(), owner)
        self.expected[run_id] = Expected(owner)
        self.expect_start([run_id] if idle else [])
        return run_id

    @rule(run_id=runs)
    def train_an_epoch(self, run_id: str) -> None:
        if self.expected[run_id].trains:
            self.train.epoch(run_id)
            self.expected[run_id].epochs += 1

    @rule(run_id=runs, command=st.sampled_from(("finish", "fail")))
    def end(self, run_id: str, command: str) -> None:
        if self.expected[run_id].trains:
            promised = self.line()
            self.train.tell(run_id, command)
            self.expect_end(run_id, {"finish": "finished", "fail": "failed"}[command], promised)

    @rule(run_id=runs)
    def stop(self, run_id: str) -> None:
        self.stop_now(run_id)

    def stop_now(self, run_id: str) -> None:
        run, promised = self.expected[run_id], self.line()
        self.runner.stop(run_id)
        self.runner.stop(run_id)
        if run.state == "running":
            self.train.tell(run_id, "look")
            self.expect_end(run_id, "stopped", promised)
        elif run.state == "queued":
            run.state = "stopped"

    @rule(run_id=runs)
    def pause(self, run_id: str) -> None:
        self.runner.pause(run_id)
        self.expected[run_id].paused = self.expected[run_id].state == "running"

    @rule(run_id=runs)
    def should_continue(self, run_id: str) -> None:
        self.runner.resume_paused(run_id)
        self.expected[run_id].paused = False

    @rule(run_id=runs)
    def resume(self, run_id: str) -> None:
        run, idle = self.expected[run_id], self.free() > 0
        try:
            self.runner.resume(run_id)
        except RunError:
            assert run.state not in ("stopped", "interrupted")
            return
        assert run.state in ("stopped", "interrupted")
        # A run that is queued again stands behind those that wait, as a new one does.
        self.expected[run_id] = Expected(run.owner, epochs=run.epochs)
        self.expect_start([run_id] if idle else [])

    @precondition(lambda self: len(self.expected) > 1)
    @rule(run_id=consumes(runs))
    def delete(self, run_id: str) -> None:
        run = self.expected[run_id]
        if run.state in ("queued", "running"):
            self.stop_now(run_id)
        self.runner.delete(run_id)
        del self.expected[run_id]
        assert not (self.home / run_id).exists()

    @rule(run_id=runs)
    def delete_too_early(self, run_id: str) -> None:
        if self.expected[run_id].state in ("queued", "running"):
            try:
                self.runner.delete(run_id)
            except RunError:
                return
            raise AssertionError("an unfinished run was deleted")

    @rule()
    def restart(self) -> None:
        self.close()
        self.launch()
        self.overtaken = {}
        for run_id in self.in_state("queued", "running"):
            self.expected[run_id].state, self.expected[run_id].paused = "interrupted", False

    # --- what always holds --------------------------------------------------------------

    @invariant()
    def states_and_epochs_are_as_expected(self) -> None:
        for run_id, run in getattr(self, "expected", {}).items():
            snapshot = self.runner.snapshot(run_id)
            assert snapshot.state == self.store.record(run_id).state == run.state
            assert [log.epoch for log in snapshot.epochs] == list(range(run.epochs))
            assert snapshot.paused == run.paused

    @invariant()
    def positions_count_from_one(self) -> None:
        if hasattr(self, "runner"):
            positions = [self.runner.position(run_id) for run_id in self.expected]
            waiting = len(self.in_state("queued"))
            assert sorted(place for place in positions if place is not None) == list(range(1, waiting + 1))
            assert len(self.runner.active()) == waiting + len(self.in_state("running"))


# Examples differ in how many threads they wait for, so their durations mean nothing.
RunnerMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestRunner = RunnerMachine.TestCase
