"""Trainings on other machines: runs become tasks of a Ray cluster, their events come back as if they ran here.

Ray is optional (requirements-ray.txt) and imported on first use. `$NEURAL_LAB_RAY` is a cluster's address, "auto" for
the one that `ray start` began on this machine, or "local" for worker processes of this machine alone.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
import socket
import threading
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.base.drafts import draft_of
from lib.base.errors import LabError, RunError
from lib.base.once import Once
from lib.spec.runs import ChangeRequest, Control, OnEvent, Pace, RunNote, RunResult, merged
from lib.spec.specs import RunSpec

ROOT = Path(__file__).resolve().parents[2]
#: A worker that dies takes the trial with it; the trial is trained again so often before it fails.
RETRIES = 3
_POLL_SECONDS = 0.2
_CONNECT_SECONDS = 5
#: Files of a run that a page needs: the network, the test's outputs, what was recorded of its epochs. What a training keeps
#: for itself (its resume state) stays where it is.
_KEPT = re.compile(r"model\.keras|test\.npz|epochs/(\d+|shown)\.npz")
_MOST_BYTES = 400_000_000


def cluster_address() -> str:
    """`$NEURAL_LAB_RAY`, "" where no cluster is asked for."""
    return os.environ.get("NEURAL_LAB_RAY", "").strip()


class RayCluster:
    """A connection to a cluster. `execute` is an `Execute` that trains there; `target` names the function that a
    worker calls, as "module:function".

    Raises RunError, with what to do, when Ray is not installed or the cluster does not answer.
    """

    def __init__(self, address: str, target: str, workers: int | None = None) -> None:
        self._ray = _import_ray()
        self._target = target
        self.closed = threading.Event()
        _connect(self._ray, address, workers)
        cpus = float(self._ray.cluster_resources().get("CPU", 1))
        self.cpus_per_trial = _cpus_per_trial()
        self.slots = max(1, int(cpus / self.cpus_per_trial))
        self._mailbox = self._ray.remote(num_cpus=0)(Mailbox).remote()
        self._task = self._ray.remote(
            num_cpus=self.cpus_per_trial, max_retries=RETRIES, retry_exceptions=False)(train_on_worker)

    def execute(self, spec: RunSpec, folder: Path, on_event: OnEvent, control: Control) -> RunResult:
        """Train `spec` on the cluster; blocks. A worker that dies is replaced, and the trial starts again there."""
        key = uuid.uuid4().hex
        on_event(RunNote("Waiting for a machine of the cluster"))
        future = self._task.remote(self._target, spec, key, self._mailbox)
        done = False
        try:
            while not done:
                ready, _ = self._ray.wait([future], timeout=_POLL_SECONDS)
                done = bool(ready)
                self._exchange(key, on_event, control)
            result, archive = self._ray.get(future)
        except self._ray.exceptions.RayTaskError as error:
            raise _readable(error) from error
        except self._ray.exceptions.RayError as error:
            raise RunError(f"The cluster lost this run {RETRIES + 1} times: {type(error).__name__}.",
                           remedy="Look whether its machines have enough memory, and resume the experiment.") from error
        finally:
            with contextlib.suppress(self._ray.exceptions.RayError):
                self._ray.get(self._mailbox.forget.remote(key))
        _unpack(archive, folder)
        return result

    def _exchange(self, key: str, on_event: OnEvent, control: Control) -> None:
        """Hand the worker what the user wants, and the runner what the worker reported."""
        turn = getattr(control, "turn", 0)
        controls = {"stop": control.should_stop(), "paused": control.is_paused, "pace": control.pace(), "turn": turn,
                  "request": control.take_request()}
        for event in self._ray.get(self._mailbox.take.remote(key, controls)):
            on_event(event)
        if self._ray.get(self._mailbox.turn_done.remote(key)) == turn:
            control.has_done(control.pace())

    def close(self) -> None:
        """Disconnect; worker processes that this process started end."""
        self.closed.set()
        self._ray.shutdown()


# --- the two ends of a trial --------------------------------------------------------------


class Mailbox:
    """Events on their way to the app, and the user's controls on their way to the workers. Lives on the cluster."""

    def __init__(self) -> None:
        self._events: dict[str, list[Any]] = {}
        self._controls: dict[str, dict[str, Any]] = {}
        self._attempts: dict[str, int] = {}
        self._done: dict[str, int] = {}

    def begin(self, key: str) -> int:
        """A worker takes the trial up; which attempt this is, from 1. Events of an earlier one are dropped."""
        self._attempts[key] = self._attempts.get(key, 0) + 1
        self._events[key] = []
        return self._attempts[key]

    def put(self, key: str, attempt: int, events: list[Any], turn_done: int = -1) -> dict[str, Any]:
        """Leave events of this attempt, and which step or epoch that was asked for is done; the user's controls."""
        if attempt == self._attempts.get(key):
            self._events[key] += events
            self._done[key] = turn_done
        controls = self._controls.get(key, {})
        self._controls[key] = {**controls, "request": None}  # a change is told once
        return controls

    def turn_done(self, key: str) -> int:
        """The last step or epoch asked for that is done, by the number of its turn; -1 for none."""
        return self._done.get(key, -1)

    def take(self, key: str, controls: dict[str, Any]) -> list[Any]:
        """Leave controls; the events since the last call."""
        untold = self._controls.get(key, {}).get("request")
        self._controls[key] = {**controls, "request": merged(untold, controls.get("request"))}
        events, self._events[key] = self._events.get(key, []), []
        return events

    def forget(self, key: str) -> None:
        """The trial is over."""
        for table in (self._events, self._controls, self._attempts, self._done):
            table.pop(key, None)


