"""Whether training could get its images: asked before a run or a grid of them begins, not by every run on its own."""

from __future__ import annotations

from collections.abc import Iterable

from lib.base.errors import DataError
from lib.base.folders import data_folder, is_writable
from lib.datasets.download import no_answer
from lib.datasets.registry import Home, available, info, remote_files
from lib.datasets.source import RemoteFile
from lib.datasets.splits import default_validation_size
from lib.spec.specs import DataSpec


def check_sizes(spec: DataSpec, home: Home = None) -> None:
    """Raise DataError when `spec` asks for more images than its set has; the images are not read."""
    described = info(spec.dataset, home)
    images = described.train_images
    validation = default_validation_size(images) if spec.validation_size is None else spec.validation_size
    left = images - validation
    if (spec.train_size or 1) > left:
        raise DataError(
            f"{described.title} has {images:,} images to learn from, and {validation:,} of them validate.",
            expected=f"at most {max(left, 0):,} training images", received=f"{spec.train_size or 1:,}",
            remedy="Take fewer, or a larger data set.",
        )


def check_obtainable(specs: Iterable[DataSpec], home: Home = None) -> None:
    """Raise one DataError for all of `specs` whose images are neither here nor to be had.

    Asks the mirrors of missing files whether they answer, which takes seconds when there is no network.
    """
    missing = [name for name in dict.fromkeys(spec.dataset for spec in specs) if not available(name, home)]
    reasons = {name: reason for name in missing if (reason := _why_not(name))}
    if not reasons:
        return
    titles = " and ".join(info(name, home).title for name in reasons)
    raise DataError(
        f"{titles} {'is' if len(reasons) == 1 else 'are'} not on this machine and cannot be fetched: "
        f"{next(iter(reasons.values()))}.",
        remedy="Connect to the internet and try again, or choose the data set Digits, which comes with the app.",
        details="\n\n".join(_by_hand(name, home) for name in reasons),
    )


def _why_not(name: str) -> str:
    """Why a set that is not here cannot be downloaded; "" when it can."""
    files = _missing_files(name)
    if not files:
        return "its files have to be put there by hand"
    if not is_writable(data_folder()):
        return f"{data_folder()} cannot be written to"
    return next((reason for remote in files if (reason := no_answer(remote))), "")


def _missing_files(name: str) -> tuple[RemoteFile, ...]:
    return tuple(remote for remote in remote_files(name) if not (data_folder() / remote.path).is_file())


def _by_hand(name: str, home: Home) -> str:
    """Which files of a set to put where, as Markdown."""
    described = info(name, home)
    lines = [f"**{described.title}** by hand: put these files into `{data_folder()}`, or set `NEURAL_LAB_DATA` to a folder "
             f"that has them. Source: {described.source}"]
    lines += [f"- `{remote.path}` from <{remote.urls[0]}>, SHA-256 `{remote.sha256}`" for remote in _missing_files(name)]
    return "\n".join(lines)
