"""Cat faces, 64x64: the set of report 003, from the user's own zip or folder. It is not downloaded: Kaggle asks for a login.

Looked for in cats/ of the data folder (a zip, or images). Images that are brought to the page are sets of their own
(`lib.datasets.custom`); in homes of before December 2026 they are found under this name.
"""

from __future__ import annotations

from pathlib import Path

from lib.base.errors import DataError
from lib.base.folders import home_folder
from lib.datasets.dataset import DatasetInfo
from lib.datasets.image_files import EXTENSIONS, ImageSet, check_enough, read_images
from lib.datasets.npz import read_arrays
from lib.datasets.source import Progress, RawImages, Source, make_unlabelled
from lib.datasets.splits import split_off_test

SIDE = 64
FOLDER = "cats"
INFO = DatasetInfo(
    name="cats", title="Cat faces",
    description="Cat faces, 64x64 in colour: the 9,303 distinct ones of a set on Kaggle, or your own images.",
    image_shape=(SIDE, SIDE, 3), class_names=("cat",), train_images=8373, test_images=930,
    licence="see its page on Kaggle; not part of this app",
    source="https://www.kaggle.com/datasets/spandan2/cats-faces-64x64-for-generative-models", kind="images",
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


def _own_files(folder: Path) -> list[Path]:
    """What `cats_source` finds, file by file."""
    path = cats_source(folder)
    if path is None:
        return []
    return sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]


def _kept_path() -> Path:
    return home_folder() / "datasets" / "pictures" / "cats.npz"


def _read(folder: Path, on_progress: Progress) -> RawImages:
    path = cats_source(folder)
    if path is None:
        raise DataError(
            "The cat faces are not on this machine.", expected=f"a zip of images in {folder / FOLDER}",
            remedy=f"Get them from {INFO.source}, or add a zip of your own on the page. "
                   f"'digits' works without a network; the data folder is {folder}.",
        )
    images = _images(path, on_progress)
    check_enough(images)
    train, test = split_off_test(images.images)
    note = f"{len(test):,} test images, set aside by the lab. {images.note}".strip()
    return make_unlabelled(INFO, train, test, note)


def _images(path: Path, on_progress: Progress) -> ImageSet:
    if path.suffix == ".npz":
        images = read_arrays(path, str(path), ["images"])["images"]
        return ImageSet(images, {})
    on_progress("Reading images", None)

    def report(done: int, total: int) -> None:
        if done % 500 == 0:
            on_progress(f"Reading images: {done:,} of {total:,}", done / total)

    return read_images(path, SIDE, report)


CATS = Source(INFO, read=_read, is_available=lambda folder: cats_source(folder) is not None, own_files=_own_files)
