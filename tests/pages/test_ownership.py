"""On a server that is shared, a run belongs to the browser that started it, and the teacher may do everything."""

import re

import pytest

from lib.spec.runs import RunState
from lib.ui import visitors
from lib.ui.widgets.browser_mark import parse_answer
from tests.conftest import ROOT
from tests.fakes import StepwiseTrain, fake_train, tiny_run_spec

TEACHER = "the word of the teacher"
MINE, THEIRS = "a-browser-of-mine-1234", "a-browser-of-theirs-99"


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_TEACHER", TEACHER)


def visit(open_page, page, token=None, kept="", **query):
    """The page in a new session whose browser says `token`; None for a browser that has not said anything yet."""
    app = open_page(page, **query)
    if token is not None:
        app.session_state["browser_mark"] = {"found": {"token": token, "teacher": kept}}
        app.run()
    assert not app.exception
    return app


def started(app, runner):
    app.button(key="start").click().run()
    return runner.store.records()[0].id


def send_click(app, key):
    """What a browser sends that does not care whether a button is disabled."""
    button = app.button(key=key)
    button.proto.disabled = False
    button.click().run()


@pytest.fixture
def training(use_runner):
    """A runner whose runs wait for the test, and their end."""
    train = StepwiseTrain()
    yield use_runner(train), train
    train.release()


@pytest.mark.usefixtures("shared")
def test_the_owner_stops_a_run_and_others_only_watch_it(open_page, training):
    runner, train = training
    run_id = started(visit(open_page, "train", MINE), runner)
    train.wait_for_starts(1)
    other = visit(open_page, "train", THEIRS, run=run_id)
    for key in ("stop", "pause"):
        assert other.button(key=key).disabled and "Not yours" in other.button(key=key).help
    send_click(other, "stop")
    assert not runner._live[run_id].stop_asked
    again = visit(open_page, "train", MINE, run=run_id)
    assert not again.button(key="stop").disabled
    again.button(key="stop").click().run()
    train.tell(run_id, "look")
    assert runner.wait(run_id, timeout=20).state == RunState.STOPPED
    assert visit(open_page, "train", THEIRS, run=run_id).button(key="resume").disabled


@pytest.mark.usefixtures("shared")
def test_a_session_without_a_word_of_its_browser_owns_what_it_starts(open_page, training):
    runner, _train = training
    app = visit(open_page, "train")
    run_id = started(app, runner)
    assert not app.button(key="stop").disabled
    app.session_state["browser_mark"] = {"found": {"token": MINE, "teacher": ""}}
    app.run()
    assert not app.button(key="stop").disabled, "also after the browser has said who it is"
    assert visit(open_page, "train", run=run_id).button(key="stop").disabled


@pytest.mark.usefixtures("shared")
def test_the_teacher_steers_every_run_and_the_link_is_kept_by_the_browser(open_page, training):
    runner, _train = training
    run_id = started(visit(open_page, "train", MINE), runner)
    by_link = visit(open_page, "train", run=run_id, teacher=TEACHER)
    assert not by_link.button(key="stop").disabled
    assert "teacher" not in by_link.query_params
    (asked,) = [c.proto.json for c in by_link.get("bidi_component") if c.proto.component_name.endswith("browser_mark")]
    assert TEACHER in asked, "the browser that brought it keeps it"
    assert not visit(open_page, "train", THEIRS, TEACHER, run=run_id).button(key="stop").disabled
    wrong = visit(open_page, "train", THEIRS, "some other long word", run=run_id)
    assert wrong.button(key="stop").disabled


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("word", ["", "x", "\x00", "é" * 500, TEACHER[:-1]])
def test_a_wrong_teachers_link_opens_nothing(word, open_page, training):
    runner, _train = training
    run_id = started(visit(open_page, "train", MINE), runner)
    app = visit(open_page, "train", run=run_id, teacher=word)
    assert app.button(key="stop").disabled
    assert TEACHER not in str(app)


@pytest.mark.usefixtures("shared")
def test_runs_of_nobody_are_steered_by_anybody(open_page, training):
    runner, _train = training
    run_id = runner.submit(tiny_run_spec(), owner="an older session")
    assert not visit(open_page, "train", THEIRS, run=run_id).button(key="stop").disabled


def test_at_home_everybody_steers_everything(open_page, training):
    runner, _train = training
    run_id = started(visit(open_page, "train", MINE), runner)
    assert not visit(open_page, "train", THEIRS, run=run_id).button(key="stop").disabled
    assert not visit(open_page, "train", run=run_id, teacher="a word").button(key="stop").disabled


def selected(open_page, count, token):
    app = visit(open_page, "runs", token)
    app.session_state["runs_table"] = {"selection": {"rows": list(range(count)), "columns": [], "cells": []}}
    return app.run()


