"""JSON files that are asked for at every rerun of a page: parsed once for each version of the file."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any


def read_json(path: Path, default: Any = None) -> Any:
    """What the file holds, `default` when there is none; shared by all callers, so not to be changed.

    Raises ValueError for a file that is not JSON.
    """
    try:
        stat = path.stat()
    except FileNotFoundError:
        return default
    return _parsed(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=16)
def _parsed(path: Path, written: int, size: int) -> Any:
    """`written` and `size` tell a file from what it was before."""
    return json.loads(path.read_text(encoding="utf-8"))
