"""Asks the browser for the random word by which its runs are known, and how wide it is. Streamlit component v2."""

from __future__ import annotations

import re
from typing import Any

from lib.ui.widgets.component import component, last_sent

_KEY = "browser_mark"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LONGEST = 200
_mount = component(_KEY, "browser_mark")


def ask_browser(token: str, teacher: str) -> None:
    """Let the browser say what it keeps; it keeps `token` if it has none, and `teacher` unless that is ""."""
    _mount(key=_KEY, data={"token": token, "teacher": teacher}, default={"found": None}, on_found_change=_nothing, height=1)


def browser_answer() -> tuple[str, str] | None:
    """The browser's token and the teacher's token that it keeps, "" for none; None before it has answered."""
    return parse_answer(last_sent(_KEY, "found"))


def browser_width() -> Any:
    """What the browser says of the width of its window, in pixels; anything else where it says something else."""
    found = last_sent(_KEY, "found")
    return found.get("width") if isinstance(found, dict) else None


def parse_answer(found: Any) -> tuple[str, str] | None:
    """The two texts of an answer; None for anything else: a browser may send what it likes."""
    if not isinstance(found, dict):
        return None
    token, teacher = found.get("token"), found.get("teacher")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    return token, teacher if isinstance(teacher, str) and len(teacher) <= _LONGEST else ""


def _nothing() -> None:
    """Streamlit keeps a component's state only where a callback is given."""
