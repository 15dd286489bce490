"""Users' own data sets: checked, brought into one form and kept in the home folder, each version under a name of its own.

A set is called `custom:<name>@<version>`; the version is a digest of its content. A run's specification holds that name, and
so does its digest: other images are another name, and a run never goes on with images that it did not begin with.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.drafts import draft_of
from lib.base.errors import DataError, cause_text
from lib.base.folders import home_folder
from lib.datasets.cats import SIDE as CAT_SIDE
from lib.datasets.dataset import DatasetInfo
from lib.datasets.image_files import check_enough, read_images
from lib.datasets.image_npz import Splits, read_npz
from lib.datasets.npz import MAX_BYTES, NpzSource, read_arrays, read_headers
from lib.datasets.source import RawImages, make_raw, make_unlabelled
from lib.datasets.splits import default_validation_size, split_indices, split_off_test

#: In front of the names of users' own sets, so that none can hide a public one.
PREFIX = "custom:"
#: Pixels a side of the images of a zip; as the cat faces have, so that the same networks can learn them.
IMAGE_SIDE = CAT_SIDE
_TEST_SEED = 0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
#: A name alone is that of a set which was kept before sets had versions.
_FULL_NAME = re.compile(r"([^@]*)(?:@([0-9a-f]{10}))?")
#: Windows opens devices under these names, whatever the extension.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))}
_STORED_KEYS = ("x_train", "y_train", "x_test", "y_test", "original_labels", "made_test_split")
_IMAGE_KEYS = ("images",)
#: What the header of an array may take in its file.
_HEADER_BYTES = 1024

_OWNER_SUFFIX = ".owner"

Home = str | os.PathLike[str] | None
#: Whether the set of the browser with this mark may be replaced or removed; "" is nobody's mark.
MayChange = Callable[[str], bool]


def _anybody(owner: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Rights:
    """What `register_npz` says of it: replace a set of the same name, who owns the new one, whose sets may be changed."""

    replace: bool
    owner: str
    may_change: MayChange


def is_custom(name: str) -> bool:
    """Whether `name` is that of a user's own set."""
    return name.startswith(PREFIX)


def plain_name(name: str) -> str:
    """What the user called the set `name`: without prefix and version."""
    return name.removeprefix(PREFIX).partition("@")[0]


def _version(name: str) -> str:
    """The version in a set's name, "" for one of before there were any."""
    return name.partition("@")[2]


def custom_path(name: str, home: Home = None) -> Path:
    """The file of the set `name` (with or without the prefix); DataError for a name that is not safe."""
    found = _FULL_NAME.fullmatch(name.removeprefix(PREFIX))
    plain = found[1] if found else ""
    if not _NAME.fullmatch(plain) or plain.lower() in _DEVICES:
        raise DataError(
            "A data set cannot have this name.", expected="up to 40 characters: a-z, A-Z, 0-9, - and _",
            received=repr(name.removeprefix(PREFIX)[:80]), remedy="Choose another, such as 'my-letters'.",
        )
    return _folder(home) / f"{name.removeprefix(PREFIX)}.npz"


def _folder(home: Home) -> Path:
    return home_folder(home) / "datasets"


def register_npz(
    source: NpzSource, name: str, home: Home = None, *, replace: bool = False, owner: str = "",
    may_change: MayChange = _anybody,
) -> DatasetInfo:
    """Check the npz `source` (see `read_npz`) and keep it as `custom:<name>@<version>` below the home folder.

    Without a test split a tenth is set aside, stratified and always the same. Labels are
    renumbered from 0 in their order; the original ones become the class names. The same images
    may be registered again. Other images of this name are refused, or with `replace` removed, if `may_change` holds for
    the mark of whoever brought them. The set belongs to the browser marked `owner`, to nobody for "".
    Raises DataError for a bad npz, a bad name, a name that is taken, or a set too large to keep.
    """
    _check_plain(name, home)
    return _keep(_stored_form(read_npz(source, name)), name, home, _Rights(replace, owner, may_change))


def register_images(
    content: bytes, name: str, home: Home = None, *, replace: bool = False, owner: str = "",
    may_change: MayChange = _anybody,
) -> tuple[DatasetInfo, str]:
    """Keep the images of a zip as a set without classes, 64x64 in colour; its description, and what was left out.

    Names, versions, owners and errors as for `register_npz`.
    """
    _check_plain(name, home)
    images = read_images(content, IMAGE_SIDE)
    check_enough(images)
    return _keep({"images": images.images}, name, home, _Rights(replace, owner, may_change)), images.note


