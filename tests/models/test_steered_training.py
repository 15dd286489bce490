"""A run that is paused, stepped, killed, extended, changed or forked has, bit for bit, the curve that its spec has alone."""

import math
import shutil
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.models import training as training_module
from lib.models.epoch_states import copy_state, drop_states, keep_state, kept_epochs, resume_point, state_before, stride_of
from lib.models.files import write_npz
from lib.models.program import StepProgram
from lib.models.tasks.classify import Classifier
from lib.models.training import _Training
from lib.runs import Runner, RunStore
from lib.runs.live import LiveRun
from lib.spec.changes import Change
from lib.spec.runs import ChangeRequest, EpochLog, Pace, RunControl, RunRecord, RunState, StepLog
from lib.spec.specs import ArchitectureSpec, BatchNormSpec, DenseSpec, DropoutSpec, FlattenSpec
from lib.spec.steering import extended, up_to
from lib.spec.step_plan import StepPlan
from tests.tiny import MLP, tiny_dataset, tiny_spec

IMAGES = 48
NORMED = ArchitectureSpec(
    (FlattenSpec(), DenseSpec(12, "linear"), BatchNormSpec(), DropoutSpec(0.3), DenseSpec(3, "softmax")))
SPECS = {
    "sgd, dropout": tiny_spec(MLP, 3, optimizer="sgd", learning_rate=0.1, epochs=4),
    "adam, dropout, cosine": replace(tiny_spec(MLP, 4, epochs=4), settings=(("decay", "cosine"),)),
    "sgd, augmentation, cosine": replace(
        tiny_spec(MLP, 5, optimizer="momentum", epochs=3), settings=(("augment", "pen"), ("decay", "cosine"))),
    "adam, augmentation": replace(tiny_spec(MLP, 6, epochs=3), settings=(("augment", "pen"),)),
    "adam, batch norm, early stopping": tiny_spec(NORMED, 7, epochs=4, patience=50, monitor="val_loss"),
}


class KilledError(BaseException):
    """The process died."""


class Lab:
    """A network that is compiled once and put back to its beginning before each training, as a new process would find it."""

    def __init__(self, spec):
        self.spec = spec
        self.task = Classifier(spec, tiny_dataset())
        self.program = StepProgram(self.task.updates, self.task.data, self.task.state)
        self.beginning = [np.array(variable) for variable in self.variables]

    @property
    def variables(self):
        return [*self.task.state, *self.task.optimizer.variables]

    def training(self, spec, on_event, control, folder):
        for variable, value in zip(self.variables, self.beginning, strict=True):
            variable.assign(value)
        made = _Training(spec, self.task, on_event, control, folder)
        made.program = self.program
        return made


LABS: dict[str, Lab] = {}


@pytest.fixture(params=SPECS)
def lab(request, monkeypatch):
    monkeypatch.setattr(training_module, "StepProgram", lambda *_: None)  # the lab has one
    if request.param not in LABS:
        LABS[request.param] = Lab(SPECS[request.param])
    return LABS[request.param]


@dataclass
class Script(RunControl):
    """What the user does at which step: requests, and how the process or the pause goes on."""

    at: dict[int, object] = field(default_factory=dict)
    chunks: tuple[int, ...] = (3,)

    def __post_init__(self):
        super().__init__(keeps_epochs=True)
        self.dies_when_held = False

    def wait_if_paused(self):
        if self.is_paused and self.dies_when_held:
            raise KilledError
        self.resume()


@dataclass
class Trained:
    """What is stored of a run, and its weights."""

    live: LiveRun
    weights: list

    @property
    def steps(self):
        return {log.first_step + i: {name: values[i] for name, values in log.metrics.items()}
                for log in self.live.steps for i in range(log.count)}

    @property
    def epochs(self):
        return {log.epoch: (log.step, {n: v for n, v in log.metrics.items() if n != "images_per_second"})
                for log in (self.live.epochs.values() if isinstance(self.live.epochs, dict) else self.live.epochs)}

    @property
    def spec(self):
        return self.live.record.spec

    def same_as(self, other):
        assert self.steps == other.steps
        assert self.epochs == other.epochs
        assert all(np.array_equal(a, b) for a, b in zip(self.weights, other.weights, strict=True))


