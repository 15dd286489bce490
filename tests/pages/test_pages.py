"""Pages without a browser: controls reach the spec, runs reach the page, errors are messages."""

import pytest
import streamlit as st
from PIL import Image

from lib.base.percent import percent_text
from lib.catalog.preset_groups import group_of, preset_groups
from lib.catalog.presets import PRESETS
from lib.runs.local import execute
from lib.spec.runs import RunState
from lib.spec.specs import BatchNormSpec, DropoutSpec
from lib.ui.frame import PAGES
from lib.ui.home.card_images import card_image
from tests.conftest import ROOT
from tests.fakes import StepwiseTrain, crashing_train, failing_train, fake_train
from tests.pages.runs_list import column, has_table, table


def texts(elements):
    return " ".join(element.value for element in elements)


def finished(runner, run_id):
    runner.wait(run_id, timeout=120)
    return runner.snapshot(run_id)


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_every_page_runs_and_has_a_title(page, open_page, use_runner):
    use_runner(fake_train)
    app = open_page(page)
    assert not app.exception
    assert app.title


@pytest.mark.parametrize("page", [page.name for page in PAGES[1:]])
def test_the_card_of_a_page_has_a_small_image_for_both_themes(page):
    for dark in (False, True):
        path = card_image(page, dark)
        with Image.open(path) as image:
            assert (image.size, image.format) == ((640, 280), "WEBP")
        assert path.stat().st_size < 40_000


def start(app):
    return app.button(key="start").click().run()


def only_record(runner):
    (record,) = runner.store.records()
    return record


