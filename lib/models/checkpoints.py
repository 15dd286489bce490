"""Shipped weights: small npz files in checkpoints/ with a manifest that says what they are.

An entry has `name`, `file`, `sha256`, `bytes`, `task`, `spec` (as `to_dict` wrote it), `image_shape`, `data`
(set, split, images), `seed`, `epochs`, `date`, `device` and `metrics`; `calibration` where one was fitted.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.drafts import draft_of
from lib.base.errors import CheckpointError
from lib.base.folders import CHECKPOINTS
from lib.base.json_files import read_json
from lib.datasets.dataset import Dataset
from lib.spec.specs import RunSpec, run_from_dict, run_to_stored

_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)?")


def manifest(folder: Path = CHECKPOINTS) -> dict[str, dict[str, Any]]:
    """All entries by name, empty when there are none; the entries themselves are not to be changed."""
    try:
        return {entry["name"]: entry for entry in read_json(folder / "manifest.json", ())}
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError("checkpoints/manifest.json cannot be read.", received=str(error),
                              remedy="Restore it from the repository.") from error


def shipped_of(task: str) -> dict[str, dict[str, Any]]:
    """The entries of the shipped networks of a task, by name."""
    return {name: entry for name, entry in manifest().items() if entry["task"] == task}


def shipped_model(name: str, build: Callable[[RunSpec, tuple[int, ...]], Any]) -> Any:
    """The model that `build` makes of the spec and the image shape of a shipped network, with its weights."""
    entry = manifest_entry(name)
    model = build(run_from_dict(entry["spec"]), tuple(entry["image_shape"]))
    model.set_weights(load_weights(name, [tuple(weight.shape) for weight in model.weights]))
    return model


def manifest_entry(name: str, folder: Path = CHECKPOINTS) -> dict[str, Any]:
    """The entry of checkpoint `name`; raises CheckpointError when there is none."""
    entries = manifest(folder)
    if name not in entries:
        raise CheckpointError(f"There is no checkpoint {name}.", expected=", ".join(entries) or "an entry in the manifest",
                              remedy="Restore checkpoints/ from the repository.")
    return entries[name]


def save_weights(name: str, weights: Sequence[np.ndarray], entry: dict[str, Any], folder: Path = CHECKPOINTS) -> None:
    """Write `weights` as float16 to `folder`/`name`.npz and its entry to the manifest, in place of an earlier one."""
    if not _NAME.fullmatch(name):
        raise CheckpointError("This is no name for a checkpoint.", expected="like clocks/sincos_time", received=repr(name))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, *[_small(array) for array in weights])
    path = folder / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, buffer.getvalue())
    file = {"name": name, "file": f"{name}.npz", "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
            "bytes": len(buffer.getvalue())}
    _write_manifest(manifest(folder) | {name: {**file, **entry}}, folder)


def run_entry(spec: RunSpec, dataset: Dataset, *, epochs: int, date: str, device: str,
              metrics: Mapping[str, float]) -> dict[str, Any]:
    """The manifest's entry of a network that `spec` trained on `dataset`: `epochs` as trained, `date` in ISO form."""
    return {
        "task": spec.task, "spec": run_to_stored(spec), "image_shape": list(dataset.info.image_shape),
        "data": {"set": spec.data.dataset, "train": len(dataset.x_train), "validation": len(dataset.x_validation),
                 "test": len(dataset.x_test)},
        "seed": spec.seed, "epochs": epochs, "date": date, "device": device, "metrics": dict(metrics),
    }


def as_shipped(weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    """`weights` as `load_weights` gives them back: those that ship in half precision, rounded to it."""
    return [_restored(_small(array)) for array in weights]


def update_entry(name: str, changes: dict[str, Any], folder: Path = CHECKPOINTS) -> None:
    """Put `changes` into the entry of checkpoint `name`; its weights stay as they are."""
    _write_manifest(manifest(folder) | {name: {**manifest_entry(name, folder), **changes}}, folder)


def _write_manifest(entries: dict[str, dict[str, Any]], folder: Path) -> None:
    text = json.dumps([entries[key] for key in sorted(entries)], indent=1)
    _replace(folder / "manifest.json", (text + "\n").encode())


def _small(array: np.ndarray) -> np.ndarray:
    """Half precision where that is exact enough: three digits for weights, but not for counters or large values."""
    if array.dtype == np.float32 and np.abs(array).max(initial=0.0) < 6e4:
        return array.astype(np.float16)
    return array


def _replace(path: Path, content: bytes) -> None:
    with draft_of(path) as draft:
        draft.write_bytes(content)


def load_weights(name: str, shapes: Sequence[tuple[int, ...]], folder: Path = CHECKPOINTS) -> list[np.ndarray]:
    """The float32 weights of checkpoint `name`, whose hash and shapes are checked.

    Raises CheckpointError when the file is missing, damaged, not the one of the manifest, or of another network.
    """
    entry = manifest_entry(name, folder)
    path = folder / entry["file"]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path.name} is missing.", remedy="Restore checkpoints/ from the repository.") from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise CheckpointError(f"{path.name} is damaged.", expected=f"SHA-256 {entry['sha256']}",
                              received=hashlib.sha256(content).hexdigest(),
                              remedy="Restore it from the repository.")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        weights = [archive[f"arr_{index}"] for index in range(len(archive.files))]
    if [w.shape for w in weights] != [tuple(shape) for shape in shapes]:
        raise CheckpointError(f"{path.name} belongs to another network.", expected=f"{len(shapes)} arrays",
                              received=f"{len(weights)} arrays of other shapes")
    return [_restored(weight) for weight in weights]


def _restored(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype == np.float16 else array
