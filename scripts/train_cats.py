"""Train the cat page's networks on the cat faces, and ship weights, images of every epoch and measured figures.

    python scripts/train_cats.py features --epochs 8
    python scripts/train_cats.py gan_better --epochs 40 --minutes 40
    python scripts/train_cats.py vae_better --epochs 25
    python scripts/train_cats.py measure

Resumable: an interrupted network goes on after its last whole epoch. `--minutes` ends a training after that much time
with what it has learned; run it again without a limit to go on. Weights go to checkpoints/cats/.
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
from lib.catalog.generative import GENERATIVE_PRESETS, generative_run, simclr_run  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.runs import EpochLog, RunControl  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402


def main() -> None:
    """Train one network, or measure all that are shipped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["features", "measure", *GENERATIVE_PRESETS])
    parser.add_argument("--data", default="cats")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    args = parser.parse_args()
    if args.network == "measure":
        from lib.models.cats import measure_shipped

        measure_shipped(datasets.load(DataSpec(args.data)))
        return
    changes = {"epochs": args.epochs} if args.epochs else {}
    data = DataSpec(args.data)
    spec = simclr_run(data, seed=args.seed, **changes) if args.network == "features" else generative_run(
        args.network, data, args.seed, **changes)
    ship(args.network, spec, args.minutes)


def ship(name: str, spec: RunSpec, minutes: float) -> None:
    """Train `spec` to its end, or for so many minutes, and write its checkpoint."""
    dataset = datasets.load(spec.data)
    folder = run_home() / "checkpoints" / f"{name}-{spec.digest}"
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

    result = train(spec, dataset, on_event, control, folder)
    print(name, result.message, flush=True)
    from lib.models.cats import ship_run

    ship_run(name, spec, dataset, folder)


if __name__ == "__main__":
    main()
