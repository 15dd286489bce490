"""What every Streamlit component (v2) of the app needs: its files, and what its browser side sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
#: Stands before every script: a component's script is one text that can import nothing.
_SHARED = (_HERE / "shared.js").read_text()


def component(name: str, file: str = "") -> Callable[..., Any]:
    """What mounts the component `name`: `file`.js (`name`.js if not given), and the .css beside it where there is one."""
    script = _HERE / f"{file or name}.js"
    css = script.with_suffix(".css")
    return st.components.v2.component(name, html="<span></span>", css=css.read_text() if css.exists() else None,
                                      js=_SHARED + script.read_text(), isolate_styles=True)


def last_sent(key: str, name: str) -> Any:
    """What the browser last sent as `name` from the component mounted as `key`, unchecked; None for nothing."""
    return (st.session_state.get(key) or {}).get(name)


def ignore() -> None:
    """To be called on a change that nobody waits for: Streamlit keeps a component's state only when someone listens."""
