"""How a training ended, in the words of a run: the one place that turns results and errors into states."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.base.errors import LabError, cause_text, is_storage_error
from lib.spec.runs import RunResult, RunState

_LONGEST_MESSAGE = 300
_RESUME = "Free some space and resume it: it goes on after its last whole epoch."
#: By name: TensorFlow's own class is not imported here.
_OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A final state with its message for the user; `details` is a traceback for a file, never for a page."""

    state: RunState
    message: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    details: str = ""


def outcome_of(result: RunResult | None, error: BaseException | None = None) -> Outcome:
    """The outcome of a trainer that returned `result` or raised `error`."""
    if error is None:
        return _returned(result)
    if is_storage_error(error):
        # What was learned up to the last whole epoch is on the disk, so that this is a pause and no failure.
        cause = f"This run could not write its files: {cause_text(error)}. {_RESUME}"
        message = str(error) if isinstance(error, LabError) else cause
        return Outcome(RunState.INTERRUPTED, message, details="".join(traceback.format_exception(error)))
    if isinstance(error, LabError):
        return Outcome(RunState.FAILED, str(error), dict(getattr(error, "metrics", {})))
    details = "".join(traceback.format_exception(error))
    if not {cls.__name__ for cls in type(error).__mro__}.isdisjoint(_OUT_OF_MEMORY):
        message = "Training ran out of memory. Try a smaller batch size, fewer images or a smaller network."
        return Outcome(RunState.FAILED, message, details=details)
    return Outcome(RunState.FAILED, _one_line(error), details=details)


def _returned(result: Any) -> Outcome:
    state = str(getattr(result, "state", ""))
    if state not in (RunState.FINISHED, RunState.STOPPED):
        return Outcome(RunState.FAILED, f"Training returned {type(result).__name__} {state!r} instead of a result.")
    metrics = {name: float(value) for name, value in result.metrics.items()}
    return Outcome(RunState(state), result.message, metrics)


def _one_line(error: BaseException) -> str:
    """The error's type and text, white space and length bounded."""
    text = " ".join(str(error).split())
    line = f"Training broke off: {type(error).__name__}" + (f": {text}" if text else "")
    return line if len(line) <= _LONGEST_MESSAGE else line[: _LONGEST_MESSAGE - 1] + "…"
