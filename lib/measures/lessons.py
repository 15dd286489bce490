"""What the steps of the lessons were measured to show (`lib.catalog.lessons`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.base.percent import percent_text
from lib.catalog.lessons import Step, StoredFigure
from lib.measures.clock_background import TABLE_CHECKPOINT
from lib.measures.figures import Figure, spread
from lib.measures.measured import Row, stored_figures
from lib.measures.results import light_rows, stored_rows
from lib.spec.specs import RunSpec


def _cats() -> list[Row]:
    """A row for each network of cat faces and set of random latent codes."""
    cards = stored_figures("cats", {}).get("cards", {})
    return [{"card": name, **dict(zip(card, values, strict=True))}
            for name, card in cards.items() for values in zip(*card.values(), strict=True)]


#: Where a figure is stored -> its rows.
SOURCES: dict[str, Callable[[], Sequence[Row]]] = {
    "table": lambda: [entry["metrics"] for entry in stored_figures("../manifest", []) if entry["name"] == TABLE_CHECKPOINT],
    "reports": lambda: [row | row["cell"] for row in stored_rows()],
    "permuted": lambda: stored_figures("permuted", []), "clocks": light_rows, "cats": _cats,
    "noise": lambda: stored_figures("digits", {}).get("noise", []),
    "noisy_readings": lambda: stored_figures("digits", {}).get("noisy_readings", []),
}


def figure_rows(figure: StoredFigure) -> list[Row]:
    """The stored rows that the figure is of."""
    return [row for row in SOURCES[figure.source]()
            if figure.metric in row and all(row.get(name) == value for name, value in figure.where)]


def figure_text(figure: StoredFigure) -> str:
    """The stored figure with its spread over seeds, as people read it; "" where nothing is stored."""
    rows = figure_rows(figure)
    return Figure(figure.metric).spread_text(spread(float(row[figure.metric]) for row in rows)) if rows else ""


def step_figures(step: Step) -> list[tuple[str, str]]:
    """What was measured of a step, as (title, figure in words), "" for a figure that is not stored."""
    row = training_row(step.spec) if step.spec is not None else None
    named = (("Training accuracy", "train_accuracy"), ("Test accuracy", "test_accuracy"))
    found = [(title, percent_text(row[name])) for title, name in named] if row is not None else []
    return found + [(figure.title, figure_text(figure)) for figure in step.figures]


def training_row(spec: RunSpec) -> dict[str, Any] | None:
    """What this training of a lesson came to, by scripts/measure_lessons.py; None where that has not been run."""
    digest = spec.digest
    return next((row for row in stored_figures("lessons", []) if row["digest"] == digest), None)
