"""Steering a run on the Train page: what the forms ask for, what they answer, and who may use them."""

from __future__ import annotations

import pytest

from lib.catalog.experiments import Axis, Experiment
from lib.spec.changes import Change
from lib.spec.runs import Pace
from lib.ui.panels.steering import with_epochs
from tests.fakes import StepwiseTrain, fake_train, tiny_run_spec
from tests.pages.test_ownership import MINE, TEACHER, THEIRS, visit


@pytest.fixture
def training(use_runner):
    """A runner whose runs wait for the test, the trainer, and a run that has trained two epochs."""
    train = StepwiseTrain()
    runner = use_runner(train)
    run_id = runner.submit(tiny_run_spec(epochs=9))
    train.wait_for_starts(1)
    for _ in range(2):
        train.epoch(run_id)
    yield runner, train, run_id
    train.release()


@pytest.fixture
def ended(use_runner):
    """A runner with a run of four epochs that has finished."""
    runner = use_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=4))
    runner.wait(run_id, 20)
    return runner, run_id


def opened(app, run_id, what):
    app.session_state[f"steer_{run_id}"] = what
    app.run()
    assert not app.exception
    return app


def errors(app):
    return " ".join(error.value for error in app.error)


def newest(runner):
    return runner.store.records()[0]


def test_a_rate_and_a_batch_are_changed_and_marked(open_page, training):
    runner, train, run_id = training
    app = opened(open_page("train", run=run_id), run_id, "change")
    app.number_input(key=f"change_{run_id}_rate").set_value(0.05)
    app.number_input(key=f"change_{run_id}_batch").set_value(16)
    app.button(key="steer_change_now").click().run()
    assert not app.error and "trains on with that" in app.success[0].value
    train.epoch(run_id)
    assert runner.store.record(run_id).spec.changes == (Change(2, 8, learning_rate=0.05), Change(2, 8, batch_size=16))
    app.run()
    assert any("learning rate 0.001 → 0.05" in caption.value and "batch 8 → 16" in caption.value for caption in app.caption)


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("rate", 0.0, "above 0, at most 1000"), ("rate", 1e9, "above 0, at most 1000"), ("rate", -1.0, "above 0"),
    ("batch", 0, "from 1 to 32"), ("batch", 10**9, "There are 32 training images"), ("batch", 33, "from 1 to 32"),
])
def test_a_value_that_cannot_be_is_a_sentence_and_nothing_is_lost(field, value, sentence, open_page, training):
    runner, train, run_id = training
    app = opened(open_page("train", run=run_id), run_id, "change")
    app.number_input(key=f"change_{run_id}_{field}").set_value(value).run()
    app.button(key="steer_change_now").click().run()
    assert sentence in errors(app) and not app.exception
    assert app.number_input(key=f"change_{run_id}_{field}").value == value
    train.epoch(run_id)
    assert runner.store.record(run_id).spec == tiny_run_spec(epochs=9)


def test_one_step_and_one_epoch(open_page, training):
    runner, train, run_id = training
    app = open_page("train", run=run_id)
    app.button(key="one_step").click().run()
    assert runner._live[run_id].control.pace() == Pace.STEP
    app.button(key="pause").click().run()
    assert runner.snapshot(run_id).paused
    app.button(key="one_epoch").click().run()
    train.epoch(run_id)
    app.run()
    assert runner.snapshot(run_id).paused and app.button(key="unpause")
    assert len(runner.snapshot(run_id).epochs) == 3


def test_a_finished_run_is_extended(open_page, ended):
    runner, run_id = ended
    runner.rename(run_id, "Mine (4 epochs)")
    app = opened(open_page("train", run=run_id), run_id, "extend")
    for bad in (0, -3, 10**9):
        app.number_input(key=f"extend_{run_id}_epochs").set_value(bad)
        app.button(key="steer_extend_now").click().run()
        assert "epochs" in errors(app) and runner.store.record(run_id).state == "finished"
    app.number_input(key=f"extend_{run_id}_epochs").set_value(3)
    app.number_input(key=f"extend_{run_id}_rate").set_value(0.5)
    app.button(key="steer_extend_now").click().run()
    record = runner.wait(run_id, 20).record
    assert not app.exception and record.spec.train.epochs == 7 and len(runner.store.epochs(run_id)) == 7
    assert Change(4, 16, learning_rate=0.5) in record.spec.changes
    assert record.name == "Mine (7 epochs)", "a name says no other number than the run has"
    app.run()
    assert any("extended to 7 epochs" in caption.value for caption in app.caption)


