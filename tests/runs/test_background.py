"""Short computations beside a page."""

import threading
import weakref

import numpy as np
import pytest

from lib.base.errors import DataError, RunError
from lib.runs.background import Background


def test_progress_then_result():
    half, should_continue = threading.Event(), threading.Event()

    def work(report):
        report(0.5)
        half.set()
        should_continue.wait(10)
        return 42

    job = Background(work)
    assert half.wait(10)
    assert (job.done, job.progress) == (False, 0.5)
    with pytest.raises(RunError, match="no result"):
        _ = job.result
    should_continue.set()
    job.wait(10)
    assert job.done
    assert job.result == 42


@pytest.mark.parametrize(("error", "expected"), [
    (DataError("No images."), "No images"), (ZeroDivisionError("division"), "ZeroDivisionError"),
])
def test_a_failure_is_kept_as_a_message(error, expected):
    def work(report):
        raise error

    job = Background(work)
    job.wait(10)
    with pytest.raises((DataError, RunError), match=expected):
        _ = job.result


def test_cancelling_ends_the_work_at_its_next_report():
    started, cancelled = threading.Event(), threading.Event()

    def work(report):
        started.set()
        cancelled.wait(10)
        report(0.9)
        return "never"

    job = Background(work)
    assert started.wait(10)
    job.cancel()
    cancelled.set()
    job.wait(10)
    with pytest.raises(RunError, match="no result"):
        _ = job.result


def test_what_the_work_needed_is_let_go_when_it_is_done():
    images = np.zeros(3)
    job = Background(lambda report, needed=images: float(needed.sum()) + 1)
    job.wait(10)
    kept = weakref.ref(images)
    del images
    assert (kept(), job.result) == (None, 1.0)
