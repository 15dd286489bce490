"""Numbers and states as people read them."""

from __future__ import annotations

import math
import re
from datetime import datetime

from lib.spec.runs import RunState
from lib.spec.specs import RunSpec
from lib.spec.words import changes_text

#: Percent in a column of a table as everywhere in the app, still sorted as numbers.
PERCENT_COLUMN = "%.1f %%"
#: What Markdown and Streamlit's additions to it take for more than itself: emphasis, code, links, images, HTML,
#: entities, formulas, :red[colours] and :::directives.
_MARKS = re.compile(r"[\\`*_\[\]<~$&]|:(?=[A-Za-z:])")
#: At the beginning of a line: headings, quotes, lists, rules, tables.
_LINE_MARKS = re.compile(r"^(?:[#>+=|-]|[0-9]{1,9}(?=[.)]))")
#: :smile: and :material/home: become images after Markdown has been read, where no backslash helps.
_PICTURE_CODE = re.compile(r":(?=[\w+/-]+:)")
_WORD_JOINER = "\u2060"


def as_text(value: object) -> str:
    """`value` as Markdown that shows exactly its text, in one line: for names, links' values and error messages.

    Every text that is not the app's own goes through here on its way into a label, caption, alert or heading.
    """
    line = " ".join(str(value).split())
    line = _PICTURE_CODE.sub(":" + _WORD_JOINER, line)
    line = _MARKS.sub(r"\\\g<0>", line)
    found = _LINE_MARKS.match(line)
    if found is None:
        return line
    end = found.end()
    return f"{line[:end]}\\{line[end:]}" if found.group().isdigit() else f"\\{line}"


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
