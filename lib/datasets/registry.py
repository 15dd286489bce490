"""The data sets the lab knows, and `load`, the one way to get at their images."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lib.base.errors import DataError
from lib.base.folders import data_folder
from lib.datasets.cats import CATS
from lib.datasets.cifar10 import CIFAR10
from lib.datasets.clock_sets import CLOCK_SETS
from lib.datasets.custom import content_digest, custom_info, custom_path, custom_sets, is_custom, read_custom
from lib.datasets.dataset import Dataset, DatasetInfo
from lib.datasets.digits import DIGITS
from lib.datasets.idx_sets import FASHION_MNIST, MNIST
from lib.datasets.memory import shared_memory
from lib.datasets.source import Progress, RawImages, RemoteFile, Source, no_progress
from lib.datasets.splits import leading_split, split_indices
from lib.spec.permutations import apply, make_permutation
from lib.spec.specs import DataSpec

_SOURCES: dict[str, Source] = {
    source.info.name: source for source in (DIGITS, MNIST, FASHION_MNIST, CIFAR10, CATS, *CLOCK_SETS)
}
#: The public data sets by name. Users' own sets (`custom_sets`) are named `custom:...`.
DATASETS: dict[str, DatasetInfo] = {name: source.info for name, source in _SOURCES.items()}

Home = str | os.PathLike[str] | None


class _TrainSplits(NamedTuple):
    """The read-only arrays that depend on the sizes and the seed of a DataSpec."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray


def _unknown(name: str, home: Home) -> DataError:
    return DataError(
        "There is no data set of this name.", expected=", ".join([*DATASETS, *custom_sets(home)]), received=repr(name),
        remedy="Choose one of these, or add your own images.",
    )


def info(name: str, home: Home = None) -> DatasetInfo:
    """The description of a public or a user's own data set, without loading it; DataError for an unknown name."""
    if is_custom(name):
        return custom_info(name, home)
    if name not in DATASETS:
        raise _unknown(name, home)
    return DATASETS[name]


def available(name: str, home: Home = None) -> bool:
    """Whether `load` can do without a network. Files are looked for, not verified."""
    if is_custom(name):
        return name in custom_sets(home)
    if name not in _SOURCES:
        raise _unknown(name, home)
    return _SOURCES[name].is_available(data_folder())


def remote_files(name: str) -> tuple[RemoteFile, ...]:
    """What `load` would download of a public set; none of one that is drawn, bundled or the user's own."""
    return _SOURCES[name].files if name in _SOURCES else ()


def _raw_reader(name: str, on_progress: Progress, home: Home) -> tuple[Hashable, Callable[[], RawImages]]:
    """What tells this copy of the images from all others, and how to read it."""
    if is_custom(name):
        info(name, home)
        return (name, _states([custom_path(name, home)])), lambda: read_custom(name, home)
    if name not in _SOURCES:
        raise _unknown(name, home)
    folder, source = data_folder(), _SOURCES[name]
    key = (name, str(folder.absolute()), _states(source.own_files(folder)))
    return key, lambda: source.read(folder, on_progress)


def _states(paths: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """Path, time of the last change in nanoseconds and bytes of every file that is there; reading says what is missing."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append((str(path.absolute()), state.st_mtime_ns, state.st_size))
    return tuple(found)


def _fingerprint(raw: RawImages) -> str:
    return content_digest({name: value for name, value in raw._asdict().items() if isinstance(value, np.ndarray)})


def _take(array: np.ndarray, indices: np.ndarray) -> np.ndarray:
    part = array[indices]
    part.setflags(write=False)
    return part


def _split(raw: RawImages, spec: DataSpec) -> _TrainSplits:
    sizes: dict[str, Any] = {"train_size": spec.train_size, "validation_size": spec.validation_size, "seed": spec.split_seed}
    if spec.validation_from == "start":
        train, validation = leading_split(len(raw.y_train), **sizes)
    else:
        train, validation = split_indices(raw.y_train, **sizes)
    if spec.overlap:
        validation = _overlapping(train, spec)
    return _TrainSplits(
        _take(raw.x_train, train), _take(raw.y_train, train),
        _take(raw.x_train, validation), _take(raw.y_train, validation),
    )


def _overlapping(train: np.ndarray, spec: DataSpec) -> np.ndarray:
    """The share `spec.overlap` of the training images, drawn once more for validation."""
    drawn = np.random.default_rng([spec.split_seed, 15]).permutation(len(train))
    return train[drawn[: max(1, round(spec.overlap * len(train)))]]


def _permuted(images: np.ndarray, permutation: np.ndarray) -> np.ndarray:
    images = apply(images, permutation)
    images.setflags(write=False)
    return images


def load(spec: DataSpec, on_progress: Progress | None = None, home: Home = None) -> Dataset:
    """The data set `spec` names, split as it says, downloaded on first use.

    The same spec gives the same arrays, also on another machine. Training and validation images
    come in random order, test images in the official one; a permutation reorders the pixels of all
    of them alike. Arrays are shared by the whole process and read-only; two loads at once do the
    work once. `on_progress(text, fraction)` is told about downloads and may raise to stop one;
    `home` is the folder of users' own sets. Raises DataError when files are missing, damaged or not
    to be had, or the sizes do not fit, SpecError when the permutation does not fit the images.
    """
    on_progress = on_progress or no_progress
    memory, name = shared_memory(), spec.dataset
    raw_key, read = _raw_reader(name, on_progress, home)
    raw = memory.get(raw_key, read, on_wait=lambda: on_progress("Waiting for another run to load it", None))
    split_key = (raw_key, spec.train_size, spec.validation_size, spec.split_seed, spec.validation_from, spec.overlap)
    splits = memory.get(split_key, lambda: _split(raw, spec))
    described, x_test = info(name, home), raw.x_test
    if spec.permutation is not None:
        permutation = make_permutation(spec.permutation, *described.image_shape[:2])
        (x_test,) = memory.get((raw_key, "test", spec.permutation), lambda: (_permuted(raw.x_test, permutation),))
        x_train, x_validation = memory.get(
            (split_key, spec.permutation),
            lambda: (_permuted(splits.x_train, permutation), _permuted(splits.x_validation, permutation)),
        )
        splits = splits._replace(x_train=x_train, x_validation=x_validation)
    y_test = raw.y_test
    if spec.overlap:  # our reading of report 002's split: what is tested on has been learned
        x_test, y_test = splits.x_validation, splits.y_validation
    (fingerprint,) = memory.get((raw_key, "fingerprint"), lambda: (_fingerprint(raw),))
    return Dataset(described, *splits, x_test=x_test, y_test=y_test, note=raw.note, fingerprint=fingerprint)
