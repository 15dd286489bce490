"""The architecture editor on Train, and its networks on the other pages."""

import json
import statistics
import time
from urllib.parse import quote

import pytest

from lib.catalog.networks import own_preset
from lib.catalog.presets import PRESETS
from lib.runs import OwnNetworks, Visitor
from lib.runs.own_networks import FILE
from lib.spec import memory_need
from lib.spec.specs import (
    ActivationSpec,
    BatchNormSpec,
    ConvSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GaussianNoiseSpec,
    GlobalPoolSpec,
    PoolSpec,
)
from lib.spec.stack import MOST_LAYERS, Stack
from lib.spec.stack_text import network_text, read_network
from lib.ui.networks import OWN_GROUP
from lib.ui.train import setup
from tests.fakes import fake_train
from tests.hostile.test_links import MARKUP, check, drawn_texts
from tests.pages.test_train_setup import newest

MINE = Visitor()
CNN = Stack((ConvSpec(8), PoolSpec(2), FlattenSpec(), DenseSpec(16)), title="Mine")
TEXT = network_text(CNN)


@pytest.fixture
def runner(use_runner):
    return use_runner(fake_train)


@pytest.fixture
def networks(runner, tmp_path):
    return OwnNetworks(tmp_path / "runs")


def stack_in(app):
    return read_network(app.selectbox(key="net").value)


def diagram(app):
    (proto,) = (element.proto for element in app.get("bidi_component") if "stack_diagram" in element.proto.component_name)
    return json.loads(proto.json)


def errors(app):
    return " ".join(error.value for error in app.error)


def with_layers(app):
    """The same page with its editor open: of a preset it is closed at first, and not drawn."""
    assert "add_dense" not in {button.key for button in app.button}
    app.session_state["layers_open"] = True
    return app.run()


def press(app, key):
    app.button(key=key).click().run()
    check(app)
    return app


# --- editing ------------------------------------------------------------------------------


def test_a_cnn_is_built_from_an_empty_stack_and_trained(open_page, runner):
    app = open_page("train", net="1", data="digits")
    assert "needs a vector" in errors(app) and app.button(key="start").disabled
    kinds = ("conv", "batch_norm", "activation", "pool", "noise", "flatten", "dense", "dropout")
    for kind in kinds:
        press(app, f"add_{kind}")
    assert stack_in(app).layers == (ConvSpec(32), BatchNormSpec(), ActivationSpec(), PoolSpec(2), GaussianNoiseSpec(),
                                    FlattenSpec(), DenseSpec(64), DropoutSpec(0.25))
    assert [block["kind"] for block in diagram(app)["blocks"]] == ["input", *kinds, "output"]
    assert not app.error
    press(app, "start")
    assert newest(runner).spec.architecture.layers == (*stack_in(app).layers, DenseSpec(10, "softmax"))
    assert newest(runner).name.startswith("C32k3-BN-P2-64 · Digits")


def test_a_preset_is_edited_under_a_name_of_its_own_and_keeps_its_training(open_page, runner):
    app = with_layers(open_page("train", net="a5_64_64", data="digits", batch="21"))
    press(app, "add_dropout")
    stack = stack_in(app)
    assert stack.layers == (*PRESETS["a5_64_64"].architecture.layers[:-1], DropoutSpec(0.25))
    assert stack.title == "MLP 64-64, edited" and app.selectbox(key="family").value == OWN_GROUP
    press(app, "start")
    train = newest(runner).spec.train
    assert (train.batch_size, train.epochs) == (21, PRESETS["a5_64_64"].train.epochs)


def test_layers_are_moved_duplicated_removed_and_every_edit_is_taken_back(open_page, runner):
    app = open_page("train", net=TEXT)
    app.session_state["_layer_selected"] = 0
    app.run()
    for key in ("layer_down", "layer_duplicate", "layer_down", "layer_remove"):
        press(app, key)
    assert stack_in(app).layers == (PoolSpec(2), ConvSpec(8), FlattenSpec(), DenseSpec(16))
    assert diagram(app)["selected"] == 3
    selected = []
    for _ in range(4):
        press(app, "undo_edit")
        selected.append(diagram(app)["selected"])
    assert app.selectbox(key="net").value == TEXT and app.button(key="undo_edit").disabled
    assert selected == [3, 2, 1, 0], "what was selected comes back with the layers"


def test_undo_of_the_first_edit_brings_the_preset_back(open_page, runner):
    app = with_layers(open_page("train", net="light_cnn"))
    press(app, "add_dense")
    press(app, "undo_edit")
    assert app.selectbox(key="net").value == "light_cnn" and not app.error


