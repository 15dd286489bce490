"""What a browser keeps for this app, as it came with the request that opened the session."""

from __future__ import annotations

import re

import streamlit as st

#: A random word by which a browser's runs are known, the mark of the teacher where a teacher's link was opened, and the
#: width of the window in pixels (written by document.js). Browsers do not show the first two to scripts.
BROWSER, TEACHER, WIDTH = "neural-lab-browser", "neural-lab-teacher", "neural-lab-width"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


def is_token(text: str | None) -> bool:
    """Whether `text` may be the random word of a browser, which can send what it likes."""
    return text is not None and _TOKEN.fullmatch(text) is not None


def browser_token() -> str:
    """The browser's random word, "" where it keeps none: a private window, a frame of another site."""
    word = _sent(BROWSER)
    return word if is_token(word) else ""


def teacher_mark() -> str:
    """What the browser keeps as the teacher's mark, unchecked; "" for nothing."""
    return _sent(TEACHER)


def window_width() -> int | None:
    """The width of the window in pixels when the session began; None where it was not said."""
    width = _sent(WIDTH)
    return int(width) if re.fullmatch(r"[0-9]{1,5}", width) else None


def _sent(name: str) -> str:
    sent = st.context.cookies.get(name)
    return sent if isinstance(sent, str) else ""  # Streamlit's AppTest, which has no browser, answers with a mock