def train(lab, spec, folder=None, *scripts, live=None):
    """Train to the end, with a new process for each script and one more."""
    live = live or LiveRun(RunRecord("a", "a", spec, RunState.RUNNING, 0.0))
    for script in (*scripts, Script()):
        try:
            made = lab.training(live.record.spec, lambda event, script=script: listen(live, script, event), script, folder)
            chunks = iter(script.chunks * 10_000)
            made._adapt_chunk = lambda *_, made=made, chunks=chunks: setattr(made, "chunk", next(chunks))
            made.chunk = next(chunks)
            result = made.run("cpu")
        except KilledError:
            continue
        if result.state == "finished":
            break
    return Trained(live, [np.array(variable) for variable in lab.variables])


def listen(live, script, event):
    """Keep the event as the runner does, then do what the script says."""
    live.add(event)
    if type(event) is not StepLog:
        return
    due = [step for step in script.at if step <= live.step]
    for step in due:
        match script.at.pop(step):
            case "kill":
                raise KilledError
            case "stop":
                script.request_stop()
            case "hold":
                script.pause()
            case "die while held":
                script.dies_when_held = True
                script.pause()
            case Pace() as pace:
                script.resume(pace)
            case ChangeRequest() as request:
                script.request_change(request)


breaks = st.sampled_from(["kill", "stop", "hold", "die while held", Pace.STEP, Pace.EPOCH])
chunk_sizes = st.lists(st.integers(1, 8), min_size=1, max_size=4).map(tuple)
scripts = st.lists(st.builds(Script, st.dictionaries(st.integers(1, 22), breaks, max_size=3), chunk_sizes), max_size=3)
requests = st.builds(ChangeRequest, st.sampled_from([None, 0.02, 0.005]), st.sampled_from([None, 7, 16, 48])).filter(
    lambda request: request != ChangeRequest())
STEERED = settings(max_examples=8, deadline=None)


def in_folder(test):
    folder = Path(tempfile.mkdtemp())
    try:
        test(folder)
    finally:
        shutil.rmtree(folder)


@STEERED
@given(scripts=scripts)
def check_breaks(lab, whole, scripts):
    in_folder(lambda folder: train(lab, lab.spec, folder, *scripts).same_as(whole))


def test_breaks_leave_no_trace(lab):
    check_breaks(lab, train(lab, lab.spec))


@STEERED
@given(data=st.data())
def check_changes(lab, data):
    """What a user changes is in the spec then, and that spec trained anew, in one go, is the same training."""
    changes = data.draw(st.dictionaries(st.integers(1, 18), requests, min_size=1, max_size=3))
    broken = data.draw(scripts)
    steered = Script(dict(changes), data.draw(chunk_sizes))

    def test(folder):
        found = train(lab, lab.spec, folder, steered, *broken)
        again = train(lab, found.spec)
        found.same_as(again)
        assert again.spec == found.spec and (found.spec.digest == lab.spec.digest) == (not found.spec.changes)

    in_folder(test)


def test_a_changed_run_is_trained_again_from_its_record(lab):
    check_changes(lab)


@pytest.mark.parametrize("more", [1, 3])
def test_an_extended_run_is_the_run_that_had_so_many_epochs_from_the_start(lab, more, tmp_path):
    first = train(lab, lab.spec, tmp_path, Script({4: "die while held"}))
    done = len(first.epochs)
    spec = extended(lab.spec, IMAGES, done, done + more)
    first.live.record = replace(first.live.record, spec=spec)
    longer = train(lab, spec, tmp_path, Script({5 * done + 3: "kill"}, (2, 3)), live=first.live)
    whole = replace(spec, changes=())
    longer.same_as(train(lab, whole))
    assert len(longer.epochs) == done + more and spec.digest == whole.digest
    if not lab.spec.own_settings.decay:
        assert whole == replace(lab.spec, train=replace(lab.spec.train, epochs=done + more)), "nothing but more epochs"
    else:  # the schedule has ended, and its last rate goes on
        rates = [log[1]["learning_rate"] for log in longer.epochs.values()]
        assert rates[done:] == pytest.approx([0.01 * lab.spec.train.learning_rate] * more, rel=1e-5)


