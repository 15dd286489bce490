"""Seeded, stratified splits: every class keeps its share, and a seed decides which images go where."""

from __future__ import annotations

import numpy as np

from lib.base.errors import DataError

_TEST_SEED = 0


def default_validation_size(images: int) -> int:
    """A tenth of the training images: 6,000 for MNIST's 60,000, 5,000 for CIFAR-10's 50,000; at least 1 of 2."""
    return max(images // 10, min(1, images - 1), 0)


def split_off_test(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(training, test) images of a set without classes: a tenth for the test, the same for everyone."""
    order = np.random.default_rng(_TEST_SEED).permutation(len(images))
    count = len(images) // 10
    return images[np.sort(order[count:])], images[np.sort(order[:count])]


def stratified_counts(available: np.ndarray, size: int) -> np.ndarray:
    """How many of each class make `size` images in proportion to `available` (int64 (classes,)).

    Every count is its exact share rounded down or up; largest remainders win, ties go to the
    lower class. Integer arithmetic only, so that every platform rounds alike.
    """
    available = np.asarray(available, np.int64)
    counts, remainders = np.divmod(available * size, max(int(available.sum()), 1))
    missing = size - int(counts.sum())
    counts[np.argsort(-remainders, kind="stable")[:missing]] += 1
    return counts


def _check_sizes(images: int, train_size: int | None, validation_size: int) -> None:
    wanted = validation_size + (1 if train_size is None else train_size)
    if min(validation_size, images - wanted) >= 0 and (train_size is None or train_size >= 1):
        return
    asked = "at least 1" if train_size is None else f"{train_size:,}"
    raise DataError(
        "The splits ask for more images than there are.",
        expected=f"training and validation images that together make at most {images:,}",
        received=f"{asked} for training and {validation_size:,} for validation",
        remedy="Take fewer training or fewer validation images.",
    )


def leading_split(images: int, *, train_size: int | None = None, validation_size: int | None = None,
                  seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Indices (int64) as in Geron's book: the first `validation_size` images validate, the others train.

    Training images come in the random order of `seed`, a `train_size` of them not stratified. Sizes as in `split_indices`.
    """
    validation_size = default_validation_size(images) if validation_size is None else validation_size
    _check_sizes(images, train_size, validation_size)
    train = validation_size + np.random.default_rng(seed).permutation(images - validation_size)
    return train[:train_size], np.arange(validation_size)


def split_indices(
    labels: np.ndarray, *, train_size: int | None = None, validation_size: int | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Indices (int64) of the training and of the validation images, disjoint and in random order.

    `labels` is int (N,). `validation_size=None` means a tenth; `train_size=None` all that the
    validation split leaves, otherwise a stratified part of it. The training images are taken from
    the front of one shuffled list per class and the validation images from its end, so for one
    seed a smaller training split differs from part of a larger one by at most one image per class.
    Raises DataError for sizes that do not fit.
    """
    labels = np.asarray(labels)
    images = len(labels)
    validation_size = default_validation_size(images) if validation_size is None else validation_size
    _check_sizes(images, train_size, validation_size)
    order = np.random.default_rng(seed).permutation(images)
    classes, available = np.unique(labels, return_counts=True)
    validation_counts = stratified_counts(available, validation_size)
    left = available - validation_counts
    train_counts = left if train_size is None else stratified_counts(left, train_size)
    # Rank of each shuffled image among those of its class: 0 for the first, and so on.
    shuffled = np.searchsorted(classes, labels[order])
    starts = np.concatenate([[0], np.cumsum(available)])[:-1]
    rank = np.empty(images, np.int64)
    rank[np.argsort(shuffled, kind="stable")] = np.arange(images) - np.repeat(starts, available)
    return order[rank < train_counts[shuffled]], order[rank >= left[shuffled]]
