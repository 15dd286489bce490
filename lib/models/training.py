"""One training loop for every task: chunks of steps, epochs, early stopping, resume."""

from __future__ import annotations

import json
import math
import operator
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import CheckpointError, DivergedError, SpecError, TrainingError, guarded
from lib.catalog.tasks import check_monitor, task_of
from lib.datasets.dataset import Dataset
from lib.models.epoch_states import RESUME_FILE, keep_state, resume_choices
from lib.models.files import read_npz, save_model, write_npz
from lib.models.program import StepProgram
from lib.models.recording import Recorder
from lib.models.runtime import borrowed_device, prepare, release_memory
from lib.models.tasks.base import TrainingTask, build_task
from lib.spec.choices import choices_at, with_choices
from lib.spec.early_stopping import Progress
from lib.spec.runs import (
    Control,
    EpochLog,
    OnEvent,
    Pace,
    RunChanged,
    RunHeld,
    RunNote,
    RunResult,
    RunStarted,
    RunState,
    StepLog,
)
from lib.spec.specs import DEFAULT_LEARNING_RATES, RunSpec
from lib.spec.steering import changed, origin_digest
from lib.spec.step_plan import StepPlan

#: A chunk of steps takes about this long: events several times a second, stop and pause as quick.
CHUNK_SECONDS = 0.2
#: How long a stopped run may still measure itself on the test split.
STOPPED_TEST_SECONDS = 5.0


def train(spec: RunSpec, dataset: Dataset, on_event: OnEvent, control: Control, folder: Path | None = None, *,
          all_splits: bool = False) -> RunResult:
    """Train `spec` on `dataset` and report; the same spec gives the same curve whatever else is running.

    With `all_splits` the network is also measured on training and validation images at the end, where its task can.

    With a `folder`, the state after every epoch goes to resume.npz (training continues from it when it
    is there), a task's images to epochs/, the network to model.keras and the test outputs to test.npz.
    Raises SpecError, DataError or TrainingError (NaN loss, out of memory) with a message for the user.
    """
    check_monitor(spec)
    if not len(dataset.x_train):
        raise SpecError("There are no training images.", remedy="Choose a larger training size.")
    on_event(RunNote("Loading Keras"))
    prepare()
    try:
        return _train(spec, dataset, on_event, control, folder, all_splits)
    finally:
        release_memory()


def _train(spec: RunSpec, dataset: Dataset, on_event: OnEvent, control: Control, folder: Path | None,
           all_splits: bool) -> RunResult:
    with borrowed_device() as device:
        on_event(RunNote("Building the network"))
        chosen = {} if folder is None else resume_choices(folder)
        training = _Training(spec, build_task(with_choices(spec, chosen), dataset), on_event, control, folder, chosen)
        result = training.run(device)
        if all_splits:
            return replace(result, metrics={**training.task.split_reports(), **result.metrics})
        return result


