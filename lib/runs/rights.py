"""Who may steer a run or an experiment: the browser that started it, the teacher, and anybody where it is nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.base.errors import RunError
from lib.runs.runner import Runner
from lib.runs.sweeps import Sweeps

_RUN_VERBS = {
    "pause": "paused", "resume_paused": "resumed", "stop": "stopped", "resume": "resumed", "rename": "renamed",
    "delete": "deleted", "change": "changed", "extend": "extended", "star": "starred", "write_note": "described",
}
_SWEEP_VERBS = {"pause": "paused", "stop": "stopped", "resume": "resumed", "delete": "forgotten"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: the mark of the visitor's browser, and whether the visitor steers everything.

    The store keeps a mark with every run and experiment; "" is nobody's.
    """

    mark: str = ""
    steers_all: bool = False

    def may_steer(self, browser: str) -> bool:
        """Whether what is marked `browser` may be steered by this visitor."""
        return self.steers_all or not browser or browser == self.mark


def steer_run(runner: Runner, visitor: Visitor, verb: str, run_id: str, *arguments: Any) -> None:
    """`runner.<verb>(run_id, *arguments)` for who may; raises RunError for others. Pages steer runs through here alone."""
    _require(visitor, runner.store.browser(run_id), "run", _RUN_VERBS[verb])
    getattr(runner, verb)(run_id, *arguments)


def steer_sweep(sweeps: Sweeps, visitor: Visitor, verb: str, sweep_id: str) -> None:
    """`sweeps.<verb>(sweep_id)` for who may; raises RunError for others."""
    _require(visitor, sweeps.record(sweep_id).browser, "experiment", _SWEEP_VERBS[verb])
    getattr(sweeps, verb)(sweep_id)


def _require(visitor: Visitor, browser: str, thing: str, done: str) -> None:
    if not visitor.may_steer(browser):
        raise RunError(
            f"This {thing} was started in another browser and cannot be {done} from here.",
            expected="the browser that started it, or the teacher's", received="another one",
            remedy="You can watch it, ask it, compare it and download it; to change something, train one of your own.")
