"""Speed of training a GAN and a VAE: ours against a plain TensorFlow loop of the same networks, interleaved in one run.

The plain loop is what one writes by hand: `tf.function` around one step, batches handed over from NumPy, Keras' own
Adam. Ours is the app's `StepProgram`, which takes several steps in one call and gathers batches itself. Both count
only whole steps after a warm-up. Prints the fastest of several rounds, since other work on the machine only ever adds
time, and this process's memory.

    make bench
    python scripts/bench_cats.py --networks f1_gan f2_vae --rounds 3
    python scripts/bench_cats.py --store      # also writes ms/step into checkpoints/measured/cats.json
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402

from lib.base.folders import MEASURED  # noqa: E402
from lib.base.json_files import write_json  # noqa: E402
from lib.catalog.generative import GENERATIVE_PRESETS, generative_run  # noqa: E402
from lib.datasets.cats import INFO  # noqa: E402
from lib.datasets.dataset import Dataset  # noqa: E402
from lib.spec.specs import DataSpec  # noqa: E402
from scripts.bench_store import keep  # noqa: E402

#: A round of one loop takes about this long; short ones are more often left alone by other work.
SECONDS = 1.5
IMAGES = 512
CAT_FIGURES = MEASURED / "cats.json"


def random_images() -> Dataset:
    """Speed does not depend on what the images show, so the bench needs no data."""
    x = np.random.default_rng(0).integers(0, 256, (IMAGES, 64, 64, 3)).astype(np.uint8)
    y = np.zeros(IMAGES, np.int32)
    return Dataset(INFO, x, y, x[:0], y[:0], x[:0], y[:0])


def ours(name: str, data: Dataset) -> Callable[[int], None]:
    """`run(steps)` of the app's loop."""
    from lib.models.program import StepProgram
    from lib.models.tasks.base import build_task

    spec = generative_run(name, DataSpec("cats"))
    task = build_task(spec, data)
    program, rng = StepProgram(task.updates, task.data, task.state), np.random.default_rng(0)
    return lambda steps: program.run(rng.integers(0, IMAGES, (steps, spec.train.batch_size)))


def plain(name: str, data: Dataset) -> Callable[[int], None]:
    """`run(steps)` of a hand-written loop over the same losses and networks."""
    import keras
    import tensorflow as tf

    from lib.models.tasks.base import build_task

    spec = generative_run(name, DataSpec("cats"))
    task = build_task(spec, data)
    optimizers = [keras.optimizers.Adam(float(np.asarray(update.optimizer.learning_rate)), beta_1=update.optimizer.beta_1)
                  for update in task.updates]
    for optimizer, update in zip(optimizers, task.updates, strict=True):
        optimizer.build(update.variables)

    @tf.function
    def step(images: Any) -> list[Any]:
        losses = []
        for optimizer, update in zip(optimizers, task.updates, strict=True):
            with tf.GradientTape() as tape:
                loss, _ = update.loss_fn(images)
            optimizer.apply(tape.gradient(loss, update.variables), update.variables)
            losses.append(loss)
        return losses

    rng = np.random.default_rng(0)

    def run(steps: int) -> None:
        for _ in range(steps):
            rows = rng.integers(0, IMAGES, spec.train.batch_size)
            for loss in step(data.x_train[rows]):
                float(loss)

    return run


def milliseconds(run: Callable[[int], None], steps: int) -> float:
    """Wall time of one step."""
    start = time.perf_counter()
    run(steps)
    return 1000 * (time.perf_counter() - start) / steps


def compare(name: str, data: Dataset, rounds: int) -> dict[str, float]:
    """Fastest ms/step of both, measured in turn."""
    runs = {"ours": ours(name, data), "plain": plain(name, data)}
    for run in runs.values():
        run(2)
    steps = int(np.clip(1000 * SECONDS / milliseconds(runs["plain"], 2), 2, 64))
    runs["ours"](steps)  # its loop is compiled for this many
    times: dict[str, list[float]] = {"ours": [], "plain": []}
    for turn in range(rounds):
        for kind in (("ours", "plain"), ("plain", "ours"))[turn % 2]:
            times[kind].append(milliseconds(runs[kind], steps))
    return {kind: min(values) for kind, values in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="*", choices=GENERATIVE_PRESETS, default=list(GENERATIVE_PRESETS))
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--store", action="store_true")
    args = parser.parse_args()
    from lib.models.runtime import prepare

    prepare()
    data = random_images()
    print(f"{'network':12} {'batch':>5} {'ours ms':>9} {'plain ms':>9} {'ratio':>6} {'ours img/s':>11} {'plain img/s':>12}")
    ratios = []
    for name in args.networks:
        batch = GENERATIVE_PRESETS[name].train.batch_size
        found = compare(name, data, args.rounds)
        ratio, rates = found["plain"] / found["ours"], [1000 * batch / found[kind] for kind in ("ours", "plain")]
        ratios.append(ratio)
        times = f"{found['ours']:9.1f} {found['plain']:9.1f} {ratio:6.2f}"
        print(f"{name:12} {batch:5} {times} {rates[0]:11.1f} {rates[1]:12.1f}", flush=True)
        if args.store:
            store(name, found["ours"], batch)
    if len(ratios) == len(GENERATIVE_PRESETS):
        keep("cats", {"lowest_ratio": round(min(ratios), 2), "highest_ratio": round(max(ratios), 2)})
    print(f"Peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def store(name: str, ms: float, batch: int) -> None:
    """Keep ms/step for the page; the report's own set has 15,746 images."""
    stored = json.loads(CAT_FIGURES.read_text()) if CAT_FIGURES.exists() else {}
    steps = -(-15746 // batch)
    row = {"ms": round(ms, 1), "steps_per_epoch": steps, "device": f"{os.cpu_count()} CPU cores"}
    stored.setdefault("speed", {})[name] = row
    write_json(CAT_FIGURES, stored, sort_keys=True)


if __name__ == "__main__":
    main()
