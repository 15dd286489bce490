"""Networks' answers in words and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.clockface import PERIOD, circular_error

#: Answers this close count as right.
RIGHT_MINUTES = 1


def answer_rows(answers: list, true: float | None, errors: Mapping[str, float | None],
                colors: Mapping[str, str]) -> list[dict[str, Any]]:
    """A table row for each network of `errors` (title -> stored mean error) that has answered, in that order.

    `colors` has the networks whose hands are on the dial; without a true time there is no error, and a network that
    is still loading has no answer.
    """
    said = {answer.title: answer.minutes for answer in answers}
    rows = []
    for title in [*(t for t in errors if t in said or not said), *(t for t in said if t not in errors)]:
        minutes = said.get(title)
        off = None if true is None or minutes is None else float(circular_error(true, minutes))
        stored = errors.get(title)
        rows.append({
            "name": title, "minutes": minutes, "text": "…" if minutes is None else time_text(minutes),
            "color": colors.get(title), "off": "" if off is None else f"{off:.0f} min",
            "right": None if off is None else off <= RIGHT_MINUTES,
            "stored": "–" if stored is None else f"{stored:.1f} min",
        })
    return rows


def time_text(minutes: float) -> str:
    """"10:08" for 608."""
    whole = round(minutes) % PERIOD
    return f"{whole // 60 or 12}:{whole % 60:02d}"
