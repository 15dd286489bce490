"""Numbers and states as people read them."""

from __future__ import annotations

import math
from datetime import datetime

from lib.base.markdown import as_text as as_text
from lib.spec.runs import RunState
from lib.spec.specs import RunSpec
from lib.spec.words import changes_text

#: Percent in a column of a table as everywhere in the app, still sorted as numbers.
PERCENT_COLUMN = "%.1f %%"
_COLORS = {
    "queued": "gray", "running": "blue", "finished": "green", "stopped": "orange", "failed": "red",
    "interrupted": "orange",
}


def duration_text(seconds: float) -> str:
    """"4.2 s", "3 min 20 s", "2 h 05 min"."""
    if not math.isfinite(seconds):
        return "–"
    seconds = max(seconds, 0.0)  # a clock may have been set back meanwhile
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def state_badge(state: RunState, paused: bool = False) -> str:
    """The run's state as a Markdown badge."""
    word = "paused" if paused and not state.is_final else str(state)
    return f":{_COLORS.get(str(state), 'gray')}-badge[{word}]"


#: Runs' names are cut here; the store allows a little more.
_LONGEST_NAME = 110


def run_name(spec: RunSpec, base: RunSpec, network: str, dataset: str) -> str:
    """What a run is called until the user renames it: network, what differs from its preset `base`, data set, seed."""
    size = f", {spec.data.train_size:,} images" if spec.data.train_size else ""
    changes = changes_text(spec, base)
    changed = f" ({changes})" if changes else ""
    name = f"{network}{changed} · {dataset}{size} · seed {spec.seed}"
    return name if len(name) <= _LONGEST_NAME else f"{network} (changed) · {dataset}{size} · seed {spec.seed}"


def date_text(timestamp: float) -> str:
    """Local date and time to the minute; "–" for a number that is none."""
    try:
        return datetime.fromtimestamp(timestamp).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return "–"
