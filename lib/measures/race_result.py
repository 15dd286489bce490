"""Who won a race, in words."""

from __future__ import annotations

from collections.abc import Sequence

from lib.base.percent import listed
from lib.catalog.experiments import Experiment, value_label
from lib.measures.figures import Figure
from lib.measures.replicates import TrialResult

_OVER = ("finished", "failed")


def race_words(experiment: Experiment, results: Sequence[TrialResult]) -> str:
    """The winner, by how much, and what one seed cannot show; "" until everybody has ended, or where nobody has a figure."""
    if not results or any(result.state not in _OVER for result in results):
        return ""
    (axis,) = experiment.axes
    figures = {dict(result.cell)[axis.field]: result.value(experiment.metric) for result in results if result.is_finished}
    found = {value: figure for value, figure in figures.items() if figure is not None}
    ranked = sorted(found, key=lambda value: found[value], reverse=experiment.higher_is_better)
    if not ranked:
        return "No winner: there are no validation images to judge by." if figures else "No winner: nobody reached the end."
    first = found[ranked[0]]
    winners = [value for value in ranked if found[value] == first]
    names = listed([value_label(axis.field, value) for value in winners])
    judged = Figure(experiment.metric)
    won = "won" if len(winners) == 1 else "are level"
    words = [f"{names} {won}: {experiment.metric_title}, {judged.text(first)}"]
    behind = ranked[len(winners) :]
    if behind:
        gap = judged.gap_text(first - found[behind[0]])
        words.append(f", {gap} ahead of {value_label(axis.field, behind[0])}")
    out = [value_label(axis.field, dict(result.cell)[axis.field]) for result in results if result.state == "failed"]
    failed = f" Diverged or failed: {', '.join(out)}." if out else ""
    return "".join(words) + f".{failed} This is one seed: with another one those that are close may change places."
