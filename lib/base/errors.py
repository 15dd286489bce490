"""Errors that teach: what was expected, what came, what to do."""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterator

_LOG = logging.getLogger("neural_lab")
_LONGEST_CAUSE = 160
_NO_SPACE = {errno.ENOSPC, errno.EFBIG, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


class LabError(Exception):
    """An error meant for the user: one readable message, never a traceback.

    `problem` is a sentence; `expected`, `received` and `remedy` are optional phrases
    and are joined to it, so that every message of the app has the same form. `details` (Markdown) are
    files, addresses and hashes, for those who ask: no part of the message.
    """

    def __init__(self, problem: str, *, expected: str = "", received: str = "", remedy: str = "",
                 details: str = "") -> None:
        self.problem, self.expected, self.received, self.remedy = problem, expected, received, remedy
        self.details = details
        parts = [problem]
        if expected:
            parts.append(f"Expected: {expected}.")
        if received:
            parts.append(f"Received: {received}.")
        if remedy:
            parts.append(remedy)
        super().__init__(" ".join(parts))


class SpecError(LabError):
    """A layer, architecture or training choice that cannot work."""


class DataError(LabError):
    """A file, download or array that is not the data set it should be."""


class TrainingError(LabError):
    """Training could not go on, for instance because the device ran out of memory."""


class DivergedError(TrainingError):
    """The loss became NaN or infinite. `metrics` say what the network is worth as it is then."""

    def __init__(self, problem: str, **phrases: str) -> None:
        super().__init__(problem, **phrases)
        self.metrics: dict[str, float] = {}


class CheckpointError(LabError):
    """Stored weights that are missing, damaged or made for another network."""


class RunError(LabError):
    """A request that the runner or the run store cannot carry out."""


class StorageError(RunError):
    """A file or a row that could not be written, most often on a full disk. What was written before is whole."""


def is_storage_error(error: BaseException | None) -> bool:
    """Whether `error`, or what it came from, is a full disk or another failure to write."""
    while error is not None:
        if isinstance(error, StorageError):
            return True
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            return True
        error = error.__cause__ or error.__context__
    return False


def cause_text(error: BaseException) -> str:
    """What went wrong in one short line without paths of this machine: for a message, not for a search."""
    text = (error.strerror or "") if isinstance(error, OSError) and error.strerror else str(error)
    line = " ".join(text.split())[:_LONGEST_CAUSE]
    return line or type(error).__name__


@contextlib.contextmanager
def guarded(problem: str, kind: type[LabError] = LabError, *, expected: str = "", remedy: str = "") -> Iterator[None]:
    """A boundary: whatever the block raises that is no LabError becomes a `kind` with this message.

    For what reads anybody's files, links and messages: libraries raise anything for damaged ones, and a list of their
    exceptions is never complete. The traceback goes to the log "neural_lab".
    """
    try:
        yield
    except LabError:
        raise
    except Exception as error:
        _LOG.warning("%s", problem, exc_info=error)
        raise kind(problem, expected=expected, received=cause_text(error), remedy=remedy) from error
