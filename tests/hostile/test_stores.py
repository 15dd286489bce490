"""A home that is damaged, foreign or not a folder: every page says so, and nothing is deleted."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from lib.base.errors import LabError, RunError
from lib.runs import RunStore, SweepStore
from lib.spec.runs import RunRecord, RunState
from lib.ui.lab import lab
from tests.fakes import tiny_run_spec
from tests.hostile.test_links import drawn_texts
from tests.pages.conftest import ROUTER

PAGES = ("home", "runs", "experiments", "train", "tell_time", "cat_faces")


@pytest.fixture
def visit(open_page, use_runner):
    """Open a page with the app's own runner, made from the home as it is."""
    lab().release("runner")
    yield open_page
    for name in ("runner", "sweeps"):
        made = lab().release(name)
        if made is not None:
            made.shutdown(20)
            made.store.close()


def spoil(home, how):
    home.parent.mkdir(parents=True, exist_ok=True)
    if how == "a file":
        home.write_text("no folder")
        return
    home.mkdir()
    if how == "no database":
        for name in ("runs.db", "sweeps.db"):
            (home / name).write_bytes(b"no database " * 500)
    elif how == "newer":
        connection = sqlite3.connect(home / "runs.db")
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    elif how == "other tables":
        connection = sqlite3.connect(home / "runs.db")
        connection.execute("CREATE TABLE runs (x)")
        connection.close()
    elif how == "folders":
        (home / "runs.db").mkdir()
    elif how == "no locks":
        (home / "processes").write_text("no folder")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("how", ["a file", "no database", "newer", "other tables", "folders", "no locks"])
def test_a_damaged_home_is_a_message_on_every_page(how, page, visit, tmp_path):
    spoil(tmp_path / "runs", how)
    app = visit(page)
    shown = " ".join(drawn_texts(app))
    assert not app.exception and app.title
    assert "unexpected error" not in shown and "Traceback" not in shown
    assert app.error or page == "train"


def test_what_nobody_foresaw_is_a_page_with_a_message(visit, monkeypatch, caplog):
    def broken():
        raise KeyError("/secret/path")

    monkeypatch.setattr("lib.ui.home.panel.running_now", broken)
    app = AppTest.from_file(ROUTER, default_timeout=60).run()
    assert not app.exception and "unexpected error" in app.error[0].value
    assert "/secret/path" not in " ".join(drawn_texts(app)) and "/secret/path" in caplog.text


# --- rows that make no sense --------------------------------------------------------------

_CELL = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=20), st.binary(max_size=20),
                  st.sampled_from([
                      "[" * 3000, '{"a": 1e400}', "null", "queued", "\x00", '{"architecture": {"layers": []}}']))
_COLUMNS = ("name", "spec", "state", "created", "started", "ended", "message", "metrics", "device", "owner", "beginning",
            "starred", "note")


def test_damaged_rows_spoil_no_other_run(tmp_path):
    store = RunStore(tmp_path / "runs")
    for name in ("good", "bad"):
        store.create(RunRecord(name, name, tiny_run_spec(), RunState.FINISHED, created=1.0))
    before = dict(store._row("bad"))

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(st.sampled_from(_COLUMNS), _CELL, min_size=1, max_size=3))
    def check(values):
        try:
            with store._database.transaction() as database:
                for column, value in {**before, **values}.items():
                    database.execute(f'UPDATE runs SET "{column}" = ? WHERE rowid = 2', (value,))
        except RunError:
            return  # the database itself refuses an empty column
        assert "good" in {record.id for record in store.records()}
        assert len(store.records()) + len(store.unreadable()) == 2
        store.started("bad")

    check()
    store.close()


@pytest.mark.parametrize("run_id", ["", "..", "/etc", "a" * 10_000, "\ud800", "\x00", "a b"])
def test_any_id_is_unknown_and_nothing_else(run_id, tmp_path):
    store = RunStore(tmp_path / "runs")
    for ask in (store.record, store.started, store.folder, store.delete, lambda i: store.rename(i, "x")):
        with pytest.raises(RunError):
            ask(run_id)
    store.close()


def test_damage_anywhere_in_the_database_is_a_message(tmp_path):
    store = RunStore(tmp_path / "whole")
    for number in range(5):
        store.create(RunRecord(f"r{number}", "name", tiny_run_spec(), RunState.FINISHED, created=1.0))
    store.close()
    whole = (tmp_path / "whole" / "runs.db").read_bytes()
    place = st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255))

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(place, max_size=30), st.integers(0, len(whole)))
    def check(changes, length):
        content = bytearray(whole[:length] if length % 3 == 0 else whole)
        for position, value in changes:
            if position < len(content):
                content[position] = value
        home = tmp_path / "damaged"
        home.mkdir(exist_ok=True)
        for left in home.glob("*.db*"):
            left.unlink()
        (home / "runs.db").write_bytes(bytes(content))
        try:
            damaged = RunStore(home)
        except LabError:
            return
        try:
            damaged.mark_interrupted()
            for record in damaged.records():
                damaged.epochs(record.id)
            damaged.unreadable()
        except LabError:
            pass
        finally:
            damaged.close()

    check()


def test_a_damaged_store_of_experiments_is_a_message(tmp_path):
    (tmp_path / "sweeps.db").write_bytes(b"no database " * 500)
    with pytest.raises(RunError, match=r"sweeps\.db"):
        SweepStore(tmp_path, "p")