class WorkerControl:
    """The `Control` of a trial on a worker: the user's controls as the mailbox last said them."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}
        self._request: ChangeRequest | None = None
        self._lock = threading.Lock()
        self.turn_done = -1

    def update(self, controls: dict[str, Any]) -> None:
        """Take new controls in."""
        with self._lock:
            self._said = dict(controls)
            self._request = merged(self._request, controls.get("request"))

    def should_stop(self) -> bool:
        """See `Control`."""
        return bool(self._said.get("stop"))

    @property
    def is_paused(self) -> bool:
        """See `Control`."""
        waits = self.turn_done >= 0 and self._said.get("turn") == self.turn_done
        return (waits or bool(self._said.get("paused"))) and not self.should_stop()

    def wait_if_paused(self) -> None:
        """See `Control`."""
        while self.is_paused and self._request is None:
            time.sleep(_POLL_SECONDS)

    def pace(self) -> Pace:
        """See `Control`."""
        return self._said.get("pace", Pace.FREE)

    def has_done(self, what: Pace) -> None:
        """See `Control`; the app is told with the next events."""
        if what == self.pace():
            self.turn_done = self._said.get("turn", -1)

    def take_request(self) -> ChangeRequest | None:
        """See `Control`."""
        with self._lock:
            request, self._request = self._request, None
            return request

    def keeps_epochs(self) -> bool:
        """See `Control`; its folder does not come back."""
        return False


def train_on_worker(target: str, spec: RunSpec, key: str, mailbox: Any) -> tuple[RunResult, bytes]:
    """What a worker does: train with the function that `target` names, and send events and files back."""
    import tempfile

    import ray

    execute, control, pending, lock = _function(target), WorkerControl(), [], threading.Lock()
    attempt = ray.get(mailbox.begin.remote(key))
    over = threading.Event()

    def on_event(event: Any) -> None:
        with lock:
            pending.append(event)

    def post() -> None:
        with lock:
            events = list(pending)
            pending.clear()
        control.update(ray.get(mailbox.put.remote(key, attempt, events, control.turn_done)))

    def carry() -> None:
        while not over.wait(_POLL_SECONDS):
            post()

    if attempt > 1:
        on_event(RunNote(f"A worker was lost; trained again (attempt {attempt})"))
    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            result = execute(spec, Path(folder), on_event, control)
            return result, _pack(Path(folder))
    finally:
        over.set()
        carrier.join()
        post()


def _function(target: str) -> Callable[..., RunResult]:
    import importlib

    module, name = target.split(":")
    return getattr(importlib.import_module(module), name)


def _pack(folder: Path) -> bytes:
    """The files that the app keeps, zipped; without those for which there is no more room."""
    buffer, room = io.BytesIO(), _MOST_BYTES
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if _KEPT.fullmatch(name) and path.stat().st_size <= room:
                room -= path.stat().st_size
                archive.write(path, name)
    return buffer.getvalue()


def _unpack(data: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in filter(_KEPT.fullmatch, archive.namelist()):
            (folder / name).parent.mkdir(exist_ok=True)
            with draft_of(folder / name) as draft:
                draft.write_bytes(archive.read(name))


# --- connecting ---------------------------------------------------------------------------


def _import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise RunError("NEURAL_LAB_RAY is set, but Ray is not installed.",
                       remedy="Run pip install -r requirements-ray.txt. Until then everything trains on this machine."
                       ) from error
    return ray


def _connect(ray: Any, address: str, workers: int | None) -> None:
    """Join the cluster at `address`, or start worker processes here for "local". Safe to repeat."""
    if ray.is_initialized():
        return
    _require_listener(address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "ignore_reinit_error": True}
    # Workers find the app's modules beside this process's; machines of a cluster need a checkout of their own.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    # A cluster whose head is gone for a minute would otherwise end this whole process, the app, too.
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", "86400")
    try:
        if address == "local":
            count = workers or max(1, os.cpu_count() or 1)
            ray.init(num_cpus=count, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except Exception as error:
        raise _no_answer(address, error) from error


def _require_listener(address: str) -> None:
    """Raise RunError when nothing listens at a "host:port": Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        try:
            socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
        except OSError as error:
            raise _no_answer(address, error) from error


