"""Images and labels in an npz that a user brings: every mistake is explained before it costs time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.base.errors import DataError
from lib.datasets.npz import ArrayHeader, NpzSource, read_arrays, read_headers

MIN_IMAGES, MAX_CLASSES = 10, 1000
MIN_SIDE, MAX_SIDE = 4, 512
_CHUNK = 4096

#: x_train, y_train, x_test, y_test; the last two are None without a test split.
Splits = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]


def read_npz(source: NpzSource, name: str) -> Splits:
    """(x_train, y_train, x_test, y_test) of an npz that a user brings; the test arrays are None if it has none.

    `source` is the file's bytes or its path, `name` is for messages. Keys are x_train and y_train,
    with x_test and y_test if there is a test split, or images and labels. Images are (N, H, W) or
    (N, H, W, C) with 1 or 3 channels, uint8 or floats from 0 to 1; labels are whole numbers (N,)
    or (N, 1). Returns images as uint8 (N, H, W, C), 0-255, and labels as int32 (N,). Sizes and
    headers are checked before anything is read, and nothing is unpickled. Raises DataError.
    """
    headers = read_headers(source, name)
    pairs = _choose_keys(headers, name)
    for images, labels in pairs:
        _check_headers(headers, images, labels, name)
    arrays = read_arrays(source, name, [key for pair in pairs for key in pair])
    read = [(_to_pixels(arrays.pop(x), f"{name}: {x}"), _to_labels(arrays.pop(y), f"{name}: {y}")) for x, y in pairs]
    _check_together(read, name)
    (x_train, y_train), (x_test, y_test) = read[0], read[1] if len(read) > 1 else (None, None)
    return x_train, y_train, x_test, y_test


def _choose_keys(headers: Mapping[str, ArrayHeader], name: str) -> list[tuple[str, str]]:
    """Which keys hold images and labels: one pair, or two with a test split."""
    train = next((pair for pair in (("x_train", "y_train"), ("images", "labels")) if set(pair) <= set(headers)), None)
    has_half_a_test = ("x_test" in headers) != ("y_test" in headers)
    if train is None or has_half_a_test:
        raise DataError(
            f"{name} lacks arrays.",
            expected="x_train and y_train (and x_test and y_test for a test split), or images and labels",
            received=", ".join(headers) or "no arrays",
            remedy="Save it with np.savez_compressed(path, x_train=..., y_train=...).",
        )
    return [train, ("x_test", "y_test")] if "x_test" in headers else [train]


def _check_headers(headers: Mapping[str, ArrayHeader], images: str, labels: str, name: str) -> None:
    x, y = headers[images], headers[labels]
    _check_image_header(x, f"{name}: {images}")
    _check_label_header(y, f"{name}: {labels}")
    if x.shape[0] != y.shape[0]:
        raise DataError(
            f"{name}: {images} and {labels} do not belong together.", expected="one label for each image",
            received=f"{x.shape[0]:,} images and {y.shape[0]:,} labels", remedy="Save both together.",
        )


def _check_image_header(header: ArrayHeader, what: str) -> None:
    shape, dtype = header.shape, header.dtype
    if dtype != np.uint8 and dtype.kind != "f":
        raise DataError(
            f"{what} has a type of number that images do not have.", expected="uint8 (0 to 255) or floats from 0 to 1",
            received=str(dtype), remedy="If its values go from 0 to 255, convert it with .astype(np.uint8).",
        )
    is_image = len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3))
    if not is_image:
        raise DataError(
            f"{what} does not have the shape of images.",
            expected="(images, height, width), or (images, height, width, channels) with 1 or 3 channels",
            received=str(shape), remedy=_shape_remedy(shape),
        )
    if shape[0] == 0 or not all(MIN_SIDE <= side <= MAX_SIDE for side in shape[1:3]):
        raise DataError(
            f"{what} has no images, or images of a size the lab does not take.",
            expected=f"images of {MIN_SIDE} to {MAX_SIDE} pixels a side", received=str(shape),
            remedy="Scale the images before saving them.",
        )


def _shape_remedy(shape: tuple[int, ...]) -> str:
    if len(shape) == 4 and shape[1] in (1, 3):
        return "Its channels come first; move them to the end with x.transpose(0, 2, 3, 1)."
    side = round(shape[1] ** 0.5) if len(shape) == 2 else 0
    if side > 1 and side * side == shape[1]:
        return f"Its images are flat; give them back their form with x.reshape(-1, {side}, {side})."
    return "Reshape it before saving."


def _check_label_header(header: ArrayHeader, what: str) -> None:
    shape, dtype = header.shape, header.dtype
    if dtype.kind not in "iu":
        raise DataError(
            f"{what} has a type of number that labels do not have.", expected="whole numbers, one for each image",
            received=str(dtype), remedy="Number the classes from 0 and convert with .astype(np.int32).",
        )
    if len(shape) != 1 and not (len(shape) == 2 and shape[1] == 1):
        raise DataError(
            f"{what} does not have the shape of labels.", expected="(images,) or (images, 1)", received=str(shape),
            remedy="If each row marks its class with a 1, use y.argmax(axis=1).",
        )


def _to_pixels(images: np.ndarray, what: str) -> np.ndarray:
    """uint8 (N, H, W, C), 0-255; floats must be finite and from 0 to 1."""
    images = images[..., None] if images.ndim == 3 else images
    if images.dtype == np.uint8:
        return images
    pixels = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), _CHUNK):  # in pieces: a temporary copy of a whole set may not fit
        part = images[start:start + _CHUNK].astype(np.float32)
        _check_floats(part, what)
        pixels[start:start + _CHUNK] = np.rint(part * 255)
    return pixels


def _check_floats(values: np.ndarray, what: str) -> None:
    if not np.isfinite(values).all():
        raise DataError(
            f"{what} has values that are not numbers.", expected="floats from 0 to 1", received="NaN or infinity",
            remedy="Find out where they come from (a division by zero?), or replace them with np.nan_to_num.",
        )
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        raise DataError(
            f"{what} has floats out of range.", expected="0 to 1", received=f"{low:g} to {high:g}",
            remedy="Divide by 255 if they go to 255; use (x + 1) / 2 if they go from -1 to 1.",
        )


def _to_labels(labels: np.ndarray, what: str) -> np.ndarray:
    labels = labels.reshape(-1)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > np.iinfo(np.int32).max:
        raise DataError(
            f"{what} has labels out of range.", expected="whole numbers from 0", received=f"{low} to {high}",
            remedy="Number the classes from 0.",
        )
    return labels.astype(np.int32)


def _check_together(read: list[tuple[np.ndarray, np.ndarray]], name: str) -> None:
    """Enough images and classes, and a test split that looks like the training split."""
    x_train, y_train = read[0]
    classes = len(np.unique(y_train))
    if not 2 <= classes <= MAX_CLASSES:
        raise DataError(
            f"{name} cannot be used to learn to tell classes apart.", expected=f"2 to {MAX_CLASSES:,} classes",
            received=f"{classes:,}", remedy="Each class is one value of the labels; check what you saved as labels.",
        )
    if len(x_train) < MIN_IMAGES:
        raise DataError(
            f"{name} has too few training images.", expected=f"at least {MIN_IMAGES}", received=str(len(x_train)),
            remedy="A tenth is set aside for validation; bring more images.",
        )
    for x_test, y_test in read[1:]:
        if x_test.shape[1:] != x_train.shape[1:]:
            raise DataError(
                f"{name}: training and test images differ in size.", expected=str(x_train.shape[1:]),
                received=str(x_test.shape[1:]), remedy="Scale them to the same size.",
            )
        unknown = np.setdiff1d(y_test, y_train)
        if len(unknown):
            raise DataError(
                f"{name} tests classes that no training image shows.", expected="test labels that occur in y_train",
                received=f"label {unknown[0]}", remedy="Mix the images before splitting them.",
            )
