"""Which app processes live: each locks a file of its own for as long as it does.

The operating system drops the lock however the process ends, so there is no heartbeat
to miss and no process id that a later process could inherit. Two processes may
therefore share one home: neither takes the other's runs for dead.
"""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def _try_lock(descriptor: int) -> bool:
    """Lock the open file until it is closed; False when another opener holds it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class ProcessLock:
    """The lock of this process in `folder`; `token` names it in the run store. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.token = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._path = lock_path(folder, self.token)
        # Locked under another name first: remove_stale() must not find the file unlocked.
        # Windows cannot rename an open file, but cannot remove it either.
        first = self._path if sys.platform == "win32" else self._path.with_suffix(".new")
        self._descriptor = os.open(first, os.O_RDWR | os.O_CREAT, 0o644)
        if not _try_lock(self._descriptor):
            os.close(self._descriptor)
            raise OSError(f"{first} cannot be locked")
        if first != self._path:
            os.replace(first, self._path)

    def release(self) -> None:
        """Give the lock up; safe to repeat."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            with contextlib.suppress(OSError):
                self._path.unlink()


def lock_path(folder: Path, token: str) -> Path:
    """Where the process called `token` holds its lock."""
    return folder / f"{token}.lock"


def is_held(path: Path) -> bool:
    """Whether the process that owns the lock file lives; True as well when that cannot be found out."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def remove_stale(folder: Path) -> None:
    """Delete the lock files that killed processes left behind."""
    for path in folder.glob("*.lock"):
        if not is_held(path):
            with contextlib.suppress(OSError):
                path.unlink()
