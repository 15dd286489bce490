"""Trainings that Ray workers import by name."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lib.base.errors import TrainingError
from lib.spec.runs import Control, OnEvent, RunResult, RunState
from lib.spec.specs import RunSpec
from tests.fakes import emit_epoch, fake_train, final_metrics, run_started


def slow_train(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """One epoch at once, then wait until the test's folder says go; leaves its process id there, once for each training."""
    signs = Path(os.environ["NEURAL_LAB_TEST_SIGNS"])
    (signs / f"started-{spec.seed}-{os.getpid()}-{time.time_ns()}").touch()
    on_event(run_started(spec))
    emit_epoch(0, folder, on_event)
    while not (signs / "go").exists():
        if control.should_stop():
            return RunResult("stopped", final_metrics(1), "stopped on the worker")
        time.sleep(0.02)
    if spec.seed == 13:
        raise TrainingError("The loss became nan.", remedy="Lower the learning rate.")
    (folder / "model.keras").write_bytes(b"weights")
    return fake_train(spec, folder, on_event, control)


def recording_train(spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
    """Leaves every kind of file that a training does."""
    (folder / "epochs").mkdir()
    for name in ("model.keras", "test.npz", "resume.npz", "epochs/00000.npz", "epochs/00001.npz", "epochs/shown.npz"):
        (folder / name).write_bytes(b"x")
    return RunResult(RunState.FINISHED, final_metrics(1), "")
