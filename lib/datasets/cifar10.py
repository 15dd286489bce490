"""CIFAR-10 from whichever copy there is: an npz, the official archive, or sheets of tiles."""

from __future__ import annotations

import pickle
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image

from lib.base.errors import DataError
from lib.datasets.dataset import DatasetInfo
from lib.datasets.download import fetch
from lib.datasets.image_npz import read_npz
from lib.datasets.npz import read_arrays
from lib.datasets.source import Progress, RawImages, RemoteFile, Source, make_raw

#: The official archive (MD5 c58f30108f718f92721af3b95e74349a, as its page says).
ARCHIVE = RemoteFile(
    "cifar10/cifar-10-python.tar.gz", "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce", 170498071,
    ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
)
INFO = DatasetInfo(
    name="cifar10", title="CIFAR-10",
    description="Small colour photographs, 32x32, of animals and vehicles.",
    image_shape=(32, 32, 3),
    class_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    train_images=50000, test_images=10000,
    licence="none stated; cite A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    source="https://www.cs.toronto.edu/~kriz/cifar.html", bytes=ARCHIVE.size,
)
_NPZ_PATHS = ("cifar10/cifar10.npz", "cifar10.npz")
_ARCHIVE_PATHS = (ARCHIVE.path, ARCHIVE.name)
_BATCHES = tuple(f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6))
_TEST_BATCH = "cifar-10-batches-py/test_batch"
#: A batch of the official archive has 31,035,704 bytes.
_MAX_BATCH_BYTES = 1 << 26
_TILES, _TILE_ROWS, _TILE_COLUMNS, _SIDE = 1000, 25, 40, 32


# --- the official archive -----------------------------------------------------------------


