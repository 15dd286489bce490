"""Watching pages share a budget of refreshes."""

import pytest

from lib.ui.lab import lab
from lib.ui.watching import PACES, Viewers, pace_of
from tests.fakes import StepwiseTrain, tiny_run_spec


@pytest.mark.parametrize(("viewers", "pace"), [(1, 1.0), (2, 1.0), (3, 2.0), (4, 2.0), (10, 5.0), (11, 10.0), (30, 10.0)])
def test_the_more_watch_the_slower_each_page_refreshes(viewers, pace):
    assert pace_of(viewers) == pace
    assert viewers / pace <= 2.0 or pace == PACES[-1]


def test_a_page_that_was_left_is_not_counted():
    now = [0.0]
    viewers = Viewers(lambda: now[0])
    assert [viewers.note("a"), viewers.note("b"), viewers.note("a")] == [1, 2, 2]
    now[0] = 20.0
    assert viewers.note("a") == 2, "the slowest page refreshes every ten seconds"
    now[0] = 30.0
    assert viewers.note("a") == 1


def test_an_open_page_takes_up_the_pace_of_many_viewers(open_page, use_runner, monkeypatch):
    viewers = Viewers(lambda: 0.0)
    lab().use(viewers=viewers)
    paces = []
    monkeypatch.setattr("lib.ui.panels.run.fragment", lambda part, run_every: paces.append(run_every) or part)
    train = StepwiseTrain()
    runner = use_runner(train)
    run_id = runner.submit(tiny_run_spec())
    train.wait_for_starts(1)
    app = open_page("train", run=run_id)
    for tab in range(9):
        viewers.note(f"tab {tab}")
    app.run()
    assert not app.exception and paces == [1.0, 5.0]
    train.release()
    runner.wait(run_id, timeout=20)
    app.run()
    assert not app.exception and paces[-1] is None
