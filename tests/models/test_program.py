"""The compiled loop and the fused optimiser against plain Keras."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from lib.models.build import build_model
from lib.models.optimizers import make_optimizer
from lib.models.program import StepProgram, Update
from lib.spec.specs import TrainSpec
from tests.conftest import ROOT
from tests.tiny import CNN, tiny_dataset

BATCHES = np.arange(40, dtype=np.int32).reshape(4, 10)


def cnn():
    """A network with weights that do not depend on the backend's random numbers."""
    model = build_model(CNN, (8, 8, 1), seed=0)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.1, weight.shape) for weight in model.get_weights()])
    return model


def our_weights(train):
    dataset, model = tiny_dataset(), cnn()

    def loss_fn(images, labels):
        outputs = model(keras.ops.cast(images, "float32") / 255.0, training=True)
        loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, outputs))
        return loss, {"loss": loss}

    update = Update(loss_fn, model.trainable_variables, make_optimizer(train))
    program = StepProgram([update], (dataset.x_train, dataset.y_train), model.variables)
    losses = program.run(BATCHES)["loss"]
    return losses, model.get_weights()


def keras_weights(optimizer):
    dataset, model = tiny_dataset(), cnn()
    model.compile(optimizer, "sparse_categorical_crossentropy")
    images = dataset.x_train.astype(np.float32) / 255.0
    losses = [float(model.train_on_batch(images[rows], dataset.y_train[rows])) for rows in BATCHES]
    return losses, model.get_weights()


@pytest.mark.parametrize(("name", "reference"), [
    ("adam", lambda: keras.optimizers.Adam(0.01)), ("sgd", lambda: keras.optimizers.SGD(0.01)),
    ("momentum", lambda: keras.optimizers.SGD(0.01, momentum=0.9)), ("rmsprop", lambda: keras.optimizers.RMSprop(0.01)),
    ("adagrad", lambda: keras.optimizers.Adagrad(0.01)), ("adadelta", lambda: keras.optimizers.Adadelta(0.01)),
])
def test_steps_are_those_of_keras_train_on_batch(name, reference):
    ours, our = our_weights(TrainSpec(name, 0.01))
    theirs, their = keras_weights(reference())
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    for mine, expected in zip(our, their, strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-3, atol=2e-5)


def test_jax_takes_the_same_steps():
    """The same specs train on JAX; in a process of its own, since the backend is chosen at import."""
    pytest.importorskip("jax", reason="JAX is not installed (optional)")
    code = (
        "from tests.models.test_program import our_weights; from lib.spec.specs import TrainSpec; import keras;"
        "assert keras.backend.backend() == 'jax'; print(*our_weights(TrainSpec('adam', 0.01))[0])"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    np.testing.assert_allclose(np.array(done.stdout.split(), float), our_weights(TrainSpec("adam", 0.01))[0], rtol=1e-3)
