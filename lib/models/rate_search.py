"""Trying learning rates out: the range test, and dividing by three until the network learns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.datasets.dataset import Dataset
from lib.measures.rate_reading import Attempt, RateReading, has_seen_enough, read_range, read_thirds
from lib.models.program import StepProgram
from lib.models.runtime import borrowed_device, prepare, release_memory
from lib.models.tasks.base import build_task
from lib.spec.rate_search import RANGE, RateSearch, search_of
from lib.spec.runs import Control, EpochLog, OnEvent, RunNote, RunResult, RunStarted, RunState, StepLog
from lib.spec.specs import RunSpec

#: Steps in one call: as many as a stop has to wait for.
_CHUNK = 10
#: Of an attempt, the last steps whose mean loss counts.
_LAST = 10


def search_rate(spec: RunSpec, dataset: Dataset, on_event: OnEvent, control: Control) -> RunResult:
    """Try the rates of the search that `spec` is, and report every step with its rate.

    The result's metric "suggested_rate" is the rate to take, missing where there is none, and its message the reason. The
    same spec gives the same steps. Raises SpecError for a spec that is no search or does not fit.
    """
    search = search_of(spec)
    if search is None:
        raise SpecError("This run does not search for a learning rate.", received=spec.task)
    on_event(RunNote("Loading Keras"))
    prepare()
    try:
        with borrowed_device() as device:
            on_event(RunNote("Building the network"))
            return _Search(spec, search, dataset, on_event, control).run(device)
    finally:
        release_memory()


class _Search:
    """One search: the network, its first weights, and how far it is."""

    def __init__(self, spec: RunSpec, search: RateSearch, dataset: Dataset, on_event: OnEvent, control: Control) -> None:
        self.spec, self.search, self.on_event, self.control = spec, search, on_event, control
        self.task = build_task(spec, dataset)
        self.program = StepProgram(self.task.updates, self.task.data, self.task.state)
        first = spec.train.learning_rate
        self.ratios = [float(np.asarray(update.optimizer.learning_rate)) / first for update in self.task.updates]
        self.variables = [*self.task.state, *(v for update in self.task.updates for v in update.optimizer.variables)]
        self.beginning = [np.array(variable.numpy()) for variable in self.variables]
        self.images = len(self.task.data[0])
        self.batch = min(spec.train.batch_size, self.images)
        self.step = 0

    def run(self, device: str) -> RunResult:
        attempts = 1 if self.search.kind == RANGE else len(self.search.rates())
        parameters = sum(math.prod(variable.shape) for variable in self.task.model.weights)
        self.on_event(RunStarted(attempts, self.search.steps, self.search.steps * self.batch, parameters, device))
        reading = self._range() if self.search.kind == RANGE else self._thirds()
        if reading is None:
            return RunResult(RunState.STOPPED, {}, "Stopped before it had found a rate.")
        found = {"suggested_rate": reading.suggested, "lowest_rate": reading.lowest, "diverged_rate": reading.diverged}
        metrics = {name: rate for name, rate in found.items() if rate is not None}
        return RunResult(RunState.FINISHED, metrics, reading.reason)

    def _range(self) -> RateReading | None:
        rates, losses = self.search.rates(), []
        for chunk in self._losses(0, rates):
            losses += chunk
            if has_seen_enough(losses):
                break
        return None if self.control.should_stop() else read_range(rates, losses)

    def _thirds(self) -> RateReading | None:
        attempts: list[Attempt] = []
        for number, rate in enumerate(self.search.rates()):
            for variable, value in zip(self.variables, self.beginning, strict=True):
                variable.assign(value)
            losses: list[float] = []
            for chunk in self._losses(number, [rate] * self.search.steps):
                losses += chunk
                if not np.isfinite(losses).all():
                    break
            if self.control.should_stop():
                return None
            attempt = Attempt(rate, losses[0], float(np.mean(losses[-_LAST:])))
            attempts.append(attempt)
            found = {"learning_rate": rate, "before": attempt.before, "loss": attempt.after,
                     "learned": float(attempt.learned)}
            self.on_event(EpochLog(number, self.step, float(self.step), found))
            if attempt.learned:
                break
        return read_thirds(attempts)

    def _losses(self, attempt: int, rates: list[float]) -> Iterator[list[float]]:
        """Take a step at each of these rates, from the beginning of the images' order, and give the losses in chunks."""
        rows = self._rows(len(rates))
        for start in range(0, len(rates), _CHUNK):
            while self.control.is_paused and not self.control.should_stop():
                self.control.wait_if_paused()
                self.control.take_request()  # which would end the pause, and has nothing to change here
            if self.control.should_stop():
                return
            part = rates[start : start + _CHUNK]
            metrics = self.program.run(rows[start : start + _CHUNK], np.outer(part, self.ratios))
            losses: list[float] = metrics["loss"].astype(float).tolist()
            self._report(attempt, part, losses)
            yield losses

    def _report(self, attempt: int, rates: list[float], losses: list[float]) -> None:
        columns: dict[str, Any] = {"loss": tuple(losses), "learning_rate": tuple(rates)}
        self.on_event(StepLog(attempt, self.step, float(self.step + len(rates)), columns))
        self.step += len(rates)

    def _rows(self, steps: int) -> np.ndarray:
        """The batches (steps, batch size) of a training's first steps, epoch after epoch; smaller last ones left out."""
        whole = self.images // self.batch
        epochs = [np.random.default_rng([self.spec.seed, 2, epoch]).permutation(self.images)[: whole * self.batch]
                  for epoch in range(math.ceil(steps / whole))]
        return np.concatenate(epochs).reshape(-1, self.batch)[:steps].astype(np.int32)
