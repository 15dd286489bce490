"""Take it home on the page of a finished run."""

from urllib.parse import parse_qs

from lib import datasets
from lib.runs.take_home import stand_alone_script
from lib.spec.specs import RunSpec
from tests.fakes import fake_train
from tests.hostile.test_links import MARKUP, check, drawn_texts
from tests.pages.test_editor import CNN, TEXT, press
from tests.pages.test_train_setup import VARIANTS, newest, trained


def button_labels(app):
    return [element.proto.label for element in app.get("download_button")]


def link_of(app):
    return next(code.value for code in app.code if "net=" in code.value)


def test_a_finished_run_is_taken_home(open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = runner.submit(VARIANTS["a preset"], name=MARKUP)
    runner.wait(run_id, 60)
    app = open_page("train", run=run_id)
    check(app)
    assert {"Script (.py)", "Notebook (.ipynb)", "Images (.npz)", "Model card (.md)"} <= set(button_labels(app))
    record = runner.store.record(run_id)
    compile(stand_alone_script(record, datasets.DATASETS["digits"], 1347), "script", "exec")


def test_a_run_that_cannot_be_repeated_elsewhere_says_why_and_has_a_card(open_page, use_runner):
    runner = use_runner(fake_train)
    spec = VARIANTS["a preset"]
    changed = RunSpec(spec.architecture, spec.data, spec.train, settings=(("augment", "pen"),))
    app = open_page("train", run=trained(runner, changed))
    assert "Script (.py)" not in button_labels(app) and "Model card (.md)" in button_labels(app)
    assert "No script and no notebook" in " ".join(drawn_texts(app))


def test_the_link_sets_the_page_up_like_the_run_with_its_own_network(open_page, use_runner):
    runner = use_runner(fake_train)
    press(open_page("train", net=TEXT, data="digits", batch="21", seed="5", images="1000"), "start")
    record = newest(runner)
    runner.wait(record.id, 60)
    link = link_of(open_page("train", run=record.id))
    query = {name: values[0] for name, values in parse_qs(link.partition("?")[2]).items()}
    press(open_page("train", **query), "start")
    assert newest(runner).id != record.id and newest(runner).spec.digest == record.spec.digest
    assert newest(runner).spec.architecture.layers[:-1] == CNN.layers
