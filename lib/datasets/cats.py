"""Cat faces, 64x64: the set of report 003, from the user's own zip or folder. It is not downloaded: Kaggle asks for a login.

Looked for in cats/ of the data folder (a zip, or pictures), then in what the page was given (`keep_cats`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

from lib.core.errors import DataError
from lib.datasets.dataset import DatasetInfo
from lib.datasets.folders import data_folder, home_folder
from lib.datasets.image_files import EXTENSIONS, Pictures, read_pictures
from lib.datasets.memory import shared_memory
from lib.datasets.npz import read_arrays
from lib.datasets.source import Progress, RawImages, Source, make_raw

SIDE = 64
#: A tenth is set aside for testing, the same for everyone.
TEST_SEED = 0
MIN_PICTURES = 20
FOLDER = "cats"
INFO = DatasetInfo(
    name="cats", title="Cat faces",
    description="Cat faces, 64x64 in colour: the 9,303 distinct ones of a set on Kaggle, or your own pictures.",
    image_shape=(SIDE, SIDE, 3), class_names=("cat",), train_images=8373, test_images=930,
    licence="see its page on Kaggle; not part of this app",
    source="https://www.kaggle.com/datasets/spandan2/cats-faces-64x64-for-generative-models", kind="pictures",
)


def cats_source(folder: Path) -> Path | None:
    """The zip, folder or kept file that `load` would read; None when there is none."""
    place = folder / FOLDER
    zips = sorted(place.glob("*.zip"))
    if zips:
        return zips[0]
    if place.is_dir() and any(path.suffix.lower() in EXTENSIONS for path in place.rglob("*")):
        return place
    kept = _kept_path()
    return kept if kept.exists() else None


def can_keep_cats() -> bool:
    """Whether `keep_cats` would matter: the data folder has no pictures of its own, which come first."""
    found = cats_source(data_folder())
    return found is None or found == _kept_path()


def _kept_path(home: str | os.PathLike[str] | None = None) -> Path:
    return home_folder(home) / "datasets" / "pictures" / "cats.npz"


def split_off_test(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(training, test) images, a tenth for the test, always the same."""
    order = np.random.default_rng(TEST_SEED).permutation(len(images))
    count = len(images) // 10
    return images[np.sort(order[count:])], images[np.sort(order[:count])]


def _read(folder: Path, on_progress: Progress) -> RawImages:
    path = cats_source(folder)
    if path is None:
        raise DataError(
            "The cat faces are not on this machine.", expected=f"a zip of pictures in {folder / FOLDER}",
            remedy=f"Get them from {INFO.source}, or add a zip of your own on the page. "
                   f"'digits' works without a network; the data folder is {folder}.",
        )
    pictures = _pictures(path, on_progress)
    if len(pictures.images) < MIN_PICTURES:
        raise DataError(f"{path.name} has too few pictures.", expected=f"at least {MIN_PICTURES}",
                        received=str(len(pictures.images)), remedy=f"Bring more. {pictures.note}".strip())
    train, test = split_off_test(pictures.images)
    note = f"{len(test):,} test images, set aside by the lab. {pictures.note}".strip()
    zeros = np.zeros(len(pictures.images), np.int32)
    return make_raw(INFO, (train, zeros[: len(train)]), (test, zeros[: len(test)]), note)


def _pictures(path: Path, on_progress: Progress) -> Pictures:
    if path.suffix == ".npz":
        images = read_arrays(path, str(path), ["images"])["images"]
        return Pictures(images, {})
    on_progress("Reading pictures", None)

    def report(done: int, total: int) -> None:
        if done % 500 == 0:
            on_progress(f"Reading pictures: {done:,} of {total:,}", done / total)

    return read_pictures(path, SIDE, report)


def keep_cats(content: bytes, home: str | os.PathLike[str] | None = None) -> Pictures:
    """Read the zip in `content` and keep its pictures below the home folder; DataError for a bad one."""
    pictures = read_pictures(content, SIDE)
    if len(pictures.images) < MIN_PICTURES:
        raise DataError("These are too few pictures.", expected=f"at least {MIN_PICTURES}",
                        received=f"{len(pictures.images)}", remedy=f"Bring more. {pictures.note}".strip())
    path = _kept_path(home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
            np.savez_compressed(file, images=pictures.images)
        os.replace(file.name, path)
    except OSError as error:
        raise DataError(f"The pictures cannot be kept in {path.parent}.", received=str(error),
                        remedy="Free some space, or set NEURAL_LAB_HOME to a folder that can be written to.") from error
    shared_memory().clear()  # an earlier zip may be in it
    return pictures


CATS = Source(INFO, read=_read, is_available=lambda folder: cats_source(folder) is not None)
