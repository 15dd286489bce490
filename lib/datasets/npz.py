"""Reading `.npz` files that may come from anybody: sizes and headers are checked before a value is read."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.base.errors import DataError, guarded
from lib.datasets.zips import open_zip

#: The largest sum of unpacked members; enough for 340,000 CIFAR-sized images.
MAX_BYTES = 1 << 30
MAX_MEMBERS = 64
_SAVE = "Save it with np.savez_compressed(path, x_train=..., y_train=...)."
NpzSource = bytes | str | Path


@dataclass(frozen=True, slots=True)
class ArrayHeader:
    """Shape and dtype that a member announces."""

    shape: tuple[int, ...]
    dtype: np.dtype


@contextmanager
def _archive(source: NpzSource, name: str) -> Iterator[zipfile.ZipFile]:
    """The open archive; whatever is wrong with it becomes a DataError."""
    with guarded(f"{name} cannot be read.", DataError, expected="an undamaged .npz file without pickled objects",
                 remedy=_SAVE):
        try:
            with open_zip(source, MAX_MEMBERS) as archive:
                yield archive
        except FileNotFoundError as error:
            raise DataError(f"{name} does not exist.", remedy="Check the path.") from error
        except zipfile.BadZipFile as error:
            raise DataError(
                f"{name} is no readable .npz file.", expected="a zip archive of NumPy arrays",
                received=str(error), remedy=_SAVE,
            ) from error


def _check_sizes(archive: zipfile.ZipFile, name: str, max_bytes: int) -> None:
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if total > max_bytes:
        raise DataError(
            f"{name} is too large when unpacked.", expected=f"at most {max_bytes:,} bytes", received=f"{total:,} bytes",
            remedy="Take fewer or smaller images, or save them as uint8.",
        )


def _header(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> ArrayHeader:
    """What `member` announces; DataError unless its size is exactly that, so that reading cannot allocate more."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in readers:
            raise ValueError(f"{member.filename} has version {version} of the npy format")
        shape, _, dtype = readers[version](file)
        start = file.tell()
    if dtype.hasobject or dtype.names is not None:
        raise DataError(
            f"{name}: {member.filename} holds Python objects, which are never loaded.",
            expected="plain numbers", received=str(dtype), remedy="Save it as an array of uint8, float or integers.",
        )
    announced = start + math.prod(shape) * dtype.itemsize
    if min(shape, default=1) < 0 or announced != member.file_size:
        raise DataError(
            f"{name}: {member.filename} does not have the size its header announces.",
            expected=f"{announced:,} bytes", received=f"{member.file_size:,} bytes", remedy=_SAVE,
        )
    return ArrayHeader(tuple(int(n) for n in shape), dtype)


def _members(archive: zipfile.ZipFile, name: str, max_bytes: int) -> dict[str, zipfile.ZipInfo]:
    _check_sizes(archive, name, max_bytes)
    return {m.filename.removesuffix(".npy"): m for m in archive.infolist() if m.filename.endswith(".npy")}


def read_headers(source: NpzSource, name: str, max_bytes: int = MAX_BYTES) -> dict[str, ArrayHeader]:
    """Shape and dtype of every array in the archive, without reading one."""
    with _archive(source, name) as archive:
        return {key: _header(archive, m, name) for key, m in _members(archive, name, max_bytes).items()}


def read_arrays(source: NpzSource, name: str, keys: Sequence[str], max_bytes: int = MAX_BYTES) -> dict[str, np.ndarray]:
    """The arrays `keys`; nothing is ever unpickled. Raises DataError for all that is missing, damaged or too large."""
    with _archive(source, name) as archive:
        members = _members(archive, name, max_bytes)
        missing = [key for key in keys if key not in members]
        if missing:
            raise DataError(
                f"{name} lacks {', '.join(missing)}.", expected=", ".join(keys),
                received=", ".join(members) or "no arrays", remedy=_SAVE,
            )
        return {key: _read_array(archive, members[key], name) for key in keys}


def _read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> np.ndarray:
    _header(archive, member, name)
    with archive.open(member) as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
        file.read()  # at its end the member's checksum is looked at
        return array
