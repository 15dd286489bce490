"""Files that appear whole or not at all: written under a draft's name beside their own, then renamed."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

#: How the name of every draft begins.
PREFIX = ".part-"
#: A draft that nobody has touched for so long was left by a process that died.
OLD_SECONDS = 300.0


@contextlib.contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A name beside `path`, with its extension, that becomes `path` when the block succeeds and vanishes when it fails.

    Whoever reads `path` finds the old file or the new one, also after a crash or on a full disk. Raises OSError.
    """
    draft = path.with_name(f"{PREFIX}{uuid.uuid4().hex}{path.suffix}")
    draft.touch(exist_ok=False)  # with the permissions of any other file: a temporary file's are its owner's alone
    try:
        yield draft
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def replace_text(path: Path, text: str) -> None:
    """Make `text` the whole of the file, its folder too where there is none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        draft.write_text(text, encoding="utf-8")


def remove_old_drafts(home: Path) -> None:
    """Delete what killed processes left half-written in `home`, in its folders, and in theirs."""
    for pattern in (f"{PREFIX}*", f"*/{PREFIX}*", f"*/*/{PREFIX}*", "datasets/.*.part", "datasets/pictures/.*.part"):
        for path in home.glob(pattern):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > OLD_SECONDS:
                    path.unlink()
