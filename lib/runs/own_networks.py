"""The networks that visitors built and named: one small file in the home of runs.

Whoever may connect may use them all; one is replaced, renamed and deleted only from the browser that saved it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lib.base.drafts import replace_text
from lib.base.errors import RunError, SpecError, StorageError, cause_text, guarded
from lib.runs.rights import Visitor
from lib.spec.stack import Stack, clean_title
from lib.spec.stack_text import LONGEST, network_text, read_network

FILE = "networks.json"
FORMAT = 1
MOST = 200
_MOST_BYTES = 2_000_000
_DAMAGED = "The file of saved networks cannot be read."
_REMEDY = (f"Nothing was deleted. Move {FILE} out of the home of runs to begin a new one; links to networks go on working.")
#: One file, many threads: what is read, changed and written in turn stays whole.
_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True)
class SavedNetwork:
    """A network with a name that no other has; `text` is the network itself, `browser` whose it is, "" nobody's."""

    name: str
    text: str
    browser: str = ""
    saved: float = 0.0

    @property
    def stack(self) -> Stack:
        """The network, its title the name it was saved under."""
        return replace(read_network(self.text), title=self.name)


class OwnNetworks:
    """The file networks.json in `home`. Methods raise RunError with a message for the user, and leave the file whole.

    An entry that cannot be read is left out of what they return and stays in the file as it is.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._read_at: tuple[int, int] | None = None
        self._known: tuple[SavedNetwork, ...] = ()
        self._unread: tuple[Any, ...] = ()

    def all(self) -> tuple[SavedNetwork, ...]:
        """All of them, in the order of their names."""
        with _LOCK:
            try:
                status = os.stat(self.path)
            except FileNotFoundError:
                self._read_at, self._known, self._unread = None, (), ()
                return ()
            except OSError as error:
                raise RunError(_DAMAGED, received=cause_text(error), remedy=_REMEDY) from error
            if (status.st_mtime_ns, status.st_size) != self._read_at:
                self._known, self._unread = self._read(status.st_size)
                self._read_at = (status.st_mtime_ns, status.st_size)
            return self._known

    def named(self, name: str) -> SavedNetwork | None:
        """The network of this name, whatever the case of its letters; None for none."""
        return next((saved for saved in self.all() if saved.name.casefold() == name.casefold()), None)

    def save(self, stack: Stack, name: str, visitor: Visitor) -> SavedNetwork:
        """Keep the network under `name`, in place of the visitor's own of that name."""
        name = _usable(name)
        with self._changing() as networks:
            before = next((old for old in networks if old.name.casefold() == name.casefold()), None)
            if before is not None:
                _require(visitor, before, "replaced")
                networks.remove(before)
            if len(networks) >= MOST:
                raise RunError("There is no room for another network.", expected=f"at most {MOST}", received=str(MOST + 1),
                               remedy="Delete one that nobody needs.")
            made = SavedNetwork(name, network_text(replace(stack, title=name)), visitor.mark, time.time())
            networks.append(made)
        return made

    def rename(self, name: str, new: str, visitor: Visitor) -> SavedNetwork:
        """Give the network another name."""
        new = _usable(new)
        with self._changing() as networks:
            before = _find(networks, name)
            _require(visitor, before, "renamed")
            if any(old is not before and old.name.casefold() == new.casefold() for old in networks):
                raise RunError("Another network has this name.", received=new, remedy="Choose another one.")
            made = replace(before, name=new, text=network_text(replace(before.stack, title=new)))
            networks[networks.index(before)] = made
        return made

    def delete(self, name: str, visitor: Visitor) -> None:
        """Forget the network; runs of it stay."""
        with self._changing() as networks:
            before = _find(networks, name)
            _require(visitor, before, "deleted")
            networks.remove(before)

    # --- the file

    @contextmanager
    def _changing(self) -> Iterator[list[SavedNetwork]]:
        with _LOCK:
            networks = list(self.all())
            yield networks
            networks.sort(key=lambda saved: saved.name.casefold())
            values = {"format": FORMAT, "networks": [*(asdict(saved) for saved in networks), *self._unread]}
            try:
                replace_text(self.path, json.dumps(values, indent=1))
            except OSError as error:
                raise StorageError("The network could not be saved.", received=cause_text(error),
                                   remedy="Free some space or let NEURAL_LAB_HOME name another folder.") from error

    def _read(self, size: int) -> tuple[tuple[SavedNetwork, ...], tuple[Any, ...]]:
        """The networks of the file, and the entries that are none or have the name of an earlier one."""
        with guarded(_DAMAGED, RunError, expected=f"{FILE} as Neural Lab wrote it", remedy=_REMEDY):
            if size > _MOST_BYTES:
                raise ValueError(f"{size:,} bytes")
            values = json.loads(self.path.read_text(encoding="utf-8"))
            if values["format"] != FORMAT or not isinstance(values["networks"], list):
                raise ValueError(f"format {values['format']!r}")
        known: dict[str, SavedNetwork] = {}
        unread = []
        for entry in values["networks"]:
            try:
                with guarded(f"An entry of {FILE} cannot be read.", RunError):
                    saved = _saved(entry)
            except RunError:
                unread.append(entry)
                continue
            if known.setdefault(saved.name.casefold(), saved) is not saved:
                unread.append(entry)
        return tuple(known.values()), tuple(unread)


def _saved(entry: dict[str, object]) -> SavedNetwork:
    name, text, browser, saved = (entry[key] for key in ("name", "text", "browser", "saved"))
    if not (isinstance(name, str) and clean_title(name) and isinstance(text, str) and len(text) <= LONGEST
            and isinstance(browser, str) and isinstance(saved, int | float)):
        raise ValueError(f"the entry {str(name)[:40]!r}")
    try:
        read_network(text)
    except SpecError as error:
        raise ValueError(f"the network {name[:40]!r}") from error
    # Older versions kept several spaces between two words of a name.
    return SavedNetwork(clean_title(name), text, browser, float(saved))


def _find(networks: list[SavedNetwork], name: str) -> SavedNetwork:
    found = next((saved for saved in networks if saved.name.casefold() == name.casefold()), None)
    if found is None:
        raise RunError("There is no saved network of this name.", received=name,
                       remedy="It may have been renamed or deleted; save yours to keep it.")
    return found


def _usable(name: str) -> str:
    usable = clean_title(name)
    if not usable:
        raise RunError("A network needs a name.", expected="letters", received=repr(name[:20]))
    return usable


def _require(visitor: Visitor, saved: SavedNetwork, done: str) -> None:
    if not visitor.may_steer(saved.browser):
        raise RunError(
            f"This network was saved in another browser and cannot be {done} from here.",
            expected="the browser that saved it, or the teacher's", received="another one",
            remedy="Save yours under another name.")
