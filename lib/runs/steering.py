"""What a run becomes that is changed, extended or forked: checked, and worked out from what the store knows of it."""

from __future__ import annotations

import time
import uuid

from lib import datasets
from lib.base.errors import LabError, RunError, SpecError, cause_text
from lib.models.epoch_states import copy_state, resume_point
from lib.models.recording import copy_recordings
from lib.runs.store import RunStore
from lib.spec.early_stopping import progress_after
from lib.spec.runs import ChangeRequest, RunRecord, RunState
from lib.spec.specs import RunSpec
from lib.spec.steering import changed, checked_batch, checked_epochs, checked_rate, chosen, extended, up_to
from lib.spec.step_plan import StepPlan
from lib.spec.summary import Shape


def training_images(store: RunStore, run_id: str) -> int:
    """How many images the run trains on; raises RunError for one that has not begun."""
    started = store.started(run_id)
    if started is None:
        raise RunError("This run has not begun to train.", remedy="Wait until it does, or train it with other settings.")
    return started.train_images


def checked_request(store: RunStore, run_id: str, request: ChangeRequest) -> ChangeRequest:
    """`request` if the run can train so; raises SpecError with what it could be instead."""
    spec, images = store.record(run_id).spec, training_images(store, run_id)
    rate = None if request.learning_rate is None else checked_rate(request.learning_rate)
    batch = request.batch_size
    if batch is not None:
        batch = checked_batch(batch, spec, images, _image_shape(store, run_id))
    return ChangeRequest(rate, batch, request.choices)


def _image_shape(store: RunStore, run_id: str) -> Shape | None:
    """The shape of the run's images, None where nobody can say or a GPU's memory, not the machine's, is what counts."""
    if not store.record(run_id).device.startswith("cpu"):
        return None
    try:
        return datasets.info(store.record(run_id).spec.data.dataset, store.home).image_shape
    except LabError:
        return None


def extended_spec(store: RunStore, run_id: str, epochs: int, request: ChangeRequest) -> RunSpec:
    """The spec of the ended run with `epochs` more than it has done, and with what is asked for from there on."""
    spec, images, logs = store.record(run_id).spec, training_images(store, run_id), store.epochs(run_id)
    more, request = checked_epochs(epochs), checked_request(store, run_id, request)
    done = len(logs)
    total = checked_epochs(done + more, what="So many epochs in all")
    spec = extended(spec, images, done, total, progress_after([log.metrics for log in logs], spec.train).wait)
    # One that was stopped while it was held goes on in the midst of an epoch.
    epoch, step = resume_point(store.folder(run_id)) or (done, StepPlan(spec, images).first_step(done))
    return changed(spec, images, epoch, step, request.learning_rate, request.batch_size)


def fork(store: RunStore, run_id: str, after: int, epochs: int | None, request: ChangeRequest, name: str, owner: str,
         browser: str) -> RunRecord:
    """Add a run that begins as the run was after `after` epochs, with its logs and, where one is kept, its state.

    Raises RunError or SpecError for what cannot be.
    """
    parent, images, logs = store.record(run_id), training_images(store, run_id), store.epochs(run_id)
    if not logs:
        raise RunError("No epoch of this run has ended yet.", remedy="Wait for the end of its first epoch.")
    if type(after) is not int or not 1 <= after <= len(logs):
        raise SpecError("There is no such epoch to fork from.", expected=f"1 to {len(logs)}", received=repr(after)[:40])
    total = checked_epochs(parent.spec.train.epochs if epochs is None else epochs, after + 1, "The fork's last epoch")
    request = checked_request(store, run_id, request)
    spec = up_to(parent.spec, images, after)
    step = StepPlan(spec, images).first_step(after)
    wait = progress_after([log.metrics for log in logs[:after]], spec.train).wait
    spec = extended(spec, images, after, total, wait)
    spec = changed(spec, images, after, step, request.learning_rate, request.batch_size)
    spec = chosen(spec, images, after, dict(request.choices))
    record = RunRecord(
        uuid.uuid4().hex[:12], name.strip() or _fork_name(parent.name, after), spec, RunState.QUEUED, time.time(),
        owner=owner, browser=browser, parent=run_id, forked_epoch=after)
    store.create(record)
    try:
        store.copy_logs(run_id, record.id, after)
        copy_state(store.folder(run_id), store.folder(record.id), after, step)
        copy_recordings(store.folder(run_id), store.folder(record.id), after)
    except (OSError, RunError) as error:
        store.update(record.id, state=RunState.FAILED)
        store.delete(record.id)
        raise RunError(f"The run cannot be forked: {cause_text(error)}.", remedy="Free some space and try again.") from error
    return record


def _fork_name(name: str, after: int) -> str:
    return f"{name[:160]} · fork of epoch {after}"
