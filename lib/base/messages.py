"""What a browser sends: anything at all, until it has been looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Whole numbers above are not exact in a browser.
LARGEST = 2.0**53


def sent_numbers(payload: object, names: Sequence[str], limit: float = LARGEST) -> list[float] | None:
    """The numbers called `names` in what the browser sent, each below `limit` in size; None for anything else."""
    if not isinstance(payload, Mapping):
        return None
    values: list[Any] = [payload.get(name) for name in names]
    # Comparing is safe where converting is not: 1e400 arrives as infinity, and 10**400 has no float. NaN compares false.
    fit = all(type(value) in (int, float) and -limit < value < limit for value in values)
    return values if fit else None
