"""Training a clock network on dials that turn further and further; see `lib.catalog.clock_curriculum`.

A light network that meets freely turned dials from the start stays at chance; one that reads upright dials and is led
on in stages does not (a curriculum: Bengio et al., "Curriculum learning", ICML 2009). Every image is seen once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from lib.catalog.clock_curriculum import TURN_BANDS, Curriculum
from lib.datasets.dataset import Dataset
from lib.datasets.registry import DATASETS
from lib.datasets.turned_clocks import TurnedClocks
from lib.measures.clock_figures import clock_report
from lib.models.batch_statistics import BatchStatistics
from lib.models.files import read_variables, write_variables
from lib.models.program import StepProgram
from lib.models.tasks.classify import to_unit_range
from lib.models.tasks.clock import ClockNetwork, minutes_reader
from lib.spec.specs import RunSpec
from lib.spec.step_plan import cosine_decay

#: Steps in which the rate rises from nothing: the optimiser begins without its averages.
WARM_UP = 200
_CHUNK = 75

#: Number of a block -> its images.
Blocks = Callable[[int], TurnedClocks]


class TurnTraining:
    """Leads a network through a curriculum; its whole state is in `folder` after every block."""

    def __init__(self, spec: RunSpec, weights: Sequence[np.ndarray], curriculum: Curriculum, blocks: Blocks,
                 validation: TurnedClocks, folder: Path) -> None:
        """`weights` are those of the network that reads upright dials, in Keras' order."""
        self.curriculum, self._blocks, self._validation = curriculum, blocks, validation
        self._state_file = folder / "curriculum.npz"
        spec = replace(spec, train=replace(spec.train, batch_size=curriculum.batch_size, learning_rate=curriculum.rate))
        first = blocks(0)
        self.network = ClockNetwork(spec, _dataset(spec, first, validation))
        self.network.model.set_weights(list(weights))
        self._program = StepProgram(self.network.updates, self._arrays(first), self.network.state)
        self._statistics = BatchStatistics(self.network.model, first.images, curriculum.batch_size, spec.seed, to_unit_range)
        #: The network's answers, minutes after 12:00 float64 (N,), for images uint8 (N, size, size, 1).
        self.minutes = minutes_reader(spec, self.network.model)
        #: One row a block: turn, training loss, validation mean and median error in minutes over all turns.
        self.rows: list[dict[str, float]] = []
        self._resume()

    def run(self, on_block: Callable[[dict[str, float]], None]) -> None:
        """Train to the end; `on_block` gets every new row."""
        stages = self.curriculum.blocks
        while len(self.rows) < len(stages):
            number = len(self.rows)
            clocks = self._blocks(number)
            self._program.load(self._arrays(clocks))
            losses = [self._program.run(rows, self._rates(number, start))["loss"] for start, rows in self._steps(number)]
            self._statistics.update(clocks.images)
            found = clock_report(self._validation.minutes, self.minutes(self._validation.images))
            self.rows.append({"turn": stages[number].turn, "loss": float(np.concatenate(losses).mean()),
                              "val_minutes": found["minutes"], "val_median_minutes": found["median_minutes"]})
            self._save()
            on_block(self.rows[-1])

    def _arrays(self, clocks: TurnedClocks) -> tuple[np.ndarray, ...]:
        return (clocks.images, *self.network.head.encode(clocks.minutes))

    def _steps(self, number: int) -> list[tuple[int, np.ndarray]]:
        """(number of the first step in the block, indices of the batches) of every chunk; images are in random order."""
        size, count = self.curriculum.batch_size, self.curriculum.images
        rows = np.arange(count // size * size, dtype=np.int32).reshape(-1, size)
        return [(start, rows[start : start + _CHUNK]) for start in range(0, len(rows), _CHUNK)]

    def _rates(self, number: int, start: int) -> np.ndarray:
        """Learning rates (steps, 1) of the chunk that begins at step `start` of block `number`."""
        per_block = self.curriculum.images // self.curriculum.batch_size
        widening = (len(self.curriculum.blocks) - self.curriculum.stages[-1].blocks) * per_block
        total, rate = len(self.curriculum.blocks) * per_block, self.curriculum.rate
        steps = number * per_block + np.arange(start, min(start + _CHUNK, per_block))
        rates = [rate * min(1.0, (step + 1) / WARM_UP) if step < widening
                 else cosine_decay(rate, (step - widening) / (total - widening)) for step in steps.tolist()]
        return np.array(rates)[:, None]

    def _variables(self) -> list[Any]:
        return [*self.network.state, *self.network.optimizer.variables]

    def _save(self) -> None:
        write_variables(self._state_file, self._variables(), rows=np.array(json.dumps(self.rows)))

    def _resume(self) -> None:
        if self._state_file.exists():
            arrays = read_variables(self._state_file, self._variables())
            self.rows = json.loads(str(arrays["rows"]))


def _dataset(spec: RunSpec, training: TurnedClocks, validation: TurnedClocks) -> Dataset:
    nothing = training.images[:0], training.minutes[:0]
    return Dataset(DATASETS[spec.data.dataset], training.images, training.minutes, validation.images, validation.minutes,
                   *nothing)


def turn_report(true: np.ndarray, predicted: np.ndarray, turns: np.ndarray) -> list[dict[str, float]]:
    """`clock_report` and the number of `images` for each band of `TURN_BANDS` (from, to), arrays (N,)."""
    rows = []
    for low, high in pairwise(TURN_BANDS):
        inside = (np.abs(turns) >= low) & ((np.abs(turns) < high) | (high == TURN_BANDS[-1]))
        if inside.any():
            found = clock_report(true[inside], predicted[inside])
            rows.append({"from": low, "to": high, "images": int(inside.sum()), **found})
    return rows