@pytest.mark.parametrize(("name", "before", "wanted"), [
    ("MLP (batch 32, 12 epochs) · MNIST", 12, "MLP (batch 32, 14 epochs) · MNIST"), ("MLP (1 epoch)", 1, "MLP (14 epochs)"),
    ("112 epochs", 12, "112 epochs"), ("Mine", 12, "Mine"),
])
def test_a_name_follows_the_number_of_epochs(name, before, wanted):
    assert with_epochs(name, before, 14) == wanted


def test_a_fork_is_a_new_run_and_is_shown(open_page, ended):
    runner, run_id = ended
    app = opened(open_page("train", run=run_id), run_id, "fork")
    for after in (0, 5, 10**9):
        app.number_input(key=f"fork_{run_id}_after").set_value(after)
        app.button(key="steer_fork_now").click().run()
        assert "no such epoch" in errors(app)
    app.number_input(key=f"fork_{run_id}_after").set_value(2)
    app.number_input(key=f"fork_{run_id}_rate").set_value(0.25)
    app.button(key="steer_fork_now").click().run()
    child = newest(runner)
    assert (child.parent, child.forked_epoch) == (run_id, 2) and app.query_params["run"] in (child.id, [child.id])
    runner.wait(child.id, 20)
    app.run()
    assert not app.exception
    assert any("forked from “tiny on digits” after epoch 2" in caption.value for caption in app.caption)
    runner.delete(run_id)
    app.run()
    assert any("forked from a run that was deleted" in caption.value for caption in app.caption)


def test_a_steered_run_is_trained_again_as_it_was(open_page, ended):
    runner, run_id = ended
    child = runner.fork(run_id, 2, 6)
    runner.wait(child, 20)
    app = open_page("train", run=child)
    app.button(key="steer_again").click().run()
    again = newest(runner)
    assert again.id != child and again.spec == runner.store.record(child).spec and again.parent == ""
    assert not [button for button in open_page("train", run=run_id).button if button.key == "steer_again"]


def test_a_form_that_no_longer_fits_the_run_goes(open_page, training):
    runner, train, run_id = training
    app = opened(open_page("train", run=run_id), run_id, "change")
    train.tell(run_id, "finish")
    runner.wait(run_id, 20)
    app.run()
    assert not app.exception
    assert app.session_state[f"steer_{run_id}"] is None


