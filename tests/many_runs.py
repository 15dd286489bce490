"""A store full of runs that nobody trained: for lists, comparisons and charts of many runs."""

from __future__ import annotations

import math
from dataclasses import replace

from lib.runs import RunStore
from lib.spec.runs import EpochLog, RunRecord, RunState, StepLog
from lib.spec.specs import (
    ArchitectureSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    LayerSpec,
    PoolSpec,
    RunSpec,
    TrainSpec,
)

_RATES, _BATCHES, _DROPOUTS = (0.0001, 0.001, 0.01), (32, 128), (0.0, 0.5)
_OPTIMIZERS, _SETS = ("adam", "sgd"), ("mnist", "digits")


def made_spec(number: int) -> RunSpec:
    """The spec of run `number`: three seeds of each of 96 trainings, in turn."""
    choice, seed = divmod(number, 3)
    parts: list[int] = []
    for count in (len(_RATES), 2, len(_OPTIMIZERS), len(_DROPOUTS), len(_BATCHES), len(_SETS)):
        choice, part = divmod(choice, count)
        parts.append(part)
    rate, convolutional, optimizer, dropout, batch, data = parts
    first: tuple[LayerSpec, ...] = (ConvSpec(8), PoolSpec()) if convolutional else ()
    rest: tuple[LayerSpec, ...] = (DropoutSpec(_DROPOUTS[dropout]),) if _DROPOUTS[dropout] else ()
    layers = (*first, FlattenSpec(), DenseSpec(64), *rest, DenseSpec(10, "softmax"))
    train = TrainSpec(optimizer=_OPTIMIZERS[optimizer], learning_rate=_RATES[rate], batch_size=_BATCHES[batch], epochs=12)
    return RunSpec(ArchitectureSpec(layers, "made"), DataSpec(_SETS[data], train_size=2000), train, seed=seed)


def made_accuracy(number: int) -> float:
    """The test accuracy of run `number`: the rate matters most, then the network; seeds move it a little."""
    spec = made_spec(number)
    off = abs(math.log10(spec.train.learning_rate) + 3)
    network = 0.03 if spec.architecture.layers[0].kind == "conv" else 0.0
    return 0.93 - 0.08 * off + network + 0.004 * math.sin(7.0 * number)


def made_epochs(number: int) -> tuple[EpochLog, ...]:
    """Twelve epochs that lead to `made_accuracy`."""
    best, logs = made_accuracy(number), []
    for epoch in range(12):
        share = 1 - math.exp(-(epoch + 1) / 3)
        value = best * share + 0.006 * math.sin(3.0 * number + epoch)
        logs.append(EpochLog(epoch, 16 * (epoch + 1), 1.5 * (epoch + 1), {
            "loss": 2.3 * (1 - share) + 0.05, "accuracy": min(0.999, value + 0.02 * share),
            "val_loss": 2.3 * (1 - share) + 0.1, "val_accuracy": value}))
    return tuple(logs)


def fill(store: RunStore, count: int) -> list[str]:
    """Put `count` runs into the store, the first one oldest; their ids."""
    ids = []
    for number in range(count):
        spec, run_id, begun = made_spec(number), f"made{number:04d}", 1_760_000_000.0 + 600 * number
        kind = "CNN" if spec.architecture.layers[0].kind == "conv" else "MLP"
        train = f"{spec.train.optimizer}, rate {spec.train.learning_rate:g}"
        name = f"{kind} 64, {train} · {spec.data.dataset} · seed {spec.seed}"
        state = RunState.STOPPED if number % 17 == 16 else RunState.FINISHED
        metrics = {"test_accuracy": made_accuracy(number), "best_val_accuracy": made_accuracy(number) + 0.002,
                   "test_loss": 0.3, "test_images": 1000.0}
        record = RunRecord(run_id, name, spec, state, begun, begun + 1, begun + 20, "all epochs done", metrics, "cpu")
        store.create(record)
        store.append(run_id, *made_epochs(number), StepLog(0, 0, 1.0, {"loss": (2.0, 1.5)}))
        ids.append(run_id)
    return ids


def clock_record(number: int) -> RunRecord:
    """A network that tells the time, with figures of its own."""
    spec = replace(made_spec(number), task="clock", data=DataSpec("clocks"))
    begun = 1_770_000_000.0 + number
    return RunRecord(f"clock{number:03d}", f"clock network {number}", spec, RunState.FINISHED, begun, begun, begun + 20, "",
                     {"test_minutes": 5.0 + number, "test_loss": 0.5})
