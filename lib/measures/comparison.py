"""Runs beside each other: what tells them apart, and which was better, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.base.percent import percent_text, points_text
from lib.spec.metrics import METRICS, is_share, metric_of, more_is_better
from lib.spec.runs import RunRecord
from lib.spec.words import differences, fact_text

#: With more differences than this a label would be longer than the runs' names.
_MOST_FACTS = 3
#: Figure of a finished run -> its title, the most telling first.
FIGURES = {"test_accuracy": "test accuracy", "best_val_accuracy": "best validation accuracy", "test_minutes": "test error",
           "test_psnr": "test PSNR", "test_loss": "test loss"}


def run_labels(records: Sequence[RunRecord]) -> list[str]:
    """What each run is called among these: its name, with a part of its id where names repeat."""
    names = [record.name for record in records]
    return [name if names.count(name) == 1 else f"{name} ({record.id[:4]})"
            for name, record in zip(names, records, strict=True)]


def group_labels(records: Sequence[RunRecord]) -> list[str]:
    """What each run has other than the others, seeds apart: "activation tanh"; runs alike but for the seed share a label.

    The runs' own labels where nothing or too much differs.
    """
    different = differences([record.spec for record in records])
    facts = {name: values for name, values in different.items() if name != "seed"}
    if 0 < len(facts) <= _MOST_FACTS:
        return [", ".join(fact_text(name, values[index]) for name, values in facts.items())
                for index in range(len(records))]
    if not facts and len(set(different.get("seed", ()))) == len(records):
        return [f"seed {seed}" for seed in different["seed"]]
    return run_labels(records)


def figure_words(name: str, value: float) -> str:
    """A figure of FIGURES as people read it."""
    if is_share(name):
        return percent_text(value)
    unit = (metric_of(name) or METRICS["loss"]).unit
    return f"{value:.1f} {unit}" if unit else f"{value:.4f}"


def shared_figures(records: Sequence[RunRecord]) -> list[str]:
    """Names of FIGURES that any of these runs has."""
    return [name for name in FIGURES if any(name in record.metrics for record in records)]


def best_words(records: Sequence[RunRecord]) -> str:
    """A sentence (plain text) about which of the runs was better; "" with fewer than two finished figures."""
    labels = dict(zip((record.id for record in records), run_labels(records), strict=True))
    for name, title in FIGURES.items():
        values = {record.id: record.metrics[name] for record in records if name in record.metrics}
        if len(values) < 2:
            continue
        first, second, *_ = sorted(values, key=lambda run: values[run], reverse=more_is_better(name))
        gap = _gap_words(name, abs(values[first] - values[second]))
        return (f"{labels[first]} has the best {title}, {figure_words(name, values[first])}: {gap} "
                f"better than {labels[second]}. {_seed_words(records)}")
    return ""


def _gap_words(name: str, gap: float) -> str:
    return f"{points_text(gap)} points" if is_share(name) else figure_words(name, gap)


def _seed_words(records: Sequence[RunRecord]) -> str:
    groups = group_labels(records)
    counts: Mapping[str, int] = {label: groups.count(label) for label in groups}
    if min(counts.values()) > 1:
        return "Several seeds of each are drawn in one colour: a difference smaller than their spread may be chance."
    return "One run of each can be luck: Experiments repeats them with several seeds."
