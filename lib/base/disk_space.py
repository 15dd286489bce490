"""How much room a folder has left, and from when on that is worth a word."""

from __future__ import annotations

import shutil
from pathlib import Path

#: A few runs of a large network with their images take as much.
LOW_BYTES = 500 * 10**6


def free_space(folder: Path) -> int | None:
    """Bytes that are free where `folder` is, or will be made; None where nobody says."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def low_space_words(folder: Path) -> str:
    """A warning when little is left for runs, "" while there is enough."""
    free = free_space(folder)
    if free is None or free >= LOW_BYTES:
        return ""
    return (f"Only {free / 1e6:,.0f} MB are left on the disk of {folder}. Runs that find no room are interrupted after "
            "their last whole epoch. Delete runs or free some space.")