@pytest.mark.parametrize(("layer", "field", "value", "expected"), [
    (ConvSpec(8), "filters", 12, ConvSpec(12)), (ConvSpec(8), "kernel_size", 5, ConvSpec(8, 5)),
    (ConvSpec(8), "strides", 2, ConvSpec(8, strides=2)), (ConvSpec(8), "padding", "valid", ConvSpec(8, padding="valid")),
    (ConvSpec(8), "activation", "leaky_relu", ConvSpec(8, activation="leaky_relu")),
    (ConvSpec(8, activation="leaky_relu"), "slope", 0.3, ConvSpec(8, activation="leaky_relu", slope=0.3)),
    (ConvSpec(8), "initializer", "he_normal", ConvSpec(8, initializer="he_normal")),
    (DenseSpec(8), "units", 30, DenseSpec(30)), (DenseSpec(8), "l1", 0.01, DenseSpec(8, l1=0.01)),
    (DenseSpec(8), "l2", 0.02, DenseSpec(8, l2=0.02)), (PoolSpec(2), "method", "average", PoolSpec(2, "average")),
    (PoolSpec(2), "size", 3, PoolSpec(3)), (PoolSpec(2), "strides", 1, PoolSpec(2, strides=1)),
    (PoolSpec(2), "padding", "same", PoolSpec(2, padding="same")),
    (GlobalPoolSpec(), "method", "max", GlobalPoolSpec("max")),
    (DropoutSpec(0.5), "rate", 0.1, DropoutSpec(0.1)), (GaussianNoiseSpec(0.1), "stddev", 0.4, GaussianNoiseSpec(0.4)),
    (ActivationSpec(), "activation", "tanh", ActivationSpec("tanh")),
])
def test_every_field_of_a_layer_can_be_set(layer, field, value, expected, open_page, runner):
    app = open_page("train", net=network_text(Stack((layer,))))
    app.session_state["_layer_selected"] = 0
    app.run()
    key = f"layer_{layer.kind}_{field}"
    kind = app.selectbox if isinstance(value, str) else app.number_input
    kind(key=key).set_value(value).run()
    assert stack_in(app).layers == (expected,) and kind(key=key).value == value
    check(app)


@pytest.mark.parametrize(("field", "value"), [("units", 0), ("units", 1_000_000), ("units", -5), ("l2", 99.0)])
def test_what_cannot_be_is_a_sentence_and_changes_nothing(field, value, open_page, runner):
    app = open_page("train", net=TEXT)
    app.session_state["_layer_selected"] = 3
    app.run()
    app.number_input(key=f"layer_dense_{field}").set_value(value).run()
    check(app)
    assert "is out of range. Expected:" in errors(app) and f"Received: {value}" in errors(app)
    assert app.selectbox(key="net").value == TEXT
    assert app.number_input(key=f"layer_dense_{field}").value == getattr(CNN.layers[3], field)
    press(app, "add_dropout")
    assert not app.error, "the next edit takes the message away"


def test_there_is_a_most_of_layers(open_page, runner):
    app = open_page("train", net=network_text(Stack((FlattenSpec(),) * MOST_LAYERS)))
    press(app, "add_dense")
    assert f"at most {MOST_LAYERS} hidden layers" in errors(app) and len(stack_in(app).layers) == MOST_LAYERS


def test_an_impossible_stack_is_marked_explained_and_repaired_by_a_button(open_page, runner):
    app = open_page("train", net="1~m28~m2~f", data="digits")
    assert "Layer 2" in errors(app) and "1x1 map" in errors(app) and "use same padding" in errors(app)
    assert [bool(block["fault"]) for block in diagram(app)["blocks"]] == [False, False, True, False, False]
    assert app.button(key="start").disabled
    assert [app.button(key=f"fix_{n}").label for n in (0, 1)] == ["Use same padding", "Remove it"]
    press(app, "fix_0")
    assert stack_in(app).layers[1] == PoolSpec(2, padding="same") and not app.error
    press(app, "undo_edit")
    assert stack_in(app).layers[1] == PoolSpec(2)


def test_a_network_that_memory_cannot_hold_is_refused_and_the_heavy_layer_marked(open_page, runner, monkeypatch):
    monkeypatch.setattr(memory_need, "free_bytes", lambda: 30_000_000)
    app = open_page("train", net="1~c8~c512~f", data="digits", batch="64")
    assert "does not fit into memory" in errors(app) and app.button(key="start").disabled
    assert [block["fault"] for block in diagram(app)["blocks"]] == ["", "", "This layer takes the most memory.", "", ""]


def test_the_diagram_sends_acts(open_page, runner):
    app = open_page("train", net=TEXT)
    assert diagram(app)["selected"] == 4 and diagram(app)["total"].endswith("multiply-adds an image")
    assert [block["parameters"] for block in diagram(app)["blocks"]] == ["", "80", "0", "0", "25,104", "170"]


# --- links --------------------------------------------------------------------------------


def test_the_network_is_in_the_link(open_page, runner):
    app = with_layers(open_page("train", net="light_cnn"))
    press(app, "add_dropout")
    text = app.query_params["net"][0] if isinstance(app.query_params["net"], list) else app.query_params["net"]
    assert len(text) < 80
    again = open_page("train", net=text)
    assert stack_in(again) == stack_in(app)


