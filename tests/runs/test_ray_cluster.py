"""A real local Ray cluster of two workers, one of which is killed."""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lib.base.errors import DivergedError, RunError
from lib.base.once import Once
from lib.catalog.experiments import Axis, Experiment
from lib.runs import Runner, RunStore, Sweeps, SweepStore, ray_cluster
from lib.runs.ray_cluster import Mailbox, RayCluster, WorkerControl, connect_in_background
from lib.spec.runs import ChangeRequest, Pace, RunControl
from tests.fakes import fake_train, tiny_run_spec

GRID = Experiment("tiny", "Tiny grid", "?", "softmax_regression", (Axis("learning_rate", (0.1, 0.2)),), (0, 1), "digits",
                  epochs=2)


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 50) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("ray", reason="Ray is not installed (pip install -r requirements-ray.txt)")
    monkeypatch.setenv("NEURAL_LAB_TEST_SIGNS", str(tmp_path))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    cluster = RayCluster("local", "tests.ray_fakes:slow_train", workers=2)
    yield cluster
    cluster.close()


def pids(signs: Path, seed: int) -> list[int]:
    return [int(path.name.split("-")[2]) for path in signs.glob(f"started-{seed}-*")]


@pytest.mark.filterwarnings("ignore")
def test_a_killed_worker_costs_one_attempt_and_nothing_else(cluster, tmp_path):
    store = RunStore(tmp_path / "runs")
    runner = Runner(store, fake_train, workers=0)
    runner.add_workers(cluster.slots, cluster.execute)
    sweeps = Sweeps(runner, SweepStore(tmp_path / "runs", store.process), tick_seconds=0.05)
    assert cluster.slots == runner.workers == 2
    sweep_id = sweeps.launch(replace(GRID, seeds=(0, 1)))
    wait_for(lambda: len(pids(tmp_path, 0)) == 2, "two trainings at once")
    wait_for(lambda: [len(r.epochs) for r in sweeps.results(sweep_id)][:2] == [1, 1], "events of both workers")
    os.kill(pids(tmp_path, 0)[0], signal.SIGKILL)
    wait_for(lambda: len(pids(tmp_path, 0)) == 3, "a second attempt")
    (tmp_path / "go").touch()
    wait_for(lambda: sweeps.record(sweep_id).state == "finished", "the end")
    results = sweeps.results(sweep_id)
    assert {r.state for r in results} == {"finished"}, [r.message for r in results]
    assert all(len(r.epochs) == 2 and "test_accuracy" in r.metrics for r in results), "no epoch is counted twice"
    assert len(pids(tmp_path, 0)) == 3 and len(pids(tmp_path, 1)) == 2, "only the killed trial was trained again"
    assert all((store.folder(r.run_id) / "model.keras").read_bytes() == b"weights" for r in results)
    # An error meant for the user keeps its words, and a stop reaches the worker.
    failed = runner.wait(runner.submit(replace(tiny_run_spec(), seed=13)), 30)
    assert failed.record.message.startswith("The loss became nan")
    (tmp_path / "go").unlink()
    stopped = runner.submit(replace(tiny_run_spec(), seed=5))
    wait_for(lambda: pids(tmp_path, 5) != [], "another start")
    runner.stop(stopped)
    assert runner.wait(stopped, 30).state == "stopped"
    sweeps.shutdown()
    runner.shutdown()
    sweeps.store.close()
    store.close()


@pytest.mark.parametrize("error", [RunError("Ray is not installed."), ZeroDivisionError("unforeseen")])
def test_without_a_cluster_this_machine_goes_on(error, store, monkeypatch):
    def refuse(*_args):
        raise error

    monkeypatch.setattr(ray_cluster, "RayCluster", refuse)
    state = ray_cluster.ClusterState()
    monkeypatch.setattr(ray_cluster, "cluster_state", lambda: state)
    runner = Runner(store, fake_train, workers=0)
    run_id = runner.submit(tiny_run_spec())
    connect_in_background(runner, "nowhere:nothing", 1).join(30)
    assert str(error) in state.problem and state.slots is None
    assert runner.wait(run_id, 30).state == "finished"
    runner.shutdown()


