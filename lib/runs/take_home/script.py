"""A run as a script of keras and numpy alone, and as a notebook of the same cells.

What decides the curve is written out or copied from the app's own sources: the split, the order of the images in every
epoch, the seed of every layer. Rounding differs: the app takes many steps in one compiled loop and applies Adam in one
kernel, `keras.Model.fit` does neither.
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Sequence
from string import Template
from typing import Any

from lib.base.markdown import as_text
from lib.catalog.tasks import TASKS, task_of
from lib.datasets import splits
from lib.datasets.dataset import DatasetInfo
from lib.models.build import INITIALIZER_CLASSES, layer_seeds
from lib.spec import permutations
from lib.spec.runs import EpochLog, RunRecord
from lib.spec.specs import LayerSpec, RunSpec, with_classes

#: Sets that Keras itself downloads, in the order and the split of the app.
KERAS_SETS = ("mnist", "fashion_mnist", "cifar10")
CELL = "# %%"
_OPTIMIZERS = {
    "sgd": "SGD({rate!r})", "momentum": "SGD({rate!r}, momentum=0.9)", "adam": "Adam({rate!r})",
    "adagrad": "Adagrad({rate!r})", "adadelta": "Adadelta({rate!r})", "rmsprop": "RMSprop({rate!r})",
}


def why_not(record: RunRecord, epochs: Sequence[EpochLog]) -> str:
    """Why no script gives the curve of this run, as a sentence; "" where one does."""
    spec = record.spec
    if not task_of(spec).has_script:
        can = " and ".join(task.title for task in TASKS.values() if task.has_script)
        return f"Only a run of a {can} becomes a script."
    if spec.settings or spec.data.overlap or spec.train.precision != "float32":
        return "This run has settings that only the app knows: " + (
            ", ".join(name for name, _ in spec.settings) or "overlapping splits or half precision") + "."
    rates = {log.metrics.get("learning_rate", spec.train.learning_rate) for log in epochs}
    steps = {log.step - before for log, before in zip(epochs, [0, *(log.step for log in epochs)], strict=False)}
    other_rate = any(not math.isclose(rate, spec.train.learning_rate, rel_tol=1e-5) for rate in rates)
    if any(change.trains_otherwise for change in spec.changes) or len(steps) > 1 or other_rate:
        return "This run was steered while it trained: its rate or batch size is not the same in every epoch."
    return ""


def stand_alone_script(record: RunRecord, info: DatasetInfo) -> str:
    """The script. `info` is the run's data set; where Keras does not have it, the script asks for its file."""
    return _SCRIPT.substitute(_parts(record, info))


