"""Opening a zip that may come from anybody: its directory is counted before it is read."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lib.base.errors import DataError

#: How an entry of the directory begins.
_ENTRY = b"PK\x01\x02"
_PIECE = 1 << 20

ZipSource = bytes | str | Path


class _CountedDirectory:
    """A file for zipfile that refuses a directory of more than `max_entries`: each becomes an object of half a kilobyte.

    zipfile reads the directory in one piece when it opens, and makes an object of every entry. What the end of the file
    says of their number may be a lie, so the entries themselves are counted.
    """

    def __init__(self, file: BinaryIO, max_entries: int) -> None:
        self._file, self._max_entries, self.is_opening = file, max_entries, True
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """As of the file; raises DataError while it is being opened and the directory is too long."""
        if self.is_opening:
            start = self._file.tell()
            self._count(size)
            self._file.seek(start)
        return self._file.read(size)

    def _count(self, size: int) -> None:
        """Look through the next `size` bytes, or all that are left, piece by piece."""
        left, entries, overlap = size if size >= 0 else float("inf"), 0, b""
        while left > 0 and (piece := self._file.read(int(min(left, _PIECE)))):
            left -= len(piece)
            entries += (overlap + piece).count(_ENTRY)
            overlap = piece[1 - len(_ENTRY) :]
            if entries > self._max_entries:
                raise DataError("The zip has too many members.", expected=f"at most {self._max_entries:,}",
                                received="more", remedy="Use fewer files.")


@contextlib.contextmanager
def open_zip(source: ZipSource, max_entries: int) -> Iterator[zipfile.ZipFile]:
    """The open archive of at most `max_entries` members; DataError for more, zipfile's own errors for what is no zip."""
    with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
        counted = _CountedDirectory(file, max_entries)
        with zipfile.ZipFile(counted) as archive:
            counted.is_opening = False
            yield archive
