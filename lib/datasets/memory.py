"""Loaded arrays, shared by everything in the process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar

import numpy as np

from lib.base.errors import LabError

#: CIFAR-10 and its split fit twice; a class of students on one server shares them.
MAX_BYTES = 768 * 2**20


Arrays = TypeVar("Arrays", bound=tuple)


class ArrayMemory:
    """Tuples of arrays by key, the least recently used dropped beyond `max_bytes`.

    Thread-safe. Two threads that ask for the same key at once do the work once. The newest
    entry is always kept, however large.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, Future] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Arrays], on_wait: Callable[[], None] | None = None) -> Arrays:
        """The tuple under `key`, from `make()` if it is not there.

        While another thread makes it, `on_wait` is called about twice a second; what it raises ends the wait.
        A LabError of the other thread is raised here too; after any other (it was stopped, say) this one tries.
        """
        while True:
            with self._lock:
                future = self._entries.get(key)
                mine: Future | None = None
                if future is None:
                    future = mine = self._entries[key] = Future()
                self._entries.move_to_end(key)
            if mine is not None:
                return self._fill(key, mine, make)
            error = _wait(future, on_wait)
            if error is None:
                return future.result()
            if isinstance(error, LabError):
                raise error

    def clear(self) -> None:
        """Forget everything that is not being made right now."""
        with self._lock:
            for key in [key for key, future in self._entries.items() if future.done()]:
                del self._entries[key]

    def _fill(self, key: Hashable, future: Future, make: Callable[[], Arrays]) -> Arrays:
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._entries[key]
            future.set_exception(error)
            raise
        future.set_result(value)
        with self._lock:
            self._evict(keep=key)
        return value

    def _evict(self, keep: Hashable) -> None:
        sizes = {key: _nbytes(future.result()) for key, future in self._entries.items() if future.done()}
        for key, size in list(sizes.items()):
            if sum(sizes.values()) <= self._max_bytes:
                return
            if key != keep:
                sizes[key] -= size
                del self._entries[key]


def _wait(future: Future, on_wait: Callable[[], None] | None) -> BaseException | None:
    """How the other thread ended: its error, or None."""
    while True:
        try:
            return future.exception(timeout=0.5)
        except TimeoutError:
            if on_wait is not None:
                on_wait()


def _nbytes(value: tuple) -> int:
    return sum(item.nbytes for item in value if isinstance(item, np.ndarray))


_SHARED = ArrayMemory()


def shared_memory() -> ArrayMemory:
    """The process's one memory of loaded arrays."""
    return _SHARED
