"""The text of the script that a run is taken home as."""

from __future__ import annotations

from string import Template

#: The batch size of an epoch where it changes.
BATCH_NOW = "[size for first, size in BATCHES.items() if first <= epoch][-1]"
#: What sets the learning rate of every step, where it changes.
RATES = '''
#: From which step on, the learning rate, and from the beginning of which epoch to the end of which it falls from there.
RATES = {rates!r}


def rate_at(epoch, step, first, steps):
    """The learning rate of this step of an epoch that begins at step `first` and has so many steps."""
    _, rate, falls = [segment for segment in RATES if segment[0] <= step][-1]
    if falls is None:
        return rate
    whole = math.ceil(len(x_train) / min(BATCH, len(x_train)))
    done = (epoch - falls[0]) * whole + (step - first) * whole / steps
    share = min(done / (max(falls[1] - falls[0], 1) * whole), 1.0)
    return rate * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * share)))


class Rates(keras.callbacks.Callback):
    """Sets the learning rate of every step."""

    def on_train_batch_begin(self, number, logs=None):
        rate = rate_at(epoch, step + number, step, math.ceil(len(x_train) / batch))
        self.model.optimizer.learning_rate.assign(np.float32(rate))

'''

#: The whole script; $words are filled in.
SCRIPT = Template('''"""$name

The run $id of Neural Lab on $set, with keras and numpy alone: python $id.py [images.npz]

Same split, first weights, order of images, dropout and early stopping, so the curve is the run's but for rounding: the app
computes the same steps in another order of additions. history.json gets the curve, model.keras the network.
"""

$cell
from __future__ import annotations

import json
import math
import sys

import numpy as np

import keras
from keras import initializers, layers, ops

FILE = sys.argv[1] if len(sys.argv) > 1 else ""
KERAS_SET = $keras_set  # "" where the images come in a file
HEIGHT, WIDTH, CHANNELS = $shape
CLASSES, SEED, BATCH, EPOCHS = $classes, $seed, $batch, $epochs
PATIENCE, MONITOR, MIN_DELTA, RESTORE_BEST = $patience, $monitor, $min_delta, $restore


$cell
def _check_sizes(*_):
    """The app has checked them."""


def _places():
    return np.arange(HEIGHT * WIDTH, dtype=np.int32).reshape(HEIGHT, WIDTH)


$helpers

def load():
    """Six uint8 and int arrays: training, validation and test images with their labels."""
    if FILE:
        with np.load(FILE) as arrays:
            return [arrays[name] for name in ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")]
    if not KERAS_SET:
        raise SystemExit("Name the file of images that the app offers beside this script.")
    (x, labels), (x_test, y_test) = getattr(keras.datasets, KERAS_SET).load_data()
    labels, y_test = labels.ravel(), y_test.ravel()
    x, x_test = (images.reshape(-1, HEIGHT, WIDTH, CHANNELS) for images in (x, x_test))
    train, validation = $split, $sizes)
    order = $permutation
    if order is not None:
        x, x_test = (images.reshape(len(images), -1, CHANNELS)[:, order].reshape(images.shape) for images in (x, x_test))
    return x[train], labels[train], x[validation], labels[validation], x_test, y_test


x_train, y_train, x_validation, y_validation, x_test, y_test = load()
x_train, x_validation, x_test = (x.astype(np.float32) / np.float32(255) for x in (x_train, x_validation, x_test))
y_train, y_validation, y_test = (np.eye(CLASSES, dtype=np.float32)[y] for y in (y_train, y_validation, y_test))

$cell
model = keras.Sequential([
    keras.Input((HEIGHT, WIDTH, CHANNELS)),
$layers
])
model.summary()


def cross_entropy(labels, outputs):
    """Of outputs that are no probabilities they are clipped."""
    if $softmax:
        return keras.losses.categorical_crossentropy(labels, outputs)
    logs = ops.log(ops.clip(outputs, keras.config.epsilon(), 1.0 - keras.config.epsilon()))
    return keras.losses.categorical_crossentropy(labels, logs, from_logits=True)


model.compile(keras.optimizers.$optimizer, cross_entropy, metrics=["accuracy"], jit_compile=False)

$cell
NORMS = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
SEEDED = [layer for layer in model.layers if isinstance(layer, (layers.Dropout, layers.GaussianNoise))]


def renew_statistics():
    """Take the averages of batch normalisation from 16 training batches with the weights as they are."""
    if not NORMS:
        return
    probe = keras.Model(model.inputs, [layer.input for layer in NORMS])
    order = np.random.default_rng([SEED, 4]).permutation(len(x_train))
    batches = [order[start:start + BATCH] for start in range(0, min(len(order), 16 * BATCH), BATCH)]
    batches = [rows for rows in batches if len(rows) >= min(8, len(order))] or batches[:1]
    kept = [(v, np.array(v)) for layer in SEEDED for v in layer.non_trainable_variables]
    found = []
    for rows in batches:
        inputs = probe(x_train[rows], training=True)
        inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        found.append([[np.array(m) for m in ops.moments(x, axes=list(range(len(x.shape) - 1)))] for x in inputs])
    for variable, value in kept:
        variable.assign(value)
    for place, layer in enumerate(NORMS):
        layer.moving_mean.assign(np.mean([batch[place][0] for batch in found], axis=0))
        layer.moving_variance.assign(np.mean([batch[place][1] for batch in found], axis=0))


def judged(x, y, name):
    values = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)
    return {f"{name}_{key}": float(value) for key, value in values.items()}


$cell
$batches$rates
history, best, best_weights, waited, step = [], None, None, 0, 0
for epoch in range(EPOCHS):
    batch = $batch_now
    order = np.random.default_rng([SEED, 2, epoch]).permutation(len(x_train))
    fitted = model.fit(x_train[order], y_train[order], batch_size=batch, $callbacks
                       shuffle=False, verbose=0).history
$count    row = {name: float(values[0]) for name, values in fitted.items()}
    renew_statistics()
    row |= judged(x_validation, y_validation, "val") if len(x_validation) else {}
    history.append(row)
    print(f"epoch {epoch + 1}:", ", ".join(f"{name} {value:.4f}" for name, value in row.items()), flush=True)
    if MONITOR in row:
        value = -row[MONITOR] if "loss" in MONITOR else row[MONITOR]
        if best is None or value - best > MIN_DELTA:
            best, waited = value, 0
            best_weights = [np.array(v) for v in model.variables]
        else:
            waited += 1
    if PATIENCE is not None and waited >= PATIENCE:
        break
if PATIENCE is not None and RESTORE_BEST and best_weights is not None:
    for variable, value in zip(model.variables, best_weights):
        variable.assign(value)
renew_statistics()
test = judged(x_test, y_test, "test")
print(test)
with open("history.json", "w") as file:
    json.dump({"epochs": history, **test}, file, indent=1)
model.save("model.keras")
''')
