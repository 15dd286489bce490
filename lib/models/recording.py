"""What is kept of every epoch for the scrubber: images that a task made, or the inside of a classifier.

Recording never changes what is trained, and costs little: a classifier is inspected only while all inspections together took
less than `SHARE` of the training time, and a run's files stay below `MOST_BYTES`, by keeping every second epoch, then every
fourth, and so on.
"""

from __future__ import annotations

import contextlib
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lib.catalog.tasks import Recorded
from lib.measures.epoch_recording import EpochRecording, recording_arrays, recording_from
from lib.models.epoch_states import second_name
from lib.models.files import read_npz, shared_npz, write_npz
from lib.models.inspection import PROBE_IMAGES

if TYPE_CHECKING:
    from lib.models.tasks.base import TrainingTask

#: Inspections may take so much of the training time: less than a twentieth, which nobody notices.
SHARE = 0.04
#: Bytes of recordings that a run may keep.
MOST_BYTES = 4_000_000
_SHOWN = "shown.npz"


def epoch_images(folder: Path, epoch: int) -> dict[str, np.ndarray]:
    """The images that a task kept after `epoch` (0-based), empty when nothing is kept."""
    path = _path(folder, epoch)
    return read_npz(path) if path.exists() else {}


def epoch_recording(folder: Path, epoch: int) -> EpochRecording:
    """What was recorded of a classifier after `epoch` (0-based); raises CheckpointError when it is missing or damaged."""
    return recording_from(shared_npz(_path(folder, epoch)))


def shown_images(folder: Path) -> dict[str, np.ndarray]:
    """`images` and `labels` of the validation images whose predictions are recorded; CheckpointError where they are gone."""
    return shared_npz(folder / "epochs" / _SHOWN)


def recorded_epochs(folder: Path) -> list[int]:
    """The epochs (0-based) of which something is kept, ascending."""
    try:
        names = os.listdir(folder / "epochs")  # a page asks at every refresh, and paths cost several times as much
    except OSError:
        return []
    return sorted(int(name.removesuffix(".npz")) for name in names
                  if name.endswith(".npz") and name.removesuffix(".npz").isdigit())


def copy_recordings(source: Path, target: Path, epochs: int) -> None:
    """Give the run in `target` what the run in `source` recorded of its first `epochs` epochs. Raises OSError."""
    found = [path for path in (source / "epochs").glob("*.npz")
             if path.name == _SHOWN or (path.stem.isdigit() and int(path.stem) < epochs)]
    if found:
        (target / "epochs").mkdir(exist_ok=True)
    for path in found:
        with contextlib.suppress(FileNotFoundError):  # the run trains, and thins them out
            second_name(path, target / "epochs" / path.name)


def _path(folder: Path, epoch: int) -> Path:
    return folder / "epochs" / f"{epoch:05d}.npz"


class Recorder:
    """Keeps what `task` shows of this `kind` after its epochs in `folder`; does nothing without a folder.

    `first_epoch` is the epoch that the training begins with, after `seconds` of training in an earlier process: what that
    one left of this epoch and later ones is removed. `images` are the images of an epoch.
    """

    def __init__(
        self, task: TrainingTask, kind: Recorded, folder: Path | None, first_epoch: int, seconds: float, images: int
    ) -> None:
        self._task, self._folder = task, folder
        self._kind = Recorded.NOTHING if folder is None else kind
        self._cost_share = min(PROBE_IMAGES, images) / max(images, 1)
        self._spent, self._cost, self._began = 0.0, 0.0, seconds
        self._stride, self._bytes, self._taken, self._last = 1, 0, 0, -1
        if folder is not None and self._kind is not Recorded.NOTHING:
            self._take_up(folder, first_epoch)

    def _take_up(self, folder: Path, first_epoch: int) -> None:
        (folder / "epochs").mkdir(exist_ok=True)
        for epoch in recorded_epochs(folder):
            if epoch >= first_epoch:
                _path(folder, epoch).unlink(missing_ok=True)
        kept = recorded_epochs(folder)
        self._bytes = sum(_path(folder, epoch).stat().st_size for epoch in kept)
        gaps = [later - earlier for earlier, later in pairwise(kept)]
        self._stride = min(gaps, default=1) if self._bytes > MOST_BYTES / 2 else 1

    def follow(self, task: TrainingTask) -> None:
        """Record this task from now on: the same network, built anew."""
        self._task = task

    def after_epoch(self, epoch: int, seconds: float, epoch_seconds: float) -> None:
        """To be called with the training time so far and that of this epoch; raises StorageError when the disk is full."""
        if self._kind is Recorded.IMAGES:
            self._write(epoch, self._task.kept_images())
        elif self._kind is Recorded.INSIDE:
            if not self._taken:
                self._cost = self._cost_share * epoch_seconds
            if epoch % self._stride == 0 and self._spent + self._cost <= SHARE * (seconds - self._began):
                self._record(epoch)

    def after_last(self, epoch: int, seconds: float) -> None:
        """To be called when training has ended after `epoch`: it is recorded too, unless that would cost too much."""
        affordable = self._taken and self._cost <= SHARE * (seconds - self._began)
        if self._kind is Recorded.INSIDE and 0 <= epoch != self._last and affordable:
            self._record(epoch)

    def _record(self, epoch: int) -> None:
        clock = time.monotonic()
        self._write(epoch, recording_arrays(self._task.inspect()))
        # The first one also compiles its program, once a run; what it costs by itself was estimated.
        self._cost = time.monotonic() - clock if self._taken else self._cost
        self._spent += self._cost
        self._taken, self._last = self._taken + 1, epoch

    def _write(self, epoch: int, arrays: dict[str, np.ndarray]) -> None:
        assert self._folder is not None
        if self._kind is Recorded.INSIDE and not (self._folder / "epochs" / _SHOWN).exists():
            write_npz(self._folder / "epochs" / _SHOWN, **self._task.shown)
        path = _path(self._folder, epoch)
        write_npz(path, **arrays)
        self._bytes += path.stat().st_size
        while self._kind is Recorded.INSIDE and self._bytes > MOST_BYTES and self._thin(self._folder, epoch):
            pass

    def _thin(self, folder: Path, newest: int) -> bool:
        """Keep every second of the recorded epochs, and the newest; False when there is nothing left to remove."""
        self._stride *= 2
        gone = [epoch for epoch in recorded_epochs(folder) if epoch % self._stride and epoch != newest]
        for epoch in gone:
            self._bytes -= _path(folder, epoch).stat().st_size
            _path(folder, epoch).unlink(missing_ok=True)
        return self._stride <= 2 * newest