def _allowed_globals() -> dict[tuple[str, str], Any]:
    """What the pickles of the archive need to rebuild a NumPy array, and nothing else."""
    from numpy._core.multiarray import _reconstruct

    return {
        # Before NumPy 2 the module was called numpy.core, and the official files say so.
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickles dicts, lists, numbers, bytes and NumPy arrays; refuses every other global."""

    def find_class(self, module: str, name: str) -> Any:
        """The allowed object of that name, or UnpicklingError."""
        allowed = _allowed_globals()
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return allowed[module, name]


def _bad_batch(batch: str, expected: str, received: str) -> DataError:
    return DataError(
        f"{batch} of CIFAR-10's archive is not a batch of images.", expected=expected, received=received,
        remedy=f"Delete {ARCHIVE.name}, so that it is fetched again.",
    )


def read_batch(file: IO[bytes], batch: str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, 32, 32, 3) and labels int64 (N,) of one batch of the official archive.

    Raises DataError for anything else, without running what a hostile pickle asks for.
    """
    try:
        values = _ArrayUnpickler(file, encoding="bytes").load()
    except Exception as error:  # a damaged pickle may raise anything
        raise _bad_batch(batch, "a pickled dict of NumPy arrays", str(error)[:200] or type(error).__name__) from error
    if not isinstance(values, Mapping) or not {b"data", b"labels"} <= set(values):
        raise _bad_batch(batch, "a dict with data and labels", type(values).__name__)
    data, labels = values[b"data"], np.asarray(values[b"labels"])
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * _SIDE**2:
        raise _bad_batch(batch, "uint8 rows of 3072 values", f"{getattr(data, 'dtype', type(data))} {np.shape(data)}")
    if labels.dtype.kind not in "iu":
        raise _bad_batch(batch, "whole numbers as labels", str(labels.dtype))
    return data.reshape(-1, 3, _SIDE, _SIDE).transpose(0, 2, 3, 1), labels


def read_archive(path: Path) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """(images, labels) of the training and of the test batches; nothing is unpacked to disk."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            batches = [_read_member(archive, batch) for batch in (*_BATCHES, _TEST_BATCH)]
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _bad_batch(path.name, "a whole .tar.gz archive", str(error)[:200]) from error
    images, labels = zip(*batches, strict=True)
    return (np.concatenate(images[:-1]), np.concatenate(labels[:-1])), (images[-1], labels[-1])


def _read_member(archive: tarfile.TarFile, batch: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        member = archive.getmember(batch)
    except KeyError as error:
        raise _bad_batch(batch, "a file of that name in the archive", "none") from error
    file = archive.extractfile(member)
    if file is None or member.size > _MAX_BATCH_BYTES:
        raise _bad_batch(batch, f"a file of at most {_MAX_BATCH_BYTES:,} bytes", f"{member.size:,} bytes")
    with file:
        return read_batch(file, batch)


# --- sheets -------------------------------------------------------------------------------


def read_sheet(path: Path) -> np.ndarray:
    """The 1,000 tiles of one lossless sheet, row by row, as uint8 (1000, 32, 32, 3); DataError for other images."""
    size = (_TILE_COLUMNS * _SIDE, _TILE_ROWS * _SIDE)
    try:
        with Image.open(path) as image:
            if image.size != size:
                raise DataError(
                    f"{path} is not a sheet of CIFAR-10 tiles.", expected=f"{size[0]}x{size[1]} pixels",
                    received=f"{image.width}x{image.height}", remedy="Put an unharmed copy in its place.",
                )
            sheet = np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged images
        raise DataError(
            f"{path} cannot be read.", received=str(error)[:200], remedy="Put an unharmed copy in its place."
        ) from error
    tiles = sheet.reshape(_TILE_ROWS, _SIDE, _TILE_COLUMNS, _SIDE, 3).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(_TILES, _SIDE, _SIDE, 3)


def read_sheets(folder: Path, on_progress: Progress) -> RawImages:
    """CIFAR-10 from `train-*.webp`, `test-*.webp` and `labels.npz` in `folder`."""
    labels = read_arrays(folder / "labels.npz", str(folder / "labels.npz"), ("y_train", "y_test"))
    sheets = {split: sorted(folder.glob(f"{split}-*.webp")) for split in ("train", "test")}
    for split, paths in sheets.items():
        if len(paths) * _TILES != len(labels[f"y_{split}"]):
            raise DataError(
                f"The {split} sheets of CIFAR-10 in {folder} are not complete.",
                expected=f"{len(labels[f'y_{split}']) // _TILES} sheets of {_TILES:,} images",
                received=f"{len(paths)} sheets", remedy="Copy the missing ones, or remove the folder.",
            )
    total, images = len(sheets["train"]) + len(sheets["test"]), []
    for done, path in enumerate([*sheets["train"], *sheets["test"]]):
        on_progress("Reading CIFAR-10", done / total)
        images.append(read_sheet(path))
    x_train, x_test = np.concatenate(images[: len(sheets["train"])]), np.concatenate(images[len(sheets["train"]):])
    return _raw((x_train, labels["y_train"]), (x_test, labels["y_test"]))


# --- which copy ---------------------------------------------------------------------------


def _first(folder: Path, paths: tuple[str, ...]) -> Path | None:
    return next((folder / path for path in paths if (folder / path).is_file()), None)


def _has_sheets(folder: Path) -> bool:
    return (folder / "cifar10" / "labels.npz").is_file() and any((folder / "cifar10").glob("train-*.webp"))


def _raw(train: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]) -> RawImages:
    counts = {"training": (len(train[0]), INFO.train_images), "test": (len(test[0]), INFO.test_images)}
    parts = [f"{have:,} {split} images, not {all_:,}" for split, (have, all_) in counts.items() if have != all_]
    return make_raw(INFO, train, test, note=f"This copy has {' and '.join(parts)}." if parts else "")


def _read_npz(path: Path) -> RawImages:
    x_train, y_train, x_test, y_test = read_npz(path, str(path))
    if x_test is None or y_test is None:
        raise DataError(
            f"{path} has no test images.", expected="x_train, y_train, x_test, y_test", received="x_train, y_train",
            remedy="Save all four arrays, or remove the file.",
        )
    return _raw((x_train, y_train), (x_test, y_test))


def _read(folder: Path, on_progress: Progress) -> RawImages:
    npz, archive = _first(folder, _NPZ_PATHS), _first(folder, _ARCHIVE_PATHS)
    if npz is not None:
        on_progress("Reading CIFAR-10", None)
        return _read_npz(npz)
    if archive is None and _has_sheets(folder):
        return read_sheets(folder / "cifar10", on_progress)
    # The archive may have been put into the data folder itself.
    remote = ARCHIVE if archive is None else RemoteFile(
        archive.relative_to(folder).as_posix(), ARCHIVE.sha256, ARCHIVE.size, ARCHIVE.urls
    )
    path = fetch(remote, folder, on_progress)
    on_progress("Unpacking CIFAR-10", None)
    return _raw(*read_archive(path))


def _own_files(folder: Path) -> list[Path]:
    """The npz or the sheets; the archive has a hash."""
    npz = _first(folder, _NPZ_PATHS)
    if npz is not None or _first(folder, _ARCHIVE_PATHS) is not None:
        return [npz] if npz is not None else []
    return sorted([*(folder / "cifar10").glob("*.webp"), folder / "cifar10" / "labels.npz"])


def _is_available(folder: Path) -> bool:
    return _first(folder, (*_NPZ_PATHS, *_ARCHIVE_PATHS)) is not None or _has_sheets(folder)


CIFAR10 = Source(INFO, read=_read, is_available=_is_available, files=(ARCHIVE,), own_files=_own_files)