def _check_plain(name: str, home: Home) -> None:
    custom_path(name.replace("@", "?"), home)  # a version is given, not chosen


def content_digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Ten hex digits that tell these arrays from any others."""
    digest = hashlib.sha256()
    for key, array in arrays.items():
        digest.update(f"{key} {array.dtype.str} {array.shape};".encode())
        digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    return digest.hexdigest()[:10]


#: One set is written or removed at a time.
_KEEPING = threading.Lock()


def _keep(arrays: Mapping[str, np.ndarray], name: str, home: Home, rights: _Rights) -> DatasetInfo:
    _check_size(arrays, name)
    path = custom_path(f"{name}@{content_digest(arrays)}", home)
    with _KEEPING:
        others = [other for other in _versions(name, home) if other != path]
        if others and not rights.replace:
            raise DataError(
                f"There is another data set called {name!r}.", expected="a new name, so that old runs keep their meaning",
                received="images that differ from those", remedy="Choose another name, or replace the old set.",
            )
        _check_owners(others, name, rights.may_change)
        if not path.exists():  # the same images again are still those of whoever brought them first
            _write_owner(path, rights.owner)
        _write(path, arrays)
        for other in others:
            _delete(other)
    return custom_info(path.stem, home)


def _versions(name: str, home: Home) -> list[Path]:
    """The files of all versions of the set that the user called `name`."""
    return [path for path in sorted(_folder(home).glob("*.npz")) if plain_name(path.stem) == plain_name(name)]


def _check_size(arrays: Mapping[str, np.ndarray], name: str) -> None:
    """Raise DataError for what could be written, and then not be read again."""
    total = sum(array.nbytes + _HEADER_BYTES for array in arrays.values())
    if total > MAX_BYTES:
        raise DataError(f"{name} is too large when unpacked.", expected=f"at most {MAX_BYTES:,} bytes",
                        received=f"{total:,} bytes", remedy="Take fewer or smaller images.")


def _stored_form(pairs: Splits) -> dict[str, np.ndarray]:
    x_train, y_train, x_test, y_test = pairs
    original = np.unique(y_train)
    made = x_test is None
    if x_test is None or y_test is None:
        size = default_validation_size(len(y_train))
        train, test = (np.sort(part) for part in split_indices(y_train, validation_size=size, seed=_TEST_SEED))
        x_train, y_train, x_test, y_test = x_train[train], y_train[train], x_train[test], y_train[test]
    values = (
        x_train, np.searchsorted(original, y_train).astype(np.int32),
        x_test, np.searchsorted(original, y_test).astype(np.int32), original, np.array([made], np.uint8),
    )
    return dict(zip(_STORED_KEYS, values, strict=True))


def _write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Compressed, so that a small upload that unpacks to a lot does not fill the disk either."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft, open(draft, "wb") as file:
            contents: dict[str, Any] = dict(arrays)  # NumPy's own options stand among the names
            np.savez_compressed(file, **contents)
    except OSError as error:
        raise DataError(
            f"The data set cannot be kept in {path.parent}.", received=cause_text(error),
            remedy="Free some space, or set NEURAL_LAB_HOME to a folder that can be written to.",
        ) from error


def custom_info(name: str, home: Home = None) -> DatasetInfo:
    """The description of a user's own set, from the headers of its file; DataError if there is none."""
    path = custom_path(name, home)
    if not path.is_file():
        raise _gone(name, home)
    headers = read_headers(path, str(path))
    if set(headers) == set(_IMAGE_KEYS) and headers["images"].shape[1:] == (IMAGE_SIDE, IMAGE_SIDE, 3):
        return _image_info(path, headers["images"].shape[0])
    lacking = [key for key in _STORED_KEYS if key not in headers]
    if lacking or len(headers["x_train"].shape) != 4:
        raise DataError(
            f"{path} was not written by the lab.", expected=", ".join(_STORED_KEYS), received=", ".join(headers),
            remedy="Remove it and add your npz file again.",
        )
    original = read_arrays(path, str(path), ["original_labels"])["original_labels"]
    return DatasetInfo(
        name=PREFIX + path.stem, title=plain_name(path.stem), description="Your own images.",
        image_shape=headers["x_train"].shape[1:], class_names=tuple(str(label) for label in original.tolist()),
        train_images=headers["x_train"].shape[0], test_images=headers["x_test"].shape[0],
        licence="your own copy", source="your own copy",
    )


