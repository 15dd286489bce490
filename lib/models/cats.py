"""Making what the cat page ships: weights, a sheet of images for every epoch, and measured figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lib.base.folders import CHECKPOINTS, MEASURED
from lib.base.json_files import write_json
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.datasets.dataset import Dataset
from lib.images.sheets import contact_sheet
from lib.measures.fidelity import latent_shape
from lib.models.cat_cards import Examiner, latent_mixture
from lib.models.checkpoints import manifest, run_entry, save_weights
from lib.models.files import load_model, read_npz
from lib.models.networks.generative import generative_settings
from lib.models.networks.generators import FeatureNetwork, open_run, open_shipped, shipped_mixture
from lib.models.runtime import device_names
from lib.spec.settings import VaeSettings
from lib.spec.specs import RunSpec

CAT_FIGURES = MEASURED / "cats.json"
_QUALITY = 88


def ship_run(name: str, spec: RunSpec, dataset: Dataset, folder: Path) -> None:
    """Write the trained network of `folder` to checkpoints/cats/`name`.npz with its manifest entry and its epochs."""
    model = load_model(folder / "model.keras")
    history = _history(folder)
    entry = _entry(spec, dataset, history)
    save_weights(f"cats/{name}", model.get_weights(), entry)
    if name == "features":
        _ship_reference(dataset)
        return
    if name == "perception":
        return
    if generative_settings(spec).has_encoder:
        _ship_latent(name, dataset, entry)
    _ship_epochs(name, folder)
    _store({"history": _stored().get("history", {}) | {name: history}})


def _ship_reference(dataset: Dataset) -> None:
    """The features of the test images, so that a card needs no images."""
    network = FeatureNetwork()
    features = network.features(dataset.x_test)
    entry = {key: value for key, value in network.entry.items() if key not in ("name", "file", "sha256", "bytes")}
    save_weights("cats/reference", [features], entry | {"shape": list(features.shape)})


def _history(folder: Path) -> list[dict[str, float]]:
    path = folder / "epochs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    # A resumed run repeats the epoch that was cut short.
    by_epoch = {row["epoch"]: row for row in rows}
    return [{key: float(f"{value:.5g}") for key, value in by_epoch[epoch].items()} for epoch in sorted(by_epoch)]


def _entry(spec: RunSpec, dataset: Dataset, history: list[dict[str, float]]) -> dict[str, Any]:
    last = history[-1] if history else {}
    return run_entry(spec, dataset, epochs=int(last.get("epoch", -1)) + 1, date=date.today().isoformat(), device=_device(),
                     metrics={name: value for name, value in last.items() if name != "epoch"})


def _device() -> str:
    first = device_names()[0]
    return f"{os.cpu_count()} CPU cores, {platform.machine()}" if first == "cpu:0" else first


def _ship_latent(name: str, dataset: Dataset, entry: dict[str, Any]) -> None:
    """Main directions of the latent codes of the training images, and the mixture fitted to them."""
    generator = open_shipped(f"cats/{name}")
    shape = latent_shape(generator.encode(dataset.x_train))
    mixture = latent_mixture(generator, dataset.x_train, dataset.x_validation)
    entry = entry | {"task": "latent", "latent": generator.latent_size}
    save_weights(f"cats/{name}_latent", _single(shape.mean, shape.directions, shape.deviations), entry)
    save_weights(f"cats/{name}_mixture", _single(mixture.shares, mixture.means, mixture.factors),
                 entry | {"components": len(mixture.shares)})


def _single(*arrays: np.ndarray) -> list[np.ndarray]:
    return [array.astype(np.float32) for array in arrays]


def _ship_epochs(name: str, folder: Path) -> None:
    """One JPEG a kind of image and epoch: samples in a square, originals above their reconstructions."""
    target = CHECKPOINTS / "cats" / "epochs" / name
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.jpg"):
        old.unlink()
    for path in sorted((folder / "epochs").glob("*.npz")):
        arrays = read_npz(path)
        samples = arrays["samples"]
        _save_sheet(target / f"{int(path.stem) + 1:03d}_samples.jpg", samples, round(len(samples) ** 0.5))
        if "reconstructions" in arrays:
            pairs = np.concatenate([arrays["originals"], arrays["reconstructions"]])
            _save_sheet(target / f"{int(path.stem) + 1:03d}_redrawn.jpg", pairs, len(arrays["originals"]))


def _save_sheet(path: Path, images: np.ndarray, columns: int) -> None:
    Image.fromarray(contact_sheet(images, columns, scale=1)).save(path, quality=_QUALITY)


# --- measured figures ---------------------------------------------------------------------


def _stored() -> dict[str, Any]:
    return json.loads(CAT_FIGURES.read_text()) if CAT_FIGURES.exists() else {}


def _store(changes: Mapping[str, Any]) -> None:
    write_json(CAT_FIGURES, _stored() | dict(changes), sort_keys=True)


def measure_shipped(dataset: Dataset) -> None:
    """Report cards of every shipped network and of training images against the test images, into measured/cats.json."""
    _ship_reference(dataset)
    examiner = Examiner(dataset.x_test)
    cards = {"training images": examiner.card(lambda rng: _some(dataset.x_train, examiner.count, rng))}
    for name in GENERATIVE_PRESETS:
        if f"cats/{name}" not in manifest():
            continue
        generator = open_shipped(f"cats/{name}")
        mixture = shipped_mixture(f"cats/{name}") if generator.has_encoder else None
        cards |= {f"{name} {kind}".strip(): card for kind, card in examiner.cards(generator, mixture).items()}
    real = examiner.real
    _store({"cards": cards, "real": {"images": len(real.images), "sharpness": real.sharpness, "diversity": real.diversity},
            "data": {"set": "cats", "train": len(dataset.x_train), "held_out": len(real.images), "split": "test"},
            "date": date.today().isoformat(), "device": _device()})


def _some(images: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return images[rng.choice(len(images), min(count, len(images)), replace=False)]


def measure_training(name: str, spec: RunSpec, dataset: Dataset, folder: Path) -> None:
    """Cards of one training's network against the test images, beside those of its other seeds."""
    cards = _cards_of_run(spec, dataset, folder, dataset.x_test)
    kept = _stored().get("trainings", {})
    row = {"seed": spec.seed, "epochs": len(_history(folder)), "seconds": _history(folder)[-1]["seconds"],
           "date": date.today().isoformat(), "device": _device(), "cards": cards}
    others = [other for other in kept.get(name, []) if other["seed"] != spec.seed]
    _store({"trainings": kept | {name: sorted([*others, row], key=lambda r: r["seed"])}})