@pytest.mark.parametrize("after", [1, 2])
def test_a_fork_without_a_change_is_the_run_itself(lab, after, tmp_path):
    parent, child = tmp_path / "parent", tmp_path / "child"
    parent.mkdir()
    child.mkdir()
    whole = train(lab, lab.spec, parent, Script({}, (4,)))
    assert copy_state(parent, child, after, StepPlan(lab.spec, IMAGES).first_step(after)) == after
    live = LiveRun(RunRecord("b", "b", up_to(lab.spec, IMAGES, after), RunState.RUNNING, 0.0),
                   [log for log in whole.live.epochs.values() if log.epoch < after],
                   [log for log in whole.live.steps if log.epoch < after])
    forked = train(lab, live.record.spec, child, Script({5 * after + 2: "kill"}, (1, 5)), live=live)
    forked.same_as(whole)
    assert live.started.first_epoch == after


def test_a_paused_run_goes_on_at_its_step_after_the_app_was_restarted(tmp_path):
    """Through the runner and the store: state, logs and changes are there after a restart."""
    spec = tiny_spec(MLP, 8, epochs=4)
    reached = threading.Event()

    def execute(spec, folder, on_event, control):
        def listen(event):
            on_event(event)
            if type(event) is StepLog and event.first_step + event.count >= 7 and not reached.is_set():
                reached.set()
                control.pause()
            if type(event).__name__ == "RunHeld":
                held.release()

        return training_module.train(spec, tiny_dataset(), listen, control, folder)

    held = threading.Semaphore(0)
    runner = Runner(RunStore(tmp_path), execute)
    run_id = runner.submit(spec)
    assert held.acquire(timeout=60)
    runner.change(run_id, ChangeRequest(0.005, 7))
    assert held.acquire(timeout=60), "a change is written while it holds"
    before = runner.snapshot(run_id)
    assert before.step % 5 and len(before.record.spec.changes) == 2 and "its state is saved" in before.note
    runner.shutdown()
    runner.store.close()
    runner = Runner(RunStore(tmp_path), execute)
    interrupted = runner.snapshot(run_id)
    assert interrupted.state == "interrupted" and interrupted.step == before.step
    assert interrupted.record.spec == before.record.spec
    runner.resume(run_id)
    after = runner.wait(run_id, 60)
    assert after.started.first_step == before.step and after.steps[: len(before.steps)] == before.steps
    again = runner.wait(runner.submit(after.record.spec), 60)
    Trained(after, []).same_as(Trained(again, []))
    runner.shutdown()
    runner.store.close()


@pytest.fixture
def one(monkeypatch):
    monkeypatch.setattr(training_module, "StepProgram", lambda *_: None)
    return LABS.setdefault("sgd, dropout", Lab(SPECS["sgd, dropout"]))


def test_a_run_that_stopped_early_waits_for_as_long_as_it_is_extended_by(monkeypatch, tmp_path):
    monkeypatch.setattr(training_module, "StepProgram", lambda *_: None)
    made = Lab(tiny_spec(MLP, 1, epochs=60, patience=2, learning_rate=0.3))
    first = train(made, made.spec, tmp_path)
    done = len(first.epochs)
    assert done < 60
    spec = extended(made.spec, IMAGES, done, done + 4, wait=2)
    assert (spec.train.epochs, spec.train.patience) == (done + 4, 6)
    first.live.record = replace(first.live.record, spec=spec)
    longer = train(made, spec, tmp_path, live=first.live)
    longer.same_as(train(made, replace(spec, changes=())))


