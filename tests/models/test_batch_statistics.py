"""Short runs of networks with batch normalisation are judged with statistics of their present weights."""

import numpy as np
import pytest

from lib import datasets
from lib.catalog.presets import PRESETS
from lib.models.batch_statistics import BatchStatistics
from lib.models.build import build_model
from lib.models.program import StepProgram
from lib.models.tasks.classify import Classifier, to_unit_range
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl
from lib.spec.specs import ArchitectureSpec, BatchNormSpec, ConvSpec, DataSpec, DenseSpec, DropoutSpec, FlattenSpec, RunSpec
from lib.spec.specs import TrainSpec as Train
from tests.tiny import tiny_dataset, tiny_spec

NORMALISED = ArchitectureSpec((ConvSpec(8), BatchNormSpec(), FlattenSpec(), DenseSpec(16), BatchNormSpec(), DropoutSpec(0.3),
                               DenseSpec(3, "softmax")))


def test_averages_become_those_of_the_present_weights():
    data = tiny_dataset(train=64)
    model = build_model(NORMALISED, (8, 8, 1), 0)
    layers = [layer for layer in model.layers if "batch_norm" in layer.name]
    BatchStatistics(model, data.x_train, 64, 0, to_unit_range).update()
    first = np.asarray(model.layers[1](data.x_train.astype(np.float32) / 255.0))
    np.testing.assert_allclose(np.asarray(layers[0].moving_mean), first.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(np.asarray(layers[0].moving_variance), first.var(axis=(0, 1, 2)), rtol=1e-3, atol=1e-5)


def test_training_goes_on_as_if_nobody_had_looked():
    """Validating between epochs changes no weight and no dropout of what follows."""
    def weights_after(looking):
        task = Classifier(tiny_spec(NORMALISED), tiny_dataset())
        program = StepProgram(task.updates, task.data, task.state)
        for _ in range(3):
            program.run(np.arange(40).reshape(4, 10))
            if looking:
                task.validate(lambda: True)
        return [np.array(v) for v in task.model.trainable_variables]

    for plain, looked in zip(weights_after(False), weights_after(True), strict=True):
        assert np.array_equal(plain, looked)


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_short_run_reads_as_well_with_averages_as_with_its_batches(epochs):
    """Within two points, on 500 images or more: with moving averages this network read 15 % of the digits."""
    preset = PRESETS["light_cnn"]
    spec = RunSpec(preset.architecture, DataSpec("digits"), Train("adam", 0.001, 64, epochs))
    data = datasets.load(spec.data)
    task = Classifier(spec, data)
    program = StepProgram(task.updates, task.data, task.state)
    order = np.random.default_rng(0)
    for _ in range(epochs):
        program.run(order.permutation(len(data.x_train))[: 21 * 64].reshape(21, 64))
    task.validate(lambda: True)
    images = data.x_test.astype(np.float32) / 255.0

    def accuracy(training):
        outputs = np.concatenate([np.asarray(task.model(images[i : i + 99], training=training)) for i in (0, 99, 198)])
        return (outputs.argmax(axis=1) == data.y_test).mean()

    averages = accuracy(False)
    for layer in task.model.layers:
        if "dropout" in layer.name:
            layer.rate = 0.0
    assert averages >= accuracy(True) - 0.02


def test_the_light_cnn_learns_the_small_digits(tmp_path):
    events = []
    spec = RunSpec(PRESETS["light_cnn"].architecture, DataSpec("digits"), Train("adam", 0.001, 64, 4))
    result = train(spec, datasets.load(spec.data), events.append, RunControl(), tmp_path)
    history = [event.metrics["val_accuracy"] for event in events if isinstance(event, EpochLog)]
    assert result.metrics["test_accuracy"] > 0.8 and history[0] > 0.3, "live validation included"
