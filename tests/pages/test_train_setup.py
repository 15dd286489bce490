"""The Train page's set-up: a link to a run brings that run's controls; links, Back and Forward decide, edits stay."""

from dataclasses import replace

import pytest

from lib.catalog.preset_groups import group_of
from lib.catalog.presets import PRESETS
from lib.spec.runs import RunRecord, RunSnapshot, RunState
from lib.spec.specs import ConvSpec, DataSpec, PermutationSpec, RunSpec
from lib.spec.variations import with_classes, with_dropout, with_l2
from lib.ui.panels.progress import progress_text
from lib.ui.train.controls import rate_step
from lib.ui.train.editing import RUN_NETWORK
from tests.conftest import ROOT
from tests.fakes import StepwiseTrain, fake_train

TRAIN = str(ROOT / "pages" / "train.py")


def digits_spec(net, **train):
    preset = PRESETS[net]
    return RunSpec(with_classes(preset.architecture, 10), DataSpec("digits"), replace(preset.train, **train))


def trained(runner, spec):
    run_id = runner.submit(spec)
    runner.wait(run_id, timeout=60)
    return run_id


def newest(runner):
    return max(runner.store.records(), key=lambda record: record.created)


def with_stride(spec):
    layers = tuple(replace(layer, strides=2) if isinstance(layer, ConvSpec) else layer for layer in spec.architecture.layers)
    return replace(spec, architecture=replace(spec.architecture, layers=layers))


VARIANTS = {
    "a preset": digits_spec("b4_small_cnn"),
    "another training": digits_spec("a4_512_512", batch_size=7, learning_rate=0.5, epochs=3, patience=None,
                                    optimizer="adagrad"),
    "a seed": replace(digits_spec("a5_64_64"), seed=11),
    "few images": replace(digits_spec("a5_64_64"), data=DataSpec("digits", train_size=137)),
    "dropout": replace(digits_spec("a5_64_64"), architecture=with_dropout(digits_spec("a5_64_64").architecture, 0.25)),
    "more dropout than the slider has": replace(
        digits_spec("a5_64_64"), architecture=with_dropout(digits_spec("a5_64_64").architecture, 0.95)),
    "less dropout than the slider has": replace(
        digits_spec("a5_64_64"), architecture=with_dropout(digits_spec("a5_64_64").architecture, 0.02)),
    "weight decay": replace(digits_spec("a5_64_64"), architecture=with_l2(digits_spec("a5_64_64").architecture, 0.01)),
    "a network of nobody": with_stride(digits_spec("b4_small_cnn")),
    "what no control says": digits_spec("a5_64_64", monitor="val_loss", patience=4),
    "another split": replace(digits_spec("a5_64_64"), data=DataSpec("digits", validation_from="start")),
    "permuted pixels": replace(
        digits_spec("a5_64_64"), data=DataSpec("digits", permutation=PermutationSpec("full", seed=3))),
}


