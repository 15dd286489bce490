"""Making what the cat page ships: weights, a sheet of images for every epoch, and measured figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lib.base.drafts import draft_of
from lib.datasets.dataset import Dataset
from lib.images.sheets import contact_sheet
from lib.measures.fidelity import ReportCard, diversity, latent_shape, report_card, sharpness
from lib.models.checkpoints import FOLDER, manifest, save_weights
from lib.models.files import load_model, read_npz
from lib.models.networks.generative import generative_settings
from lib.models.networks.generators import FeatureNetwork, Generator, open_shipped, real_features, shipped_latent
from lib.models.runtime import device_names
from lib.spec.specs import RunSpec, run_to_stored

MEASURED = FOLDER / "measured" / "cats.json"
#: Sets of samples; each card is their mean and spread.
SAMPLE_SEEDS = (0, 1, 2)
_QUALITY = 88


def ship_run(name: str, spec: RunSpec, dataset: Dataset, folder: Path) -> None:
    """Write the trained network of `folder` to checkpoints/cats/`name`.npz with its manifest entry and its epochs."""
    model = load_model(folder / "model.keras")
    history = _history(folder)
    entry = _entry(spec, dataset, history)
    save_weights(f"cats/{name}", model.get_weights(), entry)
    if name == "features":
        held_out = FeatureNetwork().features(_held_out(dataset))
        save_weights("cats/reference", [held_out], entry | {"shape": list(held_out.shape)})
        return
    if generative_settings(spec).has_encoder:
        _ship_latent(name, dataset, entry)
    _ship_epochs(name, folder)
    _store({"history": _stored().get("history", {}) | {name: history}})


def _held_out(dataset: Dataset) -> np.ndarray:
    """Images that no network trains on: the validation and the test split."""
    return np.concatenate([dataset.x_validation, dataset.x_test])


def _history(folder: Path) -> list[dict[str, float]]:
    path = folder / "epochs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    # A resumed run repeats the epoch that was cut short.
    by_epoch = {row["epoch"]: row for row in rows}
    return [{key: float(f"{value:.5g}") for key, value in by_epoch[epoch].items()} for epoch in sorted(by_epoch)]


def _entry(spec: RunSpec, dataset: Dataset, history: list[dict[str, float]]) -> dict[str, Any]:
    last = history[-1] if history else {}
    return {
        "task": spec.task, "spec": run_to_stored(spec), "image_shape": list(dataset.info.image_shape),
        "data": {"set": spec.data.dataset, "train": len(dataset.x_train), "validation": len(dataset.x_validation),
                 "test": len(dataset.x_test)},
        "seed": spec.seed, "epochs": int(last.get("epoch", -1)) + 1, "date": date.today().isoformat(),
        "device": _device(), "metrics": {k: v for k, v in last.items() if k != "epoch"},
    }


def _device() -> str:
    first = device_names()[0]
    return f"{os.cpu_count()} CPU cores, {platform.machine()}" if first == "cpu:0" else first


def _ship_latent(name: str, dataset: Dataset, entry: dict[str, Any]) -> None:
    shape = latent_shape(open_shipped(f"cats/{name}").encode(dataset.x_train))
    arrays = [array.astype(np.float32) for array in (shape.mean, shape.directions, shape.deviations)]
    save_weights(f"cats/{name}_latent", arrays, entry | {"task": "latent", "latent": len(shape.mean)})


def _ship_epochs(name: str, folder: Path) -> None:
    """One JPEG a kind of image and epoch: samples in a square, originals above their reconstructions."""
    target = FOLDER / "cats" / "epochs" / name
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
    return json.loads(MEASURED.read_text()) if MEASURED.exists() else {}


def _store(changes: Mapping[str, Any]) -> None:
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(MEASURED) as draft:
        draft.write_text(json.dumps(_stored() | dict(changes), indent=1, sort_keys=True) + "\n")


def measure_shipped(dataset: Dataset) -> None:
    """Report cards of every shipped network, of training images and of redrawn ones, into measured/cats.json."""
    network, real = FeatureNetwork(), real_features()
    held_out = _held_out(dataset)
    scale = (sharpness(held_out), diversity(held_out))
    seen = _card_of(lambda rng: _some(dataset.x_train, len(real), rng), network, real, scale)
    cards: dict[str, Any] = {"training images": seen}
    for name in ("f1_gan", "gan_better", "f2_vae", "vae_better"):
        if f"cats/{name}" not in manifest():
            continue
        generator = open_shipped(f"cats/{name}")
        cards[name] = _card_of(lambda rng, d=generator: d.draw(_prior(d, len(real), rng)), network, real, scale)
        if generator.has_encoder:
            shape = shipped_latent(f"cats/{name}")
            cards[f"{name} fitted"] = _card_of(
                lambda rng, d=generator, s=shape: d.draw(s.draw(len(real), rng)), network, real, scale)
            cards[f"{name} redrawn"] = _card_of(
                lambda rng, d=generator: d.draw(d.encode(held_out)), network, real, scale, seeds=(0,))
    _store({"cards": cards, "real": {"images": len(real), "sharpness": scale[0], "diversity": scale[1]},
            "data": {"set": "cats", "train": len(dataset.x_train), "held_out": len(real)},
            "date": date.today().isoformat(), "device": _device()})


def _prior(generator: Generator, count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((count, generator.latent_size))


def _some(images: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    return images[rng.choice(len(images), min(count, len(images)), replace=False)]


def _card_of(make: Any, network: FeatureNetwork, real: np.ndarray, scale: tuple[float, float],
             seeds: tuple[int, ...] = SAMPLE_SEEDS) -> dict[str, Any]:
    """The cards of samples drawn with each seed, a list for each figure."""
    cards: list[ReportCard] = []
    for seed in seeds:
        samples = make(np.random.default_rng([seed, 11]))
        cards.append(report_card(samples, network.features(samples), real, *scale))
    rows = [asdict(card) for card in cards]
    return {"seeds": list(seeds)} | {key: [round(row[key], 4) for row in rows] for key in rows[0]}
