"""What every source of images hands to the registry, whatever it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.base.errors import DataError
from lib.datasets.dataset import DatasetInfo

#: Called with one line of text and how much is done, 0 to 1; None when that is not known.
Progress = Callable[[str, float | None], None]


def no_progress(text: str, fraction: float | None) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A public file: where it belongs below the data folder, its SHA-256, its size in bytes and its mirrors."""

    path: str
    sha256: str
    size: int
    urls: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file name without folders."""
        return self.path.rpartition("/")[2]


class RawImages(NamedTuple):
    """All images of a data set in the official order, before the validation split.

    Images are uint8 (N, height, width, channels), labels int32 (N,), all read-only.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A data set the lab knows: its description, and how to get at its images.

    `read(folder, on_progress)` reads from the data folder and downloads what is missing;
    `is_available(folder)` tells whether it would do so without a network. `files` are what it would
    download otherwise, none for a set that is drawn, bundled or the user's own. `own_files(folder)` are the files that
    `read` would read and that may be others tomorrow: no hash says what they should be.
    """

    info: DatasetInfo
    read: Callable[[Path, Progress], RawImages]
    is_available: Callable[[Path], bool]
    files: tuple[RemoteFile, ...] = ()
    own_files: Callable[[Path], Iterable[Path]] = lambda folder: ()


def _checked_pair(info: DatasetInfo, split: str, images: np.ndarray, labels: np.ndarray) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != info.image_shape:
        raise DataError(
            f"The {split} images of {info.title} are not what they should be.",
            expected=f"uint8 images of {info.image_shape}", received=f"{images.dtype} {images.shape}",
            remedy="Delete the file in the data folder, so that it is fetched again.",
        )
    if labels.shape != (len(images),):
        raise DataError(
            f"{info.title}: the {split} images and labels do not belong together.",
            expected=f"{len(images)} labels", received=f"{labels.shape}",
            remedy="Take both files from the same source.",
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < info.classes):
        raise DataError(
            f"{info.title} has {split} labels outside its classes.",
            expected=f"0 to {info.classes - 1}", received=f"{labels.min()} to {labels.max()}",
            remedy="Delete the file in the data folder, so that it is fetched again.",
        )


def _frozen(array: np.ndarray, dtype: type) -> np.ndarray:
    array = np.ascontiguousarray(array, dtype=dtype)
    array.setflags(write=False)
    return array


def make_raw(
    info: DatasetInfo,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    note: str = "",
) -> RawImages:
    """Check images and labels of both splits against `info` and freeze them; DataError if they do not fit."""
    _checked_pair(info, "training", *train)
    _checked_pair(info, "test", *test)
    return RawImages(
        _frozen(train[0], np.uint8), _frozen(train[1], np.int32),
        _frozen(test[0], np.uint8), _frozen(test[1], np.int32), note,
    )


def make_unlabelled(info: DatasetInfo, train: np.ndarray, test: np.ndarray, note: str = "") -> RawImages:
    """`make_raw` of images without classes: every label is 0."""
    return make_raw(info, (train, np.zeros(len(train), np.int32)), (test, np.zeros(len(test), np.int32)), note)
