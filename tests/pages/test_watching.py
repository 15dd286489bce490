"""Watching pages share a budget of refreshes."""

from types import SimpleNamespace

import pytest

from lib.ui import watching
from lib.ui.lab import lab
from lib.ui.watching import PACES, Viewers, pace_of, should_change_pace
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


@pytest.mark.parametrize(("pace", "wanted", "changes"), [
    (1.0, 1.0, False), (1.0, 2.0, True), (2.0, 10.0, True), (2.0, 1.0, False), (10.0, 5.0, False), (5.0, 1.0, True),
    (10.0, 2.0, True),
])
def test_a_page_is_built_anew_for_a_slower_pace_or_a_much_faster_one(pace, wanted, changes, monkeypatch):
    monkeypatch.setattr(watching, "refresh_seconds", lambda: wanted)
    assert should_change_pace(pace) is changes


def test_viewers_who_come_and_go_cost_no_page_anew(monkeypatch):
    viewers = Viewers(lambda: 0.0)
    monkeypatch.setattr(watching, "lab", lambda: SimpleNamespace(viewers=viewers))
    monkeypatch.setattr(watching, "session_id", lambda: "this tab")
    pace, changes = watching.refresh_seconds(), 0
    for count in (10, 11, 10, 11, 10):
        viewers._seen = {f"tab {tab}": 0.0 for tab in range(count - 1)}
        if should_change_pace(pace):
            pace, changes = watching.refresh_seconds(), changes + 1
    assert (pace, changes) == (10.0, 2)


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
