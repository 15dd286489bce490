"""Writing and reading a run's files so that a crash never leaves half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from lib.core.errors import CheckpointError, cause_text


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """Write `arrays` to `path` under a temporary name, then rename."""
    with _temporary(path) as name, open(name, "wb") as file:
        np.savez(file, **arrays)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """The arrays of `path`; raises CheckpointError when it is missing or damaged."""
    try:
        # Opened here: NumPy leaves its own file open when the archive is damaged.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # unpackers and NumPy raise anything for a damaged file
        raise CheckpointError(
            f"{path.name} cannot be read.", expected="a complete npz file", received=cause_text(error),
            remedy="Start the run again.",
        ) from error


def save_model(model: Any, path: Path) -> None:
    """Write a Keras model to `path` (.keras) under a temporary name, then rename."""
    with _temporary(path) as name:
        model.save(name)


class _temporary:  # noqa: N801 - reads as a statement: with _temporary(path) as name
    """A name beside `path` that becomes `path` when the block succeeds and vanishes when it fails."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        handle, self._name = tempfile.mkstemp(suffix=self._path.suffix, prefix=".part-", dir=self._path.parent)
        os.close(handle)
        return self._name

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            os.replace(self._name, self._path)
        else:
            os.unlink(self._name)
