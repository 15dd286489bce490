"""The learning-rate finder and the race on the Train page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.spec.rate_search import RANGE, THIRDS, search_of
from lib.spec.runs import EpochLog, RunResult, RunStarted, RunState, StepLog
from tests.fakes import StepwiseTrain, fake_train


def fake_search(spec, folder, on_event, control):
    """Search a rate as the real one does, without a network; train what is no search."""
    search = search_of(spec)
    if search is None:
        result = fake_train(spec, folder, on_event, control)
        return replace(result, metrics={**result.metrics, "best_val_accuracy": 0.9})
    on_event(RunStarted(1, 3, 24, 10, "fake device"))
    on_event(StepLog(0, 0, 1.0, {"loss": (2.0, 1.0, 3.0), "learning_rate": (0.01, 0.1, 1.0)}))
    if search.kind == THIRDS:
        on_event(EpochLog(0, 3, 1.0, {"learning_rate": 1.0, "before": 2.0, "loss": 1.0, "learned": 1.0}))
    return RunResult(RunState.FINISHED, {"suggested_rate": 0.025}, "The loss is *lowest* at 0.1.")


@pytest.mark.parametrize("kind", [RANGE, THIRDS])
def test_a_rate_is_searched_shown_and_used(kind, open_page, use_runner):
    runner = use_runner(fake_search)
    app = open_page("train", net="a5_64_64", optimizer="sgd", epochs="3")
    app.button(key=f"rates_{kind}").click().run()
    (record,) = runner.store.records()
    runner.wait(record.id, 20)
    app.run()
    assert not app.exception and search_of(record.spec).kind == kind and record.spec.train.optimizer == "sgd"
    assert app.query_params["rates"] in (record.id, [record.id])
    assert any(r"The loss is \*lowest\* at 0.1" in box.value for box in app.success)
    app.button(key="rates_use").click().run()
    assert app.number_input(key="rate").value == 0.025 and not app.exception
    app.button(key="start").click().run()
    assert runner.store.records()[0].spec.train.learning_rate == 0.025
    app.button(key="rates_close").click().run()
    assert not [button for button in app.button if button.key == "rates_use"] and "rates" not in app.query_params


def test_a_search_is_found_again_by_its_link_and_on_the_runs_page_s(open_page, use_runner):
    runner = use_runner(fake_search)
    app = open_page("train", net="a5_64_64")
    app.button(key=f"rates_{RANGE}").click().run()
    run_id = runner.store.records()[0].id
    runner.wait(run_id, 20)
    again = open_page("train", net="a5_64_64", rates=run_id)
    assert again.button(key="rates_use") and again.get("vega_lite_chart")
    opened = open_page("train", run=run_id)
    assert not opened.exception and any("lowest" in box.value for box in opened.success)
    assert not [button for button in opened.button if button.key in ("rates_use", "pause", "steer_fork_now")]
    assert opened.number_input(key="rate").value < 1, "its rates are no set-up"


@pytest.mark.parametrize("link", ["nothing", "<b>", "../../x", ""])
def test_a_link_to_no_search_is_a_sentence(link, open_page, use_runner):
    runner = use_runner(fake_search)
    app = open_page("train", rates=link, race=link)
    assert not app.exception
    run_id = runner.submit(runner_spec())
    runner.wait(run_id, 20)
    app = open_page("train", rates=run_id)
    assert any("no search for a learning rate" in box.value for box in app.warning)


def runner_spec():
    from tests.fakes import tiny_run_spec

    return tiny_run_spec()


def test_a_search_that_trains_is_stopped(open_page, use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    app = open_page("train", net="a5_64_64")
    app.button(key=f"rates_{RANGE}").click().run()
    train.wait_for_starts(1)
    app.run()
    app.button(key="rates_stop").click().run()
    run_id = runner.store.records()[0].id
    train.tell(run_id, "look")
    assert runner.wait(run_id, 20).state == "stopped"
    app.run()
    assert not app.exception and not [button for button in app.button if button.key == "rates_use"]
    train.release()


def test_optimisers_race_from_the_set_up_and_the_winner_is_named(open_page, use_runner):
    runner = use_runner(fake_search)
    app = open_page("train", net="a5_64_64", epochs="2", seed="5", stopping="False")
    app.button(key="race_optimizer").click().run()
    assert not app.exception and not app.error
    _wait_for_race()
    app.run()
    assert len(runner.store.records()) == 6 and {record.spec.seed for record in runner.store.records()} == {5}
    assert {record.spec.train.epochs for record in runner.store.records()} == {2}
    assert any("are tied" in box.value and "one seed" in box.value for box in app.success), "fakes all learn alike"
    assert not says_no_run_yet(app), "six runs are on show"
    assert any("order of batches, and 2 epochs." in caption.value for caption in app.caption)
    app.button(key="race_close").click().run()
    assert "race" not in app.query_params and not app.exception and says_no_run_yet(app)


def says_no_run_yet(app):
    return any("No run yet" in box.value for box in app.info)


def _wait_for_race():
    import threading

    from lib.ui.resources import sweeps

    pause = threading.Event()
    for _ in range(3000):
        if all(str(record.state) == "finished" for record in sweeps().records()):
            return
        pause.wait(0.01)
    raise AssertionError("the race did not end")