def _image_info(path: Path, count: int) -> DatasetInfo:
    return DatasetInfo(
        name=PREFIX + path.stem, title=plain_name(path.stem), description="Your own images.",
        image_shape=(IMAGE_SIDE, IMAGE_SIDE, 3), class_names=("image",), train_images=count - count // 10,
        test_images=count // 10, licence="your own copy", source="your own copy", kind="images",
    )


def _gone(name: str, home: Home) -> DataError:
    """Why there is no such set: it was replaced, or there never was one."""
    others = _versions(name, home)
    if others:
        return DataError(
            f"The images called {plain_name(name)!r} were replaced: these are gone.",
            expected=f"version {_version(name) or 'without a number'}",
            received=", ".join(f"version {_version(path.stem) or 'without a number'}" for path in others),
            remedy="Start a new run on the new images, or add the old file again under this name.",
        )
    return DataError(
        f"There is no data set of your own called {plain_name(name)!r}.",
        expected=", ".join(custom_sets(home)) or "one that you have added",
        received=name, remedy="Add the file again under this name.",
    )


def read_custom(name: str, home: Home = None) -> RawImages:
    """The images of a user's own set; DataError if its file is missing, damaged or not what its name says."""
    info, path = custom_info(name, home), custom_path(name, home)
    arrays = read_arrays(path, str(path), _IMAGE_KEYS if info.kind == "images" else _STORED_KEYS)
    if _version(name) not in ("", content_digest(arrays)):
        raise DataError(f"The images called {info.title!r} are not those that were added.", expected=_version(name),
                        received=content_digest(arrays), remedy="Remove the set and add its file again.")
    if info.kind == "images":
        return make_unlabelled(info, *split_off_test(arrays["images"]))
    made = bool(arrays["made_test_split"].any())
    note = f"It came without a test split; {info.test_images:,} images were set aside." if made else ""
    return make_raw(info, (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"]), note)


def custom_sets(home: Home = None) -> dict[str, DatasetInfo]:
    """The users' own sets by name (`custom:<name>@<version>`), sorted; a damaged file is left out."""
    found = {}
    for path in sorted(_folder(home).glob("*.npz")):
        try:
            info = custom_info(path.stem, home)
        except DataError:
            continue
        found[info.name] = info
    return found


def custom_owner(name: str, home: Home = None) -> str:
    """The mark of the browser that the set `name` belongs to, "" for nobody's."""
    return _owner(custom_path(name, home))


def _owner(path: Path) -> str:
    try:
        return path.with_suffix(_OWNER_SUFFIX).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError):
        return "unreadable"  # nobody's mark: the teacher alone may change it


def _write_owner(path: Path, owner: str) -> None:
    """Say whose the set is before it is there: a set without an owner would be anybody's."""
    place = path.with_suffix(_OWNER_SUFFIX)
    try:
        place.unlink(missing_ok=True)
        if owner:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(owner + "\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"The data set cannot be kept in {path.parent}.", received=cause_text(error),
                        remedy="Free some space, or set NEURAL_LAB_HOME to a folder that can be written to.") from error


def _check_owners(paths: Iterable[Path], name: str, may_change: MayChange) -> None:
    if not all(may_change(_owner(path)) for path in paths):
        raise DataError(
            f"The data set {plain_name(name)!r} was added in another browser and cannot be changed from here.",
            expected="the browser that added it, or the teacher's", received="another one",
            remedy="You can train on it; to change something, add your images under another name.")


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_suffix(_OWNER_SUFFIX).unlink(missing_ok=True)


def remove_custom(name: str, home: Home = None, may_change: MayChange = _anybody) -> None:
    """Delete a user's own set; no error if it is gone already.

    Raises DataError where it cannot be deleted, and where `may_change` does not hold for the mark of its owner.
    """
    path = custom_path(name, home)
    try:
        with _KEEPING:
            _check_owners([path], name, may_change)
            _delete(path)
    except OSError as error:
        raise DataError(f"The data set {plain_name(name)!r} cannot be removed.", received=cause_text(error),
                        remedy="Check the permissions of the home folder.") from error
