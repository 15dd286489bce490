"""The figures that finished runs are judged by: their titles, their units, and which way is better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.base.percent import percent_text, points_text
from lib.measures.replicates import Spread
from lib.spec.metrics import is_share, metric_of, more_is_better
from lib.spec.runs import RunRecord


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in the metrics of finished runs; unit and direction are those of its metric (`lib.spec.metrics`)."""

    name: str
    title: str

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


#: Every figure by its name, the most telling first.
FIGURES: dict[str, Figure] = {figure.name: figure for figure in (
    Figure("test_accuracy", "test accuracy"),
    Figure("best_val_accuracy", "best validation accuracy"),
    Figure("test_minutes", "test error"),
    Figure("test_psnr", "test PSNR"),
    Figure("test_diversity", "diversity of its images"),
    Figure("test_squared_error", "test squared error"),
    Figure("test_loss", "test loss"),
)}


def main_figure(record: RunRecord) -> Figure | None:
    """The most telling figure that the run has, None for a run without one."""
    return next((figure for figure in FIGURES.values() if figure.value(record) is not None), None)


def shared_figures(records: Sequence[RunRecord]) -> list[Figure]:
    """The figures that any of these runs has, the most telling first."""
    return [figure for figure in FIGURES.values() if any(figure.value(record) is not None for record in records)]
