"""The inside of a network on the Train page: one slider moves everything; lines and diagnosis beside it."""

import json
import re

import numpy as np
import pytest

from lib.models import recording
from lib.runs.local import execute
from lib.spec.runs import RunState
from lib.spec.specs import ArchitectureSpec, DataSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec
from lib.ui.resources import runner
from lib.ui.widgets import images
from lib.ui.widgets.epoch_slider import SliderPlace, parse_slider
from tests.fakes import PATIENCE, fake_train, tiny_run_spec
from tests.pages.test_pages import finished, texts

EPOCHS = 5


@pytest.fixture
def run_id(use_runner, monkeypatch):
    """A small MLP that was trained and recorded after each of its epochs."""
    monkeypatch.setattr(recording, "SHARE", 1e9)
    use_runner(execute)
    return trained(TrainSpec(batch_size=8, epochs=EPOCHS))


def trained(train):
    """The id of a finished run of a small MLP."""
    network = ArchitectureSpec((FlattenSpec(), DenseSpec(12, "relu"), DenseSpec(10, "softmax")), name="tiny")
    run_id = runner().submit(RunSpec(network, DataSpec("digits", 200), train, 0), name="The *tiny* one")
    assert finished(runner(), run_id).state == RunState.FINISHED
    return run_id


def inside(app):
    """The HTML of the recording that is on show."""
    return " ".join(element.proto.body for element in app.get("html") if "inside-" in element.proto.body)


def slider(app):
    (found,) = (element for element in app.get("bidi_component") if element.proto.component_name.endswith("epoch_slider"))
    return json.loads(found.proto.json)


def move(app, run_id, epoch, seq):
    app.session_state[f"scrub_{run_id}"] = {"place": {"epoch": epoch, "seq": seq}}
    return app.run()


def test_one_slider_moves_everything(open_page, run_id):
    app = open_page("train", run=run_id)
    assert not app.exception
    assert slider(app)["epochs"] == [1, 2, 3, 4, 5] and slider(app)["epoch"] == 5
    last = inside(app)
    for words in ("Predictions for 20 validation images", "units of the first layer", "Accuracy of each class",
                  "2 Dense 12, relu", "dead units", "gradient per weight"):
        assert words in last
    assert re.search(r"Confusion matrix of \d+ validation images", last)
    move(app, run_id, 1, 1)
    first = inside(app)
    assert slider(app)["epoch"] == 1 and not app.exception
    for pattern in (r"images: (\d+) right", r"Dense 12, relu</td><td>(\S+)</td>", r"First-layer weights after epoch 1"):
        assert re.search(pattern, first)
    assert re.findall(r"relu</td><td>([^<]+)", first) != re.findall(r"relu</td><td>([^<]+)", last)
    assert first.count("answer-wrong") > last.count("answer-wrong")
    move(app, run_id, 0, 2)
    assert slider(app)["follows"] and inside(app) == last


def test_what_is_chosen_stays_while_new_epochs_come(open_page, run_id):
    app = open_page("train", run=run_id)
    move(app, run_id, 2, 1)
    path = runner().store.folder(run_id) / "epochs"
    (path / "00005.npz").write_bytes((path / "00004.npz").read_bytes())
    app.run()
    assert slider(app)["epochs"][-1] == 6 and slider(app)["epoch"] == 2 and not slider(app)["follows"]


def test_a_damaged_recording_is_a_message_and_the_slider_stays(open_page, run_id):
    (runner().store.folder(run_id) / "epochs" / "00004.npz").write_bytes(b"no archive")
    app = open_page("train", run=run_id)
    assert not app.exception and "cannot be read" in texts(app.warning)
    move(app, run_id, 2, 1)
    assert "Predictions for" in inside(app) and "cannot be read" not in texts(app.warning)


def test_a_run_without_recording_says_why(open_page, use_runner):
    use_runner(fake_train)
    run_id = runner().submit(tiny_run_spec())
    runner().wait(run_id, PATIENCE)
    app = open_page("train", run=run_id)
    assert not app.exception and "4 % of the training time" in texts(app.caption)


def test_the_diagnosis_of_a_run_stands_below_its_curves(open_page, use_runner, monkeypatch):
    monkeypatch.setattr(recording, "SHARE", 1e9)
    use_runner(execute)
    run_id = trained(TrainSpec(batch_size=8, epochs=4, learning_rate=1.0))
    assert "Dead units: " in texts(open_page("train", run=run_id).warning)


def test_record_lines_can_be_hidden(open_page, run_id):
    worse = trained(TrainSpec(batch_size=8, epochs=1))
    best = open_page("train", run=run_id)
    assert "This run is the best one here" in texts(best.caption) and "Best run here" not in texts(best.caption)
    app = open_page("train", run=worse)
    pills = next(group for group in app.button_group if group.label == "Lines")
    assert pills.options == ["best epoch", "best run here"]
    assert "Best run here: “The \\*tiny\\* one”" in texts(app.caption)
    pills.set_value(["best_epoch"]).run()
    assert not app.exception and "Best run here" not in texts(app.caption)


@pytest.mark.parametrize(("payload", "place"), [
    ({"epoch": 3, "seq": 7}, SliderPlace(2, 7)), ({"epoch": 0, "seq": 7}, SliderPlace(None, 7)),
    ({"epoch": -1, "seq": 7}, None), ({"epoch": float("nan"), "seq": 1}, None), ({"epoch": 10**400, "seq": 1}, None),
    ({"seq": 1}, None), ("3", None),
])
def test_the_slider_takes_what_makes_sense(payload, place):
    assert parse_slider(payload) == place


def test_an_image_that_is_shown_again_is_not_drawn_again(monkeypatch):
    images._known_uri.cache_clear()
    drawn, real = [], images._png_uri
    monkeypatch.setattr(images, "_png_uri", lambda image: drawn.append(image.shape) or real(image))
    first = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert images.data_uri(first) == images.data_uri(first.copy()) == real(first)
    assert images.data_uri(first.reshape(2, 8, 3)) != images.data_uri(first)
    assert drawn == [(4, 4, 3), (2, 8, 3)]
