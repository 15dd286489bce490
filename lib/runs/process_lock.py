"""Which app processes live: each locks a file of its own for as long as it does.

The operating system drops the lock however the process ends, so there is no heartbeat
to miss and no process id that a later process could inherit. Two processes may
therefore share one home: neither takes the other's runs for dead.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

from filelock import FileLock

#: Another process may hold a new lock for a moment, to find out whether it is stale.
_PATIENCE_SECONDS = 5.0


class ProcessLock:
    """The lock of this process in `folder`; `token` names it in the run store. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.token = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._path = lock_path(folder, self.token)
        self._lock = FileLock(self._path, timeout=_PATIENCE_SECONDS, thread_local=False)
        self._lock.acquire()

    def release(self) -> None:
        """Give the lock up; safe to repeat."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):
                self._path.unlink()
            self._lock.release()


def lock_path(folder: Path, token: str) -> Path:
    """Where the process called `token` holds its lock."""
    return folder / f"{token}.lock"


def is_held(path: Path) -> bool:
    """Whether the process that owns the lock file lives; True as well when that cannot be found out."""
    try:
        if path.exists():
            with FileLock(path, timeout=0):
                pass
        return False
    except OSError:  # held by another, which is a TimeoutError, or not to be opened
        return True


def remove_stale(folder: Path) -> None:
    """Delete the lock files that killed processes left behind."""
    for path in folder.glob("*.lock"):
        # Deleted while it is locked: who waits for it then notices that it is gone, and makes another.
        with contextlib.suppress(OSError), FileLock(path, timeout=0):
            path.unlink()
