"""Where files lie, whether they could be written there, and how much room is left."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

#: What this repository ships: small trained weights, and what was measured.
CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
MEASURED = CHECKPOINTS / "measured"
#: A few runs of a large network with their images take as much.
LOW_BYTES = 500 * 10**6


def data_folder() -> Path:
    """The folder of the public data sets: `$NEURAL_LAB_DATA`, else the user's cache folder. It may be read-only."""
    chosen = os.environ.get("NEURAL_LAB_DATA")
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("neural-lab"))


def home_folder(home: str | os.PathLike[str] | None = None) -> Path:
    """The folder of runs and of the users' own sets: `home`, else `$NEURAL_LAB_HOME`, else `runs`."""
    return Path(home if home is not None else os.environ.get("NEURAL_LAB_HOME") or "runs").expanduser()


def run_home() -> Path:
    """The folder of this process's runs, absolute."""
    return home_folder().absolute()


def _nearest_existing(folder: Path) -> Path:
    """`folder`, or the nearest folder above it that exists."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def is_writable(folder: Path) -> bool:
    """Whether files could be written to `folder`, or to the nearest folder above that exists."""
    place = _nearest_existing(folder)
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def free_space(folder: Path) -> int | None:
    """Bytes that are free where `folder` is, or will be made; None where nobody says."""
    try:
        return shutil.disk_usage(_nearest_existing(folder)).free
    except OSError:
        return None


def low_space_words(folder: Path) -> str:
    """A warning when little is left for runs, "" while there is enough."""
    free = free_space(folder)
    if free is None or free >= LOW_BYTES:
        return ""
    return (f"Only {free / 1e6:,.0f} MB are left on the disk of {folder}. Runs that find no room are interrupted after "
            "their last whole epoch. Delete runs or free some space.")
