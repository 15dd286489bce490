"""Threads that give way to others: training to the pages that show it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

#: How much lower than usual, in the system's steps of niceness (0-19).
NICENESS = 5


def give_way() -> None:
    """Lower the priority of the calling thread, and of those that it will start, for good.

    On Linux alone, where threads have priorities of their own; elsewhere it would slow the pages down too.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))
