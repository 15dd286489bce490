"""Stored measurements of original and permuted pixels, summarised over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """Accuracies 0-1 of all seeds of one network on original or permuted pixels."""

    network: str
    pixels: str
    train: tuple[float, ...]
    validation: tuple[float, ...]
    test: tuple[float, ...]

    @property
    def seeds(self) -> int:
        """Number of runs."""
        return len(self.test)


def summaries(rows: Sequence[Row]) -> list[Summary]:
    """One summary for each network and kind of pixels, in the order in which they first appear."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["network"], row["pixels"]), []).append(row)
    return [
        Summary(network, pixels, *(tuple(float(r[name]) for r in group)
                                   for name in ("train_accuracy", "val_accuracy", "test_accuracy")))
        for (network, pixels), group in groups.items()
    ]


def gaps(rows: Sequence[Row]) -> dict[str, dict[int, float]]:
    """Network -> seed -> test accuracy on original minus on permuted pixels in points, for seeds that have both."""
    test = {(row["network"], row["pixels"], row["seed"]): row["test_accuracy"] for row in rows}
    found: dict[str, dict[int, float]] = {}
    for (network, pixels, seed), value in test.items():
        other = test.get((network, "permuted", seed))
        if pixels == "original" and other is not None:
            found.setdefault(network, {})[seed] = 100 * (value - other)
    return found
