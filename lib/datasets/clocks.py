"""The clocks: rendered images of every minute of twelve hours, or a user's own set in the course's layout."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from lib.base.drafts import draft_of
from lib.base.errors import DataError, SpecError
from lib.clockface import FAMILIES, PERIOD, RENDERER_VERSION, ClockTime, family_number, random_clock, render

#: Fewer images than this are drawn in the calling process; starting others takes longer.
_IN_PROCESS = 600
_ROOT = Path(__file__).resolve().parents[2]


def clock_labels(per_minute: int) -> np.ndarray:
    """Hour and minute, int32 (720 * per_minute, 2), in the order of the time."""
    minutes = np.repeat(np.arange(PERIOD, dtype=np.int32), per_minute)
    return np.stack([minutes // 60, minutes % 60], axis=1)


def stratified_split(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shuffled positions of the training, validation and test examples: 80/10/10, every minute spread alike.

    Within each minute the order is random; then every tenth example goes to test and every tenth to validation,
    so that 25 images of a minute give two or three of each.
    """
    rng = np.random.default_rng([seed, 810])
    minutes = labels[:, 0].astype(np.int64) * 60 + labels[:, 1]
    order = np.lexsort((rng.random(len(labels)), minutes))
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels))
    parts = (np.flatnonzero((place % 10 != 0) & (place % 10 != 5)), np.flatnonzero(place % 10 == 5),
             np.flatnonzero(place % 10 == 0))
    training, validation, test = (rng.permutation(part) for part in parts)
    return training, validation, test


def draw_clock(family: str, size: int, per_minute: int, seed: int, index: int) -> np.ndarray:
    """Image number `index` of the set: uint8 (size, size). It does not depend on the others or on their number."""
    minute, copy = divmod(index, per_minute)
    rng = np.random.default_rng([seed, family_number(family), minute, copy])
    pose, style = random_clock(rng, family)
    return render(ClockTime.from_minutes(minute), pose, style, size, seed=int(rng.integers(2**31)))


def make_clocks(family: str = "course", size: int = 150, per_minute: int = 25, seed: int = 0,
                on_progress: Callable[[int, int], None] | None = None, *, cache: Path | None = None,
                workers: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, size, size, 1) and labels int32 (N, 2), N = 720 * per_minute, in the order of the time.

    Drawn by `workers` processes (one per core unless told) and kept in the folder `cache`, if one is given.
    `on_progress(done, total)` is called from this thread. Both arrays are read-only.
    """
    _check_request(family, size, per_minute)
    labels = clock_labels(per_minute)
    labels.flags.writeable = False
    name = f"clocks-{family}-{size}-{per_minute}-{seed}-v{RENDERER_VERSION}.npy"
    shape = (len(labels), size, size)
    if cache is not None and (cache / name).exists():
        images = _cached(cache / name, shape)
        if images is not None:
            return images[..., None], labels
    report = on_progress or (lambda done, total: None)
    with _folder(cache) as folder, draft_of(folder / name) as draft:
        drawn = np.lib.format.open_memmap(draft, mode="w+", dtype=np.uint8, shape=shape)
        _draw_all(drawn, draft, (family, size, per_minute, seed), workers or _cores(), report)
        drawn.flush()
        images = np.array(drawn)
        del drawn
    images.flags.writeable = False
    return images[..., None], labels


def _check_request(family: str, size: int, per_minute: int) -> None:
    if family not in FAMILIES:
        raise SpecError("There is no such family of clocks.", expected="one of " + ", ".join(FAMILIES),
                        received=repr(family))
    if not 16 <= size <= 1024:
        raise SpecError("size is out of range.", expected="16 to 1024 pixels", received=repr(size))
    if not 1 <= per_minute <= 1000:
        raise SpecError("per_minute is out of range.", expected="1 to 1000 images of each minute",
                        received=repr(per_minute))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cached(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """The kept images, or None if the file is not what its name says: then they are drawn again."""
    try:
        images = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if images.shape != shape or images.dtype != np.uint8:
        return None
    images.flags.writeable = False
    return images


@contextlib.contextmanager
def _folder(cache: Path | None) -> Iterator[Path]:
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        yield cache
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _draw_all(images: np.ndarray, path: Path, what: tuple[str, int, int, int], workers: int,
              report: Callable[[int, int], None]) -> None:
    total = len(images)
    if total <= _IN_PROCESS or workers == 1:
        for index in range(total):
            images[index] = draw_clock(*what, index)
            if index % 100 == 99:
                report(index + 1, total)
        report(total, total)
        return
    edges = np.linspace(0, total, workers + 1).astype(int).tolist()
    # Plain subprocesses: multiprocessing would run the caller's main script again, here the whole app.
    commands = [[sys.executable, "-m", "lib.datasets.clock_worker", str(path), *map(str, what), str(a), str(b)]
                for a, b in pairwise(edges)]
    processes = [subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                 for command in commands]
    try:
        _follow(processes, total, report)
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _follow(processes: list[subprocess.Popen], total: int, report: Callable[[int, int], None]) -> None:
    """Read the workers' lines until all have ended; each line is how many images were finished since the last."""
    done, messages = [0] * len(processes), [""] * len(processes)

    def read(number: int) -> None:
        for line in processes[number].stdout or ():
            if line.strip().isdigit():
                done[number] += int(line)
            else:
                messages[number] += line

    readers = [threading.Thread(target=read, args=(number,), daemon=True) for number in range(len(processes))]
    for reader in readers:
        reader.start()
    while any(reader.is_alive() for reader in readers):
        for reader in readers:
            reader.join(0.1)
        report(sum(done), total)
    for process, message in zip(processes, messages, strict=True):
        if process.wait() != 0:
            raise DataError("Drawing the clocks failed.", received=message.strip().rpartition("\n")[2] or "no message",
                            remedy="Try again; if it fails again, please report the message.")


