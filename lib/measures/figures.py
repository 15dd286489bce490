"""The figures that finished runs are judged by, and their spread over several runs; in words, with their units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lib.base.percent import percent_text, points_text
from lib.spec.metrics import METRICS, figure_title, is_share, metric_of, more_is_better
from lib.spec.runs import RunRecord


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, sample standard deviation (0 for one value), extremes and number of values."""

    mean: float
    std: float
    low: float
    high: float
    count: int


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one value."""
    array = np.asarray(list(values), float)
    std = float(array.std(ddof=1)) if len(array) > 1 else 0.0
    return Spread(float(array.mean()), std, float(array.min()), float(array.max()), len(array))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in the metrics of finished runs, by its name there; the rest is that of its metric (`lib.spec.metrics`)."""

    name: str

    @property
    def title(self) -> str:
        """"best validation accuracy"."""
        return figure_title(self.name)

    @property
    def unit(self) -> str:
        """"%" for shares of 1, "" for a number without one."""
        metric = metric_of(self.name)
        return "%" if is_share(self.name) else str(metric.unit) if metric else ""

    @property
    def more_is_better(self) -> bool:
        """Whether a larger one is better."""
        return more_is_better(self.name)

    def value(self, record: RunRecord) -> float | None:
        """The run's, None where it has none or one that is no number."""
        value = record.metrics.get(self.name)
        return value if value is not None and math.isfinite(value) else None

    def text(self, value: float) -> str:
        """A value as people read it: "98.1 %", "5.0 min", "0.0123"."""
        if self.unit == "%":
            return percent_text(value)
        return f"{value:.1f} {self.unit}" if self.unit else f"{value:.4g}"

    def gap_text(self, gap: float) -> str:
        """A difference of two values without its sign: "0.4 points"."""
        return f"{points_text(abs(gap))} points" if self.unit == "%" else self.text(abs(gap))

    def lead_text(self, better: float, worse: float) -> str:
        """How far two values are apart as they are shown: "0.3 points"; "less than 0.1 points" where both read the same."""
        first, second = (float(self.text(value).split()[0]) for value in (better, worse))
        if not self.unit:
            return f"{abs(first - second or better - worse):.4g}"
        gap = f"{abs(first - second):.1f}" if first != second else "less than 0.1"
        return f"{gap} {'points' if self.unit == '%' else self.unit}"

    def spread_text(self, spread: Spread) -> str:
        """"98.1 % ± 0.2": mean and standard deviation, the latter only where there are several values."""
        if spread.count < 2:
            return self.text(spread.mean)
        deviation = points_text(spread.std) if self.unit == "%" else f"{spread.std:.{'1f' if self.unit else '2g'}}"
        return f"{self.text(spread.mean)} ± {deviation}"

    @property
    def shown_scale(self) -> float:
        """By what a value is multiplied where people read or write it as a bare number."""
        return 100.0 if self.unit == "%" else 1.0

    def best(self, values: Iterable[float]) -> float:
        """The best of some values."""
        return max(values) if self.more_is_better else min(values)


#: Every figure that has a better way, by its name, the most telling first.
FIGURES: dict[str, Figure] = {name: Figure(name) for metric in METRICS.values() if metric.more_is_better is not None
                              for name in (f"test_{metric.name}", f"best_val_{metric.name}")}


def main_figure(record: RunRecord) -> Figure | None:
    """The most telling figure that the run has, None for a run without one."""
    return next((figure for figure in FIGURES.values() if figure.value(record) is not None), None)


def shared_figures(records: Sequence[RunRecord]) -> list[Figure]:
    """The figures that any of these runs has, the most telling first."""
    return [figure for figure in FIGURES.values() if any(figure.value(record) is not None for record in records)]
