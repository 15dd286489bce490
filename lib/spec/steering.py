"""What may be changed of a run that trains or has ended, and the spec that it has afterwards.

A steered run is described by its spec as any other is: trained from the start with that spec it has the same curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lib.base.errors import SpecError
from lib.base.percent import count_text
from lib.spec.changes import Change
from lib.spec.checks import HIGHEST_RATE, LARGEST_BATCH, MOST_EPOCHS, is_number
from lib.spec.choices import choice_words, choices_at, differing, with_choices
from lib.spec.memory_need import check_memory
from lib.spec.specs import RunSpec
from lib.spec.step_plan import DECAY_EPOCHS, StepPlan
from lib.spec.summary import Shape

# --- what can be asked for ----------------------------------------------------------------


def checked_rate(value: object) -> float:
    """`value` as a learning rate; raises SpecError for one that no training can use."""
    number = _number(value)
    if number is None or not 0 < number <= HIGHEST_RATE:
        raise SpecError("This learning rate cannot be used.", expected=f"a number above 0, at most {HIGHEST_RATE:g}",
                        received=repr(value)[:40], remedy="To hold the weights as they are, pause the run.")
    return number


def checked_batch(value: object, spec: RunSpec, images: int, image_shape: Shape | None) -> int:
    """`value` as a batch size of `spec` on so many training images; raises SpecError where images or memory are too few.

    Without an `image_shape` memory is not looked at.
    """
    number = _number(value)
    if number is None or not number.is_integer() or not 1 <= number <= min(images, LARGEST_BATCH):
        why = (f"There are {images:,} training images." if number is not None and number > images else "")
        raise SpecError("This batch size cannot be used.", received=repr(value)[:40], remedy=why,
                        expected=f"a whole number from 1 to {min(images, LARGEST_BATCH):,}")
    batch = int(number)
    if image_shape is not None:
        check_memory(replace(spec, train=replace(spec.train, batch_size=batch)), image_shape, images)
    return batch


def checked_epochs(value: object, least: int = 1, what: str = "This number of epochs") -> int:
    """`value` as a number of epochs; raises SpecError for one that no run can have."""
    number = _number(value)
    if number is None or not number.is_integer() or not least <= number <= MOST_EPOCHS:
        raise SpecError(f"{what} cannot be used.", expected=f"a whole number from {least:,} to {MOST_EPOCHS:,}",
                        received=repr(value)[:40])
    return int(number)


def _number(value: object) -> float | None:
    return float(value) if is_number(value) else None


# --- specs after it -----------------------------------------------------------------------


def with_change(spec: RunSpec, change: Change) -> RunSpec:
    """`spec` with one more change; one of the same kind that had not taken effect yet is replaced by it."""
    kept = [old for old in spec.changes if old.kind != change.kind or not _at_or_after(old, change)]
    return replace(spec, changes=(*kept, change))


def _at_or_after(old: Change, new: Change) -> bool:
    return old.epoch >= new.epoch if new.kind == "batch_size" else old.step >= new.step


def changed(spec: RunSpec, images: int, epoch: int, step: int, learning_rate: float | None = None,
            batch_size: int | None = None) -> RunSpec:
    """`spec` with another rate from `step` on and another batch size from the next beginning of an epoch on.

    `step` steps are done and lie in `epoch`. What is so already is no change.
    """
    plan = StepPlan(spec, images)
    if learning_rate is not None and learning_rate != steady_rate(spec, images, step):
        spec = with_change(spec, Change(epoch, step, learning_rate=float(learning_rate)))
    if batch_size is not None:
        first = epoch if step == plan.first_step(epoch) else epoch + 1
        pending = tuple(c for c in spec.changes if c.batch_size is None or c.epoch < first)
        spec = replace(spec, changes=pending)
        if batch_size != StepPlan(spec, images).batch_size(first):
            spec = with_change(spec, Change(first, plan.first_step(first), batch_size=int(batch_size)))
    return spec


def chosen(spec: RunSpec, images: int, epoch: int, choices: Mapping[str, float | str]) -> RunSpec:
    """`spec` with these choices from the beginning of `epoch` on; what is so already is no change.

    A schedule that is chosen falls until the last epoch that the run has now. Raises SpecError for what it cannot take.
    """
    now = with_choices(spec, choices_at(spec, epoch))
    pairs = differing(now, choices)
    if not pairs:
        return spec
    with_choices(now, dict(pairs))  # one by one they may fit, and not together
    if dict(pairs).get("decay"):
        pairs = (*pairs, (DECAY_EPOCHS, spec.train.epochs))
    return with_change(spec, Change(epoch, StepPlan(spec, images).first_step(epoch), choices=pairs))


def steady_rate(spec: RunSpec, images: int, step: int) -> float | None:
    """The learning rate of this step, None where a schedule decides it."""
    plan = StepPlan(spec, images)
    return None if plan.is_scheduled(step) else plan.rate(int(plan.epochs_done(step)), step)


def has_schedule(spec: RunSpec) -> bool:
    """Whether the learning rate falls by itself, from the start or since a fork chose so."""
    return spec.own_settings.decay != "" or choices_at(spec, spec.train.epochs).get("decay", "") != ""


def extended(spec: RunSpec, images: int, done: int, epochs: int, wait: int = 0) -> RunSpec:
    """`spec` with `epochs` epochs in all, `done` of which are over; `wait` of them, the last ones, brought no gain.

    A schedule stays planned for the epochs that it was planned for. Early stopping that had ended the run waits for
    as many epochs longer as the run is extended by.
    """
    if epochs == spec.train.epochs and not _is_over(spec, wait):
        return spec
    patience = wait + epochs - done if _is_over(spec, wait) else spec.train.patience
    settings = dict(spec.settings)
    if has_schedule(spec):
        settings.setdefault(DECAY_EPOCHS, spec.train.epochs)
    spec = replace(spec, train=replace(spec.train, epochs=epochs, patience=patience), settings=tuple(settings.items()))
    return with_change(spec, Change(done, StepPlan(spec, images).first_step(done), epochs=epochs))


def _is_over(spec: RunSpec, wait: int) -> bool:
    return spec.train.patience is not None and wait >= spec.train.patience


def up_to(spec: RunSpec, images: int, done: int) -> RunSpec:
    """`spec` without what was changed after `done` epochs: where a fork begins."""
    step = StepPlan(spec, images).first_step(done)
    return replace(spec, changes=tuple(change for change in spec.changes if change.step < step))


def origin_digest(spec: RunSpec) -> str:
    """Equal for runs that begin alike: what steering may change is left out."""
    patience = None if spec.train.patience is None else 1
    settings = tuple((name, value) for name, value in spec.settings if name != DECAY_EPOCHS)
    train = replace(spec.train, epochs=1, patience=patience)
    return replace(spec, train=train, settings=settings, changes=()).digest


# --- in words -----------------------------------------------------------------------------


def change_texts(spec: RunSpec, images: int) -> list[tuple[Change, str]]:
    """Each change with its words: "learning rate 0.01 → 0.001", "batch 32 → 64", "extended to 20 epochs"."""
    return [(change, _change_text(spec, images, change)) for change in spec.changes]


def _change_text(spec: RunSpec, images: int, change: Change) -> str:
    if change.epochs is not None:
        return f"extended to {count_text(change.epochs, 'epoch')}"
    before = replace(spec, changes=tuple(old for old in spec.changes if old.step < change.step))
    if change.batch_size is not None:
        return f"batch {StepPlan(before, images).batch_size(change.epoch)} → {change.batch_size}"
    if change.choices:
        return choice_words(with_choices(before, choices_at(before, change.epoch)), dict(change.choices))
    rate = steady_rate(before, images, change.step)
    return f"learning rate {'schedule' if rate is None else f'{rate:g}'} → {change.learning_rate:g}"


def place_text(change: Change) -> str:
    """"epoch 3, step 1,200": where a change takes effect, counted from 1."""
    return f"epoch {change.epoch + 1}, step {change.step + 1:,}"