# --- a user's own set ---------------------------------------------------------------------


def load_own_clocks(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, side, side, 1) and labels int32 (N, 2) of hour 0-11 and minute, from `images.npy` and `labels.npy` of
    `folder` in the course's layout: images uint8 (N, height, width), labels whole numbers. The order does not matter.
    """
    images = _own_array(folder / "images.npy")
    labels = _own_array(folder / "labels.npy")
    return check_own_clocks(images, labels)


def _own_array(path: Path) -> np.ndarray:
    if not path.exists():
        raise DataError(f"{path.name} is missing.", expected="images.npy and labels.npy in one folder",
                        received=f"a folder without it: {path.parent}")
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{path.name} cannot be read as an array.",
                        expected="a plain .npy file without pickled objects", received=str(error).partition("\n")[0],
                        remedy="Write it with numpy.save.") from error


def check_own_clocks(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The arrays in the form of drawn ones; a `DataError` says what is wrong with them."""
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.dtype != np.uint8:
        raise DataError("images.npy has the wrong form.", expected="uint8 of shape (N, height, width), grey",
                        received=f"{images.dtype} of shape {images.shape}")
    if images.shape[1] != images.shape[2] or images.shape[1] < 16:
        raise DataError("The images have the wrong size.", expected="square images of at least 16x16 pixels",
                        received=f"{images.shape[1]}x{images.shape[2]}", remedy="Crop or pad them to squares.")
    if labels.ndim != 2 or labels.shape[1] != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise DataError("labels.npy has the wrong form.", expected="whole numbers of shape (N, 2): hour and minute",
                        received=f"{labels.dtype} of shape {labels.shape}")
    if len(images) != len(labels):
        raise DataError("images.npy and labels.npy do not belong together.", expected="as many labels as images",
                        received=f"{len(images)} images and {len(labels)} labels")
    if len(images) < 10:
        raise DataError("There are too few clocks to split.", expected="at least 10", received=str(len(images)))
    wrong = np.flatnonzero((labels < 0).any(axis=1) | (labels[:, 0] > 11) | (labels[:, 1] > 59))
    if wrong.size:
        raise DataError(f"{wrong.size} labels are not times, the first is number {wrong[0]}.",
                        expected="hour 0-11 and minute 0-59 (12 o'clock is hour 0)",
                        received=str(labels[wrong[0]].tolist()))
    return images[..., None], labels.astype(np.int32)
