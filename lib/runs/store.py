"""Runs on disk: what was trained, how it went, and one folder of files for each.

One SQLite file (`runs.db`, in WAL mode) holds specs, states and metrics, so that a killed
process loses nothing that was written; models lie beside it in a folder per run.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lib.base.drafts import remove_old_drafts
from lib.base.errors import RunError
from lib.runs import process_lock
from lib.runs.database import OTHER_HOME, Database
from lib.runs.rows import damage_reported, metrics_from_text, metrics_text, pack, record_from_row, unpack
from lib.spec.runs import EpochLog, RunRecord, RunStarted, StepLog
from lib.spec.specs import RunSpec, run_to_stored

LONGEST_NAME = 200
#: Characters of what people may write about a run.
LONGEST_NOTE = 2000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHANGEABLE = ("name", "state", "started", "ended", "message", "metrics", "device")
_UNFINISHED = "state IN ('queued', 'running')"
_RESUMABLE = "state IN ('interrupted', 'stopped')"
_EXTENDABLE = "state IN ('interrupted', 'stopped', 'finished')"
_NEXT_IN_QUEUE = "(SELECT COALESCE(MAX(queue_order), 0) + 1 FROM runs)"


@dataclass(frozen=True, slots=True)
class UnreadableRun:
    """A stored run whose row makes no sense to this version, and why; it can still be deleted."""

    id: str
    name: str
    reason: str


class RunStore:
    """All runs under `home`. Safe to use from many threads, and from several processes at once.

    Every method raises RunError when the database or the run is not there, damaged or not writable.
    """

    def __init__(self, home: Path) -> None:
        self.home = Path(home)
        self._process = self._lock_process()
        remove_old_drafts(self.home)
        try:
            self._database = Database(self.home / "runs.db")
        except BaseException:
            self._process.release()
            raise

    def close(self) -> None:
        """Close the database; unfinished runs then count as interrupted. Safe to repeat."""
        self._database.close()
        self._process.release()

    # --- runs ---------------------------------------------------------------------------

    def create(self, record: RunRecord) -> None:
        """Add a run of this process at the end of the queue, and make its folder."""
        self._make_folder(record.id)
        values = (
            record.id, record.name, record.owner, json.dumps(run_to_stored(record.spec)), str(record.state), record.created,
            record.started, record.ended, record.message, metrics_text(record.metrics), record.device,
            self._process.token, record.browser, record.parent, record.forked_epoch,
        )
        with self._database.transaction() as database:
            database.execute(
                "INSERT INTO runs (id, name, owner, spec, state, created, started, ended, message, metrics, device,"
                " process, browser, parent, forked_epoch, queue_order)"
                f" VALUES ({', '.join('?' * len(values))}, {_NEXT_IN_QUEUE})", values,
            )

    def record(self, run_id: str) -> RunRecord:
        """The run's row."""
        return record_from_row(self._row(run_id))

    def browser(self, run_id: str) -> str:
        """The mark of the browser that may steer the run, also of one that cannot be read; "" for anybody."""
        return str(self._row(run_id)["browser"])

    def records(self) -> tuple[RunRecord, ...]:
        """All readable runs, newest first; `unreadable` tells the others."""
        return tuple(entry for entry in self._entries() if isinstance(entry, RunRecord))

    def unreadable(self) -> tuple[UnreadableRun, ...]:
        """The runs that `records` leaves out, newest first."""
        return tuple(entry for entry in self._entries() if isinstance(entry, UnreadableRun))

    def started(self, run_id: str) -> RunStarted | None:
        """The totals its training announced, None before it did."""
        text = self._row(run_id)["beginning"]
        try:
            return RunStarted(**json.loads(text)) if text else None
        except (ValueError, TypeError, RecursionError):
            return None

    def update(self, run_id: str, **changes: Any) -> None:
        """Set any of name, state, started, ended, message, metrics and device."""
        unknown = set(changes) - set(_CHANGEABLE)
        if unknown:
            raise TypeError(f"A run has no changeable {', '.join(sorted(unknown))}.")
        values = {**changes}
        if "state" in values:
            values["state"] = str(values["state"])
        if "metrics" in values:
            values["metrics"] = metrics_text(values["metrics"])
        self._set(run_id, values)

    def rename(self, run_id: str, name: str) -> str:
        """Give the run another name; returns it as stored, without outer white space."""
        name = name.strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise RunError(
                "This name cannot be used.", expected=f"1 to {LONGEST_NAME} characters",
                received=f"{len(name):,}" if name else "none", remedy="Shorten it." if name else "Write a name.")
        self.update(run_id, name=name)
        return name

    def star(self, run_id: str, starred: bool) -> None:
        """Mark the run as one to find again, or take the mark off."""
        self._set(run_id, {"starred": int(bool(starred))})

    def write_note(self, run_id: str, text: str) -> str:
        """Keep what people write about the run; returns it as stored, without outer white space."""
        text = text.strip()
        if len(text) > LONGEST_NOTE:
            raise RunError(
                "This note cannot be kept.", expected=f"at most {LONGEST_NOTE:,} characters", received=f"{len(text):,}",
                remedy="Shorten it.")
        self._set(run_id, {"note": text})
        return text

    def set_spec(self, run_id: str, spec: RunSpec) -> None:
        """Write what the run trains now that it was changed."""
        self._set(run_id, {"spec": json.dumps(run_to_stored(spec))})

    def requeue(self, run_id: str, owner: str, spec: RunSpec | None = None) -> RunRecord:
        """Queue an interrupted or stopped run once more, for this process; its logs stay.

        With a `spec`, that of the extended run, also a finished one.
        """
        self._row(run_id)
        self._make_folder(run_id)
        resumable = _RESUMABLE if spec is None else _EXTENDABLE
        with self._database.transaction() as database:
            changed = database.execute(
                "UPDATE runs SET spent = spent + max(coalesce(ended - started, 0), 0), state = 'queued', owner = ?,"
                " process = ?, started = NULL, ended = NULL, message = '',"
                f" metrics = '{{}}', queue_order = {_NEXT_IN_QUEUE} WHERE id = ? AND {resumable}",
                (owner, self._process.token, run_id),
            ).rowcount
            if changed and spec is not None:
                database.execute("UPDATE runs SET spec = ? WHERE id = ?", (json.dumps(run_to_stored(spec)), run_id))
        record = self.record(run_id)
        if not changed:
            what, which = ("resumed", "an") if spec is None else ("extended", "a finished, stopped or")
            raise RunError(f"This run cannot be {what}.", received=f"a {record.state} one",
                           expected=f"{which} interrupted{' or stopped' if spec is None else ''} run")
        return record

    def delete(self, run_id: str) -> None:
        """Remove the run, its logs and its folder; refuses a queued or running run."""
        folder = self.folder(run_id)
        self._row(run_id)
        with self._database.transaction() as database:
            if database.execute(f"SELECT 1 FROM runs WHERE id = ? AND {_UNFINISHED}", (run_id,)).fetchone():
                raise RunError("A queued or running run cannot be deleted.", remedy="Stop it first.")
            # Its files first: on a full disk there is room for the rest only then.
            _remove_folder(folder)
            database.execute("DELETE FROM runs WHERE id = ?", (run_id,))

    def mark_interrupted(self, live_ids: Sequence[str] = ()) -> tuple[str, ...]:
        """Declare the unfinished runs of dead processes interrupted; returns them in queue order.

        Of this process's own runs those in `live_ids` are alive; another process's are while it holds its lock.
        """
        process_lock.remove_stale(self._locks)
        look = f"SELECT id, state, process FROM runs WHERE {_UNFINISHED} ORDER BY queue_order"
        if all(self._lives(row, self._alive_of([row]), live_ids) for row in self._database.select(look)):
            return ()  # nothing to write, and nobody to wait for
        with self._database.transaction() as database:
            rows = database.execute(look).fetchall()
            alive_processes = self._alive_of(rows)
            dead = [row for row in rows if not self._lives(row, alive_processes, live_ids)]
            for row in dead:
                message = _interruption(row["state"])
                database.execute(
                    "UPDATE runs SET state = 'interrupted', message = ? WHERE id = ?", (message, row["id"]))
        return tuple(row["id"] for row in dead)

    # --- logs ---------------------------------------------------------------------------

    def begin(self, run_id: str, started: RunStarted) -> None:
        """Note the totals of a training that begins, and drop logs from its first step on: it does them again."""
        # `default`: a count may come as a NumPy integer.
        beginning = json.dumps(asdict(started), default=int)
        with self._database.transaction() as database:
            database.execute(
                "UPDATE runs SET device = ?, beginning = ? WHERE id = ?", (started.device, beginning, run_id))
            database.execute("DELETE FROM epochs WHERE run = ? AND epoch >= ?", (run_id, started.first_epoch))
            database.execute("DELETE FROM steps WHERE run = ? AND epoch >= ? AND first_step >= ?",
                             (run_id, started.first_epoch, started.first_step))

    def copy_logs(self, source: str, target: str, epochs: int) -> None:
        """Give run `target` the logs of the first `epochs` epochs of run `source`."""
        with self._database.transaction() as database:
            database.execute("INSERT INTO epochs SELECT ?, epoch, step, seconds, metrics FROM epochs"
                             " WHERE run = ? AND epoch < ?", (target, source, epochs))
            database.execute(
                'INSERT INTO steps (run, epoch, first_step, seconds, names, "values") SELECT ?, epoch, first_step,'
                ' seconds, names, "values" FROM steps WHERE run = ? AND epoch < ? ORDER BY number',
                (target, source, epochs))
            database.execute("UPDATE runs SET beginning = (SELECT beginning FROM runs WHERE id = ?) WHERE id = ?",
                             (source, target))

    def append(self, run_id: str, *logs: StepLog | EpochLog) -> None:
        """Write step and epoch logs in one transaction. An epoch that is there already is replaced."""
        if not logs:
            return
        with self._database.transaction() as database:
            for log in logs:
                if isinstance(log, EpochLog):
                    database.execute(
                        "INSERT OR REPLACE INTO epochs (run, epoch, step, seconds, metrics) VALUES (?, ?, ?, ?, ?)",
                        (run_id, log.epoch, log.step, log.seconds, metrics_text(log.metrics)),
                    )
                else:
                    database.execute(
                        'INSERT INTO steps (run, epoch, first_step, seconds, names, "values")'
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        (run_id, log.epoch, log.first_step, log.seconds, *pack(log.metrics)),
                    )

    def epochs(self, run_id: str) -> tuple[EpochLog, ...]:
        """The run's epochs in order; none for an unknown run."""
        rows = self._database.select("SELECT * FROM epochs WHERE run = ? ORDER BY epoch", run_id)
        with damage_reported(run_id):
            return tuple(
                EpochLog(row["epoch"], row["step"], row["seconds"], metrics_from_text(row["metrics"])) for row in rows)

    def steps(self, run_id: str) -> tuple[StepLog, ...]:
        """The run's step logs in the order in which they came; none for an unknown run."""
        rows = self._database.select("SELECT * FROM steps WHERE run = ? ORDER BY number", run_id)
        with damage_reported(run_id):
            return tuple(
                StepLog(row["epoch"], row["first_step"], row["seconds"], unpack(row["names"], row["values"]))
                for row in rows
            )

    def folder(self, run_id: str) -> Path:
        """Where the run's files are; the folder may be missing. Raises RunError for what cannot be an id."""
        if not _ID.fullmatch(run_id):
            raise _unknown(run_id)
        return self.home / run_id

    # --- processes ----------------------------------------------------------------------

    @property
    def process(self) -> str:
        """The name of this process among those that share the home."""
        return self._process.token

    def is_alive(self, process: str) -> bool:
        """Whether the process of this name lives."""
        return self._is_alive(process)

    # --- small parts --------------------------------------------------------------------

    @property
    def _locks(self) -> Path:
        return self.home / "processes"

    def _lock_process(self) -> process_lock.ProcessLock:
        try:
            return process_lock.ProcessLock(self._locks)
        except OSError as error:
            reason = error.strerror or error
            raise RunError(f"Runs cannot be kept in {self.home}: {reason}.", remedy=OTHER_HOME) from error

    def _row(self, run_id: str) -> sqlite3.Row:
        rows = self._database.select("SELECT * FROM runs WHERE id = ?", run_id)
        if not rows:
            raise _unknown(run_id)
        return rows[0]

    def _entries(self) -> Iterator[RunRecord | UnreadableRun]:
        for row in self._database.select("SELECT * FROM runs ORDER BY created DESC, rowid DESC"):
            try:
                yield record_from_row(row)
            except RunError as error:
                yield UnreadableRun(str(row["id"]), str(row["name"]), str(error))

    def _set(self, run_id: str, values: Mapping[str, Any]) -> None:
        assignments = ", ".join(f"{name} = ?" for name in values)
        with self._database.transaction() as database:
            statement = f"UPDATE runs SET {assignments} WHERE id = ?"
            changed = database.execute(statement, (*values.values(), run_id)).rowcount
        if not changed:
            raise _unknown(run_id)

    def _is_alive(self, process: str) -> bool:
        return process == self._process.token or process_lock.is_held(process_lock.lock_path(self._locks, process))

    def _alive_of(self, rows: Sequence[sqlite3.Row]) -> set[str]:
        """The processes of these rows that live."""
        return {name for name in {row["process"] for row in rows} if self._is_alive(name)}

    def _lives(self, row: sqlite3.Row, alive_processes: set[str], live_ids: Sequence[str]) -> bool:
        if row["process"] == self._process.token:
            return row["id"] in live_ids
        return row["process"] in alive_processes

    def _make_folder(self, run_id: str) -> None:
        folder = self.folder(run_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"The folder {folder} cannot be made: {error.strerror}.", remedy=OTHER_HOME) from error


def _unknown(run_id: str) -> RunError:
    return RunError(
        f"There is no run {run_id[:64]!r}.", remedy="It may have been deleted; choose one on the Runs page.")


def _remove_folder(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise RunError(
            f"The files of this run cannot be deleted: {error.strerror}.", remedy=f"Delete {folder} yourself.",
        ) from error


def _interruption(state: str) -> str:
    did = "trained" if state == "running" else "waited"
    return f"The app ended while this run {did}. Resume it to go on."
