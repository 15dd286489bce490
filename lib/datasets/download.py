"""Pinned downloads: temporary file, verify, then move; the next mirror when one fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from lib.base.errors import DataError
from lib.base.folders import is_writable
from lib.datasets.source import Progress, RemoteFile, no_progress

#: Seconds to connect and between two pieces; a class without a network must not wait for minutes.
TIMEOUT = (4, 20)
CHUNK = 1 << 16

#: What pooch calls with (url, temporary file, None): writes the file or raises OSError or ValueError.
Downloader = Callable[[str, str, object], object]


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: Path, remote: RemoteFile) -> bool:
    """Whether `path` is exactly `remote`; never writes."""
    return path.is_file() and path.stat().st_size == remote.size and sha256_of(path) == remote.sha256


class _HttpDownloader:
    """Downloads `remote` for pooch, reports to `on_progress` and ends a download that is longer than it should be.

    Pooch's own keeps the connection open when it is stopped half-way.
    """

    def __init__(self, remote: RemoteFile, on_progress: Progress) -> None:
        self.remote, self.on_progress = remote, on_progress
        self.was_stopped = False

    def __call__(self, url: str, target: str, _: object) -> None:
        import requests

        # Without the header, some servers unpack .gz files on the way and the SHA-256 is another.
        headers = {"Accept-Encoding": "identity"}
        with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response, open(target, "wb") as file:
            response.raise_for_status()
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                self._report(file.tell())

    def _report(self, received: int) -> None:
        if received > self.remote.size:
            raise ValueError(f"what came is longer than {self.remote.size:,} bytes")
        try:
            self.on_progress(f"Downloading {self.remote.name}", received / self.remote.size)
        except BaseException:
            # Not the mirror's fault: somebody wants the download to stop.
            self.was_stopped = True
            raise


def _try_mirror(remote: RemoteFile, url: str, target: Path, downloader: Downloader) -> str:
    """Why this mirror failed, "" if `target` is now the whole file."""
    import pooch

    try:
        pooch.retrieve(
            url, known_hash=f"sha256:{remote.sha256}", fname=target.name, path=target.parent, downloader=downloader,
        )
    except (OSError, ValueError) as error:  # requests' exceptions are OSErrors; a wrong hash is a ValueError
        if getattr(downloader, "was_stopped", False):
            raise
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    """A failed download in a few words; requests' own go over several lines."""
    import requests

    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, ValueError) and "does not match the known hash" in str(error):
        return "what came has another SHA-256, so it is cut short or not this file"
    return str(error)[:160] or type(error).__name__


def no_answer(remote: RemoteFile) -> str:
    """"" when a mirror of `remote` answers, else why the first of them does not; nothing is downloaded."""
    import requests

    reasons = []
    for url in remote.urls:
        try:
            status = requests.head(url, timeout=(TIMEOUT[0], TIMEOUT[0]), allow_redirects=True).status_code
            if status < 500 and status not in (404, 410):  # some refuse HEAD and would send the file all the same
                return ""
            reasons.append(f"the server says {status}")
        except (OSError, ValueError) as error:
            reasons.append(_reason(error))
    return reasons[0] if reasons else "it has no address"


def _by_hand(remote: RemoteFile, target: Path) -> str:
    return (
        f"Get {remote.urls[0]} by hand and put it at {target}, or set NEURAL_LAB_DATA to a folder that has it. "
        "The data set 'digits' works without a network."
    )


def fetch(
    remote: RemoteFile, folder: Path, on_progress: Progress = no_progress, downloader: Downloader | None = None
) -> Path:
    """The path of `remote` below `folder`, downloaded if it is missing or damaged.

    A whole file is only read. Nothing appears under the final name before its SHA-256 is right.
    `downloader` replaces HTTP (see `Downloader`). Raises DataError when every mirror fails or the
    folder is read-only.
    """
    target = folder / remote.path
    if is_whole(target, remote):
        return target
    state = f"a file that is damaged or cut short ({target})" if target.exists() else "no such file"
    if not is_writable(target.parent):
        raise DataError(
            f"{remote.name} is needed, and {folder} cannot be written to.",
            expected=f"the file with SHA-256 {remote.sha256}", received=state, remedy=_by_hand(remote, target),
        )
    failures = []
    for url in remote.urls:
        on_progress(f"Downloading {remote.name}", 0.0)
        reason = _try_mirror(remote, url, target, downloader or _HttpDownloader(remote, on_progress))
        if not reason:
            return target
        failures.append(f"{url}: {reason}")
    raise DataError(
        f"{remote.name} could not be downloaded.", expected=f"the file with SHA-256 {remote.sha256}",
        received="; ".join([state, *failures]), remedy=_by_hand(remote, target),
    )
