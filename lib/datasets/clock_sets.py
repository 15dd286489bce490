"""Rendered clocks as data sets: 18,000 images, 25 of each of the 720 minutes, as in the reports' set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from lib.base.folders import home_folder, is_writable
from lib.datasets.clocks import load_own_clocks, make_clocks, stratified_split
from lib.datasets.dataset import DatasetInfo
from lib.datasets.source import Progress, RawImages, Source, make_raw

PER_MINUTE = 25
SIZES = (75, 150)
#: The split is the same for everyone, so that figures of different networks belong to the same test clocks.
SPLIT_SEED = 0
#: The families that are data sets; the others are for training readers only.
_TITLES = {"course": "Clocks like the course's", "varied": "Clocks of all kinds",
           "wall": "The course's clock, hanging upright", "table": "The course's clock on its table"}
_WORDS = {
    "table": "One clock on one table under one lamp, seen by a camera that walks round it: table and light turn "
             "with the dial",
    "course": "One wall clock on wooden planks, turned by any angle and seen from many sides, some with glare; planks "
              "and light do not turn with the dial",
    "wall": "The course's clock from many sides, its dial turned by ten degrees at most: a small network can learn it",
    "varied": "Wall clocks, watches, station clocks and drawings, with many dials, hands and backgrounds",
}


def clock_set_name(family: str, size: int) -> str:
    """The registry's name of a family drawn at `size` x `size` pixels."""
    return f"clocks_{family}_{size}"


def _info(family: str, size: int) -> DatasetInfo:
    times = tuple(f"{hour or 12}:{minute:02d}" for hour in range(12) for minute in range(60))
    total = 720 * PER_MINUTE
    return DatasetInfo(
        clock_set_name(family, size), f"{_TITLES[family]}, {size}x{size}",
        f"{_WORDS[family]}. {total:,} images drawn on this machine, {PER_MINUTE} of each minute.", (size, size, 1),
        times, total * 9 // 10, total // 10, "drawn by this app", "lib/clockface", kind="clock",
    )


def _cache(folder: Path) -> Path:
    return (folder if is_writable(folder) else home_folder()) / "rendered"


def _source(family: str, size: int) -> Source:
    info = _info(family, size)

    def read(folder: Path, on_progress: Progress) -> RawImages:
        def report(done: int, total: int) -> None:
            on_progress(f"Drawing clocks: {done:,} of {total:,}", done / total)

        images, labels = make_clocks(family, size, PER_MINUTE, on_progress=report, cache=_cache(folder))
        return _split(info, images, labels)

    return Source(info, read, lambda _folder: True)


def _split(info: DatasetInfo, images: np.ndarray, labels: np.ndarray) -> RawImages:
    """Every minute spread alike over the training and the test images."""
    train, validation, test = stratified_split(labels, SPLIT_SEED)
    minutes = labels[:, 0] * 60 + labels[:, 1]
    rest = [*train.tolist(), *validation.tolist()]
    return make_raw(info, (images[rest], minutes[rest]), (images[test], minutes[test]))


OWN_FOLDER = "clocks"
_OWN_SIZE = 150


def _own_source() -> Source:
    """`clocks/images.npy` and `clocks/labels.npy` of the data folder, in the course's layout."""
    info = replace(
        _info("course", _OWN_SIZE), name="clocks_own", title="Your own clocks",
        description=f"{OWN_FOLDER}/images.npy and {OWN_FOLDER}/labels.npy of the data folder, scaled to 150x150 if need be.",
        licence="your own", source="your own",
    )

    def read(folder: Path, on_progress: Progress) -> RawImages:
        on_progress("Reading your clocks", None)
        images, labels = load_own_clocks(folder / OWN_FOLDER)
        return _split(info, scaled(images, _OWN_SIZE), labels)

    return Source(info, read, lambda folder: (folder / OWN_FOLDER / "images.npy").exists(),
                  own_files=lambda folder: [folder / OWN_FOLDER / name for name in ("images.npy", "labels.npy")])


def scaled(images: np.ndarray, size: int) -> np.ndarray:
    """Square images uint8 (N, H, H, 1) at `size` x `size`, themselves where they have that size."""
    if images.shape[1] == size:
        return images
    small = [np.asarray(Image.fromarray(image[..., 0]).resize((size, size), Image.Resampling.BOX)) for image in images]
    return np.stack(small)[..., None]


#: Families at both sizes of the reports, and the user's own.
CLOCK_SETS: tuple[Source, ...] = (*(_source(family, size) for family in _TITLES for size in SIZES), _own_source())
