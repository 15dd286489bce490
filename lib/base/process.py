"""Things of which a process may have only one, however often its sources are reloaded."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable
from typing import Any

_ANCHOR = "_neural_lab_process"


def process_has(name: str) -> Any | None:
    """The process's object called `name` if somebody has made it, else None."""
    anchor = sys.modules.get(_ANCHOR)
    return None if anchor is None else anchor.__dict__.get("objects", {}).get(name)


def process_wide(name: str, make: Callable[[], Any]) -> Any:
    """The process's one object called `name`, made by the first caller.

    Streamlit drops the app's modules from `sys.modules` when a source file changes, and a new
    `st.cache_resource` when the cached function changes. A module without a file is left alone,
    so the objects hang there.
    """
    anchor = sys.modules.setdefault(_ANCHOR, types.ModuleType(_ANCHOR)).__dict__
    objects: dict[str, Any] = anchor.setdefault("objects", {})
    if name not in objects:
        # One lock for each name: making one object may take seconds, and may need another one.
        with anchor.setdefault("locks", {}).setdefault(name, threading.RLock()):
            if name not in objects:
                objects[name] = make()
    return objects[name]
