"""Every rule of the diagnosis on a real run made to show it, and none of them on a healthy one."""

import functools
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from lib.measures.diagnosis import RecordedEpoch, diagnose
from lib.models import recording
from lib.models.recording import epoch_recording, recorded_epochs
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl
from lib.spec.specs import ArchitectureSpec, DenseSpec, FlattenSpec
from lib.spec.summary import summarise
from tests.tiny import TINY_INFO, tiny_dataset, tiny_spec


def mlp(units, activation, initializer="glorot_uniform", l2=0.0):
    hidden = [DenseSpec(count, activation, initializer, l2=l2) for count in units]
    return ArchitectureSpec((FlattenSpec(), *hidden, DenseSpec(3, "softmax", l2=l2)), "tiny")


def learnable():
    return tiny_dataset(90, 60, 6)


def unlearnable():
    """The same images with labels drawn by lot."""
    data, rng = learnable(), np.random.default_rng(1)
    return replace(data, y_train=rng.permutation(data.y_train), y_validation=rng.permutation(data.y_validation))


def without_a_class():
    data = learnable()
    keep = data.y_train != 2
    return replace(data, x_train=data.x_train[keep], y_train=data.y_train[keep])


#: What is to be found -> a run that shows it: network, images, training.
ILL = {
    "dead units": (mlp((16,), "relu"), learnable, {"learning_rate": 0.3}),
    "vanishing gradients": (mlp((16,) * 6, "sigmoid"), learnable, {}),
    "exploding gradients": (mlp((32,) * 16, "linear", "he_normal"), unlearnable,
                            {"optimizer": "sgd", "learning_rate": 1e-6}),
    "over-fitting": (mlp((64,), "tanh"), unlearnable, {"epochs": 25}),
    "rate too high": (mlp((16,), "tanh"), unlearnable, {"learning_rate": 3.0}),
    "rate too low": (mlp((16,), "tanh"), learnable, {"learning_rate": 1e-6}),
    "plateau": (mlp((8,), "tanh", l2=1.0), learnable, {"epochs": 24}),
    "class never predicted": (mlp((16,), "tanh"), without_a_class, {}),
}
HEALTHY = (mlp((16,), "tanh"), learnable, {"epochs": 12, "learning_rate": 0.003})


@functools.cache
def found_in(kind):
    """{kind of finding: sentence} of the run that shows `kind`, or of the healthy one."""
    architecture, images, training = ILL.get(kind, HEALTHY)
    spec, events = tiny_spec(architecture, **{"epochs": 6, **training}), []
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "SHARE", 1e9)
        folder = Path(name)
        train(spec, images(), events.append, RunControl(), folder)
        last = recorded_epochs(folder)[-1]
        layers = [row.description for row in summarise(architecture, TINY_INFO.image_shape)]
        seen = RecordedEpoch(epoch_recording(folder, last), last + 1, layers, TINY_INFO.class_names)
        metrics = [event.metrics for event in events if type(event) is EpochLog]
        return {finding.kind: finding.text for finding in diagnose(spec, metrics, seen)}


@pytest.mark.parametrize("kind", ILL)
def test_what_is_the_matter_is_named_with_its_number(kind):
    found = found_in(kind)
    assert kind in found
    assert any(letter.isdigit() for letter in found[kind])


def test_a_healthy_run_has_no_diagnosis():
    assert found_in("healthy") == {}


@pytest.mark.parametrize(("kind", "words"), [
    ("dead units", ["layer 2 (Dense 16, relu)", "90 probe images", "after epoch 6"]),
    ("vanishing gradients", ["layer 2 (Dense 16, sigmoid)", "layer 8 (Dense 3, softmax)"]),
    ("exploding gradients", ["times as long as its weights"]),
    ("rate too high", ["learning rate 3 is too high for Adam"]),
    ("rate too low", ["learning rate 1e-06 is too low for Adam", "0.001"]),
    ("plateau", ["for 5 epochs"]),
    ("class never predicted", ["“bottom” is never the answer", "20 of 60 validation images"]),
])
def test_the_words_say_where_and_how_much(kind, words):
    assert all(word in found_in(kind)[kind] for word in words), found_in(kind)[kind]
