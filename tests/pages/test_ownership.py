"""On a server that is shared, a run belongs to the browser that started it, and the teacher may do everything."""

import io
import re

import numpy as np
import pytest

from lib import datasets
from lib.runs import run_home
from lib.spec.runs import RunState
from lib.ui import cookies, teacher, visitors
from lib.ui.teacher import digest_of
from tests.conftest import ROOT
from tests.fakes import StepwiseTrain, fake_train, tiny_run_spec
from tests.pages.runs_list import table, tick_first

TEACHER = "the word of the teacher"
MINE, THEIRS = "a-browser-of-mine-1234", "a-browser-of-theirs-99"


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_TEACHER", TEACHER)


def visit(open_page, page, token=None, kept="", **query):
    """The page in a new session of the browser that keeps `token`, and the teacher's link of `kept`; None for nothing."""
    return visit_with(open_page, page, {cookies.BROWSER: token, cookies.TEACHER: kept and digest_of(kept)}, **query)


def visit_with(open_page, page, sent, **query):
    app = open_page(page, **query)
    app.session_state["cookies"] = {name: value for name, value in sent.items() if value is not None}
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
def test_a_session_whose_browser_keeps_nothing_owns_what_it_starts(open_page, training):
    runner, _train = training
    app = visit(open_page, "train")
    run_id = started(app, runner)
    assert not app.button(key="stop").disabled
    assert visit(open_page, "train", run=run_id).button(key="stop").disabled


@pytest.mark.usefixtures("shared")
def test_the_teacher_steers_every_run_by_a_link_or_what_the_browser_keeps_of_it(open_page, training):
    runner, _train = training
    run_id = started(visit(open_page, "train", MINE), runner)
    by_link = visit(open_page, "train", run=run_id, teacher=TEACHER)
    assert not by_link.button(key="stop").disabled
    assert "teacher" not in by_link.query_params
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


@pytest.mark.usefixtures("shared")
def test_a_set_of_another_browser_can_be_used_and_not_removed(open_page, use_runner):
    use_runner(fake_train)
    images = np.zeros((40, 8, 8), np.uint8)
    images[:, 0, 0] = np.arange(40)
    buffer = io.BytesIO()
    np.savez(buffer, images=images, labels=np.arange(40) % 4)
    added = datasets.register_npz(buffer.getvalue(), "theirs", run_home(), owner=visitors._mark(THEIRS))
    app = visit(open_page, "train", MINE, data=added.name)
    remove = f"own_data_remove_{added.name}"
    assert app.button(key=remove).disabled and "Not yours" in app.button(key=remove).help
    send_click(app, remove)
    assert added.name in datasets.custom_sets(run_home()), "a browser may send any click"
    assert app.selectbox(key="data").value == added.name, "others may use it"
    owner = visit(open_page, "train", THEIRS, data=added.name)
    owner.button(key=remove).click().run()
    assert datasets.custom_sets(run_home()) == {}


@pytest.mark.parametrize(("width", "narrow"), [
    ("420", True), ("1400", False), ("", False), ("-3", False), ("4" * 400, False)])
def test_a_narrow_screen_has_fewer_columns(width, narrow, open_page, use_runner):
    use_runner(fake_train)
    app = visit_with(open_page, "results", {cookies.WIDTH: width})
    (table,) = app.dataframe
    assert (list(table.proto.column_order) == ["what", "the report", "ours"]) == narrow


def test_at_home_everybody_steers_everything(open_page, training):
    runner, _train = training
    run_id = started(visit(open_page, "train", MINE), runner)
    assert not visit(open_page, "train", THEIRS, run=run_id).button(key="stop").disabled
    assert not visit(open_page, "train", run=run_id, teacher="a word").button(key="stop").disabled


def selected(open_page, count, token):
    return tick_first(visit(open_page, "runs", token), count)


@pytest.mark.usefixtures("shared")
def test_only_ones_own_runs_are_deleted_and_renamed(open_page, use_runner):
    runner = use_runner(fake_train)
    theirs = started(visit(open_page, "train", THEIRS), runner)
    runner.wait(theirs, timeout=20)
    only_theirs = selected(open_page, 1, MINE)
    for key in ("runs_delete", "runs_rename", "runs_star", "runs_write_note"):
        send_click(only_theirs, key)
    record = runner.store.record(theirs)
    assert not record.starred and not record.note, "a browser may send any click"
    assert not table(only_theirs)["rows"][0]["mine"], "its star cannot be clicked"
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
    monkeypatch.setattr(teacher.st, "get_option", lambda name: {"server.address": address}[name])
    assert teacher.is_shared() is not alone


def test_the_teachers_token_is_made_once_for_its_user_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "runs"))
    monkeypatch.setattr(teacher.st, "get_option", lambda name: "0.0.0.0")
    assert teacher.teacher_token() == ""
    said = teacher.announce_teacher()
    token = teacher.teacher_token()
    assert len(token) >= 20 and token not in said and str(tmp_path / "runs" / "teacher-token") in said
    assert (tmp_path / "runs" / "teacher-token").stat().st_mode & 0o777 == 0o600
    teacher.announce_teacher()
    assert teacher.teacher_token() == token


def test_a_server_of_this_machine_alone_makes_no_token(monkeypatch, tmp_path):
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "runs"))
    monkeypatch.setattr(teacher.st, "get_option", lambda name: "127.0.0.1")
    assert teacher.announce_teacher() == "" and not (tmp_path / "runs").exists()


def test_a_short_token_makes_nobody_the_teacher(monkeypatch):
    monkeypatch.setenv("NEURAL_LAB_TEACHER", "short")
    assert teacher.teacher_token() == "" and "Expected: 12 characters" in teacher.announce_teacher()


@pytest.mark.parametrize("token", ["short", "x" * 65, "with a space in it ...", "é" * 20, ""])
def test_a_browser_that_sends_a_strange_word_gets_one_for_the_session(token, open_page, training, shared):
    runner, _train = training
    app = visit(open_page, "train", token)
    run_id = started(app, runner)
    assert not app.button(key="stop").disabled
    assert visit(open_page, "train", token, run=run_id).button(key="stop").disabled


VERBS = ("pause", "resume_paused", "stop", "resume", "rename", "delete", "change", "extend", "fork", "submit", "launch")
#: Where the visitor is asked, and where an experiment is launched with its mark.
ASKING = {"lib/ui/visitors.py": {"submit", "fork"}, "lib/ui/experiments/launch.py": {"launch"}}


@pytest.mark.parametrize("path", sorted([*ROOT.glob("lib/ui/**/*.py"), *ROOT.glob("pages/*.py")]), ids=lambda p: p.name)
def test_pages_steer_through_the_check_alone(path):
    steered = set(re.findall(rf"\b(?:runner|sweeps)\(\)\.({'|'.join(VERBS)})\b", path.read_text()))
    assert steered == ASKING.get(str(path.relative_to(ROOT)), set())
