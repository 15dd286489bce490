import threading

import numpy as np
import pytest

from lib.base.errors import DataError
from lib.datasets.memory import ArrayMemory


def made(size, log=None):
    def make():
        if log is not None:
            log.append(size)
        return (np.zeros(size, np.uint8), "note")

    return make


def test_the_least_recently_used_is_dropped():
    memory, log = ArrayMemory(max_bytes=100), []
    for key in ("a", "b", "a", "c", "a", "b"):
        memory.get(key, made(40, log))
    assert len(log) == 4  # a, b, c, and b again


def test_one_that_is_too_large_is_kept_until_the_next():
    memory, log = ArrayMemory(max_bytes=10), []
    assert memory.get("a", made(40, log)) is memory.get("a", made(40, log))
    memory.get("b", made(5))
    memory.get("a", made(40, log))
    assert log == [40, 40]


def test_clear_forgets():
    memory, log = ArrayMemory(), []
    memory.get("a", made(1, log))
    memory.clear()
    memory.get("a", made(1, log))
    assert log == [1, 1]


class SlowMake:
    """Waits until `go` is set, then raises `error` or returns."""

    def __init__(self, error=None):
        self.started, self.go, self.error, self.calls = threading.Event(), threading.Event(), error, 0

    def __call__(self):
        self.calls += 1
        self.started.set()
        assert self.go.wait(10)
        if self.error is not None:
            raise self.error
        return (np.zeros(3),)


def in_thread(call):
    outcome = []

    def run():
        try:
            outcome.append(call())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def first_fails_while_second_waits(error, second_make):
    memory, slow = ArrayMemory(), SlowMake(error)
    first, first_outcome = in_thread(lambda: memory.get("a", slow))
    assert slow.started.wait(10)
    second, second_outcome = in_thread(lambda: memory.get("a", second_make, on_wait=slow.go.set))
    first.join(10)
    second.join(10)
    return first_outcome[0], second_outcome[0]


def test_a_failure_that_teaches_is_shared():
    error = DataError("No network.")
    first, second = first_fails_while_second_waits(error, made(1))
    assert first is error and second is error


def test_after_a_stopped_load_the_next_one_tries():
    stopped = KeyboardInterrupt()
    first, second = first_fails_while_second_waits(stopped, made(7))
    assert first is stopped and len(second[0]) == 7


def test_waiting_can_be_stopped():
    memory, slow = ArrayMemory(), SlowMake()
    thread, _ = in_thread(lambda: memory.get("a", slow))
    assert slow.started.wait(10)

    def stop():
        raise InterruptedError("stopped")

    with pytest.raises(InterruptedError, match="stopped"):
        memory.get("a", made(1), on_wait=stop)
    slow.go.set()
    thread.join(10)
    assert len(memory.get("a", made(1))[0]) == 3 and slow.calls == 1
