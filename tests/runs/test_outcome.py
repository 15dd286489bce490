from __future__ import annotations

import pytest

from lib.base.errors import TrainingError
from lib.runs.outcome import outcome_of
from lib.spec.runs import RunResult, RunState


class ResourceExhaustedError(Exception):
    """Named like TensorFlow's."""


def test_result_keeps_its_state_and_metrics() -> None:
    outcome = outcome_of(RunResult(RunState.STOPPED, {"test_accuracy": 1}, "stopped after epoch 3"))
    assert (outcome.state, outcome.message) == (RunState.STOPPED, "stopped after epoch 3")
    assert outcome.metrics == {"test_accuracy": 1.0}


def test_lab_error_is_shown_as_it_is() -> None:
    outcome = outcome_of(None, TrainingError("The loss is not a number."))
    assert (outcome.state, outcome.message, outcome.details) == (RunState.FAILED, "The loss is not a number.", "")


@pytest.mark.parametrize("error", [MemoryError(), ResourceExhaustedError("OOM when allocating tensor")])
def test_out_of_memory_says_what_to_do(error: Exception) -> None:
    assert "smaller batch size" in outcome_of(None, error).message


@pytest.mark.parametrize("error", [ValueError("two\nlines"), KeyError("x" * 1000), SystemExit(3), Exception()])
def test_any_other_error_is_one_readable_line(error: BaseException) -> None:
    outcome = outcome_of(None, error)
    assert outcome.state == RunState.FAILED
    assert type(error).__name__ in outcome.message
    assert "\n" not in outcome.message and len(outcome.message) <= 300
    assert type(error).__name__ in outcome.details


@pytest.mark.parametrize("result", [None, 3, RunResult(RunState.RUNNING, {})])
def test_anything_but_an_ended_result_is_a_failure(result: object) -> None:
    assert outcome_of(result).state == RunState.FAILED
