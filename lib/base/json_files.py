"""JSON files: parsed once for each version of the file, since pages ask for them at every rerun, and written whole."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from lib.base.drafts import replace_text


def read_json(path: Path, default: Any = None) -> Any:
    """What the file holds, `default` when there is none; shared by all callers, so not to be changed.

    Raises ValueError for a file that is not JSON.
    """
    try:
        stat = path.stat()
    except FileNotFoundError:
        return default
    return _parsed(path, stat.st_mtime_ns, stat.st_size)


def write_json(path: Path, value: Any, *, sort_keys: bool = False) -> None:
    """Make `value`, one item a line, the whole of the file, its folder too where there is none. Raises OSError."""
    replace_text(path, json.dumps(value, indent=1, sort_keys=sort_keys) + "\n")


@functools.lru_cache(maxsize=16)
def _parsed(path: Path, written: int, size: int) -> Any:
    """`written` and `size` tell a file from what it was before."""
    return json.loads(path.read_text(encoding="utf-8"))
