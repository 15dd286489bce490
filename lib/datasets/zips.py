"""Opening a zip that may come from anybody: its directory is counted before it is read."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lib.core.errors import DataError

#: How an entry of the directory begins, and the bytes that one takes at the least and, with a long name, at the most.
_ENTRY = b"PK\x01\x02"
_USUAL_ENTRY_BYTES = 512

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
        if not self.is_opening:
            return self._file.read(size)
        limit = max(self._max_entries * _USUAL_ENTRY_BYTES, 1 << 17)
        content = self._file.read(size if 0 <= size <= limit else limit + 1)
        entries = content.count(_ENTRY)
        if entries > self._max_entries or len(content) > limit:
            raise DataError("The zip has too many members.", expected=f"at most {self._max_entries:,}",
                            received=f"{entries:,} or more", remedy="Bring fewer files.")
        return content


@contextlib.contextmanager
def open_zip(source: ZipSource, max_entries: int) -> Iterator[zipfile.ZipFile]:
    """The open archive of at most `max_entries` members; DataError for more, zipfile's own errors for what is no zip."""
    with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
        counted = _CountedDirectory(file, max_entries)
        with zipfile.ZipFile(counted) as archive:  # type: ignore[call-overload]
            counted.is_opening = False
            yield archive
