"""The weight-decay sweep of report 004 (A6): ours against a plain Keras script, side by side in one run.

The sweep is 15 networks of 784-500-300-10, 40 epochs, on MNIST. Both ways train one of its networks here for one epoch
and for a few, in turn, several times. The difference is what an epoch costs (validation included), the rest what a
network costs once (building, compiling, testing); the whole sweep is extrapolated from these two. Ours is what the app
does: its own training loop. Plain Keras is a script as the report's: `fit` with Keras' defaults, validation data,
evaluate. The preset's batch size is 128; `--batch 32` is Keras' own default.

    make bench
    python scripts/bench_sweep.py --epochs 5 --pairs 3
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib import datasets  # noqa: E402 - needs the path above
from lib.catalog.report_grids import EXPERIMENTS  # noqa: E402
from lib.spec.runs import RunControl  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402
from scripts.bench_store import keep  # noqa: E402

NAME = "a6_logarithmic"


def one_network(epochs: int, batch_size: int) -> RunSpec:
    """The sweep's network with its middle factor."""
    spec = EXPERIMENTS[NAME].trials()[2].spec
    return replace(spec, train=replace(spec.train, epochs=epochs, batch_size=batch_size))


def plain_keras(specs: Sequence[RunSpec], data: datasets.Dataset) -> float:
    """Seconds of a plain script: float images, `fit` with its defaults, one network after the other."""
    import keras

    splits = [(x.reshape(len(x), -1).astype("float32") / 255, keras.utils.to_categorical(y, 10)) for x, y in (
        (data.x_train, data.y_train), (data.x_validation, data.y_validation), (data.x_test, data.y_test))]
    clock = time.monotonic()
    for spec in specs:
        factor = keras.regularizers.l2(spec.architecture.layers[1].l2)
        model = keras.Sequential([
            keras.Input((784,)), keras.layers.Dense(500, "relu", kernel_regularizer=factor),
            keras.layers.Dense(300, "relu", kernel_regularizer=factor), keras.layers.Dense(10, "softmax")])
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        model.fit(*splits[0], batch_size=spec.train.batch_size, epochs=spec.train.epochs, validation_data=splits[1],
                  verbose=0)
        model.evaluate(*splits[2], verbose=0)
    return time.monotonic() - clock


def ours(specs: Sequence[RunSpec], data: datasets.Dataset) -> float:
    """Seconds of the app's own loop for the same runs."""
    from lib.models.training import train

    clock = time.monotonic()
    for spec in specs:
        train(spec, data, lambda _event: None, RunControl())
    return time.monotonic() - clock


def cost(train: Callable[..., float], specs: Sequence[RunSpec], data: datasets.Dataset) -> tuple[float, float]:
    """Seconds of an epoch and seconds that a network costs once; `specs` differ in their epochs: 1, then more."""
    short, long = (train([spec], data) for spec in specs)
    epoch = (long - short) / (specs[1].train.epochs - 1)
    return epoch, max(0.0, short - epoch)


def sweep_minutes(epoch: float, once: float) -> float:
    """The whole sweep: 15 networks of 40 epochs."""
    return 15 * (once + 40 * epoch) / 60


def main() -> int:
    """Measure in turn and print the ratio of the medians; 1 when ours needs more than a third."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=4, help="of the longer of the two trainings")
    parser.add_argument("--pairs", type=int, default=3, help="measurements of each, in turn")
    parser.add_argument("--batch", type=int, nargs="+", default=[128, 32], help="128 is the preset's, 32 Keras' default")
    args = parser.parse_args()
    if not datasets.available("mnist"):
        print("The benchmark needs MNIST: set NEURAL_LAB_DATA, or download it once on the Train page.")
        return 1
    data = datasets.load(DataSpec("mnist"))
    ours([one_network(1, 128)], data)  # imports and first traces are nobody's fault
    print(f"A6: 1 of 15 networks, 1 and {args.epochs} of 40 epochs, {len(data.x_train):,} images; sweeps are extrapolated")
    print("| batch | way | an epoch (s) | once (s) | whole sweep (min) |\n|---|---|---|---|---|")
    slow = []
    for batch in args.batch:
        specs = [one_network(epochs, batch) for epochs in (1, args.epochs)]
        pairs = [(cost(plain_keras, specs, data), cost(ours, specs, data)) for _ in range(args.pairs)]
        minutes = []
        for name, column in zip(("plain Keras fit", "this app"), zip(*pairs, strict=True), strict=True):
            epoch, once = (statistics.median(values) for values in zip(*column, strict=True))
            minutes.append(sweep_minutes(epoch, once))
            print(f"| {batch} | {name} | {epoch:.2f} | {once:.2f} | {minutes[-1]:.0f} |", flush=True)
        ratios = [sweep_minutes(*theirs) / sweep_minutes(*mine) for theirs, mine in pairs]
        print(f"Batch {batch}: {minutes[0] / minutes[1]:.2f}x; pair by pair {', '.join(f'{r:.2f}x' for r in ratios)}.")
        keep("sweep", {str(batch): {"ours_minutes": round(minutes[1], 1), "keras_minutes": round(minutes[0], 1),
                                    "ratio": round(minutes[0] / minutes[1], 2)}})
        slow += [batch] if minutes[0] / minutes[1] < 3 else []
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
