"""Where data files lie."""

from __future__ import annotations

import os
from pathlib import Path


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


def is_writable(folder: Path) -> bool:
    """Whether files could be written to `folder`, or to the nearest folder above that exists."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
