"""What the seeds of an experiment say: mean, spread, bands over epochs, and paired tests between choices.

Nothing here trains or draws; every number comes from finished trials.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from lib.base.markdown import as_text
from lib.base.percent import count_text, listed
from lib.catalog.experiments import Cell, Experiment, value_label
from lib.catalog.fields import Value
from lib.measures.figures import Figure, Spread, spread
from lib.spec.runs import EpochLog

#: Flips of signs that are tried where there are too many pairs to try all.
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
    state: str = "finished"
    epochs: tuple[EpochLog, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    message: str = ""
    run_id: str = ""
    planned: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether its figures are final; a training that diverged has figures of the network as it was then."""
        return self.state == "finished" or self.has_diverged

    @property
    def has_diverged(self) -> bool:
        """Whether its loss became NaN or infinite."""
        return self.state == "failed" and bool(self.metrics.get("diverged"))

    def value(self, metric: str) -> float | None:
        """Its figure; "val_accuracy" is the last epoch's. None while there is none, or where it is not a number."""
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


def sign_flip_p(differences: Sequence[float]) -> float:
    """Two-sided p that a mean difference so far from 0 is chance: under chance each pair could as well be swapped.

    Assumes nothing else; exact for few pairs, else over a fixed sample (`scipy.stats.permutation_test`).
    """
    array = np.asarray(list(differences), float)
    if not np.any(array):
        return 1.0
    if len(array) == 1:
        return 1.0  # swapping the only pair changes nothing but the sign
    from scipy.stats import permutation_test

    result = permutation_test((array,), np.mean, permutation_type="samples", vectorized=True,
                              n_resamples=SAMPLED_FLIPS, rng=np.random.default_rng(0))
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
    corrected = holm([sign_flip_p(differences) for *_, differences in found])
    return [Comparison(axis, first, second, float(np.mean(differences)), len(differences), p, data, len(found))
            for (axis, data, first, second, differences), p in zip(found, corrected, strict=True)]


# --- in words -----------------------------------------------------------------------------


def reading(experiment: Experiment, results: Sequence[TrialResult]) -> list[str]:
    """Sentences (Markdown) about what the finished trials show and what they cannot show; none without any."""
    cells = by_cell(results, experiment.metric)
    if not cells:
        return []
    lines = _best_sentences(experiment, results, cells) if len(cells) > 1 else [_only_sentence(experiment, cells)]
    compared = comparisons(results, experiment)
    for axis in experiment.axes:
        for data in dict.fromkeys(c.data for c in compared if c.axis == axis.field):
            lines.append(_axis_sentence(experiment, [c for c in compared if (c.axis, c.data) == (axis.field, data)]))
    failed = sum(result.state == "failed" and not result.has_diverged for result in results)
    diverged = sum(result.has_diverged for result in results)
    if diverged:
        lines.append(f"{diverged} of {len(results)} trials diverged; they count as their networks were then.")
    if failed:
        lines.append(f"{failed} of {len(results)} trials failed; they are not in these figures.")
    return lines


def _only_sentence(experiment: Experiment, cells: Mapping[Cell, Spread]) -> str:
    (value,) = cells.values()
    return f"**{Figure(experiment.metric).spread_text(value)}** over {count_text(value.count, 'seed')}."


def _best_sentences(
    experiment: Experiment, results: Sequence[TrialResult], cells: Mapping[Cell, Spread]
) -> list[str]:
    """The best cell, of each data set where there are several, and whether the next one could be as good."""
    axis = experiment.axis("dataset")
    if axis is None:
        ended = sum(result.state in ("finished", "failed") for result in results)
        return [_best_sentence(experiment, results, cells, "Best" if ended >= experiment.trial_count else "Best so far")]
    found = []
    for name in axis.values:
        part = {cell: value for cell, value in cells.items() if dict(cell)["dataset"] == name}
        if part:
            found.append(_best_sentence(experiment, results, part, f"Best on {value_label('dataset', name)}"))
    return found