def measure_curve(spec: RunSpec, dataset: Dataset, folder: Path) -> None:
    """Cards of a short training with one KL weight against the validation images, beside those of other weights."""
    settings = spec.options(VaeSettings)
    last = _history(folder)[-1]
    row = {"kl_weight": settings.kl_weight, "structure": settings.structure, "texture": settings.texture,
           "seed": spec.seed, "epochs": spec.train.epochs, "train": len(dataset.x_train),
           "validation": len(dataset.x_validation), "kl": last["val_kl"], "squared_error": last["val_squared_error"],
           "seconds": last["seconds"], "date": date.today().isoformat(), "device": _device(),
           "cards": _cards_of_run(spec, dataset, folder, dataset.x_validation)}
    same = ("kl_weight", "structure", "texture", "seed")
    others = [other for other in _stored().get("kl_curve", []) if any(other[key] != row[key] for key in same)]
    _store({"kl_curve": sorted([*others, row], key=lambda r: [r[key] for key in same])})


def _cards_of_run(spec: RunSpec, dataset: Dataset, folder: Path, real: np.ndarray) -> dict[str, Any]:
    generator = open_run(spec, dataset.info.image_shape, folder)
    mixture = latent_mixture(generator, dataset.x_train, dataset.x_validation) if generator.has_encoder else None
    return {kind or "normal": card for kind, card in Examiner(real).cards(generator, mixture).items()}
