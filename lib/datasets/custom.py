"""Users' own data sets: an npz is checked, brought into one form and kept in the home folder."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lib.core.errors import DataError
from lib.datasets.dataset import DatasetInfo
from lib.datasets.folders import home_folder
from lib.datasets.image_npz import Pairs, read_npz
from lib.datasets.npz import NpzSource, read_arrays, read_headers
from lib.datasets.source import RawImages, make_raw
from lib.datasets.splits import default_validation_size, split_indices

#: In front of the names of users' own sets, so that none can hide a public one.
PREFIX = "custom:"
_TEST_SEED = 0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
#: Windows opens devices under these names, whatever the extension.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))}
_STORED_KEYS = ("x_train", "y_train", "x_test", "y_test", "original_labels", "made_test_split")


def is_custom(name: str) -> bool:
    """Whether `name` is that of a user's own set."""
    return name.startswith(PREFIX)


def custom_path(name: str, home: str | os.PathLike[str] | None = None) -> Path:
    """The file of the set `name` (with or without the prefix); DataError for a name that is not safe."""
    bare = name.removeprefix(PREFIX)
    if not _NAME.fullmatch(bare) or bare.lower() in _DEVICES:
        raise DataError(
            "A data set cannot have this name.", expected="up to 40 letters without accents, digits, - and _",
            received=repr(bare[:80]), remedy="Choose another, such as 'my-letters'.",
        )
    return home_folder(home) / "datasets" / f"{bare}.npz"


def register_npz(source: NpzSource, name: str, home: str | os.PathLike[str] | None = None) -> DatasetInfo:
    """Check the npz `source` (see `read_npz`) and keep it as `custom:<name>` below the home folder.

    Without a test split a tenth is set aside, stratified and always the same. Labels are
    renumbered from 0 in their order; the original ones become the class names. The same images
    may be registered again. Raises DataError for a bad npz, a bad name, or a name that is taken.
    """
    path = custom_path(name, home)
    stored = _stored_form(read_npz(source, name))
    if path.exists():
        _check_same(path, stored, name)
    else:
        _write(path, stored)
    return custom_info(name, home)


def _stored_form(pairs: Pairs) -> dict[str, np.ndarray]:
    x_train, y_train, x_test, y_test = pairs
    original = np.unique(y_train)
    made = x_test is None
    if made:
        size = default_validation_size(len(y_train))
        train, test = (np.sort(part) for part in split_indices(y_train, validation_size=size, seed=_TEST_SEED))
        x_train, y_train, x_test, y_test = x_train[train], y_train[train], x_train[test], y_train[test]
    values = (
        x_train, np.searchsorted(original, y_train).astype(np.int32),
        x_test, np.searchsorted(original, y_test).astype(np.int32), original, np.array([made], np.uint8),
    )
    return dict(zip(_STORED_KEYS, values, strict=True))


def _check_same(path: Path, stored: Mapping[str, np.ndarray], name: str) -> None:
    kept = read_arrays(path, str(path), _STORED_KEYS)
    if not all(np.array_equal(kept[key], stored[key]) for key in _STORED_KEYS):
        raise DataError(
            f"There is another data set called {name!r}.", expected="a new name, so that old runs keep their meaning",
            received=f"{len(stored['x_train']):,} training images that differ",
            remedy="Choose another name, or remove the old set first.",
        )


def _write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
            try:
                np.savez(file, **arrays)
                file.close()
                os.replace(file.name, path)
            except BaseException:
                file.close()
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise DataError(
            f"The data set cannot be kept in {path.parent}.", received=str(error),
            remedy="Free some space, or set NEURAL_LAB_HOME to a folder that can be written to.",
        ) from error


def custom_info(name: str, home: str | os.PathLike[str] | None = None) -> DatasetInfo:
    """The description of a user's own set, from the headers of its file; DataError if there is none."""
    path = custom_path(name, home)
    if not path.is_file():
        raise DataError(
            f"There is no data set of your own called {name.removeprefix(PREFIX)!r}.",
            expected=", ".join(custom_sets(home)) or "one that you have added",
            received=name, remedy="Add the npz file again.",
        )
    headers = read_headers(path, str(path))
    lacking = [key for key in _STORED_KEYS if key not in headers]
    if lacking or len(headers["x_train"].shape) != 4:
        raise DataError(
            f"{path} was not written by the lab.", expected=", ".join(_STORED_KEYS), received=", ".join(headers),
            remedy="Remove it and add your npz file again.",
        )
    original = read_arrays(path, str(path), ["original_labels"])["original_labels"]
    return DatasetInfo(
        name=PREFIX + path.stem, title=path.stem, description="Your own images.",
        image_shape=headers["x_train"].shape[1:], class_names=tuple(str(label) for label in original.tolist()),
        train_images=headers["x_train"].shape[0], test_images=headers["x_test"].shape[0],
        licence="your own copy", source="your own copy",
    )


def read_custom(name: str, home: str | os.PathLike[str] | None = None) -> RawImages:
    """The images of a user's own set that `register_npz` keeps; DataError if the file is missing or damaged."""
    info, path = custom_info(name, home), custom_path(name, home)
    arrays = read_arrays(path, str(path), _STORED_KEYS)
    made = bool(arrays["made_test_split"].any())
    note = f"It came without a test split; {info.test_images:,} images were set aside." if made else ""
    return make_raw(info, (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"]), note)


def custom_sets(home: str | os.PathLike[str] | None = None) -> dict[str, DatasetInfo]:
    """The users' own sets by name (`custom:<name>`), sorted; a damaged file is left out."""
    found = {}
    for path in sorted((home_folder(home) / "datasets").glob("*.npz")):
        try:
            info = custom_info(path.stem, home)
        except DataError:
            continue
        found[info.name] = info
    return found


def remove_custom(name: str, home: str | os.PathLike[str] | None = None) -> None:
    """Delete a user's own set; no error if it is gone already."""
    custom_path(name, home).unlink(missing_ok=True)
