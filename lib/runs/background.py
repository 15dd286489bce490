"""A short computation beside a page: started once, watched while it goes on, its result kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from lib.base.errors import LabError, RunError

T = TypeVar("T")


class Background(Generic[T]):
    """Runs `work` in a daemon thread; `work` is given a function that takes its progress from 0 to 1.

    `progress` may be read at any time; `result` holds what `work` returned once `done` is true, and raises a
    LabError when it failed.
    """

    def __init__(self, work: Callable[[Callable[[float], None]], T]) -> None:
        self.progress = 0.0
        self._cancelled = threading.Event()
        self._result: T | None = None
        self._error: LabError | None = None
        # The thread forgets its work when it is done, and with it the images that the work needed.
        self._thread = threading.Thread(target=self._run, args=(work,), name="neural-lab-background", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the work has ended, in whatever way."""
        return not self._thread.is_alive()

    @property
    def result(self) -> T:
        """What the work returned; raises a LabError when it failed or has not ended."""
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RunError("This computation has no result.", remedy="Start it again.")
        return self._result

    def cancel(self) -> None:
        """End the work at its next report of progress."""
        self._cancelled.set()

    def wait(self, timeout: float | None = None) -> None:
        """Block until it is done, at most `timeout` seconds; for tests and scripts."""
        self._thread.join(timeout)

    def _report(self, progress: float) -> None:
        self.progress = min(max(progress, 0.0), 1.0)
        if self._cancelled.is_set():
            raise _CancelledError

    def _run(self, work: Callable[[Callable[[float], None]], T]) -> None:
        try:
            self._result = work(self._report)
        except _CancelledError:
            pass
        except LabError as error:
            self._error = error
        except Exception as error:
            self._error = RunError("This computation failed.", received=f"{type(error).__name__}: {error}")


class _CancelledError(Exception):
    """Ends the work from within."""
