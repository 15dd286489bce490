"""scikit-learn's bundled digits: the data set that is always there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from lib.datasets.dataset import DatasetInfo
from lib.datasets.source import Progress, RawImages, Source, make_raw
from lib.datasets.splits import split_indices

TEST_IMAGES = 297
#: Fixed for good: there is no official test split, and results must stay comparable.
_TEST_SEED = 1797

INFO = DatasetInfo(
    name="digits", title="Digits (small, offline)",
    description="1,797 handwritten digits of 8x8 pixels, scaled smoothly to 28x28 with MNIST's margin.",
    image_shape=(28, 28, 1), class_names=tuple("0123456789"), train_images=1797 - TEST_IMAGES, test_images=TEST_IMAGES,
    licence="CC BY 4.0, E. Alpaydin and C. Kaynak", source="https://archive.ics.uci.edu/dataset/80",
)


def enlarge(images: np.ndarray) -> np.ndarray:
    """8x8 images with values 0 to 16 as uint8 (N, 28, 28, 1).

    The originals fill their frame; MNIST's digits fill 20x20 pixels in the middle of 28x28, so these do too.
    """
    small = np.rint(np.asarray(images) * (255 / 16)).astype(np.uint8)
    # Pillow resizes 8-bit images in integer arithmetic: the same pixels on every platform.
    large = [np.asarray(Image.fromarray(image).resize((20, 20), Image.Resampling.BICUBIC)) for image in small]
    return np.pad(np.stack(large), ((0, 0), (4, 4), (4, 4)))[..., None]


def _read(folder: Path, on_progress: Progress) -> RawImages:
    on_progress("Reading the bundled digits", None)
    from sklearn.datasets import load_digits

    bundled = load_digits()
    images, labels = enlarge(bundled.images), bundled.target
    train, test = (np.sort(part) for part in split_indices(labels, validation_size=TEST_IMAGES, seed=_TEST_SEED))
    return make_raw(
        INFO, (images[train], labels[train]), (images[test], labels[test]),
        note=f"No official test split; {TEST_IMAGES} images were set aside once and for all.",
    )


DIGITS = Source(INFO, read=_read, is_available=lambda folder: True)
