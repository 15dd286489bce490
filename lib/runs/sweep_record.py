"""What a launched experiment is, as threads and pages exchange it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lib.catalog.experiments import Experiment


class SweepState(StrEnum):
    """Where a launched experiment is in its life."""

    RUNNING = "running"
    """Its trials are handed to the runner one after the other."""
    PAUSED = "paused"
    """No new trial begins; the one that trained was stopped after its last whole epoch and goes on later."""
    STOPPED = "stopped"
    """The user ended it; it can be resumed all the same."""
    FINISHED = "finished"
    """Every trial has ended."""
    INTERRUPTED = "interrupted"
    """The process died; finished trials stay, the others go on when it is resumed."""

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to do that nobody is doing."""
        return self in (SweepState.PAUSED, SweepState.STOPPED, SweepState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One launched experiment. `created` and `ended` are seconds since the Unix epoch; `browser` is as of a run."""

    id: str
    experiment: Experiment
    state: SweepState
    created: float
    ended: float | None = None
    message: str = ""
    process: str = ""
    browser: str = ""