@pytest.mark.parametrize("text", ["abc", "0", "-1", "nan", "inf"])
def test_cores_of_a_run_are_a_number_above_zero(text, monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_RAY_CPUS", text)
    with pytest.raises(RunError, match="a number above 0"):
        ray_cluster._cpus_per_trial()


def test_a_run_that_diverges_on_the_cluster_keeps_its_figures():
    error = DivergedError("The loss became nan.", remedy="Lower the rate.")
    error.metrics = {"diverged": 1.0, "test_accuracy": 0.1}
    sent = RuntimeError("of Ray")
    sent.cause = pickle.loads(pickle.dumps(error))
    found = ray_cluster._readable(sent)
    assert type(found) is DivergedError and found.metrics == error.metrics and str(found) == str(error)
    del sent.cause
    assert ray_cluster._readable(sent) is sent


def test_ray_that_is_not_there_is_explained(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(RunError, match="pip install -r requirements-ray"):
        RayCluster("local", "nowhere:nothing")


def test_a_cluster_that_does_not_answer_is_explained_at_once():
    pytest.importorskip("ray", reason="Ray is not installed (pip install -r requirements-ray.txt)")
    with pytest.raises(RunError, match="does not answer"):
        RayCluster("127.0.0.1:9", "nowhere:nothing")


class Remote:
    """What Ray makes of a function or a method, called at once in this process."""

    def __init__(self, function):
        self.function = function

    def remote(self, *arguments):
        return self.function(*arguments)


class FakeRay:
    """As much of Ray as a trial needs, without processes."""

    class exceptions:  # noqa: N801  # Ray's own name
        class RayError(Exception):
            pass

        class RayTaskError(RayError):
            pass

    def remote(self, **options):
        return lambda made: Remote(self._actor if made is Mailbox else made)

    def _actor(self):
        box = Mailbox()
        methods = ("begin", "put", "turn_done", "take", "forget")
        return type("Handle", (), {name: Remote(getattr(box, name)) for name in methods})

    def cluster_resources(self):
        return {"CPU": 2}

    def wait(self, futures, timeout):
        return futures, []

    def get(self, value):
        return value

    def is_initialized(self):
        return True


def test_what_was_recorded_of_the_epochs_comes_back(tmp_path, monkeypatch):
    ray = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", ray)
    cluster = RayCluster("local", "tests.ray_fakes:recording_train")
    (tmp_path / "run").mkdir()
    result = cluster.execute(tiny_run_spec(), tmp_path / "run", lambda event: None, RunControl())
    assert result.state == "finished"
    found = {path.relative_to(tmp_path / "run").as_posix() for path in (tmp_path / "run").rglob("*.*")}
    assert found == {"model.keras", "test.npz", "epochs/00000.npz", "epochs/00001.npz", "epochs/shown.npz"}


def test_nothing_else_of_what_a_worker_sends_is_written(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("../evil.npz", "epochs/../../evil.npz", "epochs/x.npz", "resume.npz", "epochs/00003.npz"):
            archive.writestr(name, b"x")
    (tmp_path / "run").mkdir()
    ray_cluster._unpack(data.getvalue(), tmp_path / "run")
    assert [path.name for path in tmp_path.rglob("*.npz")] == ["00003.npz"]


def test_the_mailbox_drops_what_a_dead_worker_said():
    box = Mailbox()
    assert box.begin("a") == 1
    assert box.put("a", 1, ["early"]) == {}
    assert box.begin("a") == 2
    box.put("a", 1, ["late"])
    box.put("a", 2, ["new"])
    assert box.take("a", {"stop": True}) == ["new"] and box.take("a", {}) == []
    box.take("a", {"stop": True})
    control = WorkerControl()
    control.update(box.put("a", 2, []))
    assert control.should_stop()
    control.wait_if_paused()
    box.forget("a")
    assert box.begin("a") == 1


def test_a_change_reaches_the_worker_once_and_a_step_is_told_back():
    box, worker, app = Mailbox(), WorkerControl(), RunControl()
    attempt = box.begin("a")

    def exchange():
        controls = {"stop": app.should_stop(), "paused": app.is_paused, "pace": app.pace(), "turn": app.turn,
                  "request": app.take_request()}
        box.take("a", controls)
        worker.update(box.put("a", attempt, [], worker.turn_done))
        if box.turn_done("a") == controls["turn"]:
            app.has_done(app.pace())

    app.request_change(ChangeRequest(learning_rate=0.5))
    exchange()
    app.request_change(ChangeRequest(batch_size=7))
    exchange()
    assert worker.take_request() == ChangeRequest(0.5, 7) and worker.take_request() is None
    exchange()
    assert worker.take_request() is None
    for _ in range(3):
        app.resume(Pace.STEP)
        exchange()
        assert not worker.is_paused and worker.pace() == Pace.STEP
        worker.has_done(Pace.EPOCH)
        assert not worker.is_paused
        worker.has_done(Pace.STEP)
        assert worker.is_paused
        exchange()
        exchange()
        assert worker.is_paused and app.is_paused and app.pace() == Pace.FREE
    app.resume()
    exchange()
    assert not worker.is_paused and not app.is_paused


def test_the_thread_that_started_the_cluster_stays_as_long_as_it(store, monkeypatch):
    import threading

    class Fake:
        slots, execute, closed = 2, staticmethod(fake_train), threading.Event()

    state = ray_cluster.ClusterState()
    monkeypatch.setattr(ray_cluster, "RayCluster", lambda address, target: Fake)
    monkeypatch.setattr(ray_cluster, "_CLUSTER", Once())
    monkeypatch.setattr(ray_cluster, "cluster_state", lambda: state)
    runner = Runner(store, fake_train, workers=0)
    thread = connect_in_background(runner, "nowhere:nothing", 1)
    wait_for(lambda: state.slots == 2, "the connection")
    assert runner.workers == 2 and thread.is_alive(), "Linux ends the cluster's processes with the thread"
    Fake.closed.set()
    thread.join(30)
    assert not thread.is_alive()
    runner.shutdown()
