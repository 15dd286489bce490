"""What every Streamlit component (v2) of the app needs: its files, and what its browser side sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
#: Stands before every script: a component's script is one text that can import nothing.
_SHARED = (_HERE / "shared.js").read_text()


def component(name: str) -> Callable[..., Any]:
    """What mounts the component `name`: `name`.js, and the .css beside it where there is one.

    Its `data`, a mapping, is numbered on the way: the browser may be late with what was sent first (see shared.js).
    """
    script = _HERE / f"{name}.js"
    css = script.with_suffix(".css")
    mount = st.components.v2.component(name, html="<span></span>", css=css.read_text() if css.exists() else None,
                                       js=_SHARED + script.read_text(), isolate_styles=True)

    def numbered(*, key: str, data: Mapping[str, Any], **options: Any) -> Any:
        return mount(key=key, data={**data, "number": _number(key, data)}, **options)

    return numbered


def _number(key: str, data: Mapping[str, Any]) -> int:
    """How often the data of the component mounted as `key` have changed in this session."""
    content = hash(repr(data))
    number, before = st.session_state.get(f"_number_of_{key}", (0, None))
    if content == before:
        return number
    st.session_state[f"_number_of_{key}"] = (number + 1, content)
    return number + 1


def last_sent(key: str, name: str) -> Any:
    """What the browser last sent as `name` from the component mounted as `key`, unchecked; None for nothing."""
    return (st.session_state.get(key) or {}).get(name)


def unanswered(key: str, name: str, parse: Callable[[object], Any], most: int) -> list[Any]:
    """What a `Telling` (see shared.js) sent last as `name`: at most `most` acts that `parse` takes, by their `seq`.

    Acts that have been taken in already are among them, until the browser knows of it.
    """
    sent = last_sent(key, name)
    acts = map(parse, sent[:most]) if isinstance(sent, list | tuple) else ()
    return sorted((act for act in acts if act is not None), key=lambda act: act.seq)


def revision(key: str) -> int:
    """How often Python has set what the component mounted as `key` shows. To be mounted with, as "revision"."""
    return st.session_state.get(f"{key}_revision", 0)


def revise(key: str) -> None:
    """Note that Python has just set what the component shows: the browser takes it over when it is next drawn."""
    st.session_state[f"{key}_revision"] = revision(key) + 1


def is_outdated(key: str, name: str) -> bool:
    """Whether what the browser last sent as `name` was made before it saw what Python has set since.

    A browser that waits for an answer sends what was dragged meanwhile as soon as it has one: perhaps after a button was
    pressed whose effect it does not know yet. Such a message is answered and not taken, or the press would be undone.
    """
    sent = last_sent(key, name)
    seen = sent.get("revision") if isinstance(sent, Mapping) else None
    return type(seen) is int and seen < revision(key)


def ignore() -> None:
    """To be called on a change that nobody waits for: Streamlit keeps a component's state only when someone listens."""
