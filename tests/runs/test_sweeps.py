"""Launched experiments: order, resume after a crash, pause, stop, failures, adoption, fairness."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lib.base.errors import DivergedError, RunError, TrainingError
from lib.catalog.experiments import Axis, Experiment
from lib.measures.forecast import StepCost
from lib.runs import Runner, RunStore, Sweeps, SweepStore
from lib.runs.sweep_store import SweepState
from tests.fakes import PATIENCE, StepwiseTrain, endless_train, fake_train, tiny_run_spec

GRID = Experiment("tiny", "Tiny grid", "?", "softmax_regression", (Axis("learning_rate", (0.1, 0.2, 0.3)),), (0, 1),
                  "digits", epochs=2)


@pytest.fixture
def make_sweeps(home: Path) -> Iterator[Callable[..., Sweeps]]:
    made: list[Sweeps] = []

    def make(execute: Callable, workers: int = 1) -> Sweeps:
        store = RunStore(home)
        made.append(Sweeps(Runner(store, execute, workers), SweepStore(home, store.process), tick_seconds=0.01))
        return made[-1]

    yield make
    for sweeps in made:
        sweeps.shutdown()
        sweeps.runner.shutdown()
        sweeps.store.close()
        sweeps.runner.store.close()


def wait_for(holds: Callable[[], bool], what: str = "the condition") -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.005)


def wait_for_state(sweeps: Sweeps, sweep_id: str, state: str) -> None:
    wait_for(lambda: sweeps.record(sweep_id).state == state, state)


def states(sweeps: Sweeps, sweep_id: str) -> list[str]:
    return [result.state for result in sweeps.results(sweep_id)]


def count_runs(sweeps: Sweeps) -> int:
    return len(sweeps.runner.store.records())


def test_every_trial_becomes_a_finished_run(make_sweeps):
    sweeps = make_sweeps(fake_train)
    sweep_id = sweeps.launch(GRID)
    wait_for_state(sweeps, sweep_id, "finished")
    results = sweeps.results(sweep_id)
    assert [(result.cell, result.seed) for result in results] == [(t.cell, t.seed) for t in GRID.trials()]
    assert {result.state for result in results} == {"finished"}
    assert all(len(result.epochs) == result.planned == 2 and "test_accuracy" in result.metrics for result in results)
    assert {r.spec.digest for r in sweeps.runner.store.records()} == {t.digest for t in GRID.trials()}


def test_few_trials_wait_in_the_queue_so_that_others_get_their_turn(make_sweeps):
    train = StepwiseTrain()
    sweeps = make_sweeps(train)
    sweep_id = sweeps.launch(GRID)
    train.wait_for_starts(1)
    wait_for(lambda: len(sweeps.runner.in_flight()) == 2)
    single = sweeps.runner.submit(tiny_run_spec(), "somebody")
    assert sweeps.runner.position(single) == 2, "behind the one trial that waits already, before all others"
    train.release()
    wait_for_state(sweeps, sweep_id, "finished")
    order = train.wait_for_starts(7)
    assert order.index(single) <= 2


def test_a_failed_trial_does_not_stop_the_others(make_sweeps):
    def train(spec, folder, on_event, control):
        if spec.train.learning_rate == 0.2:
            raise TrainingError("The loss became nan.")
        return fake_train(spec, folder, on_event, control)

    sweeps = make_sweeps(train)
    sweep_id = sweeps.launch(GRID)
    wait_for_state(sweeps, sweep_id, "finished")
    assert states(sweeps, sweep_id).count("failed") == 2 and states(sweeps, sweep_id).count("finished") == 4
    assert "nan" in next(r for r in sweeps.results(sweep_id) if r.state == "failed").message


def test_a_killed_app_goes_on_where_it_was(make_sweeps, home):
    train = StepwiseTrain()
    first = make_sweeps(train)
    sweep_id = first.launch(GRID)
    for place in range(2):
        run_id = train.wait_for_starts(place + 1)[place]
        train.epoch(run_id)
        train.tell(run_id, "finish")
    half = train.wait_for_starts(3)[2]
    train.epoch(half)
    wait_for(lambda: states(first, sweep_id).count("finished") == 2)
    first.shutdown()
    # What a killed process leaves: its lock is gone and nobody has said goodbye.
    first.runner.store._process.release()
    second = make_sweeps(fake_train)
    assert second.interrupted == (sweep_id,)
    assert second.record(sweep_id).state == SweepState.INTERRUPTED and "Resume" in second.record(sweep_id).message
    finished = [r.run_id for r in second.results(sweep_id) if r.state == "finished"]
    second.resume(sweep_id)
    wait_for_state(second, sweep_id, "finished")
    after = second.results(sweep_id)
    assert [r.run_id for r in after if r.run_id in finished] == finished, "finished trials are not repeated"
    assert [r.run_id for r in after][2] == half, "the one that trained goes on"
    assert len(after[2].epochs) == 2 and count_runs(second) == 6
    train.release()


def test_a_server_that_lives_notices_when_another_dies(make_sweeps):
    train = StepwiseTrain()
    first, second = make_sweeps(train), make_sweeps(fake_train)
    sweep_id = first.launch(GRID)
    train.wait_for_starts(1)
    assert [record.state for record in second.records()] == [SweepState.RUNNING], "the first still lives"
    assert [record.state for record in first.records()] == [SweepState.RUNNING]
    with pytest.raises(RunError, match="another process"):
        second.delete(sweep_id)
    first.shutdown()
    first.runner.store._process.release()
    assert [record.state for record in second.records()] == [SweepState.INTERRUPTED]
    assert second.record(sweep_id).process == second.store.process
    train.release()


def test_pause_frees_the_worker_and_resume_goes_on(make_sweeps):
    sweeps = make_sweeps(endless_train)
    sweep_id = sweeps.launch(GRID)
    wait_for(lambda: states(sweeps, sweep_id)[0] == "running")
    wait_for(lambda: len(sweeps.results(sweep_id)[0].epochs) > 1)
    sweeps.pause(sweep_id)
    wait_for(lambda: not sweeps.runner.in_flight())
    assert sweeps.record(sweep_id).state == "paused"
    assert states(sweeps, sweep_id) == ["stopped"] + ["waiting"] * 5, "waiting trials leave the queue without a trace"
    assert count_runs(sweeps) == 1
    sweeps.resume(sweep_id)
    wait_for(lambda: states(sweeps, sweep_id)[0] == "running")
    sweeps.stop(sweep_id)
    wait_for(lambda: not sweeps.runner.in_flight())
    assert sweeps.record(sweep_id).state == "stopped"


def begun(make_sweeps):
    """A grid of three trials whose first one has trained an epoch: trainer, experiments, the grid's and the run's id."""
    train = StepwiseTrain()
    sweeps = make_sweeps(train)
    sweep_id = sweeps.launch(replace(GRID, seeds=(0,)))
    first = train.wait_for_starts(1)[0]
    train.epoch(first)
    return train, sweeps, sweep_id, first


def test_a_run_that_has_not_stopped_yet_when_its_experiment_is_resumed_goes_on(make_sweeps):
    train, sweeps, sweep_id, first = begun(make_sweeps)
    sweeps.pause(sweep_id)
    assert sweeps.runner.stopping() == {first}, "it was told to, and waits for its next step"
    sweeps.resume(sweep_id)
    train.release()
    wait_for_state(sweeps, sweep_id, "finished")
    assert set(states(sweeps, sweep_id)) == {"finished"} and count_runs(sweeps) == 3
    assert not sweeps.runner.stopping()


def test_what_was_trained_before_is_adopted(make_sweeps):
    sweeps = make_sweeps(fake_train)
    trials = GRID.trials()
    earlier = [sweeps.runner.submit(trial.spec) for trial in trials[:3]]
    for run_id in earlier:
        sweeps.runner.wait(run_id, PATIENCE)
    sweep_id = sweeps.launch(GRID)
    wait_for_state(sweeps, sweep_id, "finished")
    assert [r.run_id for r in sweeps.results(sweep_id)][:3] == earlier and count_runs(sweeps) == 6
    again = sweeps.launch(replace(GRID, seeds=(0, 1, 2)))
    wait_for_state(sweeps, again, "finished")
    assert count_runs(sweeps) == 9, "only the third seed was new"
    assert len(sweeps.seconds_spent(again)) == 3


def test_failed_trials_are_trained_again_after_a_resume(make_sweeps):
    broken = [True]

    def train(spec, folder, on_event, control):
        if broken[0]:
            raise TrainingError("Not today.")
        return fake_train(spec, folder, on_event, control)

    sweeps = make_sweeps(train)
    sweep_id = sweeps.launch(GRID)
    wait_for_state(sweeps, sweep_id, "finished")
    broken[0] = False
    sweeps.resume(sweep_id)
    wait_for_state(sweeps, sweep_id, "finished")
    assert set(states(sweeps, sweep_id)) == {"finished"}


def test_trials_that_diverged_are_not_trained_again(make_sweeps):
    def train(spec, folder, on_event, control):
        error = DivergedError("The loss became nan.")
        error.metrics = {"diverged": 1.0, "test_accuracy": 0.1}
        raise error

    sweeps = make_sweeps(train)
    sweep_id = sweeps.launch(GRID)
    for _ in range(2):
        wait_for_state(sweeps, sweep_id, "finished")
        assert all(result.has_diverged for result in sweeps.results(sweep_id)) and count_runs(sweeps) == 6
        sweeps.resume(sweep_id)
    wait_for_state(sweeps, sweep_id, "finished")


def test_a_deleted_run_leaves_the_results(make_sweeps):
    sweeps = make_sweeps(fake_train)
    sweep_id = sweeps.launch(GRID)
    wait_for_state(sweeps, sweep_id, "finished")
    sweeps.runner.delete(sweeps.results(sweep_id)[0].run_id)
    first, *rest = sweeps.results(sweep_id)
    assert first.state == "waiting" and not first.metrics and "deleted" in first.message
    assert {result.state for result in rest} == {"finished"}


def test_a_run_stopped_by_hand_can_be_resumed_with_its_experiment(make_sweeps):
    train, sweeps, sweep_id, first = begun(make_sweeps)
    sweeps.runner.stop(first)
    train.tell(first, "look")
    wait_for(lambda: states(sweeps, sweep_id)[0] == "stopped")
    train.release()
    wait_for_state(sweeps, sweep_id, "stopped")
    assert "1 of its runs was stopped" in sweeps.record(sweep_id).message
    sweeps.resume(sweep_id)
    wait_for_state(sweeps, sweep_id, "finished")
    assert set(states(sweeps, sweep_id)) == {"finished"}


def test_two_experiments_share_one_runner(make_sweeps):
    sweeps = make_sweeps(fake_train, workers=2)
    ids = [sweeps.launch(GRID), sweeps.launch(replace(GRID, seeds=(7, 8)))]
    for sweep_id in ids:
        wait_for_state(sweeps, sweep_id, "finished")
    assert [record.id for record in sweeps.records()] == ids[::-1]


def test_requests_that_make_no_sense_are_refused_or_harmless(make_sweeps):
    sweeps = make_sweeps(endless_train)
    for request in (sweeps.pause, sweeps.resume, sweeps.stop, sweeps.results, sweeps.record):
        with pytest.raises(RunError, match="no launched experiment"):
            request("nothing")
    sweep_id = sweeps.launch(GRID)
    sweeps.resume(sweep_id)
    with pytest.raises(RunError, match="Stop it first"):
        sweeps.delete(sweep_id)
    sweeps.stop(sweep_id)
    sweeps.stop(sweep_id)
    sweeps.pause(sweep_id)
    sweeps.delete(sweep_id)
    assert sweeps.records() == ()


def test_costs_are_kept(home):
    store = SweepStore(home_made(home), "me")
    store.set_cost("a", StepCost(1.0, 0.25, 0.5))
    store.close()
    store = SweepStore(home, "me")
    assert store.costs() == {"a": StepCost(1.0, 0.25, 0.5)}
    store.close()


def home_made(home: Path) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    return home


# --- whose they are -----------------------------------------------------------------------------


def test_runs_of_an_experiment_belong_to_its_browser(make_sweeps):
    sweeps = make_sweeps(fake_train)
    sweep_id = sweeps.launch(GRID, "mine")
    wait_for_state(sweeps, sweep_id, "finished")
    assert sweeps.record(sweep_id).browser == "mine"
    assert {record.browser for record in sweeps.runner.store.records()} == {"mine"}


@pytest.mark.parametrize(("browser", "resumed"), [("mine", True), ("", True), ("theirs", False)])
def test_an_experiment_does_not_resume_anothers_run(browser, resumed, make_sweeps):
    """A trial adopted a run that somebody then stopped; a trial of its own takes its place where that is another's."""
    sweeps = make_sweeps(endless_train)
    spec = GRID.trials()[0].spec
    adopted = sweeps.runner.submit(spec, browser=browser)
    sweep_id = sweeps.launch(GRID, "mine")
    assert sweeps.store.runs(sweep_id)[0] == adopted
    sweeps.stop(sweep_id)
    sweeps.runner.stop(adopted)
    sweeps.runner.wait(adopted, timeout=PATIENCE)
    sweeps.resume(sweep_id)
    wait_for(lambda: sweeps.store.runs(sweep_id)[0] is not None, "a run of the first trial")
    assert (sweeps.store.runs(sweep_id)[0] == adopted) is resumed


def test_experiments_of_the_first_format_are_nobodys(make_sweeps, home):
    sweeps = make_sweeps(fake_train)
    sweep_id = sweeps.launch(GRID, "mine")
    wait_for_state(sweeps, sweep_id, "finished")
    sweeps.shutdown()
    sweeps.store.close()
    with sqlite3.connect(home / "sweeps.db") as connection:
        connection.execute("ALTER TABLE sweeps DROP COLUMN browser")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    again = make_sweeps(fake_train)
    assert again.record(sweep_id).browser == "" and states(again, sweep_id) == ["finished"] * 6
