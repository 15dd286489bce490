"""Who may steer what, asked where it is done."""

import pytest

from lib.base.errors import RunError
from lib.runs import Runner, RunStore, Visitor, steer_run
from tests.fakes import fake_train, tiny_run_spec

OWNER, OTHER = Visitor("mine"), Visitor("theirs")
TEACHER = Visitor("theirs", steers_all=True)


@pytest.fixture
def runner(tmp_path):
    made = Runner(RunStore(tmp_path / "runs"), fake_train)
    yield made
    made.shutdown()
    made.store.close()


@pytest.mark.parametrize(("visitor", "browser", "may"), [
    (OWNER, "mine", True), (OTHER, "mine", False), (TEACHER, "mine", True), (OTHER, "", True),
    (Visitor(), "mine", False), (Visitor(), "", True),
])
def test_a_run_is_steered_by_its_browser_the_teacher_and_anybody_where_it_is_nobodys(visitor, browser, may, runner):
    run_id = runner.submit(tiny_run_spec(), browser=browser)
    runner.wait(run_id, timeout=20)
    if may:
        steer_run(runner, visitor, "rename", run_id, "another name")
        assert runner.store.record(run_id).name == "another name"
    else:
        with pytest.raises(RunError, match=r"another browser and cannot be renamed.*Expected: the browser that started it"):
            steer_run(runner, visitor, "rename", run_id, "another name")
        assert runner.store.record(run_id).name != "another name"


@pytest.mark.parametrize("verb", ["pause", "resume_paused", "stop", "resume", "delete", "rename", "change", "extend",
                                  "star", "write_note"])
def test_others_can_do_nothing(verb, runner):
    run_id = runner.submit(tiny_run_spec(), browser="mine")
    with pytest.raises(RunError, match="started in another browser"):
        steer_run(runner, OTHER, verb, run_id)
    runner.wait(run_id, timeout=20)


def test_only_what_steers_can_be_asked_for(runner):
    run_id = runner.submit(tiny_run_spec())
    runner.wait(run_id, timeout=20)
    with pytest.raises(KeyError):
        steer_run(runner, TEACHER, "shutdown", run_id)
