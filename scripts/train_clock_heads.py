"""Train the light network of every head family on the same clocks with the same budget, and ship the weights.

    python scripts/train_clock_heads.py --epochs 20
    python scripts/train_clock_heads.py --only sincos_time --epochs 20

Resumable: an interrupted network goes on after its last whole epoch, a finished one is not trained again.
Weights go to checkpoints/clocks/, their manifest entries hold the measured figures.
"""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.catalog.clock_presets import CLOCK_PRESETS, LIGHT_HEADS  # noqa: E402
from lib.models.checkpoints import manifest, save_weights  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.runs import EpochLog, RunControl, RunStarted  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec, run_from_dict, run_to_stored  # noqa: E402


def main() -> None:
    """Train what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="clocks_wall_75")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=LIGHT_HEADS, default=LIGHT_HEADS)
    args = parser.parse_args()
    data = DataSpec(args.data)
    dataset = datasets.load(data, on_progress=lambda text, part: None)
    for kind in args.only:
        preset = CLOCK_PRESETS[f"light_{kind}"]
        schedule = replace(preset.train, epochs=args.epochs)
        spec = RunSpec(preset.architecture, data, schedule, args.seed, "clock", preset.head)
        name = f"clocks/{kind}"
        stored = manifest().get(name, {}).get("spec")
        if stored is not None and run_from_dict(stored) == spec:
            continue
        ship(name, spec, dataset)


def ship(name: str, spec: RunSpec, dataset: datasets.Dataset) -> None:
    """Train `spec` to its end and write its checkpoint."""
    import keras

    folder = run_home() / "checkpoints" / spec.digest
    folder.mkdir(parents=True, exist_ok=True)
    epochs, device = [], []

    def on_event(event: object) -> None:
        if isinstance(event, EpochLog):
            epochs.append(event)
            minutes, rate = event.metrics["val_minutes"], event.metrics["images_per_second"]
            print(f"{name} epoch {event.epoch + 1}: val {minutes:.2f} min, {rate:,.0f} images/s", flush=True)
        if isinstance(event, RunStarted):
            device.append(event.device)

    result = train(spec, dataset, on_event, RunControl(), folder)
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    save_weights(name, model.get_weights(), {
        "task": spec.task, "spec": run_to_stored(spec), "image_shape": list(dataset.info.image_shape),
        "data": {"set": spec.data.dataset, "train": len(dataset.x_train), "validation": len(dataset.x_validation),
                 "test": len(dataset.x_test)},
        "seed": spec.seed, "epochs": epochs[-1].epoch + 1 if epochs else spec.train.epochs,
        "date": date.today().isoformat(), "device": f"{device[0]}, {platform.machine()}", "metrics": dict(result.metrics),
    })
    print(name, {key: round(value, 3) for key, value in result.metrics.items()}, flush=True)


if __name__ == "__main__":
    main()
