"""Train the cat page's networks on the cat faces, and ship weights, images of every epoch and measured figures.

    python scripts/train_cats.py features --epochs 8
    python scripts/train_cats.py perception               # a classifier of CIFAR-10, for the better VAE's loss
    python scripts/train_cats.py gan_better --epochs 40 --minutes 40
    python scripts/train_cats.py curve                    # short trainings of the better VAE over the KL weight
    python scripts/train_cats.py vae_better               # seed 0 is shipped
    python scripts/train_cats.py vae_better --seed 1      # another seed is measured only
    python scripts/train_cats.py measure

Processor time of one core, with what is measured after the training: perception 3 minutes, each of the curve's short
trainings 2, the better VAE 10 for each seed; all of its part is below an hour on two cores. The GAN takes 40 minutes.

Resumable: an interrupted network goes on after its last whole epoch. `--minutes` ends a training after that much time
with what it has learned; run it again without a limit to go on. Weights go to checkpoints/cats/. `--threads` limits the
cores that a training takes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.catalog.generative import (  # noqa: E402
    GENERATIVE_PRESETS,
    KL_WEIGHTS,
    curve_runs,
    generative_run,
    perception_run,
    simclr_run,
)
from lib.models.training import train  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.runs import EpochLog, RunControl  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402


def main() -> None:
    """Train one network, or measure all that are shipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["features", "perception", "curve", "measure", *GENERATIVE_PRESETS])
    parser.add_argument("--data", default="cats")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--kl-weights", type=float, nargs="*", default=KL_WEIGHTS, help="of the curve; all by default")
    args = parser.parse_args()
    if args.threads:
        limit_threads(args.threads)
    data, changes = DataSpec(args.data), {"epochs": args.epochs} if args.epochs else {}
    from lib.models import cats

    if args.network == "measure":
        cats.measure_shipped(datasets.load(data))
    elif args.network == "curve":
        for spec in curve_runs(data, args.seed, args.kl_weights, **changes):
            if trained("curve", spec, args.minutes):
                cats.measure_curve(spec, datasets.load(data), folder_of("curve", spec))
    else:
        spec = run_of(args.network, data, args.seed, changes)
        trained(args.network, spec, args.minutes)
        dataset, folder = datasets.load(spec.data), folder_of(args.network, spec)
        if spec.seed == 0:
            cats.ship_run(args.network, spec, dataset, folder)
        if args.network in GENERATIVE_PRESETS:
            cats.measure_training(args.network, spec, dataset, folder)


def run_of(network: str, data: DataSpec, seed: int, changes: dict[str, int]) -> RunSpec:
    """The run of a network by its name."""
    if network == "features":
        return simclr_run(data, seed=seed, **changes)
    if network == "perception":
        return perception_run(seed=seed, **changes)
    return generative_run(network, data, seed, **changes)


def limit_threads(count: int) -> None:
    """Leave the other cores alone; before anything else of TensorFlow."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def folder_of(name: str, spec: RunSpec) -> Path:
    """Where a training keeps its states."""
    return run_home() / "checkpoints" / f"{name}-{spec.digest}"


def trained(name: str, spec: RunSpec, minutes: float) -> bool:
    """Train `spec` to its end, or for so many minutes; whether it came to its end."""
    folder = folder_of(name, spec)
    folder.mkdir(parents=True, exist_ok=True)
    control, deadline = RunControl(), time.monotonic() + 60 * minutes

    def on_event(event: object) -> None:
        if time.monotonic() > deadline:
            control.request_stop()
        if isinstance(event, EpochLog):
            with open(folder / "epochs.jsonl", "a") as file:
                file.write(json.dumps({"epoch": event.epoch, "step": event.step, "seconds": event.seconds,
                                       **event.metrics}) + "\n")
            words = ", ".join(f"{key} {value:.4g}" for key, value in event.metrics.items())
            print(f"{name} epoch {event.epoch + 1} ({event.seconds:.0f} s): {words}", flush=True)

    result = train(spec, datasets.load(spec.data), on_event, control, folder)
    print(name, result.message, result.metrics, flush=True)
    return result.state == "finished"


if __name__ == "__main__":
    main()
