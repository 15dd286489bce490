"""What an experiment or a race shows, in sentences that say what could be chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.base.markdown import as_text
from lib.base.percent import count_text, listed
from lib.catalog.experiments import Cell, Experiment, value_label
from lib.catalog.fields import Value
from lib.measures.figures import Figure, Spread
from lib.measures.replicates import LEVEL, Comparison, TrialResult, by_cell, comparisons, pairs_needed, sign_flip_p
from lib.spec.runs import RunState

#: Cells with the same best mean that are named; more are counted.
_NAMED = 3


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
    failed = sum(result.state == RunState.FAILED and not result.has_diverged for result in results)
    diverged = sum(result.has_diverged for result in results)
    if diverged:
        lines.append(f"{diverged} of {len(results)} runs diverged; they count as their networks were then.")
    if failed:
        lines.append(f"{failed} of {len(results)} runs failed; they are not in these figures.")
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
        return [_best_sentence(experiment, results, cells, _best_words(results, experiment.trial_count))]
    found = []
    for name in axis.values:
        part = {cell: value for cell, value in cells.items() if dict(cell)["dataset"] == name}
        if part:
            there = [result for result in results if dict(result.cell)["dataset"] == name]
            words = f"{_best_words(there, experiment.trial_count // len(axis.values))} on {value_label('dataset', name)}"
            found.append(_best_sentence(experiment, results, part, words))
    return found


def _best_words(results: Sequence[TrialResult], planned: int) -> str:
    ended = sum(result.state in (RunState.FINISHED, RunState.FAILED) for result in results)
    return "Best" if ended >= planned else "Best so far"


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
    pairs = [(found[best], found[second]) for found in values.values() if len(found) == 2]
    if not pairs:
        return ""
    differences = [first - other for first, other in pairs]
    gap = Figure(experiment.metric).lead_text(*(float(mean) for mean in np.mean(pairs, axis=0)))
    p = sign_flip_p(differences)
    verdict = "more than chance" if p < LEVEL else "that could be chance"
    reason = (f"{verdict} ({_pairs_text(len(differences))}, {_p_text(p)})" if len(differences) >= pairs_needed() else
              _cannot_show(len(differences), pairs_needed()))
    return f" Next is {_cell_words(second)}, {gap} behind: {reason}."


def _pairs_text(count: int) -> str:
    return count_text(count, "pair")


def _cannot_show(pairs: int, needed: int) -> str:
    return f"{_pairs_text(pairs)} are too few to rule out chance, however large it is: {needed} are needed"


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


# --- races --------------------------------------------------------------------------------


def race_words(experiment: Experiment, results: Sequence[TrialResult]) -> str:
    """The winner, by how much, and what one seed cannot show; "" until all have ended, or where none has a figure."""
    if not results or any(result.state not in (RunState.FINISHED, RunState.FAILED) for result in results):
        return ""
    (axis,) = experiment.axes
    figures = {dict(result.cell)[axis.field]: result.value(experiment.metric) for result in results if result.is_finished}
    found = {value: figure for value, figure in figures.items() if figure is not None}
    ranked = sorted(found, key=lambda value: found[value], reverse=experiment.higher_is_better)
    if not ranked:
        return "No winner: there are no validation images to judge by." if figures else "No winner: no run finished."
    first = found[ranked[0]]
    winners = [value for value in ranked if found[value] == first]
    names = listed([value_label(axis.field, value) for value in winners])
    judged = Figure(experiment.metric)
    won = "won" if len(winners) == 1 else "are tied"
    words = [f"{names} {won}: {experiment.metric_title}, {judged.text(first)}"]
    behind = ranked[len(winners) :]
    if behind:
        gap = judged.lead_text(first, found[behind[0]])
        words.append(f", {gap} ahead of {value_label(axis.field, behind[0])}")
    out = [value_label(axis.field, dict(result.cell)[axis.field]) for result in results if result.state == RunState.FAILED]
    failed = f" Diverged or failed: {', '.join(out)}." if out else ""
    return "".join(words) + f".{failed} This is one seed: with another one those that are close may change places."


def race_fairness(experiment: Experiment) -> str:
    """What is the same for all in a race, in a sentence or two."""
    train = next(iter(experiment.trials())).spec.train
    epochs = count_text(train.epochs, "epoch")
    words = "All runs have the same images, initial weights and order of batches, and "
    words += f"{epochs}." if train.patience is None else (
        f"{epochs} at most: early stopping ends each of them once it has not improved for {train.patience}.")
    if experiment.axes[0].field == "optimizer":
        words += " Each optimiser has its usual learning rate; the one that is set above keeps the rate that is set there."
    return words
