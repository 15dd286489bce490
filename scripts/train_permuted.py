"""Train MLP and light CNN on original and on permuted images, ship the weights of seed 0, keep all figures.

    python scripts/train_permuted.py
    python scripts/train_permuted.py --networks light_cnn_pool4 --data mnist --seeds 0 1

Resumable: an interrupted run goes on after its last whole epoch, a finished one is not trained again. Figures go to
checkpoints/measured/permuted.json, one row per run; weights and permutation to checkpoints/permuted/.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.folders import MEASURED  # noqa: E402
from lib.base.json_files import write_json  # noqa: E402
from lib.catalog.permuted import (  # noqa: E402
    CNN_PRESETS,
    EPOCHS,
    SHIPPED_DATA,
    SHIPPED_PERMUTATION,
    SHIPPED_PRESETS,
    Contestant,
    checkpoint_name,
    comparison_spec,
    examples_name,
)
from lib.models.checkpoints import as_shipped, manifest, run_entry, save_weights  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.permutations import make_permutation  # noqa: E402
from lib.spec.runs import EpochLog, RunControl, RunStarted  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec, to_dict  # noqa: E402

RESULTS = MEASURED / "permuted.json"
EXAMPLES_PER_CLASS = 4
_BATCH = 500


def accuracy(model: Any, images: np.ndarray, labels: np.ndarray) -> float:
    """The share of images (uint8) whose largest output is their label."""
    right = 0
    for start in range(0, len(images), _BATCH):
        outputs = model.predict_on_batch(images[start : start + _BATCH].astype(np.float32) / 255)
        right += int((outputs.argmax(axis=1) == labels[start : start + _BATCH]).sum())
    return right / len(images)


def accuracies(model: Any, dataset: datasets.Dataset) -> dict[str, float]:
    """Accuracy on every split, without dropout."""
    return {
        "train_accuracy": accuracy(model, dataset.x_train, dataset.y_train),
        "val_accuracy": accuracy(model, dataset.x_validation, dataset.y_validation),
        "test_accuracy": accuracy(model, dataset.x_test, dataset.y_test),
    }


def measure(network: str, spec: RunSpec) -> tuple[dict[str, Any], Any, datasets.Dataset]:
    """Train `spec` to its end: the row of its figures, the model, the data."""
    import keras

    dataset = datasets.load(spec.data)
    folder = run_home() / "permuted" / spec.digest
    folder.mkdir(parents=True, exist_ok=True)
    pixels = "permuted" if spec.data.permutation else "original"
    label = f"{network} {spec.data.dataset} {pixels} seed {spec.seed}"
    device: list[str] = []
    clock = time.monotonic()

    def on_event(event: object) -> None:
        if isinstance(event, EpochLog):
            value, rate = event.metrics["val_accuracy"], event.metrics["images_per_second"]
            print(f"{label} epoch {event.epoch + 1}: validation {value:.4f}, {rate:,.0f} images/s", flush=True)
        if isinstance(event, RunStarted):
            device.append(event.device)

    result = train(spec, dataset, on_event, RunControl(), folder)
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    row = {
        "network": network, "data": spec.data.dataset, "pixels": pixels, "seed": spec.seed, "digest": spec.digest,
        "permutation": to_dict(spec.data.permutation), "epochs": spec.train.epochs, "batch_size": spec.train.batch_size,
        "best_epoch": int(result.metrics["best_epoch"]), "train_images": len(dataset.x_train),
        "validation_images": len(dataset.x_validation), "test_images": len(dataset.x_test),
        "split_seed": spec.data.split_seed, "date": date.today().isoformat(),
        "device": f"{device[0]}, {platform.machine()}", "seconds": round(time.monotonic() - clock, 1),
        **accuracies(model, dataset),
    }
    print(label, {k: round(v, 4) for k, v in row.items() if k.endswith("_accuracy")}, flush=True)
    return row, model, dataset


def ship(contestant: Contestant, spec: RunSpec, row: dict[str, Any], model: Any, dataset: datasets.Dataset) -> None:
    """Write the checkpoint: weights in half precision, measured once more as such, and the permutation last."""
    weights = model.get_weights()
    model.set_weights(as_shipped(weights))
    height, width, _ = dataset.info.image_shape
    extra = [make_permutation(spec.data.permutation, height, width)] if spec.data.permutation else []
    save_weights(checkpoint_name(spec.data.dataset, contestant), [*weights, *extra], run_entry(
        spec, dataset, epochs=spec.train.epochs, date=row["date"], device=row["device"],
        metrics={name: round(value, 6) for name, value in accuracies(model, dataset).items()}))


def ship_examples(data: str) -> None:
    """Write a few test images of each class, so that the page has images before anything is downloaded."""
    if examples_name(data) in manifest():
        return
    dataset = datasets.load(DataSpec(data))
    by_class = [np.flatnonzero(dataset.y_test == label)[:EXAMPLES_PER_CLASS] for label in range(dataset.info.classes)]
    chosen = np.stack(by_class).T.ravel()  # one of each class, then the next of each
    save_weights(examples_name(data), [dataset.x_test[chosen], dataset.y_test[chosen]], {
        "task": "examples", "image_shape": list(dataset.info.image_shape), "data": {"set": data, "test": len(chosen)},
        "licence": dataset.info.licence, "source": dataset.info.source, "date": date.today().isoformat(), "metrics": {},
    })


def read_rows() -> list[dict[str, Any]]:
    """The rows measured so far."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else []


def write_row(row: dict[str, Any]) -> None:
    """Add a row, the file sorted."""
    rows = [other for other in read_rows() if other["digest"] != row["digest"]] + [row]
    rows.sort(key=lambda r: (r["data"], list(EPOCHS).index(r["network"]), r["pixels"], r["seed"]))
    write_json(RESULTS, rows)


def main() -> None:
    """Train what is not there yet: seed by seed, so that every network has a figure early."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=[n for n in (SHIPPED_PRESETS["mlp"], *CNN_PRESETS) if n in EPOCHS],
                        default=list(SHIPPED_PRESETS.values()))
    parser.add_argument("--data", nargs="+", default=list(SHIPPED_DATA))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--pixels", nargs="+", choices=["original", "permuted"], default=["original", "permuted"])
    args = parser.parse_args()
    roles = {preset: role for role, preset in SHIPPED_PRESETS.items()}
    for data in args.data:
        ship_examples(data)
    for seed in args.seeds:
        for data in args.data:
            for network in args.networks:
                for pixels in args.pixels:
                    permutation = SHIPPED_PERMUTATION if pixels == "permuted" else None
                    spec = comparison_spec(network, DataSpec(data), permutation, seed)
                    if any(row["digest"] == spec.digest for row in read_rows()):
                        continue
                    row, model, dataset = measure(network, spec)
                    if seed == 0 and network in roles:
                        ship(Contestant(roles[network], permutation is not None), spec, row, model, dataset)
                    write_row(row)


if __name__ == "__main__":
    main()