def test_others_fork_a_run_and_cannot_change_it(open_page, use_runner, monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_TEACHER", TEACHER)
    runner = use_runner(fake_train)
    run_id = runner.submit(tiny_run_spec(epochs=4), browser="another browser's mark")
    runner.wait(run_id, 20)
    app = opened(visit(open_page, "train", THEIRS, run=run_id), run_id, "extend")
    assert any("Not yours" in caption.value for caption in app.caption)
    assert not [button for button in app.button if button.key == "steer_extend_now"]
    opened(app, run_id, "fork").button(key="steer_fork_now").click().run()
    child = newest(runner)
    assert child.parent == run_id and child.browser not in ("", "another browser's mark")
    runner.wait(child.id, 20)
    assert opened(visit(open_page, "train", THEIRS, run=child.id), child.id, "extend").button(key="steer_extend_now")
    mine = opened(visit(open_page, "train", MINE, run=child.id), child.id, "extend")
    assert any("Not yours" in caption.value for caption in mine.caption)


def test_a_run_of_an_experiment_stays_what_its_grid_says(open_page, use_runner):
    from lib.base.errors import RunError
    from lib.ui.resources import sweeps
    from lib.ui.visitors import steer_run

    runner = use_runner(fake_train)
    experiment = Experiment("own", "A *grid*", "?", "softmax_regression", (Axis("epochs", (2,)),), (0,), "digits")
    sweep_id = sweeps().launch(experiment)
    run_id = _first_run(sweep_id)
    runner.wait(run_id, 20)
    app = open_page("train", run=run_id)
    assert _offered(app, run_id) == ["fork"]
    assert any(r"belongs to the experiment “A \*grid\*”" in caption.value for caption in app.caption)
    with pytest.raises(RunError, match="Fork it"):
        steer_run("extend", run_id, 3)
    assert opened(app, run_id, "fork").button(key="steer_fork_now")


def test_a_run_that_an_experiment_takes_in_is_no_longer_offered_to_be_extended(open_page, use_runner):
    from lib.ui.resources import sweeps

    runner = use_runner(fake_train)
    experiment = Experiment("own", "Grid", "?", "softmax_regression", (Axis("epochs", (2,)),), (0,), "digits")
    (trial,) = experiment.trials()
    run_id = runner.submit(trial.spec)
    runner.wait(run_id, 20)
    app = opened(open_page("train", run=run_id), run_id, "extend")
    assert _offered(app, run_id) == ["extend", "fork"]
    assert _first_run(sweeps().launch(experiment)) == run_id, "the same training is not repeated"
    app.run()
    assert not app.exception and _offered(app, run_id) == ["fork"]
    assert not [button for button in app.button if button.key == "steer_extend_now"]
    opened(app, run_id, "fork").number_input(key=f"fork_{run_id}_after").set_value(2)
    app.number_input(key=f"fork_{run_id}_epochs").set_value(5)
    app.button(key="steer_fork_now").click().run()
    child = newest(runner)
    assert child.parent == run_id and len(runner.wait(child.id, 20).epochs) == 5
    app.run()
    assert _offered(app, child.id) == ["extend", "fork"], "nothing counts on the copy"


def test_a_run_is_shown_where_nobody_can_say_what_counts_on_it(open_page, ended):
    runner, run_id = ended
    (runner.store.home / "sweeps.db").write_bytes(b"no database " * 500)
    app = open_page("train", run=run_id)
    assert not app.exception and _offered(app, run_id) == ["fork"]
    assert any("sweeps.db" in caption.value for caption in app.caption)


def _offered(app, run_id):
    (group,) = [group for group in app.button_group if group.key == f"steer_{run_id}"]
    return [option.split()[-1].lower() for option in group.options]


def _first_run(sweep_id):
    import threading

    from lib.ui.resources import sweeps

    pause = threading.Event()
    for _ in range(2000):
        (run_id,) = sweeps().store.runs(sweep_id)
        if run_id is not None:
            return run_id
        pause.wait(0.01)
    raise AssertionError("the experiment began no run")


def test_a_fork_chooses_otherwise_and_what_cannot_be_is_a_sentence(open_page, ended):
    runner, run_id = ended
    app = opened(open_page("train", run=run_id), run_id, "fork")
    app.number_input(key=f"fork_{run_id}_after").set_value(2)
    app.number_input(key=f"fork_{run_id}_level_high").set_value(-1.0)
    app.button(key="steer_fork_now").click().run()
    assert "a number from 0 to 1" in errors(app) and newest(runner).id == run_id
    app.number_input(key=f"fork_{run_id}_level_high").set_value(0.2)
    app.selectbox(key=f"fork_{run_id}_optimizer").set_value("sgd")
    app.selectbox(key=f"fork_{run_id}_decay").set_value("cosine")
    app.button(key="steer_fork_now").click().run()
    made = newest(runner)
    assert not app.exception and made.parent == run_id
    assert made.spec.changes == (Change(2, 8, choices=(
        ("decay", "cosine"), ("decay_epochs", 4), ("level_high", 0.2), ("optimizer", "sgd"))),)
    runner.wait(made.id, 20)
    app.run()
    said = " ".join(caption.value for caption in app.caption)
    assert "optimiser Adam → SGD" in said and "most noise 0.9 → 0.2" in said