class _Training:
    """The state of one training: counters, early stopping, best weights."""

    def __init__(self, spec: RunSpec, task: TrainingTask, on_event: OnEvent, control: Control, folder: Path | None,
                 chosen: Mapping[str, float | str] | None = None) -> None:
        """`task` is that of `spec` with what was `chosen` when the state in `folder` was written."""
        self.spec, self.task, self.on_event, self.control, self.folder = spec, task, on_event, control, folder
        self.chosen = dict(chosen or {})
        self.images = len(task.data[0])
        self.plan = StepPlan(spec, self.images)
        self.epoch = self.step = 0
        self.seconds = self.epoch_began = 0.0
        #: Each metric of the steps of this epoch so far, summed over the images of its batch.
        self.sums: dict[str, list[float]] = {}
        self.progress = Progress()
        self.best: list[np.ndarray] | None = None
        self.chunk = 1
        self.order: tuple[int, np.ndarray] | None = None
        self.saved_step = -1
        self.program = StepProgram(task.updates, task.data, task.state)
        self.rate_ratios = self._rate_ratios()
        if folder is not None and (folder / RESUME_FILE).exists():
            self._restore(folder / RESUME_FILE)
        self.recorder = Recorder(self.task, task_of(spec).recorded, folder, self.epoch, self.seconds, self.images)

    # --- the loop

    def run(self, device: str) -> RunResult:
        parameters = sum(math.prod(variable.shape) for variable in self.task.model.weights)
        self.on_event(
            RunStarted(self.spec.train.epochs, self.plan.steps(self.epoch), self.images, parameters, device,
                       first_epoch=self.epoch, first_step=self.step)
        )
        try:
            ended = self._epochs()
        except DivergedError as error:
            error.metrics = self._metrics_now()
            raise
        if ended != "stopped":  # else the network is in the midst of an epoch
            self.recorder.after_last(self.epoch - 1, self.seconds)
        self._restore_best()
        self.on_event(RunNote("Testing"))
        stopped = self.control.should_stop()
        metrics = self.task.test(self.folder, STOPPED_TEST_SECONDS if stopped else math.inf)
        if self.folder is not None:
            save_model(self.task.model, self.folder / "model.keras")
        state = RunState.STOPPED if stopped and ended == "stopped" else RunState.FINISHED
        return RunResult(state, metrics | self._best_metrics(), self._message(ended))

    def _metrics_now(self) -> dict[str, float]:
        """What a network that diverged is worth: outputs that are no numbers count as the first class."""
        with np.errstate(invalid="ignore"):  # a generator's images are no numbers either
            found = {"diverged": 1.0, **self.task.validate(lambda: True), **self.task.test(None, math.inf)}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def _epochs(self) -> str:
        """Train until the last epoch, early stopping or a stop; the reason as a word."""
        while self.epoch < self.spec.train.epochs:
            if self.progress.is_over(self.spec.train):
                return "early"
            if not self._one_epoch():
                return "stopped"
            self.epoch += 1
            self._end_epoch()
        return "early" if self.progress.is_over(self.spec.train) else "done"

    def _one_epoch(self) -> bool:
        """The rest of a pass over the training images and its validation; False when a stop cut it short."""
        if self.step == self.plan.first_step(self.epoch):
            self._choose(choices_at(self.spec, self.epoch))
        end = self.plan.first_step(self.epoch + 1)
        while self.step < end:
            if not self._should_continue():
                return False
            # A change of the batch size may have come with the permission to go on.
            end = self.plan.first_step(self.epoch + 1)
            self._chunk_of_steps(self._next_batches(end))
            self.control.has_done(Pace.STEP)
        # Summed exactly, so that it makes no difference how steps were put into chunks.
        metrics = {name: math.fsum(values) / self.images for name, values in self.sums.items()}
        metrics["images_per_second"] = self.images / max(self.seconds - self.epoch_began, 1e-9)
        clock = time.monotonic()
        validation = self.task.validate(lambda: not self.control.should_stop())
        self.seconds += time.monotonic() - clock
        if self.control.should_stop() and not validation and len(self.task.dataset.x_validation):
            return False
        self._finish_epoch(metrics | validation, self.seconds - self.epoch_began)
        return True

    def _choose(self, chosen: dict[str, float | str]) -> None:
        """Go on with these choices: the same weights in a network that is built anew, and with them what still fits.

        The optimiser keeps its state unless it is another one; dropout and changes of images draw anew.
        """
        if chosen == self.chosen:
            return
        before, slots, name = self.task, self._values(self._optimizer_variables()), self._optimizer_name()
        self.chosen = chosen
        self.task = build_task(with_choices(self.spec, chosen), before.dataset)
        if self.best is not None:
            now = self._values(before.state)
            self._assign(before.state, self.best)
            self.task.take_over(before)
            self.best = self._values(self.task.state)
            self._assign(before.state, now)
        self.task.take_over(before)
        self.program = StepProgram(self.task.updates, self.task.data, self.task.state)
        self.rate_ratios = self._rate_ratios()  # before the rates of the last step come back with the optimiser's state
        if self._optimizer_name() == name:
            self._assign(self._optimizer_variables(), slots)
        self.recorder.follow(self.task)

    def _optimizer_name(self) -> str:
        return with_choices(self.spec, self.chosen).train.optimizer

    def _rate_ratios(self) -> list[float]:
        """A GAN's two optimisers may differ in their rates; they keep their ratio when the rate is changed."""
        first = self.spec.train.learning_rate
        return [float(np.asarray(update.optimizer.learning_rate)) / first if first else 1.0 for update in self.task.updates]

    def _end_epoch(self) -> None:
        """Save what belongs to a whole epoch, and begin the next one."""
        self.sums, self.epoch_began = {}, self.seconds
        self._save()
        if self.folder is not None and self.control.keeps_epochs():
            keep_state(self.folder, self.epoch)
        self.control.has_done(Pace.EPOCH)

    def _finish_epoch(self, metrics: dict[str, float], seconds: float) -> None:
        metrics["learning_rate"] = float(np.asarray(self.task.optimizer.learning_rate))
        value = metrics.get(self.spec.train.monitor)
        if value is not None:
            self.progress = self.progress.after(self.epoch, value, self.spec.train)
        elif self.spec.train.patience is not None:
            raise TrainingError(
                "Early stopping watches a figure that this run does not have.", expected=", ".join(sorted(metrics)),
                received=self.spec.train.monitor, remedy="Keep images apart for validation, or switch early stopping off.")
        if self._keeps_best() and self.progress.best_epoch == self.epoch:
            self.best = self._values(self.task.state)
        self.recorder.after_epoch(self.epoch, self.seconds, seconds)
        self.on_event(EpochLog(self.epoch, self.step, self.seconds, metrics))

    def _should_continue(self) -> bool:
        """Do what the user wants before the next steps; False when that is to stop."""
        self._take_request()
        while self.control.is_paused and not self.control.should_stop():
            self._hold()
            self.control.wait_if_paused()
            self._take_request()
        return not self.control.should_stop()

    def _hold(self) -> None:
        """Write the state in the midst of an epoch: a pause outlasts the process."""
        # The steps before the state that counts them.
        self.on_event(RunHeld(self.step))
        if self.saved_step != self.step:
            self._save()

    def _take_request(self) -> None:
        """Give what the user wants changed its place: the rate from the next step, the batch size from the next epoch."""
        request = self.control.take_request()
        if request is None:
            return
        spec = changed(self.spec, self.images, self.epoch, self.step, request.learning_rate, request.batch_size)
        if spec.changes != self.spec.changes:
            self.spec, self.plan = spec, StepPlan(spec, self.images)
            self.on_event(RunChanged(spec.changes))

    def _rates(self, steps: int) -> np.ndarray:
        """Learning rates (steps, updates) of the next steps: a function of the step, however steps are put into chunks.

        What the user set by hand comes first, then what the setting "decay" says, then the spec's own.
        """
        rates = np.array([self.plan.rate(self.epoch, step) for step in range(self.step, self.step + steps)])
        return rates[:, None] * np.asarray(self.rate_ratios)

    # --- steps

    def _next_batches(self, end: int) -> np.ndarray:
        """The batches (steps, batch size) of the next chunk, of this epoch's own shuffle; the last may be smaller."""
        if self.order is None or self.order[0] != self.epoch:
            rng = np.random.default_rng([self.spec.seed, 2, self.epoch])
            self.order = self.epoch, rng.permutation(self.images).astype(np.int32)
        size, order = self.plan.batch_size(self.epoch), self.order[1]
        done = self.step - self.plan.first_step(self.epoch)
        whole = self.images // size - done
        if whole <= 0:
            return order[done * size :][None]
        wanted = 1 if self.control.pace() == Pace.STEP else self.chunk
        # Powers of two keep the number of compiled programs small where each length needs its own (JAX).
        count = 1 << (min(wanted, whole).bit_length() - 1)
        return order[done * size : (done + count) * size].reshape(count, size)

    def _chunk_of_steps(self, rows: np.ndarray) -> None:
        """Take the steps, report them, and keep each metric summed over the images of a step."""
        clock = time.monotonic()
        try:
            metrics = self.program.run(rows, self._rates(len(rows)))
        except Exception as error:
            raise _readable(error) from error
        elapsed = time.monotonic() - clock
        self.seconds += elapsed
        self._check_finite(metrics["loss"])
        self.on_event(
            StepLog(self.epoch, self.step, self.seconds, {k: tuple(v.tolist()) for k, v in metrics.items()})
        )
        self.step += len(rows)
        self._adapt_chunk(elapsed, len(rows))
        for name, column in metrics.items():
            self.sums.setdefault(name, []).extend((column.astype(np.float64) * rows.shape[1]).tolist())

    def _adapt_chunk(self, elapsed: float, steps: int) -> None:
        """Let chunks grow by at most a factor of four, since the first one also compiles."""
        wanted = int(CHUNK_SECONDS / max(elapsed / steps, 1e-6))
        self.chunk = max(1, min(wanted, 4 * self.chunk, 4096))

    def _check_finite(self, losses: np.ndarray) -> None:
        bad = np.flatnonzero(~np.isfinite(losses))
        if not len(bad):
            return
        train = self.spec.train
        usual = DEFAULT_LEARNING_RATES[train.optimizer]
        rate = float(np.asarray(self.task.optimizer.learning_rate))
        if rate > usual:
            cause = f"The learning rate {rate:g} is probably too high for {train.optimizer}; try {usual:g}."
        else:
            cause = "Gradients probably exploded; try a lower learning rate, batch normalisation or fewer layers."
        raise DivergedError(
            f"The loss became {losses[bad[0]]} in epoch {self.epoch + 1}, step {self.step + int(bad[0]) + 1}. {cause}"
        )

    # --- best weights and resume

    def _keeps_best(self) -> bool:
        return self.spec.train.patience is not None and self.spec.train.restore_best

    def _restore_best(self) -> None:
        if self._keeps_best() and self.best is not None:
            self._assign(self.task.state, self.best)

    def _best_metrics(self) -> dict[str, float]:
        if self.progress.best is None:
            return {}
        return {f"best_{self.spec.train.monitor}": self.progress.best, "best_epoch": float(self.progress.best_epoch + 1)}

    def _message(self, ended: str) -> str:
        best = f"; best epoch {self.progress.best_epoch + 1}" if self.progress.best is not None else ""
        return {
            "early": f"Early stopping after epoch {self.epoch}{best}.",
            "stopped": f"Stopped in epoch {self.epoch + 1}.",
            "done": f"All {self.spec.train.epochs} epochs done{best}.",
        }[ended]

    def _optimizer_variables(self) -> list[Any]:
        return [variable for update in self.task.updates for variable in update.optimizer.variables]

    def _values(self, variables: Sequence[Any]) -> list[np.ndarray]:
        # A copy: on a CPU the backend may hand out a view of memory that the next step overwrites.
        return [np.array(variable.numpy()) for variable in variables]

    def _assign(self, variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def _save(self) -> None:
        if self.folder is None:
            return
        groups = {"state": self._values(self.task.state), "slot": self._values(self._optimizer_variables())}
        groups["best"] = self.best or []
        arrays = {f"{name}_{i}": array for name, group in groups.items() for i, array in enumerate(group)}
        arrays |= {f"sum_{name}": np.asarray(values) for name, values in self.sums.items()}
        meta = {
            "digest": self.spec.digest, "origin": origin_digest(self.spec), "images": self.task.dataset.fingerprint,
            "epoch": self.epoch, "step": self.step, "seconds": self.seconds, "epoch_began": self.epoch_began,
            "progress": [self.progress.best, self.progress.best_epoch, self.progress.wait],
            "chosen": self.chosen,
        }
        write_npz(self.folder / RESUME_FILE, meta=np.array(json.dumps(meta)), **arrays)
        self.saved_step = self.step

    def _restore(self, path: Path) -> None:
        """Take up the state that `_save` wrote; raises CheckpointError for a file that is anything else."""
        with guarded("The saved state of this run cannot be used.", CheckpointError, expected="a resume.npz of this run",
                     remedy="Start it again from the beginning."):
            self._take_up(read_npz(path))

    def _take_up(self, arrays: dict[str, np.ndarray]) -> None:
        meta = json.loads(str(arrays.pop("meta")))
        if not self._is_ours(meta):
            raise CheckpointError("resume.npz belongs to another run.", expected=self.spec.digest, received=meta["digest"])
        before, now = meta.get("images", ""), self.task.dataset.fingerprint
        if before and now and before != now:
            raise CheckpointError(
                "The images of this run are not those that it began with.", expected=f"images {before}",
                received=f"images {now}", remedy="Restore the former images, or start a new run on these.")
        self.sums = {name.removeprefix("sum_"): array.tolist() for name, array in arrays.items()
                     if name.startswith("sum_")}
        count = {name: sum(key.startswith(name + "_") for key in arrays) for name in ("state", "slot", "best")}
        groups = {name: [arrays[f"{name}_{i}"] for i in range(n)] for name, n in count.items()}
        self._assign(self.task.state, groups["state"])
        self._assign(self._optimizer_variables(), groups["slot"])
        self.best = groups["best"] or None
        counts = [operator.index(meta["epoch"]), operator.index(meta["step"])]
        if min(counts) < 0:
            raise ValueError(f"{counts} epochs and steps")
        (self.epoch, self.step), self.seconds = counts, float(meta["seconds"])
        self.epoch_began, self.saved_step = float(meta.get("epoch_began", self.seconds)), self.step
        first, after = self.plan.first_step(self.epoch), self.plan.first_step(self.epoch + 1)
        if not first <= self.step < after or any(len(values) != self.step - first for values in self.sums.values()):
            raise ValueError(f"step {self.step} in epoch {self.epoch}")
        best, best_epoch, wait = meta["progress"]
        self.progress = Progress(best, operator.index(best_epoch), operator.index(wait))


    def _is_ours(self, meta: dict[str, Any]) -> bool:
        if "origin" in meta:
            return meta["origin"] == origin_digest(self.spec)
        # Saved before runs could be steered; an extended one has another digest since.
        extended = any(change.epochs is not None for change in self.spec.changes)
        return extended or meta["digest"] in (self.spec.digest, self.spec.named_digest)


def _readable(error: Exception) -> Exception:
    """Out-of-memory errors of either backend as a message; anything else unchanged."""
    text = f"{type(error).__name__} {error}"
    if isinstance(error, MemoryError) or "ResourceExhausted" in text or "RESOURCE_EXHAUSTED" in text:
        return TrainingError(
            "The device ran out of memory.", remedy="Use a smaller batch, a smaller network or fewer training images."
        )
    return error
