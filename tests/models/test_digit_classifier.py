"""What the task "classify" can add to the training of digits: drawings, noise, the weights of an earlier training."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from lib import datasets
from lib.base.errors import SpecError
from lib.datasets.drawn import NO_DIGIT
from lib.measures.reliability import Detector
from lib.models.digit_bench import FeatureClassifier
from lib.models.tasks import classify
from lib.models.tasks.classify import Classifier
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec
from tests.tiny import tiny_dataset, tiny_spec

TINY = ArchitectureSpec((ConvSpec(2, strides=2), FlattenSpec(), DenseSpec(10, "softmax")), "tiny_digits")


def classifier(**settings):
    data = DataSpec("digits", 40)
    return Classifier(RunSpec(TINY, data, TrainSpec(batch_size=8, epochs=1), settings=tuple(settings.items())),
                      datasets.load(data))


def test_drawings_are_added_to_the_training_images_alone():
    task = classifier(drawn=20, others=10)
    images, labels = task.data
    assert images.shape == (70, 28, 28, 1) and images.dtype == np.uint8
    assert np.array_equal(np.bincount(labels[40:60]), [2] * 10) and (labels[60:] == NO_DIGIT).all()
    assert len(task.dataset.x_train) == 40


def test_of_what_is_no_digit_every_class_is_to_be_equally_likely():
    task = classifier(others=1)
    even = np.full((1, 10), 0.1, np.float32)
    sure = np.eye(10, dtype=np.float32)[:1] * 0.9 + 0.01
    loss = [float(task._cross_entropy(np.array([NO_DIGIT]), keras.ops.convert_to_tensor(p))[0]) for p in (even, sure)]
    assert loss[0] == pytest.approx(np.log(10), rel=1e-4) and loss[1] > loss[0] + 1
    known = float(task._cross_entropy(np.array([0]), keras.ops.convert_to_tensor(sure))[0])
    assert known == pytest.approx(-np.log(0.91), rel=1e-2)


def test_drawn_digits_cannot_be_added_to_other_images():
    with pytest.raises(SpecError, match="cannot be added"):
        Classifier(replace(tiny_spec(), settings=(("drawn", 10),)), tiny_dataset())


def test_noise_reaches_training_images_alone():
    task = classifier(noise="salt_pepper", level_high=0.9)
    clean = task.dataset.x_train[:4]
    assert not np.allclose(np.asarray(task._augmented(clean)), clean / 255.0)
    outputs = [task._evaluate(clean, task.dataset.y_train[:4], lambda: True)[0] for _ in range(2)]
    assert np.array_equal(*outputs)
    assert any(variable is task.changes[0].seeds.state for variable in task.state)


def test_a_share_of_the_first_weights_is_kept_once(monkeypatch):
    ones = [np.ones(tuple(weight.shape), np.float32) for weight in classifier().model.weights]
    monkeypatch.setattr(classify, "load_weights", lambda name, shapes: ones)
    task = classifier(start="digits/anything", keep=0.25)
    assert all((weight == 1).all() for weight in task.model.get_weights())
    task.model.set_weights([5 * weight for weight in ones])
    for _ in range(2):
        task.test(None, 60.0)
        assert all(np.allclose(weight, 4) for weight in task.model.get_weights())


def test_what_is_read_is_calibrated_and_may_be_refused():
    model = classifier().model
    plain = FeatureClassifier(model)
    images = datasets.load(DataSpec("digits", 40)).x_train[:6]
    probabilities, known = plain.read(images)
    assert known.all() and np.array_equal(plain.predict(images), probabilities)
    _, features, logits = plain.outputs(images)
    assert features.shape == (6, 2) and keras.ops.convert_to_numpy(keras.ops.softmax(logits)) == pytest.approx(
        probabilities, abs=1e-5)
    middle = float(np.median(logits.max(axis=1))) / 10
    weights = np.eye(12)[-1]  # of the largest output
    softer = FeatureClassifier(model, 3.0, Detector(weights, 0.0, middle))
    probabilities_3, known = softer.read(images)
    assert (probabilities_3.max(axis=1) < probabilities.max(axis=1)).all()
    assert known.sum() == 3
