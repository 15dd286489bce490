"""Data sets and specs small enough to train in a unit test."""

from __future__ import annotations

import numpy as np

from lib.datasets.dataset import Dataset, DatasetInfo
from lib.spec.specs import (
    ArchitectureSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    PoolSpec,
    RunSpec,
    TrainSpec,
)

TINY_INFO = DatasetInfo("tiny", "Tiny", "Bright quarters", (8, 8, 1), ("left", "right", "bottom"), 48, 24, "", "")

MLP = ArchitectureSpec((FlattenSpec(), DenseSpec(16), DropoutSpec(0.2), DenseSpec(3, "softmax")), "tiny_mlp")
CNN = ArchitectureSpec((ConvSpec(4), PoolSpec(), FlattenSpec(), DenseSpec(3, "softmax")), "tiny_cnn")


def _images(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    labels = (np.arange(count) % 3).astype(np.int32)
    images = rng.integers(0, 60, (count, 8, 8, 1)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        top, left = 4 * (label // 2), 4 * (label % 2)
        image[top : top + 4, left : left + 4] += 180
    return images, labels


def tiny_dataset(train: int = 48, validation: int = 12, test: int = 24) -> Dataset:
    """Three classes told apart by which quarter is bright; any network can learn them."""
    rng = np.random.default_rng(0)
    splits = [array for count in (train, validation, test) for array in _images(rng, count)]
    return Dataset(TINY_INFO, *splits)


def tiny_spec(architecture: ArchitectureSpec = MLP, seed: int = 0, **train: object) -> RunSpec:
    """A run of two epochs of batches of 10; `train` overrides fields of its TrainSpec."""
    options = {"batch_size": 10, "epochs": 2, "learning_rate": 0.01} | train
    return RunSpec(architecture, DataSpec("tiny"), TrainSpec(**options), seed)
