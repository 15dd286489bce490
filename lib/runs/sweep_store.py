"""Launched experiments and where they are stored: their states, the run of each trial, what a step of each network costs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from lib.base.errors import RunError, cause_text
from lib.catalog.experiments import Experiment, experiment_from_dict, experiment_to_dict
from lib.measures.forecast import StepCost
from lib.runs.database import Database, Schema, browser_column

_SWEEPS = Schema("sweeps", """
CREATE TABLE sweeps (
    id TEXT PRIMARY KEY, experiment TEXT NOT NULL, state TEXT NOT NULL, created REAL NOT NULL, ended REAL,
    message TEXT NOT NULL, process TEXT NOT NULL, browser TEXT NOT NULL DEFAULT ''
);
CREATE TABLE trials (
    sweep TEXT NOT NULL REFERENCES sweeps(id) ON DELETE CASCADE, position INTEGER NOT NULL, digest TEXT NOT NULL,
    run TEXT, PRIMARY KEY (sweep, position)
);
CREATE INDEX trials_of_run ON trials (run);
CREATE TABLE costs (key TEXT PRIMARY KEY, cost TEXT NOT NULL)
""", (browser_column("sweeps"), ()))


class SweepState(StrEnum):
    """Where a launched experiment is in its life."""

    RUNNING = "running"
    """Its trials are handed to the runner one after the other."""
    PAUSED = "paused"
    """No new trial begins; the one that trained was stopped after its last whole epoch and goes on later."""
    STOPPED = "stopped"
    """The user ended it; it can be resumed all the same."""
    FINISHED = "finished"
    """Every trial has ended."""
    INTERRUPTED = "interrupted"
    """The process died; finished trials stay, the others go on when it is resumed."""

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to do that nobody is doing."""
        return self in (SweepState.PAUSED, SweepState.STOPPED, SweepState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One launched experiment. `created` and `ended` are seconds since the Unix epoch; `browser` is as of a run."""

    id: str
    experiment: Experiment
    state: SweepState
    created: float
    ended: float | None = None
    message: str = ""
    process: str = ""
    browser: str = ""


class SweepStore:
    """The file sweeps.db in the home of runs. Thread-safe; methods raise RunError."""

    def __init__(self, home: Path, process: str) -> None:
        self.process = process
        self._database = Database(Path(home) / "sweeps.db", _SWEEPS)

    def close(self) -> None:
        """Close the database. Safe to repeat."""
        self._database.close()

    # --- experiments --------------------------------------------------------------------

    def create(self, record: SweepRecord, digests: Iterable[str]) -> None:
        """Add a launched experiment with its trials in order; none of them has a run yet."""
        with self._database.transaction() as database:
            database.execute(
                "INSERT INTO sweeps (id, experiment, state, created, ended, message, process, browser)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (record.id, json.dumps(experiment_to_dict(record.experiment)), str(record.state), record.created,
                 record.ended, record.message, self.process, record.browser),
            )
            database.executemany("INSERT INTO trials (sweep, position, digest) VALUES (?, ?, ?)",
                                 [(record.id, position, digest) for position, digest in enumerate(digests)])

    def record(self, sweep_id: str) -> SweepRecord:
        """The launched experiment; raises RunError when there is none or it cannot be read."""
        rows = self._database.select("SELECT * FROM sweeps WHERE id = ?", sweep_id)
        if not rows:
            raise RunError(f"There is no launched experiment {sweep_id[:40]!r}.",
                           remedy="It may have been deleted; choose another one.")
        return _record(rows[0])

    def records(self) -> tuple[SweepRecord, ...]:
        """All readable ones, newest first."""
        found = []
        for row in self._database.select("SELECT * FROM sweeps ORDER BY created DESC, rowid DESC"):
            try:
                found.append(_record(row))
            except RunError:
                continue  # written by another version; it stays in the file
        return tuple(found)

    def set_state(self, sweep_id: str, state: SweepState, message: str = "", ended: float | None = None) -> None:
        """Write its state; it then belongs to this process."""
        with self._database.transaction() as database:
            database.execute("UPDATE sweeps SET state = ?, message = ?, ended = ?, process = ? WHERE id = ?",
                             (str(state), message, ended, self.process, sweep_id))

    def delete(self, sweep_id: str) -> None:
        """Forget the launched experiment; its runs stay."""
        with self._database.transaction() as database:
            database.execute("DELETE FROM sweeps WHERE id = ?", (sweep_id,))

    # --- trials -------------------------------------------------------------------------

    def runs(self, sweep_id: str) -> list[str | None]:
        """The run of every trial in order, None for a trial that has none yet."""
        rows = self._database.select("SELECT run FROM trials WHERE sweep = ? ORDER BY position", sweep_id)
        return [row["run"] for row in rows]

    def sweep_of(self, run_id: str) -> str | None:
        """The launched experiment that has this run as a trial, None where there is none."""
        rows = self._database.select("SELECT sweep FROM trials WHERE run = ? LIMIT 1", run_id)
        return str(rows[0]["sweep"]) if rows else None

    def set_run(self, sweep_id: str, position: int, run_id: str | None) -> None:
        """Write which run a trial is."""
        with self._database.transaction() as database:
            database.execute("UPDATE trials SET run = ? WHERE sweep = ? AND position = ?", (run_id, sweep_id, position))

    # --- costs --------------------------------------------------------------------------

    def costs(self) -> dict[str, StepCost]:
        """What was measured of each network on this machine, by its key."""
        found = {}
        for row in self._database.select("SELECT key, cost FROM costs"):
            try:
                found[row["key"]] = StepCost(**json.loads(row["cost"]))
            except Exception:
                continue  # measured again when it is needed
        return found

    def set_cost(self, key: str, cost: StepCost) -> None:
        """Keep what was measured."""
        with self._database.transaction() as database:
            database.execute("INSERT OR REPLACE INTO costs (key, cost) VALUES (?, ?)", (key, json.dumps(asdict(cost))))


def _record(row: sqlite3.Row) -> SweepRecord:
    try:
        return SweepRecord(row["id"], experiment_from_dict(json.loads(row["experiment"])), SweepState(row["state"]),
                           row["created"], row["ended"], row["message"], row["process"], str(row["browser"]))
    except Exception as error:  # another version, another program or a bad disk may have written anything
        raise RunError(f"The launched experiment {row['id']!r} cannot be read: {cause_text(error)}") from error