def _cpus_per_trial() -> float:
    text = os.environ.get("NEURAL_LAB_RAY_CPUS") or "1"
    try:
        cpus = float(text)
    except ValueError:
        cpus = 0.0
    if not 0 < cpus < math.inf:
        raise RunError("NEURAL_LAB_RAY_CPUS says how many cores a run takes.", expected="a number above 0, such as 2",
                       received=text[:60], remedy="Correct or unset it. Until then everything trains here.")
    return cpus


def _no_answer(address: str, error: Exception) -> RunError:
    reason = " ".join(str(error).split())[:160].rstrip(".")
    return RunError(f"The Ray cluster {address!r} does not answer ({reason}).",
                    remedy="Start it with `ray start`, or unset NEURAL_LAB_RAY. Until then everything trains here.")


def _readable(error: Any) -> Exception:
    """The worker's own error; Ray's where there is none."""
    return getattr(error, "cause", None) or error


# --- beside the runner --------------------------------------------------------------------


class ClusterState:
    """What came of NEURAL_LAB_RAY: connecting, so many slots, or why not. Written once by the connecting thread."""

    def __init__(self) -> None:
        self.slots: int | None = None
        self.problem = ""


_STATE = ClusterState()
#: The cluster once it is connected: a process can have one.
_CLUSTER = Once()


def cluster_state() -> ClusterState:
    """The process's one."""
    return _STATE


def connect_in_background(runner: Any, target: str, local_workers: int) -> threading.Thread:
    """Give `runner` a worker for each slot of the cluster; this machine's own where there is no cluster.

    The thread stays once it has connected: Linux ends the processes of a "local" cluster with the thread that
    started them, not with the process.
    """
    def connect() -> None:
        state = cluster_state()
        try:
            cluster = _CLUSTER.get("cluster", lambda: RayCluster(cluster_address(), target))
        except Exception as error:  # of whatever kind: without workers every run would wait for ever
            state.problem = str(error) if isinstance(error, LabError) else f"The Ray cluster cannot be used: {error!r:.300}"
            runner.add_workers(local_workers)
            return
        runner.add_workers(cluster.slots, cluster.execute)
        state.slots = cluster.slots
        cluster.closed.wait()

    thread = threading.Thread(target=connect, name="neural-lab-ray", daemon=True)
    thread.start()
    return thread