@pytest.mark.parametrize(("key", "value", "read"), [
    ("images", 500, lambda spec: spec.data.train_size),
    ("net", "a1_model2_elu", lambda spec: spec.architecture.name),
    ("optimizer", "sgd", lambda spec: spec.train.optimizer), ("rate", 0.25, lambda spec: spec.train.learning_rate),
    ("batch", 77, lambda spec: spec.train.batch_size), ("epochs", 3, lambda spec: spec.train.epochs),
    ("patience", 4, lambda spec: spec.train.patience), ("seed", 42, lambda spec: spec.seed),
])
def test_every_control_reaches_the_run(key, value, read, open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train")
    widget = next(w for kind in ("selectbox", "number_input") for w in app.get(kind) if w.key == key)
    start(widget.set_value(value).run())
    assert read(only_record(runner).spec) == value


def choose_network(app, name):
    app.selectbox(key="family").set_value(group_of(name)).run()
    return app.selectbox(key="net").set_value(name).run()


def test_a_kind_of_network_offers_its_networks_and_takes_the_first(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train")
    app.selectbox(key="family").set_value(group_of("b4_small_cnn")).run()
    first = preset_groups()[group_of("b4_small_cnn")][0]
    assert app.selectbox(key="net").value == first
    assert app.number_input(key="batch").value == PRESETS[first].train.batch_size
    start(app)
    assert only_record(runner).spec.architecture.name == first


def test_regularisation_changes_the_layers(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train")
    app.selectbox(key="reg").set_value("l2").run()
    start(app)
    spec = only_record(runner).spec
    assert [layer.l2 for layer in spec.architecture.layers if layer.kind == "dense"] == [0.0005, 0.0005, 0.0]
    assert DropoutSpec(0.5) in spec.architecture.layers
    app.selectbox(key="reg").set_value("none").run()
    start(app)
    newest = max(runner.store.records(), key=lambda record: record.created).spec
    assert not any(layer.kind == "dropout" for layer in newest.architecture.layers)


def test_without_early_stopping_there_is_no_patience(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train")
    start(app.toggle(key="stopping").set_value(False).run())
    assert only_record(runner).spec.train.patience is None


def test_a_new_network_brings_its_own_training(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train")
    choose_network(app, "a4_512_512")
    assert app.selectbox(key="optimizer").value == "sgd"
    assert app.number_input(key="rate").value == 0.01
    assert app.number_input(key="epochs").value == 50


def test_a_new_optimiser_brings_its_usual_learning_rate(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train")
    app.selectbox(key="optimizer").set_value("sgd").run()
    assert app.number_input(key="rate").value == 0.01


def test_a_link_sets_the_controls(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", net="light_cnn", rate="0.02", batch="7", seed="5", stopping="False", images="500")
    assert app.selectbox(key="net").value == "light_cnn"
    assert app.number_input(key="rate").value == 0.02
    assert app.number_input(key="batch").value == 7
    assert app.number_input(key="seed").value == 5
    assert app.toggle(key="stopping").value is False
    assert app.selectbox(key="images").value == 500


@pytest.fixture
def toasts(monkeypatch):
    """What was said in passing, also in a run of the page that was drawn anew at once."""
    said = []
    monkeypatch.setattr(st, "toast", lambda text, **_: said.append(text))
    return said


@pytest.mark.parametrize(("key", "last", "words"), [
    ("rate", 0.02, "Learning rate: expected a number from 1e-07 to 100.0, received none, so 0.02 stays."),
    ("epochs", 9, "Epochs, at most: expected a number from 1 to 10,000, received none, so 9 stays."),
    ("seed", 5, "Seed: expected a number from 0 to 2,147,483,647, received none, so 5 stays."),
])
def test_a_field_that_is_left_empty_takes_its_last_value_back_and_says_so(key, last, words, open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train", net="light_cnn")
    app.number_input(key=key).set_value(last).run()
    app.number_input(key=key).set_value(None).run()
    assert app.number_input(key=key).value == last and [toast.value for toast in app.toast] == [words]
    assert app.query_params[key] == str(last)
    start(app)
    assert not app.exception and last in (only_record(runner).spec.seed, only_record(runner).spec.train.epochs,
                                          only_record(runner).spec.train.learning_rate)


@pytest.mark.parametrize(("page", "query"), [
    ("experiments", {}), ("tell_time", {"clock_tab": "Train your own"}), ("permuted_pixels", {}),
    ("permuted_pixels", {"lens_tab": "Train them yourself"}), ("denoise", {}),
    ("denoise", {"denoise_tab": "Train your own"}), ("invent_digits", {"invent_tab": "Train your own"}),
    ("cat_faces", {"cats_tab": "Between two latent codes"}), ("cat_faces", {"cats_tab": "Train your own"}),
])
def test_no_page_has_a_number_that_becomes_another_when_left_empty(page, query, open_page, use_runner, toasts):
    use_runner(fake_train)
    app = open_page(page, **query)
    fields = {field.key: field.value for field in app.number_input if not field.placeholder}
    assert fields
    for key, value in fields.items():
        app.number_input(key=key).set_value(None).run()
        assert not app.exception and app.number_input(key=key).value == value
        assert f"so {value:,} stays" in toasts[-1]


@pytest.mark.parametrize("query", [
    {"net": "no_such"}, {"rate": "nan"}, {"rate": "-1"}, {"batch": "1e9"}, {"seed": "x"}, {"data": "../etc"},
    {"stopping": "maybe"}, {"images": "-5"}, {"reg": "'"}, {"family": "RNN"},
])
def test_nonsense_in_a_link_is_not_used_and_named(query, open_page, use_runner, toasts):
    use_runner(fake_train)
    app = open_page("train", **query)
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="net").value == "a1_model3_relu"
    assert app.number_input(key="rate").value == 0.001
    if "family" not in query:  # which follows from the network
        (said,) = toasts
        assert next(iter(query)) in said and "cannot be used" in said


def test_an_experiment_that_a_link_names_and_nobody_launched_is_named(open_page, use_runner, toasts):
    use_runner(fake_train)
    open_page("experiments", sweep="unknown").run()
    (said,) = toasts
    assert "sweep = unknown" in said


def go_to(app, page, **query):
    """As the navigation and links do: with a query string of its own."""
    app.query_params.clear()
    for key, value in query.items():
        app.query_params[key] = value
    return app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def test_a_link_to_a_set_up_shows_no_other_run_and_the_navigation_the_last_one(open_page, use_runner):
    runner = use_runner(fake_train)
    app = start(open_page("train"))
    record = only_record(runner)
    finished(runner, record.id)
    assert record.name in texts(app.run().markdown)
    go_to(app, "runs")
    go_to(app, "train")
    assert record.id in app.query_params["run"]
    go_to(app, "runs")
    go_to(app, "train", net="light_cnn")
    assert "run" not in app.query_params and not app.get("vega_lite_chart")


def test_a_finished_run_shows_its_curves(open_page, use_runner):
    runner = use_runner(fake_train)
    app = start(open_page("train"))
    finished(runner, only_record(runner).id)
    app.run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) >= 2
    assert "finished" in texts(app.markdown)


def test_a_run_is_found_again_by_its_link(open_page, use_runner):
    runner = use_runner(fake_train)
    start(open_page("train"))
    record = only_record(runner)
    finished(runner, record.id)
    assert record.name in texts(open_page("train", run=record.id).markdown)


def test_an_unknown_run_is_a_message(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", run="nosuchrun")
    assert not app.exception
    assert app.warning


@pytest.mark.parametrize("train", [failing_train, crashing_train], ids=lambda f: f.__name__)
def test_a_failing_run_shows_a_message_and_no_traceback(train, open_page, use_runner):
    runner = use_runner(train)
    app = start(open_page("train"))
    snapshot = finished(runner, only_record(runner).id)
    app.run()
    assert snapshot.state == RunState.FAILED
    assert not app.exception
    assert snapshot.record.message in texts(app.error)
    assert "Traceback" not in texts(app.error)


def test_pause_go_on_and_stop_reach_the_runner_and_a_second_run_waits(open_page, use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    app = start(open_page("train"))
    first = only_record(runner)
    train.wait_for_starts(1)
    app.run()
    app.button(key="pause").click().run()
    assert runner.snapshot(first.id).paused
    app.button(key="unpause").click().run()
    assert not runner.snapshot(first.id).paused
    start(app)
    waiting = next(record for record in runner.store.records() if record.id != first.id)
    app.run()
    assert runner.position(waiting.id) == 1
    app.button(key="stop").click().run()
    assert runner.snapshot(waiting.id).state == RunState.STOPPED
    train.release()


def test_an_impossible_network_is_explained_and_cannot_be_started(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    from dataclasses import replace

    from lib.catalog import presets

    preset = presets.PRESETS["a1_model3_relu"]
    layers = (BatchNormSpec(), *preset.architecture.layers[1:])
    broken = replace(preset.architecture, layers=layers)
    monkeypatch.setitem(presets.PRESETS, "a1_model3_relu", replace(preset, architecture=broken))
    app = open_page("train")
    assert "dense layer needs a vector" in texts(app.error)
    assert app.button(key="start").disabled


def test_a_missing_data_set_is_offered_for_download(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", data="mnist")
    assert not app.exception
    assert app.button(key="download")


def test_a_real_network_learns_the_offline_digits(open_page, use_runner):
    runner = use_runner(execute)
    app = start(open_page("train", net="softmax_regression", epochs="2"))
    snapshot = finished(runner, only_record(runner).id)
    assert snapshot.record.message == "All 2 epochs done; best epoch 2."
    app.run()
    assert not app.exception
    assert snapshot.record.metrics["test_accuracy"] > 0.5
    first, *_ = app.metric
    shown = {metric.label: metric.value for metric in app.metric}
    assert first.label == "Test accuracy", "it is the first figure of the page, above the curves"
    assert first.value == shown["Test accuracy"] == percent_text(snapshot.record.metrics["test_accuracy"])


def test_the_home_page_lists_what_is_running(open_page, use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    start(open_page("train"))
    train.wait_for_starts(1)
    home = open_page("home")
    assert only_record(runner).name in texts(home.markdown) and "Running now" in texts(home.subheader)
    train.release()


def test_runs_are_listed_with_their_state(open_page, use_runner):
    runner = use_runner(fake_train)
    start(open_page("train"))
    finished(runner, only_record(runner).id)
    app = open_page("runs")
    assert column(app, "state") == ["finished"]
    assert [row["id"] for row in table(app)["rows"]] == [only_record(runner).id]


def test_without_runs_the_page_says_so(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("runs")
    assert "No runs yet" in texts(app.markdown) and not has_table(app)
    app = app.button(key="runs_first").click().run()
    assert app.button(key="start"), "the one button leads to the Train page"
