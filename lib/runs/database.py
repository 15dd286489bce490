"""The SQLite file of the run store: its tables, its one connection, and what its errors mean."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lib.base.errors import RunError, StorageError, cause_text

#: What to do when a folder cannot be written.
OTHER_HOME = "Free some space or let NEURAL_LAB_HOME name another folder."
#: Metrics that older versions stored under another name, and the end of the name, with its quotation mark, today.
_RENAMED = {'real_right"': 'real_accuracy"', 'fake_right"': 'fake_accuracy"', 'val_variety"': 'val_diversity"'}


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a database: how they are made, and how those of each older format become the next one's.

    `table` is one that every format has; `migrations[0]` holds the statements from format 1 to format 2, and so on.
    """

    table: str
    create: str
    migrations: tuple[tuple[str, ...], ...] = ()

    @property
    def version(self) -> int:
        """The format that this version of the app writes."""
        return 1 + len(self.migrations)


def browser_column(table: str) -> tuple[str, ...]:
    """The migration that says whose a row is: nobody's, for all that were there before."""
    return (f"ALTER TABLE {table} ADD COLUMN browser TEXT NOT NULL DEFAULT ''",)


#: What people note about a run.
_STAR_AND_NOTE = ("ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0",
                  "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''")

#: Which run it was forked from.
_PARENT = ("ALTER TABLE runs ADD COLUMN parent TEXT NOT NULL DEFAULT ''",
           "ALTER TABLE runs ADD COLUMN forked_epoch INTEGER NOT NULL DEFAULT 0")
#: How long it trained before it was last resumed.
_SPENT = ("ALTER TABLE runs ADD COLUMN spent REAL NOT NULL DEFAULT 0",)


def _renamed_metrics() -> tuple[str, ...]:
    return tuple(
        f"UPDATE {table} SET {column} = replace({column}, '{old}', '{new}') WHERE instr({column}, '{old}')"
        for table, column in (("runs", "metrics"), ("epochs", "metrics"), ("steps", "names"))
        for old, new in _RENAMED.items())


RUNS = Schema("runs", """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL,
    created REAL NOT NULL, started REAL, ended REAL, message TEXT NOT NULL, metrics TEXT NOT NULL,
    device TEXT NOT NULL, beginning TEXT, process TEXT NOT NULL, queue_order INTEGER NOT NULL,
    browser TEXT NOT NULL DEFAULT '', starred INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '',
    parent TEXT NOT NULL DEFAULT '', forked_epoch INTEGER NOT NULL DEFAULT 0, spent REAL NOT NULL DEFAULT 0
);
CREATE TABLE epochs (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
    seconds REAL NOT NULL, metrics TEXT NOT NULL, PRIMARY KEY (run, epoch)
);
CREATE TABLE steps (
    number INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, epoch INTEGER NOT NULL,
    first_step INTEGER NOT NULL, seconds REAL NOT NULL, names TEXT NOT NULL, "values" BLOB NOT NULL
);
CREATE INDEX steps_of_run ON steps (run, number);
""", (browser_column("runs"), _STAR_AND_NOTE, _renamed_metrics(), _PARENT, _SPENT))
_BUSY_SECONDS = 10


class Database:
    """The database at `path`, made with the tables of `schema` if it is not there. Thread-safe; errors come as RunError.

    One connection behind a lock serves all threads: every statement is short, and none is left
    open when a thread of Streamlit's ends.
    """

    def __init__(self, path: Path, schema: Schema = RUNS) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._errors_reported():
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                _prepare(self._connection, path, schema)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Wait for what other threads are doing and close. Safe to repeat."""
        with self._lock:
            self._connection.close()

    def select(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """All rows that the statement finds."""
        with self._lock, self._errors_reported():
            return self._connection.execute(statement, values).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what is executed inside."""
        with self._lock, self._errors_reported():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite has already rolled back by itself after some errors, a full disk among them.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _errors_reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _readable(error, self.path) from error
        except (OverflowError, UnicodeError) as error:  # a number or a text that no column can hold
            raise RunError(f"{self.path.name} cannot hold this value.", received=cause_text(error)) from error


def _prepare(connection: sqlite3.Connection, path: Path, schema: Schema) -> None:
    """Set the connection up and make or check the tables."""
    connection.row_factory = sqlite3.Row
    # A damaged text must spoil its own run only, not the listing.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL this cannot damage the file; a power cut, unlike a killed process, may lose the last second.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > schema.version:
        raise RunError(
            f"The run store {path} was made by a newer version of Neural Lab.",
            expected=f"format {schema.version}", received=f"format {version}",
            remedy="Update Neural Lab, or let NEURAL_LAB_HOME name another folder. Nothing was changed.",
        )
    if version == 0:
        statements = tuple(schema.create.split(";"))
    else:
        statements = tuple(statement for migration in schema.migrations[version - 1 :] for statement in migration)
    for statement in statements:
        connection.execute(statement)
    if version != schema.version:
        connection.execute(f"PRAGMA user_version = {schema.version}")
    connection.execute(f"SELECT COUNT(*) FROM {schema.table}")
    connection.execute("COMMIT")


def _readable(error: sqlite3.Error, path: Path) -> RunError:
    """What a SQLite error means to a user; nothing is ever deleted to repair it."""
    text = str(error)
    if "full" in text or "disk I/O error" in text:
        reason = "the disk is full" if "full" in text else text
        return StorageError(f"The run store {path} cannot be written: {reason}.", remedy=OTHER_HOME)
    if "not a database" in text or "malformed" in text or "already exists" in text or "no such" in text:
        return RunError(
            f"The run store {path} is damaged or no run store ({text}).",
            remedy=f"Nothing was deleted. Move {path.name} (with its -wal and -shm, if they are there) to another folder and"
                   " start again, or let NEURAL_LAB_HOME name another folder; models stay in their folders.",
        )
    if "locked" in text or "busy" in text:
        return RunError(f"The run store {path} is busy: another program holds it.", remedy="Close it and try again.")
    if "FOREIGN KEY" in text:
        return RunError("The run is not in the run store any more.")
    return RunError(f"The run store {path} cannot be used: {text}.", remedy=OTHER_HOME)
