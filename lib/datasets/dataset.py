"""What a loaded data set is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A data set described without loading it.

    `image_shape` is (height, width, channels); `train_images` and `test_images` are the official
    counts; `licence` and `source` are for the page; `bytes` is the size of the download, 0 if none.
    `kind` is "classes" where labels are classes to tell apart, "clock" where they are minutes after 12:00, "images"
    where all labels are 0: there are only images, to learn to draw.
    """

    name: str
    title: str
    description: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    train_images: int
    test_images: int
    licence: str
    source: str
    bytes: int = 0
    kind: str = "classes"

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A split data set in memory.

    Images are uint8 arrays (N, height, width, channels), 0-255; labels int32 arrays (N,) from 0.
    All arrays are read-only. `note` says what is special about it ("1,000 test images"), if anything. `fingerprint` tells
    the images that it was split from, in their order, from any others; "" where nobody asked.
    """

    info: DatasetInfo
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    note: str = ""
    fingerprint: str = ""