@pytest.mark.usefixtures("shared")
def test_only_ones_own_runs_are_deleted_and_renamed(open_page, use_runner):
    runner = use_runner(fake_train)
    theirs = started(visit(open_page, "train", THEIRS), runner)
    runner.wait(theirs, timeout=20)
    only_theirs = selected(open_page, 1, MINE)
    for key in ("runs_delete", "runs_rename"):
        only_theirs.button(key=key).click().run()
    assert runner.store.record(theirs), "a browser may send any click"
    mine = started(visit(open_page, "train", MINE), runner)
    runner.wait(mine, timeout=20)
    both = selected(open_page, 2, MINE)
    assert "1 run of others stay" in " ".join(text.value for text in both.markdown)
    both.button(key="runs_delete").click().run()
    assert [record.id for record in runner.store.records()] == [theirs]


@pytest.mark.usefixtures("shared")
def test_an_experiment_and_its_runs_belong_to_who_launched_it(open_page, training):
    runner, train = training
    from lib.ui.resources import sweeps

    app = visit(open_page, "experiments", MINE)
    app.button(key="exp_launch").click().run()
    (record,) = sweeps().records()
    train.wait_for_starts(1)
    other = visit(open_page, "experiments", THEIRS, sweep=record.id, exp=record.experiment.name)
    assert other.button(key="sweep_stop").disabled and other.button(key="sweep_pause").disabled
    send_click(other, "sweep_stop")
    assert str(sweeps().record(record.id).state) == "running"
    run_id = train.order[0]
    assert runner.store.browser(run_id) == record.browser != ""
    assert visit(open_page, "train", THEIRS, run=run_id).button(key="stop").disabled
    mine = visit(open_page, "experiments", MINE, sweep=record.id, exp=record.experiment.name)
    mine.button(key="sweep_stop").click().run()
    assert str(sweeps().record(record.id).state) == "stopped"


# --- the server ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "alone"), [
    ("127.0.0.1", True), ("127.0.0.5", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False),
    (None, False), ("", False), ("192.168.1.7", False), ("lab.school.example", False),
])
def test_a_server_is_shared_unless_only_this_machine_reaches_it(address, alone, monkeypatch):
    monkeypatch.setattr(visitors.st, "get_option", lambda name: {"server.address": address}[name])
    assert visitors.is_shared() is not alone


def test_the_teachers_token_is_made_once_for_its_user_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "runs"))
    monkeypatch.setattr(visitors.st, "get_option", lambda name: "0.0.0.0")
    assert visitors.teacher_token() == ""
    said = visitors.announce_teacher()
    token = visitors.teacher_token()
    assert len(token) >= 20 and token not in said and str(tmp_path / "runs" / "teacher-token") in said
    assert (tmp_path / "runs" / "teacher-token").stat().st_mode & 0o777 == 0o600
    visitors.announce_teacher()
    assert visitors.teacher_token() == token


def test_a_server_of_this_machine_alone_makes_no_token(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "runs"))
    monkeypatch.setattr(visitors.st, "get_option", lambda name: "127.0.0.1")
    assert visitors.announce_teacher() == "" and not (tmp_path / "runs").exists()


def test_a_short_token_makes_nobody_the_teacher(monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_TEACHER", "short")
    assert visitors.teacher_token() == "" and "Expected: 12 characters" in visitors.announce_teacher()


@pytest.mark.parametrize("found", [
    None, 7, "text", [], {}, {"token": 1}, {"token": "short"}, {"token": "x" * 65}, {"token": "with a space in it ..."},
    {"teacher": TEACHER}])
def test_a_browser_may_say_anything(found):
    assert parse_answer(found) is None


def test_a_browsers_strange_teacher_is_none():
    assert parse_answer({"token": MINE, "teacher": ["a"]}) == (MINE, "")
    assert parse_answer({"token": MINE, "teacher": "x" * 201}) == (MINE, "")


VERBS = ("pause", "resume_paused", "stop", "resume", "rename", "delete", "change", "extend", "fork", "submit", "launch")
#: Where the visitor is asked, and where an experiment is launched with its mark.
ASKING = {"lib/ui/visitors.py": {"submit", "fork"}, "lib/ui/experiments/launch.py": {"launch"}}


@pytest.mark.parametrize("path", sorted([*ROOT.glob("lib/ui/**/*.py"), *ROOT.glob("pages/*.py")]), ids=lambda p: p.name)
def test_pages_steer_through_the_check_alone(path):
    steered = set(re.findall(rf"\b(?:runner|sweeps)\(\)\.({'|'.join(VERBS)})\b", path.read_text()))
    assert steered == ASKING.get(str(path.relative_to(ROOT)), set())
