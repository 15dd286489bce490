"""What the seeds of an experiment say: mean, spread, bands over epochs, and paired tests between choices.

Nothing here trains or draws; every number comes from finished trials. `lib.measures.experiment_reading` puts it in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from lib.catalog.experiments import Cell, Experiment
from lib.catalog.fields import Value
from lib.measures.figures import Spread, spread
from lib.spec.runs import EpochLog, RunState, has_diverged

#: Flips of signs that are tried at least where there are too many pairs to try all.
SAMPLED_FLIPS = 20_000
#: What counts as more than chance, after Holm's correction for all comparisons of an experiment.
LEVEL = 0.05
#: Cells with the same best mean that are named; more are counted.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class TrialResult:
    """One trial as it is now: `state` a RunState or "waiting", epochs so far, final metrics once it has ended."""

    cell: Cell
    seed: int
    state: str = RunState.FINISHED
    epochs: tuple[EpochLog, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    message: str = ""
    run_id: str = ""
    planned: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether its figures are final; a training that diverged has figures of the network as it was then."""
        return self.state == RunState.FINISHED or self.has_diverged

    @property
    def has_diverged(self) -> bool:
        """Whether its loss became NaN or infinite."""
        return has_diverged(self.state, self.metrics)

    def value(self, metric: str) -> float | None:
        """Its figure; "val_accuracy" is the last epoch's. None while there is none, or where it is not a number.

        After it diverged all figures are of the network as it was then, its best one too.
        """
        if self.has_diverged:
            value = self.metrics.get(metric.replace("best_val_", "val_"))
        else:
            value = self.epochs[-1].metrics.get(metric) if metric == "val_accuracy" and self.epochs else None
            value = self.metrics.get(metric) if value is None else value
        return value if value is not None and math.isfinite(value) else None


# --- mean and spread ----------------------------------------------------------------------


def by_cell(results: Iterable[TrialResult], metric: str) -> dict[Cell, Spread]:
    """The spread over seeds of every cell with a finished trial, in the order of the cells."""
    values: dict[Cell, list[float]] = {}
    for result in results:
        value = result.value(metric) if result.is_finished else None
        if value is not None:
            values.setdefault(result.cell, []).append(value)
    return {cell: spread(found) for cell, found in values.items()}


def band(histories: Iterable[Sequence[EpochLog]], metric: str) -> list[tuple[int, Spread]]:
    """(epoch from 1, spread over the histories that have reached it)."""
    values: dict[int, list[float]] = {}
    for epochs in histories:
        for log in epochs:
            if metric in log.metrics and math.isfinite(log.metrics[metric]):
                values.setdefault(log.epoch + 1, []).append(log.metrics[metric])
    return [(epoch, spread(values[epoch])) for epoch in sorted(values)]


# --- paired tests -------------------------------------------------------------------------


def sign_flip_p(differences: Sequence[float], comparisons: int = 1) -> float:
    """Two-sided p that a mean difference so far from 0 is chance: under chance each pair could as well be swapped.

    Assumes nothing else; exact for few pairs, else over a fixed sample (`scipy.stats.permutation_test`), large enough that
    the least p is half of what Holm's correction for so many `comparisons` asks of the first.
    """
    array = np.asarray(list(differences), float)
    if not np.any(array):
        return 1.0
    if len(array) == 1:
        return 1.0  # swapping the only pair changes nothing but the sign
    from scipy.stats import permutation_test

    flips = max(SAMPLED_FLIPS, math.ceil(4 * comparisons / LEVEL))
    result = permutation_test((array,), np.mean, permutation_type="samples", vectorized=True, n_resamples=flips,
                              rng=np.random.default_rng(0))
    return float(min(1.0, result.pvalue))


def pairs_needed(comparisons: int = 1) -> int:
    """The fewest pairs with which the best of so many comparisons can be more than chance: 6 for one."""
    return 1 + math.ceil(math.log2(comparisons / LEVEL))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction: p-values that may be compared with one level however many there are. SciPy has none."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return corrected


@dataclass(frozen=True, slots=True)
class Comparison:
    """Value `first` of an axis against `second` on one data set ("" where that does not vary).

    `difference` is the mean over `pairs`, each two trainings alike in everything else (the other choices, the seed);
    `p` is corrected for `family` comparisons, all of the experiment.
    """

    axis: str
    first: Value
    second: Value
    difference: float
    pairs: int
    p: float
    data: Value = ""
    family: int = 1

    @property
    def is_clear(self) -> bool:
        """Whether this is more than chance."""
        return self.p < LEVEL

    @property
    def needed(self) -> int:
        """How many pairs it takes to show anything among so many comparisons."""
        return pairs_needed(self.family)


def paired_differences(
    results: Iterable[TrialResult], axis: str, first: Value, second: Value, metric: str
) -> list[float]:
    """`first` minus `second`, for every pair of finished trials with the same seed and the same other choices."""
    values: dict[tuple[Cell, int], dict[Value, float]] = {}
    for result in results:
        value = result.value(metric) if result.is_finished else None
        if value is not None:
            others = tuple((name, choice) for name, choice in result.cell if name != axis)
            values.setdefault((others, result.seed), {})[dict(result.cell)[axis]] = value
    return [found[first] - found[second] for found in values.values() if first in found and second in found]


def comparisons(results: Sequence[TrialResult], experiment: Experiment) -> list[Comparison]:
    """Every pair of values of every axis, each data set apart, p-values corrected together."""
    sets = experiment.axis("dataset")
    found: list[tuple[str, Value, Value, Value, list[float]]] = []
    for data in sets.values if sets else ("",):
        part = [result for result in results if not sets or dict(result.cell).get("dataset") == data]
        for axis in experiment.axes:
            for first, second in combinations(axis.values, 2) if axis.field != "dataset" else ():
                differences = paired_differences(part, axis.field, first, second, experiment.metric)
                if differences:
                    found.append((axis.field, data, first, second, differences))
    corrected = holm([sign_flip_p(differences, len(found)) for *_, differences in found])
    return [Comparison(axis, first, second, float(np.mean(differences)), len(differences), p, data, len(found))
            for (axis, data, first, second, differences), p in zip(found, corrected, strict=True)]
