"""What a training step costs on this machine: a few timed steps on made-up images."""

from __future__ import annotations

import time

import numpy as np

from lib.datasets.dataset import Dataset, DatasetInfo
from lib.measures.forecast import StepCost
from lib.models.program import StepProgram
from lib.models.runtime import borrowed_device, prepare
from lib.models.tasks.base import build_task
from lib.spec.memory_need import EVALUATION_BATCH
from lib.spec.specs import RunSpec

#: Steps are timed for about so long; longer tells little more, since the machine's load drifts.
TIMED_SECONDS = 0.4
_MOST_STEPS = 256


def made_up_dataset(info: DatasetInfo, train: int, seed: int = 0) -> Dataset:
    """Random pixels and labels in the shapes of a data set; training time does not depend on their values."""
    rng = np.random.default_rng(seed)

    def split(count: int) -> tuple[np.ndarray, np.ndarray]:
        images = rng.integers(0, 256, (count, *info.image_shape), dtype=np.uint8)
        return images, rng.integers(0, info.classes, count).astype(np.int32)

    return Dataset(info, *split(train), *split(EVALUATION_BATCH), *split(1))


def measure_step(spec: RunSpec, info: DatasetInfo) -> StepCost:
    """Build the network of `spec`, time its steps and its evaluation, and throw it away."""
    prepare()
    started = time.monotonic()
    with borrowed_device():
        data = made_up_dataset(info, 2 * spec.train.batch_size)
        task = build_task(spec, data)
        program = StepProgram(task.updates, task.data, task.state)
        rows = np.arange(2 * spec.train.batch_size, dtype=np.int32).reshape(2, -1)
        program.run(rows[:1])
        task.validate(lambda: True)
        setup = time.monotonic() - started
        step = _timed_steps(program, rows)
        clock = time.monotonic()
        task.validate(lambda: True)
        return StepCost(setup, step, (time.monotonic() - clock) / EVALUATION_BATCH)


def _timed_steps(program: StepProgram, rows: np.ndarray) -> float:
    """Seconds of one step, from chunks that grow until one takes long enough to be trusted."""
    count = 2
    while True:
        chunk = np.resize(rows, (count, rows.shape[1]))
        clock = time.monotonic()
        program.run(chunk)
        elapsed = time.monotonic() - clock
        if elapsed >= TIMED_SECONDS or count >= _MOST_STEPS:
            return elapsed / count
        count *= 4
