"""Steering a run from below its curves: change it while it trains, extend it when it has ended, fork it from any epoch."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.spec.early_stopping import progress_after
from lib.spec.runs import ChangeRequest, RunRecord, RunSnapshot, RunState
from lib.spec.specs import RunSpec
from lib.spec.steering import change_texts, has_schedule, place_text, steady_rate
from lib.spec.step_plan import StepPlan
from lib.ui.fragments import fragment
from lib.ui.frame import page_script
from lib.ui.panels.current_run import show_run
from lib.ui.problems import show_problem
from lib.ui.resources import runner
from lib.ui.visitors import fork_run, not_yours, steer_run, submit_run, why_fixed
from lib.ui.words import as_text

_MORE_EPOCHS = 5
#: Forkable epochs that are named; of more, the first and the last ones.
_NAMED = 12


def steering_panel(run_id: str) -> None:
    """The row of what can be done with the run; reruns alone."""
    fragment(_row)(run_id)


def _row(run_id: str) -> None:
    snapshot = runner().snapshot(run_id, max_steps=3)
    record, key = snapshot.record, f"steer_{run_id}"
    options = _options(snapshot)
    if st.session_state.get(key) not in options:
        st.session_state[key] = None  # the run has ended meanwhile
    with st.container(horizontal=True, vertical_alignment="center", key="steer"):
        chosen = st.segmented_control("Steer this run", list(options), format_func=lambda name: options[name][0], key=key,
                                      label_visibility="collapsed")
        again = record.state.is_final and record.spec.changes and st.button(
            "Train again", icon=":material/replay:", key="steer_again",
            help="From the start, with the same changes at the same steps: the same curve.")
    if again:
        _open(submit_run(record.spec, f"{record.name[:180]} · again"))
    if chosen is not None:
        with st.container(border=True, key="steer_form"):
            reason = "" if chosen == "fork" else not_yours(record).get("help", "") or as_text(why_fixed(record))
            if reason:
                st.caption(reason)
            else:
                options[chosen][1](snapshot)


def _options(snapshot: RunSnapshot) -> dict[str, tuple[str, Callable[[RunSnapshot], None]]]:
    """What can be done with the run in its state, and the form for it."""
    state = snapshot.state
    found: dict[str, tuple[str, Callable[[RunSnapshot], None]]] = {}
    if not state.is_final:
        found["change"] = (":material/tune: Change", _change_form)
    elif state != RunState.FAILED and snapshot.started is not None:
        found["extend"] = (":material/add: Extend", _extend_form)
    if snapshot.started is not None or not state.is_final:
        found["fork"] = (":material/fork_right: Fork", _fork_form)
    return found


def _open(run_id: str) -> None:
    """Show another run on the Train page."""
    show_run(run_id)
    st.switch_page(page_script("train"), query_params={"run": run_id})


# --- forms --------------------------------------------------------------------------------


def _fields(snapshot: RunSnapshot, key: str, more: dict[str, tuple[str, int]]) -> tuple[ChangeRequest, list[int]]:
    """Whole numbers (key -> label and first value), then learning rate and batch size; what is as it was is no request.

    What they take is checked when it is asked for, and answered with a sentence.
    """
    places = st.columns(len(more) + 2, vertical_alignment="bottom")
    numbers = [place.number_input(label, value=value, step=1, key=f"{key}_{name}")
               for place, (name, (label, value)) in zip(places, more.items(), strict=False)]
    rate, batch = _present_rate(snapshot), _present_batch(snapshot)
    new_rate = places[-2].number_input("New learning rate", value=rate, step=None, format="%g", key=f"{key}_rate")
    new_batch = places[-1].number_input("New batch size", value=batch, step=1, key=f"{key}_batch")
    return ChangeRequest(None if new_rate == rate else new_rate, None if new_batch == batch else new_batch), numbers


def _present_rate(snapshot: RunSnapshot) -> float:
    spec, started = snapshot.record.spec, snapshot.started
    steady = steady_rate(spec, started.train_images, snapshot.step) if started else None
    last = snapshot.epochs[-1].metrics.get("learning_rate") if snapshot.epochs else None
    # Seven digits: what the device computes with.
    return float(f"{spec.train.learning_rate if last is None else last:.7g}") if steady is None else float(steady)


def _present_batch(snapshot: RunSnapshot) -> int:
    spec, started = snapshot.record.spec, snapshot.started
    return StepPlan(spec, started.train_images).batch_size(len(snapshot.epochs)) if started else spec.train.batch_size


def _change_form(snapshot: RunSnapshot) -> None:
    spec, run_id = snapshot.record.spec, snapshot.record.id
    request, _ = _fields(snapshot, f"change_{run_id}", {})
    st.caption("The rate changes with the next step, the batch size with the next epoch; both are marked on the curve."
               + (" A rate that you set ends the schedule: it stays as you set it." if has_schedule(spec) else ""))
    pressed = st.button("Change it", type="primary", key="steer_change_now")
    if pressed and _asked(lambda: steer_run("change", run_id, request)):
        st.success("Nothing of this is new." if request == ChangeRequest() else "It trains on with that.",
                   icon=":material/check:")


def _extend_form(snapshot: RunSnapshot) -> None:
    record, done = snapshot.record, len(snapshot.epochs)
    request, (more,) = _fields(snapshot, f"extend_{record.id}", {"epochs": ("More epochs", _MORE_EPOCHS)})
    st.caption(" ".join(_extension_words(record.spec, snapshot, done)))
    if st.button("Extend it", type="primary", key="steer_extend_now") and _asked(
            lambda: steer_run("extend", record.id, more, request)):
        st.rerun()


def _extension_words(spec: RunSpec, snapshot: RunSnapshot, done: int) -> list[str]:
    words = [f"It goes on after epoch {done}, with the optimiser's state, as if it had trained without a break."]
    if has_schedule(spec):
        planned = spec.own_settings.decay_epochs or spec.train.epochs
        words.append(f"The learning rate's schedule stays planned for {count_text(planned, 'epoch')}; later epochs train at "
                     "its last rate, unless you set one.")
    wait = progress_after([log.metrics for log in snapshot.epochs], spec.train).wait
    if spec.train.patience is not None and wait >= spec.train.patience:
        words.append(f"It had ended because nothing improved for {count_text(wait, 'epoch')}; now it waits for as many "
                     "longer as you add.")
    return words


def _fork_form(snapshot: RunSnapshot) -> None:
    record, done = snapshot.record, len(snapshot.epochs)
    if not done:
        st.caption("No epoch has ended yet. The first one can be forked from as soon as it has.")
        return
    numbers = {"after": ("After epoch", max(1, done - 1)),
               "epochs": ("Epochs in all", max(record.spec.train.epochs, done + 1))}
    request, (after, total) = _fields(snapshot, f"fork_{record.id}", numbers)
    st.caption(_forkable_words(record.id, done))
    if st.button("Fork it", type="primary", key="steer_fork_now"):
        made: list[str] = []
        if _asked(lambda: made.append(fork_run(record.id, after, total, request))):
            _open(made[0])


def _forkable_words(run_id: str, done: int) -> str:
    """From which epochs a fork goes on at once; from all others it first trains again what lies between."""
    from lib.models.epoch_states import kept_epochs

    kept = [epoch for epoch in kept_epochs(runner().store.folder(run_id)) if epoch < done] + [done]
    named = [str(epoch) for epoch in (kept if len(kept) <= _NAMED else [*kept[:2], *kept[-_NAMED + 3:]])]
    if len(named) < len(kept):
        named.insert(2, "…")
    if len(kept) == done:
        return "A new run begins as this one was after that epoch, at once from each. This one stays as it is."
    return (f"A new run begins as this one was after that epoch: at once from {', '.join(named)}; from another epoch it "
            "first repeats what lies between, with the same result. This one stays as it is.")


def _asked(ask: Callable[[], object]) -> bool:
    """Whether it went well; otherwise its message stands in the form."""
    try:
        ask()
    except LabError as error:
        show_problem(error)
        return False
    return True


# --- what was changed ---------------------------------------------------------------------


def history_words(snapshot: RunSnapshot) -> str:
    """What was done to the run, in its order (Markdown); "" for nothing."""
    record, started = snapshot.record, snapshot.started
    words = [_parent_words(record)] if record.parent else []
    if started is not None:
        words += [f"{place_text(change)}: {text}" for change, text in change_texts(record.spec, started.train_images)]
    return f"Changed: {'; '.join(words)}." if words else ""


def _parent_words(record: RunRecord) -> str:
    try:
        name = f"“{as_text(runner().store.record(record.parent).name)}”"
    except LabError:
        name = "a run that was deleted"
    return f"forked from {name} after epoch {record.forked_epoch}"
