"""Things of which there is one: made by whoever asks first, while others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Once:
    """Objects by name, each made once. Thread-safe: making one may take seconds, and does not hold up another."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {}
        self._locks: dict[str, threading.RLock] = {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """The object called `name`, made by the first caller; what `make` raises is raised, and tried again next time."""
        if name not in self._objects:
            with self._locks.setdefault(name, threading.RLock()):
                if name not in self._objects:
                    self._objects[name] = make()
        return self._objects[name]

    def has(self, name: str) -> bool:
        """Whether somebody has made it."""
        return name in self._objects

    def put(self, name: str, value: Any) -> None:
        """Use `value` as the object called `name` from now on."""
        self._objects[name] = value

    def forget(self, name: str) -> Any | None:
        """Take the object out, so that the next caller makes it anew; None where there is none."""
        return self._objects.pop(name, None)
