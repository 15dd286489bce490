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
from typing import Any

from lib.base.markdown import as_text
from lib.catalog.tasks import TASKS, task_of
from lib.datasets import splits
from lib.datasets.dataset import DatasetInfo
from lib.models.build import INITIALIZER_CLASSES, layer_seeds
from lib.runs.take_home.template import BATCH_NOW, RATES, SCRIPT
from lib.spec import permutations
from lib.spec.runs import EpochLog, RunRecord
from lib.spec.specs import LayerSpec, RunSpec
from lib.spec.step_plan import DECAY_EPOCHS, StepPlan
from lib.spec.variations import with_classes

#: Sets that Keras itself downloads, in the order and the split of the app.
KERAS_SETS = ("mnist", "fashion_mnist", "cifar10")
CELL = "# %%"
#: Settings of the schedule, which the script knows.
_SCHEDULE = ("decay", DECAY_EPOCHS)
_OPTIMIZERS = {
    "sgd": "SGD({rate!r})", "momentum": "SGD({rate!r}, momentum=0.9)", "adam": "Adam({rate!r})",
    "adagrad": "Adagrad({rate!r})", "adadelta": "Adadelta({rate!r})", "rmsprop": "RMSprop({rate!r})",
}


def why_not(record: RunRecord, epochs: Sequence[EpochLog], images: int) -> str:
    """Why no script gives the curve of this run on so many training images, as a sentence; "" where one does."""
    spec = record.spec
    if not task_of(spec).has_script:
        can = " and ".join(task.title for task in TASKS.values() if task.has_script)
        return f"Only a run of a {can} becomes a script."
    own = [name for name, _ in spec.settings if name not in _SCHEDULE]
    if own or spec.train.precision != "float32":
        return f"This run has settings that only the app knows: {', '.join(own) or 'half precision'}."
    chosen = sorted({name for change in spec.changes for name, _ in change.choices if name not in _SCHEDULE})
    if chosen:
        return f"This run was forked with other choices, which only the app can make while it trains: {', '.join(chosen)}."
    plan = StepPlan(spec, images)
    for log in epochs:
        rate = plan.rate(log.epoch, log.step - 1)
        if log.step != plan.first_step(log.epoch + 1) or not math.isclose(
                log.metrics.get("learning_rate", rate), rate, rel_tol=1e-5):
            return "This run took other steps than its specification says: an older version of the app trained it."
    return ""


def stand_alone_script(record: RunRecord, info: DatasetInfo, images: int) -> str:
    """The script of a run on so many training images, whose data set is `info`.

    Where Keras does not have it, or splits overlap, the script asks for the file of images.
    """
    return SCRIPT.substitute(_parts(record, info, images))


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


def _parts(record: RunRecord, info: DatasetInfo, images: int) -> dict[str, str]:
    spec = record.spec
    plan = StepPlan(spec, images)
    rates, batches = plan.rate_segments(), plan.batches()
    steered = len(rates) > 1 or rates[0][2] is not None
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
        "keras_set": repr(data.dataset if loads_itself(spec) else ""),
        "split": "leading_split(len(labels)" if data.validation_from == "start" else "split_indices(labels",
        "sizes": f"train_size={data.train_size!r}, validation_size={data.validation_size!r}, seed={data.split_seed!r}",
        "permutation": _permutation_code(spec), "helpers": _helpers(spec),
        "rates": RATES.format(rates=rates) if steered else "", "callbacks": "callbacks=[Rates()], " if steered else "",
        "batches": f"BATCHES = {batches!r}  # from these epochs on\n" if len(batches) > 1 else "",
        "batch_now": BATCH_NOW if len(batches) > 1 else "BATCH",
        "count": "    step += math.ceil(len(order) / batch)\n" if steered else "",
    }


def _quoted(text: str) -> str:
    """What somebody wrote, such that it stays within the string that it stands in."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def loads_itself(spec: RunSpec) -> bool:
    """Whether the script gets the run's images through Keras, in the run's split."""
    return spec.data.dataset in KERAS_SETS and not spec.data.overlap


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
            "blocks": f"shuffled_blocks(_places(), {p.amount}, {p.seed}).ravel()",
            "share": f"shuffled_share(_places().ravel(), {p.amount}, {p.seed})"}
    return call[p.kind]


def _helpers(spec: RunSpec) -> str:
    """The app's own functions that decide which images train, validate, and in which order their pixels stand."""
    found: list[Any] = []
    if loads_itself(spec):
        chosen = splits.leading_split if spec.data.validation_from == "start" else splits.split_indices
        found += [splits.default_validation_size, splits.stratified_counts, chosen]
        if spec.data.permutation is not None:
            found += [permutations.random_order, permutations.shuffled_blocks, permutations.shuffled_share]
    return "\n\n".join(inspect.getsource(function).rstrip() + "\n" for function in found)
