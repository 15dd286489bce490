"""Writing and reading a run's files so that a crash never leaves half of one."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.drafts import draft_of
from lib.base.errors import CheckpointError, StorageError, cause_text, guarded


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """Write `arrays` to `path` in one step; raises StorageError, and leaves what was there."""
    with _stored(path), draft_of(path) as draft, open(draft, "wb") as file:
        contents: dict[str, Any] = arrays  # NumPy's own options stand among the names
        np.savez(file, **contents)


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


def shared_npz(path: Path) -> dict[str, np.ndarray]:
    """The same, read once for each version of the file; shared by all callers, so not to be changed."""
    try:
        stat = path.stat()
    except OSError:
        return read_npz(path)  # which says what is wrong
    return _read_version(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=16)
def _read_version(path: Path, written: int, size: int) -> dict[str, np.ndarray]:
    """`written` and `size` tell a file from what it was before."""
    return read_npz(path)


def write_variables(path: Path, variables: Sequence[Any], **more: np.ndarray) -> None:
    """Write the values of Keras `variables`, and `more` arrays by name, as `write_npz` does."""
    write_npz(path, **more, **{f"v{index}": np.array(variable.numpy()) for index, variable in enumerate(variables)})


def read_variables(path: Path, variables: Sequence[Any]) -> dict[str, np.ndarray]:
    """Give `variables` the values that `write_variables` wrote; all arrays, as `read_npz` reads them."""
    arrays = read_npz(path)
    for index, variable in enumerate(variables):
        variable.assign(arrays[f"v{index}"])
    return arrays


def save_model(model: Any, path: Path) -> None:
    """Write a Keras model to `path` (.keras) in one step; raises StorageError, and leaves what was there."""
    with _stored(path), draft_of(path) as draft:
        model.save(draft)


@contextlib.contextmanager
def _stored(path: Path) -> Iterator[None]:
    """Turn a failure to write `path` into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path.name} could not be written.", received=cause_text(error),
            remedy="Free some space and resume the run: it goes on after its last whole epoch.") from error


def load_model(path: Path) -> Any:
    """The Keras model that `save_model` wrote; raises CheckpointError for a file that is missing, damaged or another's."""
    import keras

    with guarded("The run's model cannot be read.", CheckpointError, expected=f"a complete {path.name}",
                 remedy="Train it again."):
        return keras.saving.load_model(path, compile=False)
