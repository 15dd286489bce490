"""What a fork chooses otherwise: checked, in words, and the learning rate that follows."""

from dataclasses import replace

import pytest

from lib.base.errors import SpecError
from lib.spec.changes import Change
from lib.spec.choices import choice_words, choices_at, choices_of, differing, with_choices
from lib.spec.settings import ClassifySettings, DenoiseSettings
from lib.spec.specs import (
    ArchitectureSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    RunSpec,
    TrainSpec,
    run_from_dict,
    to_dict,
)
from lib.spec.steering import change_texts, chosen, extended, has_schedule, steady_rate, up_to
from lib.spec.step_plan import StepPlan, cosine_decay
from lib.spec.words import spec_facts

MLP = ArchitectureSpec((FlattenSpec(), DenseSpec(8), DropoutSpec(0.5), DenseSpec(3, "softmax")))
RUN = RunSpec(MLP, train=TrainSpec("adam", 0.01, 10, 8))
IMAGES = 40


def test_choices_are_made_from_their_epoch_on_and_later_ones_add_to_them():
    first = chosen(RUN, IMAGES, 2, {"optimizer": "sgd", "dropout": 0.2})
    second = chosen(first, IMAGES, 5, {"l2": 0.001, "optimizer": "sgd"})
    assert second.changes == (Change(2, 8, choices=(("dropout", 0.2), ("optimizer", "sgd"))),
                              Change(5, 20, choices=(("l2", 0.001),)))
    assert [choices_at(second, epoch) for epoch in (1, 2, 5)] == [
        {}, {"dropout": 0.2, "optimizer": "sgd"}, {"dropout": 0.2, "optimizer": "sgd", "l2": 0.001}]
    trained = with_choices(second, choices_at(second, 7))
    assert trained.train.optimizer == "sgd" and trained.architecture.layers[2] == DropoutSpec(0.2)
    assert [layer.l2 for layer in trained.architecture.layers if isinstance(layer, DenseSpec)] == [0.001, 0.0]
    assert up_to(second, IMAGES, 5) == first and second.digest != first.digest != RUN.digest


def test_what_is_so_already_is_no_change():
    assert chosen(RUN, IMAGES, 2, {"optimizer": "adam", "dropout": 0.5, "augmentation": ""}) == RUN
    assert differing(RUN, {"optimizer": "sgd", "dropout": 0.5}) == (("optimizer", "sgd"),)


@pytest.mark.parametrize(("choices", "words"), [
    ({"optimizer": "adamw"}, "Unknown optimiser"), ({"dropout": 1.5}, "Dropout rate"), ({"dropout": "much"}, "a number"),
    ({"l2": -1.0}, "l2"), ({"l2": 10**400}, "a number"), ({"augmentation": "paint"}, "augment"),
    ({"start": "digits/reader"}, "cannot choose"),
    ({"level_high": 2.0}, "level_high"), ({"units": 3.0}, "cannot choose"), ({"decay": 1.0}, "decay")])
def test_what_cannot_be_chosen_is_a_sentence(choices, words):
    with pytest.raises(SpecError, match=words):
        chosen(RUN, IMAGES, 2, choices)


def test_dropout_needs_its_layers():
    bare = replace(RUN, architecture=ArchitectureSpec((FlattenSpec(), DenseSpec(3, "softmax"))))
    assert "dropout" not in [choice.name for choice in choices_of(bare)]
    with pytest.raises(SpecError, match="no dropout layer"):
        chosen(bare, IMAGES, 1, {"dropout": 0.3})


def test_each_task_offers_what_it_heeds():
    noisy = RunSpec(MLP, task="denoise", settings=DenoiseSettings.given())
    runs = {task: replace(RUN, task=task, settings=()) for task in ("classify", "gan")}
    names = {task: [choice.name for choice in choices_of(run)] for task, run in runs.items()}
    assert names["classify"] == list(ClassifySettings.choosable) and names["gan"] == ["optimizer", "decay"]
    assert {"noise", "level_low", "level_high"} <= {choice.name for choice in choices_of(noisy)}
    assert with_choices(noisy, {"noise": "gaussian"}).options(DenoiseSettings).noise == "gaussian"
    unknown = replace(RUN, task="of another version", settings=())
    assert choices_of(unknown) == []


def test_choices_are_stored_and_read_again_and_leave_older_runs_as_they_were():
    spec = chosen(RUN, IMAGES, 2, {"optimizer": "momentum", "decay": "cosine"})
    assert run_from_dict(to_dict(spec)) == spec
    older = replace(RUN, changes=(Change(1, 4, learning_rate=0.1),))
    assert "choices" not in to_dict(older)["changes"][0]
    for bad in ({"epoch": 1, "step": 4, "choices": "sgd"}, {"epoch": 1, "step": 4, "choices": [["optimizer"]]},
                {"epoch": 1, "step": 4, "choices": [["optimizer", None]]}, {"epoch": 1, "step": 4},
                {"epoch": 1, "step": 4, "choices": [["optimizer", "sgd"]], "epochs": 3}):
        with pytest.raises(SpecError):
            run_from_dict(to_dict(RUN) | {"changes": [bad]})


def test_choices_in_words():
    spec = chosen(RUN, IMAGES, 2, {"optimizer": "momentum", "dropout": 0.2, "decay": "cosine", "augmentation": "pen"})
    ((_, words),) = change_texts(spec, IMAGES)
    assert words == "augmentation none → pen, schedule none → cosine, dropout 0.5 → 0.2, optimiser Adam → SGD with momentum"
    assert "optimizer momentum" in spec_facts(spec)["changed"] and "epoch 3, step 9" in spec_facts(spec)["changed"]
    assert choice_words(RUN, {"noise": "salt_pepper"}) == "noise none → salt pepper"


def rates(spec):
    plan = StepPlan(spec, IMAGES)
    return [plan.rate(step // 4, step) for step in range(4 * spec.train.epochs)]


def test_a_chosen_schedule_falls_from_the_rate_that_was_to_the_runs_end():
    spec = chosen(RUN, IMAGES, 4, {"decay": "cosine"})
    assert has_schedule(spec) and not has_schedule(RUN)
    found = rates(spec)
    assert found[:16] == [0.01] * 16 and found[16:] == [cosine_decay(0.01, step / 16) for step in range(16)]
    assert steady_rate(spec, IMAGES, 15) == 0.01 and steady_rate(spec, IMAGES, 16) is None
    longer = extended(spec, IMAGES, 8, 12)
    assert rates(longer)[:32] == found and rates(longer)[32:] == [0.0001] * 16


def test_a_rate_and_a_schedule_chosen_together_begin_with_that_rate():
    spec = replace(RUN, changes=(Change(4, 16, learning_rate=0.1),))
    found = rates(chosen(spec, IMAGES, 4, {"decay": "cosine"}))
    assert found[15] == 0.01 and found[16] == 0.1 and found[20] == cosine_decay(0.1, 4 / 16)


def test_a_schedule_that_is_taken_away_leaves_the_rate_where_it_was():
    falling = replace(RUN, settings=(("decay", "cosine"),))
    spec = chosen(falling, IMAGES, 4, {"decay": ""})
    assert rates(spec)[:16] == rates(falling)[:16] and set(rates(spec)[16:]) == {cosine_decay(0.01, 0.5)}
    assert steady_rate(spec, IMAGES, 20) == cosine_decay(0.01, 0.5)
