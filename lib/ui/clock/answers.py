"""Networks' answers in words and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.catalog.heads import HEADS
from lib.clockface import PERIOD, circular_error

#: Answers this close count as right, and those of the right class of a network that knows classes only.
RIGHT_MINUTES = 1
#: Behind an error that is as small as the classes of the network allow.
_CLASS_MARK = " *"


def answer_rows(answers: list, true: float | None, errors: Mapping[str, float | None],
                colors: Mapping[str, str]) -> list[dict[str, Any]]:
    """A table row for each network of `errors` (title -> stored mean error) that has answered, in that order.

    `colors` has the networks whose hands are on the dial; without a true time there is no error, and a network that
    is still loading has no answer.
    """
    said = {answer.title: answer.minutes for answer in answers}
    coarse = {answer.title: coarseness(answer.kind) for answer in answers}
    rows = []
    for title in [*(t for t in errors if t in said or not said), *(t for t in said if t not in errors)]:
        minutes = said.get(title)
        off = None if true is None or minutes is None else float(circular_error(true, minutes))
        stored = errors.get(title)
        mark = _CLASS_MARK if off is not None and RIGHT_MINUTES < off <= coarse.get(title, 0.0) else ""
        rows.append({
            "name": title, "minutes": minutes, "text": "…" if minutes is None else time_text(minutes),
            "color": colors.get(title), "off": "" if off is None else f"{off:.0f} min{mark}",
            "right": None if off is None else bool(mark) or off <= RIGHT_MINUTES,
            "stored": "–" if stored is None else f"{stored:.1f} min",
        })
    return rows


def coarseness(kind: str) -> float:
    """By how many minutes the right class's answer may be off: half the class's width; 0 for a head without classes."""
    head = HEADS.get(kind)
    return 0.0 if head is None or head.classes is None else (PERIOD / head.classes - 1) / 2


def class_words(rows: list[dict[str, Any]], answers: list) -> str:
    """What the mark behind an error means, for the networks that have it; "" where none has."""
    marked = {row["name"] for row in rows if row["off"].endswith(_CLASS_MARK)}
    widths = sorted({PERIOD // HEADS[answer.kind].outputs[0] for answer in answers if answer.title in marked})
    if not widths:
        return ""
    return f" * The right class: with classes of {' or '.join(map(str, widths))} minutes no answer is nearer."


def time_text(minutes: float) -> str:
    """"10:08" for 608."""
    whole = round(minutes) % PERIOD
    return f"{whole // 60 or 12}:{whole % 60:02d}"
