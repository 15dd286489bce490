"""A zip or a folder of images as one array: every image centre-cropped, scaled, and counted if it cannot be used.

Nothing is unpacked to disk: a zip's members are read in memory, so their names can lead nowhere.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from lib.base.errors import DataError, guarded
from lib.datasets.zips import open_zip
from lib.images.decoding import EXTENSIONS, MAX_BYTES, MIN_SIDE, TOO_SLOW, Unusable, decoded

MIN_IMAGES, MAX_IMAGES = 20, 200_000
#: Macs add a hidden file for every real one, and a folder is a member too.
MAX_ENTRIES = 2 * MAX_IMAGES + 10_000
#: Images of a set that may take longer than one is given.
MAX_SLOW = 3
#: Nobody's image set is larger; a zip that claims more wants to fill the memory.
MAX_TOTAL_BYTES = 8 * 2**30

Report = Callable[[int, int], None]


class ImageSet(NamedTuple):
    """Distinct images uint8 (N, side, side, 3) in the order of their names, and what was left out, by reason."""

    images: np.ndarray
    skipped: dict[str, int]

    @property
    def note(self) -> str:
        """What was left out in one sentence, "" when nothing was."""
        parts = [f"{count:,} {reason}" for reason, count in sorted(self.skipped.items())]
        return f"Left out: {', '.join(parts)}." if parts else ""


def read_images(source: str | Path | bytes, side: int, on_progress: Report | None = None) -> ImageSet:
    """The images of a zip (path or bytes) or of a folder and its folders; exact repeats are left out.

    Raises DataError when there is no such file, it is no zip, or no image in it can be used.
    """
    skipped: Counter[str] = Counter()
    images, seen = [], set()
    for read in _members(source, on_progress or (lambda done, total: None)):
        try:
            content = read()
            digest = hashlib.sha256(content).digest()
            if digest in seen:
                raise Unusable("exact repeats")
            images.append(square_image(content, side))
            seen.add(digest)
        except Unusable as reason:
            skipped[str(reason)] += 1
            _check_patience(skipped)
    if not images:
        raise DataError("There is no image that can be used.", expected="a zip or a folder of " + ", ".join(EXTENSIONS),
                        received=ImageSet(np.empty(0), skipped).note or "no images", remedy="Check what is in it.")
    return ImageSet(np.stack(images), dict(skipped))


def check_enough(images: ImageSet) -> None:
    """Raise DataError for a set that is too small to learn from."""
    if len(images.images) < MIN_IMAGES:
        raise DataError("These are too few images.", expected=f"at least {MIN_IMAGES}",
                        received=f"{len(images.images)}", remedy=f"Add images. {images.note}".strip())


def _check_patience(skipped: Counter[str]) -> None:
    if skipped[TOO_SLOW] > MAX_SLOW:
        raise DataError("Several of these images take too long to decode.", expected="images that open at once",
                        received=ImageSet(np.empty(0), dict(skipped)).note, remedy="Save them again as plain JPEG or PNG.")


def square_image(content: bytes, side: int) -> np.ndarray:
    """One image file as uint8 (side, side, 3): turned upright, its middle square, scaled. Raises Unusable."""
    square = ImageOps.fit(decoded(content, "RGB", 2 * side), (side, side), Image.Resampling.LANCZOS)
    return np.asarray(square, np.uint8)


def image_from_upload(content: bytes, side: int) -> np.ndarray:
    """A user's image as uint8 (side, side, 3); DataError for a file that is none."""
    try:
        return square_image(content, side)
    except Unusable as reason:
        raise DataError(
            "This image cannot be used.", expected=f"an image of at least {MIN_SIDE}x{MIN_SIDE} pixels",
            received=f"a file that is {reason}", remedy="Try another one, saved as JPEG or PNG.",
        ) from reason


def _members(source: str | Path | bytes, report: Report) -> Iterator[Callable[[], bytes]]:
    """A reader for each image file."""
    if not isinstance(source, bytes) and Path(source).is_dir():
        paths = sorted(path for path in Path(source).rglob("*") if _is_image(path.name) and path.is_file())
        for number, path in enumerate(_checked(paths)):
            report(number, len(paths))
            yield functools.partial(_read_file, path)
        return
    yield from _zip_members(source, report)


def _zip_members(source: str | Path | bytes, report: Report) -> Iterator[Callable[[], bytes]]:
    name = "The zip" if isinstance(source, bytes) else Path(source).name
    with contextlib.ExitStack() as stack:
        with guarded(f"{name} cannot be read.", DataError, expected="a zip of images",
                     remedy="Pack the images again, or name a folder."):
            archive = stack.enter_context(open_zip(source, MAX_ENTRIES))
            infos = sorted((i for i in archive.infolist() if not i.is_dir() and _is_image(i.filename)),
                           key=lambda info: info.filename)
        if sum(min(info.file_size, MAX_BYTES) for info in infos) > MAX_TOTAL_BYTES:
            raise DataError(f"{name} is too large.", expected=f"at most {MAX_TOTAL_BYTES >> 30} GB of images",
                            remedy="Use fewer images.")
        for number, info in enumerate(_checked(infos)):
            report(number, len(infos))
            yield functools.partial(_read_member, archive, info)


def _checked(items: list) -> list:
    if len(items) > MAX_IMAGES:
        raise DataError("These are too many images.", expected=f"at most {MAX_IMAGES:,}", received=f"{len(items):,}",
                        remedy="Use fewer images.")
    return items


def _is_image(name: str) -> bool:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Macs add a hidden file for every real one.
    return last.lower().endswith(EXTENSIONS) and not last.startswith(".") and "__MACOSX" not in name


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unusable("too large")
        return path.read_bytes()
    except OSError as error:
        raise Unusable("unreadable") from error


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > MAX_BYTES:
        raise Unusable("too large")
    if info.flag_bits & 1:
        raise Unusable("encrypted")
    try:
        with archive.open(info) as member:
            content = member.read(MAX_BYTES + 1)  # the header may lie about the size
    except Exception as error:  # unpackers raise anything for damaged members
        raise Unusable("broken") from error
    if len(content) > MAX_BYTES:
        raise Unusable("too large")
    return content
