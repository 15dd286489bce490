"""Whether a server is shared, and its teacher's token.

It matters only where others can connect: on a server that listens on this machine alone everybody steers everything.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
from pathlib import Path

import streamlit as st

from lib.base.folders import run_home

_VARIABLE = "NEURAL_LAB_TEACHER"
_FILE = "teacher-token"
#: Shorter words could be guessed.
_SHORTEST = 12


def is_shared() -> bool:
    """Whether others may connect: the server listens beyond this machine, or somebody has named a teacher's token."""
    return bool(os.environ.get(_VARIABLE)) or not _is_this_machine(st.get_option("server.address"))


def _is_this_machine(address: str | None) -> bool:
    """Whether only this machine reaches a server at `address`; none means every address."""
    try:
        return address == "localhost" or ipaddress.ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return False  # another name may lead anywhere


def teacher_token() -> str:
    """`$NEURAL_LAB_TEACHER`, else what is in the file of the run home; "" for none."""
    named = os.environ.get(_VARIABLE, "")
    try:
        token = named or _token_file().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return ""
    return token if len(token) >= _SHORTEST else ""


def announce_teacher() -> str:
    """What a shared server says at its start: where the teacher's token is, which is made if it is not there."""
    if not is_shared():
        return ""
    if os.environ.get(_VARIABLE):
        if teacher_token():
            return f"Neural Lab: whoever opens the app with ?teacher= and the value of {_VARIABLE} steers every run."
        return f"Neural Lab: {_VARIABLE} is too short, so nobody is the teacher. Expected: {_SHORTEST} characters or more."
    try:
        if not teacher_token():
            _write_token(_token_file())
    except OSError as error:
        return f"Neural Lab: no teacher's token could be written to {_token_file()}: {error.strerror}."
    return f"Neural Lab: whoever opens the app with ?teacher= and the word in {_token_file()} steers every run."


def _token_file() -> Path:
    return run_home() / _FILE


def _write_token(path: Path) -> None:
    """Write a new token that only this user can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(18) + "\n")


def digest_of(word: str) -> str:
    """What is kept of a secret `word` instead of it: 64 hexadecimal digits."""
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()


def is_teacher(mark: str) -> bool:
    """Whether `mark`, which a browser or a session keeps, is the digest of this server's token."""
    expected = teacher_token()
    return bool(expected) and hmac.compare_digest(mark.encode("utf-8", "replace"), digest_of(expected).encode())