@pytest.mark.parametrize("spec", VARIANTS.values(), ids=VARIANTS)
def test_who_opens_a_run_and_presses_train_trains_that_run_again(spec, open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = trained(runner, spec)
    app = open_page("train", run=run_id)
    assert not app.exception and not app.error
    app.button(key="start").click().run()
    assert newest(runner).id != run_id
    assert newest(runner).spec.digest == spec.digest


def test_a_network_that_no_preset_is_gets_an_entry_of_its_own(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train", run=trained(runner, VARIANTS["a network of nobody"]))
    assert app.selectbox(key="net").value == RUN_NETWORK
    app.selectbox(key="family").set_value(group_of("a5_64_64")).run()
    assert app.selectbox(key="net").value in PRESETS
    assert not app.exception


def test_one_thing_is_changed_and_the_rest_is_the_run_s(open_page, use_runner):
    runner = use_runner(fake_train)
    spec = VARIANTS["another training"]
    app = open_page("train", run=trained(runner, spec))
    app.number_input(key="batch").set_value(9).run()
    app.button(key="start").click().run()
    assert newest(runner).spec == replace(spec, train=replace(spec.train, batch_size=9))


def test_a_link_that_names_a_network_too_is_taken_at_its_word(open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = trained(runner, VARIANTS["another training"])
    app = open_page("train", run=run_id, net="light_cnn", batch="21")
    assert app.selectbox(key="net").value == "light_cnn"
    assert app.number_input(key="batch").value == 21
    assert app.number_input(key="epochs").value == PRESETS["light_cnn"].train.epochs


def test_edits_stay_when_the_navigation_leads_away_and_back(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train")
    app.number_input(key="batch").set_value(9).run()
    app.switch_page(str(ROOT / "pages" / "home.py")).run()
    app.query_params.clear()
    app.switch_page(TRAIN).run()
    assert app.number_input(key="batch").value == 9


def test_a_second_link_replaces_what_the_first_one_set(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", batch="9", epochs="3")
    app.switch_page(str(ROOT / "pages" / "home.py")).run()
    app.query_params.clear()
    app.query_params["epochs"] = "4"
    app.switch_page(TRAIN).run()
    assert app.number_input(key="epochs").value == 4
    assert app.number_input(key="batch").value == PRESETS["a1_model3_relu"].train.batch_size


def test_a_clock_run_leaves_the_controls_alone(open_page, use_runner):
    runner = use_runner(fake_train)
    app = open_page("train", run=trained(runner, replace(digits_spec("a5_64_64"), task="clock")))
    assert not app.exception
    assert app.selectbox(key="net").value == "a1_model3_relu"


def test_regularisation_says_what_it_does_and_offers_nothing_empty(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", net="softmax_regression")
    assert list(app.selectbox(key="reg").options) == ["as the preset says"]
    app = open_page("train", net="b4_small_cnn")
    app.selectbox(key="reg").set_value("dropout").run()
    words = " ".join(caption.value for caption in app.caption)
    assert "after 1 hidden dense layer" in words or "after 2 hidden dense layers" in words


def test_every_page_says_what_is_training(open_page, use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    runner.submit(digits_spec("a5_64_64"))
    train.wait_for_starts(1)
    app = open_page("results")
    assert any("training:" in link.proto.label for link in app.sidebar.get("page_link"))
    train.release()


def test_a_paused_run_is_not_said_to_be_training(open_page, use_runner):
    train = StepwiseTrain()
    runner = use_runner(train)
    run_id = runner.submit(digits_spec("a5_64_64"))
    train.wait_for_starts(1)
    runner.pause(run_id)
    labels = [link.proto.label for link in open_page("results").sidebar.get("page_link")]
    assert any(label.startswith("paused:") for label in labels) and not any("training:" in label for label in labels)
    train.release()


def test_what_the_sidebar_says_of_a_run_is_short_enough_for_it():
    spec = replace(digits_spec("a5_64_64"), train=replace(digits_spec("a5_64_64").train, patience=5))
    snapshot = RunSnapshot(RunRecord("a", "a", spec, RunState.RUNNING, 0.0))
    assert progress_text(snapshot, short=True) == "epoch 1"
    assert progress_text(snapshot) == "epoch 1, ends when it stops improving"
    building = replace(snapshot, note="Building the network")
    assert (progress_text(building, short=True), progress_text(building)) == ("starting", "Building the network")


def test_a_link_turns_the_projector_on(open_page, use_runner):
    use_runner(fake_train)
    assert not open_page("train").toggle(key="projector").value
    assert open_page("train", projector="1").toggle(key="projector").value


@pytest.mark.parametrize(("rate", "step"), [
    (0.001, 0.0005), (0.0099, 0.0005), (0.01, 0.005), (0.1, 0.05), (1.0, 0.5), (1e-7, 5e-8)])
def test_plus_and_minus_change_a_rate_by_half_its_power_of_ten(rate, step):
    assert rate_step(rate) == step


def test_a_rate_can_be_lowered_and_raised_again(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", rate="0.001")
    field = next(field for field in app.number_input if field.label == "Learning rate")
    assert (field.value, field.step) == (0.001, 0.0005)
    field.decrement().run()
    field = next(field for field in app.number_input if field.label == "Learning rate")
    assert field.value == 0.0005 and field.step == 5e-05 and not app.exception