@pytest.mark.parametrize("net", ["1~c0", "1~d1000000", "7~c3", "1" + "~f" * 60, "1~zz", "1~t%ff", "~"])
def test_a_malformed_network_in_a_link_is_a_sentence_and_nothing_is_lost(net, open_page, networks):
    networks.save(CNN, "Kept", MINE)
    app = open_page("train", net=net, batch="21")
    check(app)
    assert "in this link" in errors(app)
    assert app.selectbox(key="net").value in PRESETS and app.number_input(key="batch").value == 21
    assert not app.button(key="start").disabled and networks.named("kept") is not None
    press(with_layers(app), "add_dropout")
    assert not app.error


def test_a_run_of_ones_own_network_brings_that_network_back(open_page, runner):
    app = press(open_page("train", net=TEXT, data="digits"), "start")
    record = newest(runner)
    runner.wait(record.id, timeout=60)
    app = open_page("train", run=record.id)
    assert stack_in(app) == CNN
    press(app, "start")
    assert newest(runner).spec.digest == record.spec.digest and newest(runner).id != record.id


# --- names --------------------------------------------------------------------------------


def test_a_network_is_saved_renamed_and_deleted(open_page, networks):
    app = open_page("train", net=TEXT)
    app.text_input(key="network_name").set_value("First").run()
    press(app, "network_save")
    assert [saved.name for saved in networks.all()] == ["First"] and "Saved as “First”" in " ".join(drawn_texts(app))
    assert app.selectbox(key="net").options.count("First") == 1
    app.text_input(key="network_name").set_value("Second").run()
    press(app, "network_rename")
    assert [saved.name for saved in networks.all()] == ["Second"] and stack_in(app).title == "Second"
    press(app, "network_delete")
    assert networks.all() == () and stack_in(app).layers == CNN.layers


def test_names_are_shown_as_text(open_page, networks):
    app = open_page("train", net="1~f~t" + quote(MARKUP, safe=""), data="digits")
    press(app, "network_save")
    press(app, "start")
    name = networks.all()[0].text
    check(open_page("experiments", exp="custom", exp_nets=f"{name}|light_cnn", exp_data="digits"))
    check(open_page("experiments", exp="custom", exp_nets=name, exp_data="digits"))
    check(open_page("runs"))


def test_a_damaged_file_of_networks_is_a_sentence_and_the_page_works(open_page, networks):
    networks.path.parent.mkdir(exist_ok=True)
    networks.path.write_text("{damaged")
    app = open_page("train", net=TEXT, data="digits")
    check(app)
    assert FILE in errors(app) and not app.button(key="start").disabled
    assert networks.path.read_text() == "{damaged"
    check(open_page("experiments", exp="custom"))


# --- other pages --------------------------------------------------------------------------


def test_saved_networks_are_offered_on_every_page_that_trains_them(open_page, networks, runner):
    saved = networks.save(CNN, "Mine", MINE).text
    assert "Mine" in open_page("train", net=saved).selectbox(key="net").options
    app = open_page("experiments", exp="custom", exp_nets=f"{saved}|softmax_regression", exp_data="digits")
    assert "Mine" in app.multiselect(key="exp_nets").options and not app.error
    press(app, "exp_launch")
    assert {record.spec.architecture.name for record in runner.store.records()} >= {"Mine (own)"}
    app = open_page("permuted_pixels", lens_cnn=saved, train_on="digits", lens_tab="Train them yourself")
    assert "Mine" in app.selectbox(key="lens_cnn").options and app.selectbox(key="lens_cnn").value == saved
    app = open_page("tell_time", clock_tab="Train your own")
    app.selectbox(key="clock_net").set_value(saved).run()
    check(app)
    press(app, "clock_start")
    clock = next(record.spec for record in runner.store.records() if record.spec.task == "clock")
    assert clock.architecture.layers == CNN.layers and clock.head.kind == "sincos_hands"


def test_a_network_that_ends_in_maps_is_refused_on_the_clock_page(open_page, networks):
    saved = networks.save(Stack((ConvSpec(8),)), "Maps", MINE).text
    app = open_page("tell_time", clock_tab="Train your own")
    app.selectbox(key="clock_net").set_value(saved).run()
    assert "ends in feature maps" in errors(app)


# --- speed --------------------------------------------------------------------------------


def test_an_edit_draws_the_set_up_again_well_within_the_eye_s_patience(open_page, runner, monkeypatch):
    """200 ms from the edit to the diagram: most of them are left for the network and the browser."""
    spent, draw = [], setup._setup

    def timed(folded):
        begun = time.thread_time()
        draw(folded)
        spent.append(time.thread_time() - begun)

    monkeypatch.setattr(setup, "_setup", timed)
    many = Stack((ConvSpec(8),) * 20 + (FlattenSpec(), *[DenseSpec(16)] * 19))
    app = open_page("train", net=network_text(many), data="digits")
    spent.clear()
    for _ in range(5):
        press(app, "add_dense")
        press(app, "undo_edit")
    assert statistics.median(spent) < 0.1 and own_preset(app.selectbox(key="net").value).family == "CNN"
