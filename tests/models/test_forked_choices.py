"""A fork that chooses otherwise has, bit for bit, the curve and weights that its specification has in one go."""

from dataclasses import replace

import numpy as np
import pytest

from lib.models.epoch_states import copy_state, resume_choices
from lib.models.files import load_model
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl, StepLog
from lib.spec.specs import ArchitectureSpec, BatchNormSpec, DenseSpec, DropoutSpec, FlattenSpec
from lib.spec.steering import changed, chosen
from lib.spec.step_plan import StepPlan
from tests.tiny import tiny_dataset, tiny_spec

NETWORK = ArchitectureSpec(
    (FlattenSpec(), DenseSpec(8, "linear"), BatchNormSpec(), DropoutSpec(0.4), DenseSpec(3, "softmax")))
SPEC = tiny_spec(NETWORK, 3, epochs=5, patience=40, monitor="val_loss")
FORK = 2


def trained(spec, folder, control=None):
    """Figures of every step and epoch, and the network's weights."""
    events = []
    folder.mkdir(exist_ok=True)
    train(spec, tiny_dataset(), events.append, control or RunControl(keeps_epochs=True), folder)
    steps = [values for event in events if isinstance(event, StepLog) for values in event.metrics["loss"]]
    epochs = {event.epoch: {name: value for name, value in event.metrics.items() if name != "images_per_second"}
              for event in events if isinstance(event, EpochLog)}
    return steps, epochs, load_model(folder / "model.keras").get_weights()


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parent")
    return folder, trained(SPEC, folder)


CASES = {
    "another optimiser": {"optimizer": "sgd"},
    "dropout, L2, schedule": {"dropout": 0.1, "l2": 0.01, "decay": "cosine"},
    "noise and augmentation": {"noise": "salt_pepper", "level_high": 0.3, "augmentation": "pen"},
}


@pytest.mark.parametrize("choices", CASES.values(), ids=CASES)
def test_a_fork_trains_as_its_specification_does_from_the_start(choices, parent, tmp_path):
    folder, (steps, epochs, _) = parent
    images = len(tiny_dataset().x_train)
    first = StepPlan(SPEC, images).first_step(FORK)
    spec = chosen(changed(SPEC, images, FORK, first, learning_rate=0.005), images, FORK, choices)
    (tmp_path / "fork").mkdir()
    assert copy_state(folder, tmp_path / "fork", FORK, first) == FORK
    fork = trained(spec, tmp_path / "fork")
    whole = trained(spec, tmp_path / "whole")
    assert fork[0] == whole[0][first:] and whole[0][:first] == steps[:first] != fork[0]
    assert [fork[1][epoch] for epoch in range(FORK, 5)] == [whole[1][epoch] for epoch in range(FORK, 5)]
    assert all(whole[1][epoch] == epochs[epoch] for epoch in range(FORK)) and whole[1][4] != epochs[4]
    assert all(np.array_equal(a, b) for a, b in zip(fork[2], whole[2], strict=True))
    assert resume_choices(tmp_path / "fork").items() >= choices.items()


class StopsAt(RunControl):
    """Asks for a stop after so many chunks of steps."""

    def __init__(self, chunks):
        super().__init__(keeps_epochs=True)
        self.left = chunks

    def should_stop(self):
        self.left -= 1
        return self.left < 0


def test_a_run_with_choices_goes_on_where_it_was_stopped(parent, tmp_path):
    images = len(tiny_dataset().x_train)
    spec = chosen(SPEC, images, FORK, {"optimizer": "momentum", "dropout": 0.0})
    whole = trained(spec, tmp_path / "whole")
    folder = tmp_path / "stopped"
    for chunks in (9, 7, 11):  # in the midst of epochs before and after the choice
        try:
            trained(spec, folder, StopsAt(chunks))
        except Exception:  # stopped before there was a network to keep
            continue
    again = trained(spec, folder)
    assert all(np.array_equal(a, b) for a, b in zip(again[2], whole[2], strict=True))
    assert again[1].items() <= whole[1].items()


def test_a_fork_without_the_choice_is_the_parent(parent, tmp_path):
    folder, (_, epochs, weights) = parent
    copy_state(folder, tmp_path, FORK, StepPlan(SPEC, len(tiny_dataset().x_train)).first_step(FORK))
    again = trained(replace(SPEC), tmp_path)
    assert again[1] == {epoch: epochs[epoch] for epoch in range(FORK, 5)}
    assert all(np.array_equal(a, b) for a, b in zip(again[2], weights, strict=True))
