"""How often a page that watches a run refreshes itself: more rarely the more pages watch, since all share the run's cores.

A refresh costs the server about the same whatever has changed, most of it in Streamlit, and while a network trains it takes
that time from the training.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lib.ui.lab import lab
from lib.ui.resources import session_id

#: Seconds between two refreshes of a page, from few viewers to many.
PACES = (1.0, 2.0, 5.0, 10.0)
#: Refreshes a second, of all viewers together, up to which the pace stays.
_BUDGET = 2.0
#: A page that has not refreshed itself for so long is not open any more.
_GONE_SECONDS = 2.5 * PACES[-1]


class Viewers:
    """The browser tabs that watch something live. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def note(self, tab: str) -> int:
        """This tab watches now; how many do, itself included."""
        now = self._clock()
        with self._lock:
            self._seen[tab] = now
            self._seen = {name: seen for name, seen in self._seen.items() if now - seen <= _GONE_SECONDS}
            return len(self._seen)


def pace_of(viewers: int) -> float:
    """The shortest pace that keeps within the budget of refreshes; the longest where none does."""
    return next((pace for pace in PACES if viewers <= _BUDGET * pace), PACES[-1])


def refresh_seconds() -> float:
    """How often the page of this tab, which watches something live, should refresh itself now."""
    return pace_of(lab().viewers.note(session_id()))


def should_change_pace(pace: float) -> bool:
    """Whether this page, which refreshes itself every `pace` seconds, should be built once more with another pace.

    One step slower than it could be is let be: building a page costs several refreshes, and viewers come and go.
    """
    wanted = refresh_seconds()
    return wanted > pace or PACES.index(pace) - PACES.index(wanted) > 1