def notebook(script: str, title: str) -> str:
    """The script as a Jupyter notebook (format 4), a cell for each of its parts."""
    intro, *cells = script.split(CELL + "\n")
    words = intro.strip().strip('"').strip()
    code = [cell.replace('sys.argv[1] if len(sys.argv) > 1 else ""', '""  # or the name of a file') for cell in cells]
    made = [_cell(0, "markdown", f"# {as_text(title)}\n\n{words}")]
    made += [_cell(number, "code", cell.strip("\n")) for number, cell in enumerate(code, start=1)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    lines = text.splitlines(keepends=True)
    extra: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": lines, **extra}


# --- the parts ----------------------------------------------------------------------------


def _parts(record: RunRecord, info: DatasetInfo) -> dict[str, str]:
    spec = record.spec
    layers = with_classes(spec.architecture, info.classes).layers
    seeds = layer_seeds(len(layers), spec.seed)
    data, train = spec.data, spec.train
    return {
        "cell": CELL, "name": _quoted(record.name), "set": _quoted(info.title), "id": record.id,
        "shape": repr(tuple(info.image_shape)), "classes": str(info.classes), "seed": str(spec.seed),
        "layers": "\n".join(f"    {_layer_code(layer, seed)}," for layer, seed in zip(layers, seeds, strict=True)),
        "optimizer": _OPTIMIZERS[train.optimizer].format(rate=train.learning_rate),
        "batch": str(train.batch_size), "epochs": str(train.epochs), "patience": repr(train.patience),
        "monitor": repr(train.monitor), "min_delta": repr(train.min_delta), "restore": repr(train.restore_best),
        "softmax": repr(getattr(layers[-1], "activation", "") == "softmax"),
        "keras_set": repr(data.dataset if _has_keras(spec) else ""),
        "split": "leading_split(len(labels)" if data.validation_from == "start" else "split_indices(labels",
        "sizes": f"train_size={data.train_size!r}, validation_size={data.validation_size!r}, seed={data.split_seed!r}",
        "permutation": _permutation_code(spec), "helpers": _helpers(spec),
    }


def _quoted(text: str) -> str:
    """What somebody wrote, such that it stays within the string that it stands in."""
    return json.dumps(text)[1:-1]


def _has_keras(spec: RunSpec) -> bool:
    return spec.data.dataset in KERAS_SETS


def _layer_code(layer: LayerSpec, seed: int) -> str:
    match layer.kind:
        case "dense":
            return f"layers.Dense({layer.units}, {_weighted(layer, seed)})"
        case "conv":
            place = f"{layer.filters}, {layer.kernel_size}, strides={layer.strides}, padding={layer.padding!r}"
            return f"layers.Conv2D({place}, {_weighted(layer, seed)})"
        case "pool":
            name = "MaxPooling2D" if layer.method == "max" else "AveragePooling2D"
            return f"layers.{name}({layer.size}, strides={layer.step}, padding={layer.padding!r})"
        case "global_pool":
            return f"layers.Global{'Max' if layer.method == 'max' else 'Average'}Pooling2D()"
        case "flatten":
            return "layers.Flatten()"
        case "dropout":
            return f"layers.Dropout({layer.rate!r}, seed={seed})"
        case "noise":
            return f"layers.GaussianNoise({layer.stddev!r}, seed={seed})"
        case "batch_norm":
            return "layers.BatchNormalization()"
    return _leaky(layer) if layer.activation == "leaky_relu" else f"layers.Activation({layer.activation!r})"


def _weighted(layer: Any, seed: int) -> str:
    activation = _leaky(layer) if layer.activation == "leaky_relu" else repr(layer.activation)
    parts = [f"activation={activation}",
             f"kernel_initializer=initializers.{INITIALIZER_CLASSES[layer.initializer]}(seed={seed})"]
    if layer.l1 or layer.l2:
        parts.append(f"kernel_regularizer=keras.regularizers.L1L2({layer.l1!r}, {layer.l2!r})")
    return ", ".join(parts)


def _leaky(layer: Any) -> str:
    return f"layers.LeakyReLU(negative_slope={layer.slope!r})"


def _permutation_code(spec: RunSpec) -> str:
    if spec.data.permutation is None:
        return "None"
    p = spec.data.permutation
    call = {"full": f"random_order(HEIGHT * WIDTH, {p.seed})",
            "rows": f"_places()[random_order(HEIGHT, {p.seed})].ravel()",
            "blocks": f"_shuffled_blocks(_places(), {p.amount}, {p.seed}).ravel()",
            "share": f"_shuffled_share(_places().ravel(), {p.amount}, {p.seed})"}
    return call[p.kind]


def _helpers(spec: RunSpec) -> str:
    """The app's own functions that decide which images train, validate, and in which order their pixels stand."""
    found: list[Any] = []
    if _has_keras(spec):
        chosen = splits.leading_split if spec.data.validation_from == "start" else splits.split_indices
        found += [splits.default_validation_size, splits.stratified_counts, chosen]
        if spec.data.permutation is not None:
            found += [permutations.random_order, permutations._shuffled_blocks, permutations._shuffled_share]
    return "\n\n".join(inspect.getsource(function).rstrip() + "\n" for function in found)


_SCRIPT = Template('''"""$name

The run $id of Neural Lab on $set, with keras and numpy alone: python run.py [images.npz]

Same split, first weights, order of images, dropout and early stopping, so the curve is the run's but for rounding: the app
computes the same steps in another order of additions. history.json gets the curve, model.keras the network.
"""

$cell
from __future__ import annotations

import json
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
history, best, best_weights, waited = [], None, None, 0
for epoch in range(EPOCHS):
    order = np.random.default_rng([SEED, 2, epoch]).permutation(len(x_train))
    fitted = model.fit(x_train[order], y_train[order], batch_size=BATCH, shuffle=False, verbose=0).history
    row = {name: float(values[0]) for name, values in fitted.items()}
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
