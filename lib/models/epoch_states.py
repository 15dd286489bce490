"""States of earlier epochs in a run's folder, to fork from: few enough to stay small on the disk.

The state after the last epoch is the file that a run resumes from; each epoch's is kept beside it under a second name,
which costs no time and, until the next epoch, no room. Kept are the epochs whose number is a multiple of a power of two:
the smallest for which they take no more than their share of the disk. A fork from an epoch between them trains the few
epochs since the last kept one once more, with the same result.
"""

from __future__ import annotations

import contextlib
import json
import operator
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lib.base.drafts import draft_of

#: Where a run goes on.
RESUME_FILE = "resume.npz"
_FOLDER = "states"
#: Bytes that the states of one run, and those of all ended runs together, may take.
RUN_BYTES, HOME_BYTES = 32_000_000, 2_000_000_000
#: More of them help nobody.
MOST_STATES = 32


def kept_epochs(folder: Path) -> list[int]:
    """After how many epochs there is a state to go on from, ascending."""
    return sorted(int(path.stem) for path in (folder / _FOLDER).glob("*.npz") if path.stem.isdigit())


def stride_of(size: int, epochs: int) -> int:
    """The smallest power of two of which so many epochs have few enough multiples, with states of `size` bytes each."""
    room = min(MOST_STATES, RUN_BYTES // max(size, 1))
    stride = 1
    while epochs // stride > room and stride <= epochs:
        stride *= 2
    return stride


def keep_state(folder: Path, epoch: int) -> None:
    """Keep the present state, that after `epoch` epochs, and drop those that there is no more room for.

    A disk that has no room for a second name keeps none: the run itself does not need it.
    """
    resume, states = folder / RESUME_FILE, folder / _FOLDER
    with contextlib.suppress(OSError):
        stride = stride_of(resume.stat().st_size, epoch)
        for kept in kept_epochs(folder):
            if kept % stride:
                _path(folder, kept).unlink()
        if epoch % stride == 0:
            states.mkdir(exist_ok=True)
            second_name(resume, _path(folder, epoch))


def state_before(folder: Path, epoch: int) -> int:
    """The last kept epoch that is not after `epoch`; 0 for none: training begins anew."""
    return max((kept for kept in kept_epochs(folder) if kept <= epoch), default=0)


def resume_point(folder: Path) -> tuple[int, int] | None:
    """Whole epochs and steps of the state that a run goes on from; None where there is none that can be read."""
    try:
        with open(folder / RESUME_FILE, "rb") as file, np.load(file, allow_pickle=False) as archive:
            meta = json.loads(str(archive["meta"]))
            return operator.index(meta["epoch"]), operator.index(meta["step"])
    except Exception:  # unpackers and NumPy raise anything for a damaged file; training says what is wrong with it
        return None


def resume_choices(folder: Path) -> dict[str, float | str]:
    """With which choices (`lib.spec.choices`) the state was written that a run goes on from; {} for none or no state."""
    try:
        with open(folder / RESUME_FILE, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return dict(json.loads(str(archive["meta"])).get("chosen", {}))
    except Exception:  # as above
        return {}


def copy_state(source: Path, target: Path, epoch: int, step: int) -> int:
    """Let a run in `target` begin with the state of the run in `source` after `epoch` epochs, or the last one before it.

    `step` is the number of steps in so many epochs. The states of earlier epochs come along. Returns after how many epochs
    the state is that training goes on from, 0 where there is none. Raises OSError.
    """
    kept_before = [kept for kept in kept_epochs(source) if kept <= epoch]
    if kept_before:
        (target / _FOLDER).mkdir(exist_ok=True)
    for kept in kept_before:
        with contextlib.suppress(FileNotFoundError):  # the run trains, and has just dropped it
            second_name(_path(source, kept), _path(target, kept))
    with contextlib.suppress(FileNotFoundError):
        second_name(source / RESUME_FILE, target / RESUME_FILE)
        if resume_point(target) == (epoch, step):
            return epoch
        (target / RESUME_FILE).unlink()
    while (kept := state_before(source, epoch)) > 0:
        try:
            second_name(_path(source, kept), target / RESUME_FILE)
        except FileNotFoundError:
            epoch = kept - 1
        else:
            return kept
    return 0


def drop_states(folders: Iterable[Path], limit: int = HOME_BYTES) -> None:
    """Drop the states of the last of these runs' folders until those of all together take at most `limit` bytes."""
    total = 0
    for folder in folders:
        with contextlib.suppress(OSError):
            total += sum(path.stat().st_size for path in (folder / _FOLDER).glob("*.npz"))
            if total > limit:
                shutil.rmtree(folder / _FOLDER, ignore_errors=True)


def _path(folder: Path, epoch: int) -> Path:
    return folder / _FOLDER / f"{epoch:05d}.npz"


def second_name(source: Path, target: Path) -> None:
    """`target` as another name of the file: files of a run are replaced, never written into."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        with draft_of(target) as draft:
            shutil.copyfile(source, draft)