def test_a_step_and_an_epoch_are_taken_one_at_a_time(one):
    held = []

    class Stepping(Script):
        def wait_if_paused(self):
            if self.is_paused:
                held.append(live.step)
                self.resume(Pace.STEP if len(held) < 3 else Pace.EPOCH if len(held) < 5 else Pace.FREE)

    live = LiveRun(RunRecord("a", "a", one.spec, RunState.RUNNING, 0.0))
    control = Stepping()
    control.pause()
    train_with = one.training(one.spec, live.add, control, None)
    train_with.run("cpu")
    assert held == [0, 1, 2, 5, 10] and live.step == 20


def test_a_request_while_held_has_its_place_before_the_run_goes_on(one):
    live = LiveRun(RunRecord("a", "a", one.spec, RunState.RUNNING, 0.0))

    class Requesting(Script):
        def wait_if_paused(self):
            if not live.record.spec.changes:
                self.request_change(ChangeRequest(0.5, 24))
            else:
                self.request_stop()

    control = Requesting()
    control.pause()
    one.training(one.spec, live.add, control, None).run("cpu")
    assert live.record.spec.changes == (Change(0, 0, learning_rate=0.5), Change(0, 0, batch_size=24)) and live.step == 0


def test_states_thin_out_and_forks_begin_at_the_last_one_before(monkeypatch, tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    source.mkdir()
    target.mkdir()
    monkeypatch.setattr("lib.models.epoch_states.RUN_BYTES", 3000)
    for epoch in range(1, 12):
        meta = np.array(f'{{"epoch": {epoch}, "step": {5 * epoch}}}')
        write_npz(source / "resume.npz", meta=meta, a=np.zeros(40))
        keep_state(source, epoch)
        assert sum(path.stat().st_size for path in (source / "states").iterdir()) <= 3000
    assert kept_epochs(source) == [4, 8] and state_before(source, 7) == 4
    assert copy_state(source, target, 10, 50) == 8 and resume_point(target) == (8, 40)
    assert kept_epochs(target) == [4, 8], "a fork can be forked from the same epochs"
    assert copy_state(source, target, 11, 55) == 11 and resume_point(target) == (11, 55), "the last one is there anyway"
    assert copy_state(source, target, 3, 15) == 0 and resume_point(target) is None, "trained anew"
    assert resume_point(source) == (11, 55)


def test_the_runs_that_trained_longest_ago_lose_their_states_first(tmp_path):
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        (folder / "states").mkdir(parents=True)
        (folder / "states" / "00001.npz").write_bytes(b"x" * 100)
    drop_states(folders, limit=250)
    assert [kept_epochs(folder) for folder in folders] == [[1], [1], []]


@pytest.mark.parametrize(("size", "epochs", "stride"), [(1, 32, 1), (1, 33, 2), (1, 1000, 32), (16_000_000, 6, 4),
                                                         (10**9, 5, 8), (0, 1, 1)])
def test_the_stride_is_the_smallest_that_fits(size, epochs, stride):
    assert stride_of(size, epochs) == stride


def test_sums_over_an_epoch_are_exact():
    """Added up chunk by chunk they would depend on the chunks."""
    values = [1e16, 1.0, -1e16, 1.0]
    assert math.fsum(values) == 2.0 and sum(values) != 2.0


def test_a_learning_rate_of_zero_can_be_raised():
    spec = tiny_spec(MLP, 3, optimizer="sgd", learning_rate=0.0, epochs=3)
    steps = StepPlan(spec, len(tiny_dataset().x_train)).steps(0)
    events = []
    raised = replace(spec, changes=(Change(1, steps, learning_rate=0.1),))
    training_module.train(raised, tiny_dataset(), events.append, RunControl())
    first, second, third = (event.metrics for event in events if isinstance(event, EpochLog))
    assert (first["learning_rate"], second["learning_rate"]) == (0.0, pytest.approx(0.1))
    assert third["val_loss"] < second["val_loss"] < first["val_loss"]