def _best_sentence(
    experiment: Experiment, results: Sequence[TrialResult], cells: Mapping[Cell, Spread], words: str
) -> str:
    ranked = sorted(cells, key=lambda cell: cells[cell].mean, reverse=experiment.higher_is_better)
    value = cells[ranked[0]]
    level = [cell for cell in ranked if cells[cell].mean == value.mean]
    best = listed([f"**{_cell_words(cell)}**" for cell in level[:_NAMED]]) if len(level) <= _NAMED else (
        f"{len(level)} of {len(ranked)} cells")
    seeds = f"{count_text(value.count, 'seed')}{' each' * (len(level) > 1)}"
    sentence = f"{words}: {best} with {Figure(experiment.metric).spread_text(value)} ({seeds})."
    behind = ranked[len(level) :]
    return sentence + (_runner_up(experiment, results, ranked[0], behind[0]) if behind else "")


def _cell_words(cell: Cell) -> str:
    parts = [(name, value) for name, value in cell if name != "dataset"] or list(cell)
    return ", ".join(_value_words(name, value) for name, value in parts)


def _value_words(field: str, value: Value) -> str:
    """A value in Markdown: users name their networks as they like."""
    words = value_label(field, value)
    return as_text(words) if field == "network" else words


def _runner_up(experiment: Experiment, results: Sequence[TrialResult], best: Cell, second: Cell) -> str:
    """How far behind the second best cell is, paired by seeds; "" without a pair."""
    values: dict[int, dict[Cell, float]] = {}
    for result in results:
        value = result.value(experiment.metric) if result.is_finished else None
        if value is not None and result.cell in (best, second):
            values.setdefault(result.seed, {})[result.cell] = value
    differences = [found[best] - found[second] for found in values.values() if len(found) == 2]
    if not differences:
        return ""
    gap = Figure(experiment.metric).gap_text(float(np.mean(differences)))
    p = sign_flip_p(differences)
    verdict = "more than chance" if p < LEVEL else "that could be chance"
    reason = (f"{verdict} ({_pairs_text(len(differences))}, {_p_text(p)})" if len(differences) >= pairs_needed() else
              _cannot_show(len(differences), pairs_needed()))
    return f" Next is {_cell_words(second)}, {gap} behind: {reason}."


def _pairs_text(count: int) -> str:
    return count_text(count, "pair")


def _cannot_show(pairs: int, needed: int) -> str:
    return f"{_pairs_text(pairs)} cannot show whether that is chance: {needed} are needed"


def _axis_sentence(experiment: Experiment, found: Sequence[Comparison]) -> str:
    """What the comparisons of one axis on one data set say."""
    axis = experiment.axis(found[0].axis)
    name = axis.title if axis else found[0].axis
    title = f"**{name}**" + (f" on {value_label('dataset', found[0].data)}" if found[0].data else "")
    clear = sorted((c for c in found if c.is_clear), key=lambda c: -abs(c.difference))
    if clear:
        rest = len(found) - len(clear)
        tail = f" The other {rest} could be chance." if rest else ""
        return f"{title}: " + "; ".join(_clear_sentence(experiment, c) for c in clear[:3]) + "." + tail
    largest = max(found, key=lambda c: abs(c.difference))
    words = (f"the largest difference is {Figure(experiment.metric).gap_text(largest.difference)}, "
             f"{_value_words(largest.axis, largest.first)} against {_value_words(largest.axis, largest.second)}")
    if largest.pairs < largest.needed:
        return (f"{title}: {words}; {_cannot_show(largest.pairs, largest.needed)} among "
                f"{count_text(largest.family, 'comparison')}.")
    return f"{title}: no difference is more than chance; {words} ({_pairs_text(largest.pairs)}, {_p_text(largest.p)})."


def _clear_sentence(experiment: Experiment, c: Comparison) -> str:
    first_wins = (c.difference > 0) == experiment.higher_is_better
    better, worse = (c.first, c.second) if first_wins else (c.second, c.first)
    return (f"{_value_words(c.axis, better)} beats {_value_words(c.axis, worse)} by "
            f"{Figure(experiment.metric).gap_text(c.difference)} ({c.pairs} pairs, {_p_text(c.p)})")


def _p_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"
