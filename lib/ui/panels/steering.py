"""Steering a run from below its curves: change it while it trains, extend it when it has ended, fork it from any epoch."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.spec.choices import choices_of
from lib.spec.early_stopping import progress_after
from lib.spec.runs import ChangeRequest, RunRecord, RunSnapshot, RunState
from lib.spec.specs import RunSpec
from lib.spec.steering import change_texts, has_schedule, place_text, steady_rate
from lib.spec.step_plan import StepPlan
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.frame import page_script
from lib.ui.panels.current_run import show_run
from lib.ui.resources import runner
from lib.ui.visitors import fork_run, not_yours, steer_run, submit_run, why_fixed
from lib.ui.words import as_text

_MORE_EPOCHS = 5
#: What the last press of a form's button led to: a kind and what belongs to it.
_ANSWER = "_steer_answer"
#: How many presses were answered.
_ASKED = "_steer_asked"
#: Forkable epochs that are named; of more, the first and the last ones.
_NAMED = 12
_THEN = "unchanged"
_KEPT = ("Its weights are kept, with the order of the images and what early stopping has counted; the optimiser's state "
         "too, unless you choose another optimiser, which begins without one. What you choose is marked on the curve.")


def steering_panel(run_id: str) -> None:
    """The row of what can be done with the run; reruns alone."""
    fragment(_row)(run_id)


def _row(run_id: str) -> None:
    snapshot = runner().snapshot(run_id, max_steps=3)
    record, key = snapshot.record, f"steer_{run_id}"
    options, fixed = _options(snapshot), why_fixed(record)
    if fixed:
        options = {name: option for name, option in options.items() if name == "fork"}
    if st.session_state.get(key) not in (None, *options):
        st.session_state[key] = None  # the run has ended meanwhile, or an experiment counts on it
    with st.container(horizontal=True, vertical_alignment="center", key="steer"):
        chosen = st.segmented_control("Steer this run", list(options), format_func=lambda name: options[name][0], key=key,
                                      label_visibility="collapsed", on_change=_forget)
        again = record.state.is_final and record.spec.changes and st.button(
            "Train again", icon=":material/replay:", key="steer_again",
            help="From the start, with the same changes at the same steps: the same curve.")
    if again:
        _open(submit_run(record.spec, f"{record.name[:180]} · again"))
    if fixed:
        st.caption(as_text(fixed))
    _follow(st.session_state.get(_ANSWER))
    if chosen is not None:
        with st.container(border=True, key="steer_form"):
            reason = "" if chosen == "fork" else not_yours(record).get("help", "")
            if reason:
                st.caption(reason)
            else:
                options[chosen][1](snapshot)
                _say(st.session_state.get(_ANSWER))


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


def _fields(key: str, numbers: Mapping[str, tuple[str, int]], rate: str, batch: str) -> None:
    """Whole numbers (name -> label and first value), then a learning rate and a batch size, empty for as it is.

    `rate` and `batch` say what that is. What the fields take is checked when it is asked for, and answered with a sentence.
    """
    places = st.columns(len(numbers) + 2, vertical_alignment="bottom")
    for place, (name, (label, value)) in zip(places, numbers.items(), strict=False):
        place.number_input(label, value=value, step=1, key=f"{key}_{name}", on_change=_forget)
    places[-2].number_input("New learning rate", value=None, step=None, format="%g", key=f"{key}_rate", placeholder=rate,
                            on_change=_forget)
    places[-1].number_input("New batch size", value=None, step=1, key=f"{key}_batch", placeholder=batch, on_change=_forget)


def _stays(snapshot: RunSnapshot) -> tuple[str, str]:
    """What empty fields for learning rate and batch size stand for now."""
    spec, started = snapshot.record.spec, snapshot.started
    if started is None:
        return "stays", "stays"
    rate = steady_rate(spec, started.train_images, snapshot.step)
    batch = StepPlan(spec, started.train_images).batch_size(len(snapshot.epochs))
    return "by its schedule" if rate is None else f"stays {rate:g}", f"stays {batch}"


def _change_form(snapshot: RunSnapshot) -> None:
    spec, key = snapshot.record.spec, f"change_{snapshot.record.id}"
    _fields(key, {}, *_stays(snapshot))
    st.caption("The rate changes with the next step, the batch size with the next epoch; both are marked on the curve."
               + (" A rate that you set ends the schedule: it stays as you set it." if has_schedule(spec) else ""))
    _button("Change it", "change", _change, snapshot.record.id, key)


def _extend_form(snapshot: RunSnapshot) -> None:
    record, done, key = snapshot.record, len(snapshot.epochs), f"extend_{snapshot.record.id}"
    _fields(key, {"epochs": ("More epochs", _MORE_EPOCHS)}, *_stays(snapshot))
    st.caption(" ".join(_extension_words(record.spec, snapshot, done)))
    _button("Extend it", "extend", _extend, record.id, key)


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
    first, key = max(1, done - 1), f"fork_{record.id}"
    numbers = {"after": ("Fork after epoch", first), "epochs": ("Epochs in all", max(record.spec.train.epochs, first + 1))}
    _fields(key, numbers, *2 * (_THEN,))
    _choice_fields(key, record.spec)
    st.caption(f"{_forkable_words(record.id, done)} {_KEPT}")
    _button("Fork it", "fork", _fork, record.id, key)


def _choice_fields(key: str, spec: RunSpec) -> None:
    """What a fork may choose otherwise; empty for as it was."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for choice in choices_of(spec):
            name, label = f"{key}_{choice.name}", choice.title[0].upper() + choice.title[1:]
            if choice.values:
                st.selectbox(label, choice.values, index=None, key=name, placeholder=_THEN, width=170, on_change=_forget,
                             format_func=choice.words)
            else:
                st.number_input(label, value=None, step=None, format="%g", key=name, placeholder=_THEN, width=170,
                                on_change=_forget)


def _forkable_words(run_id: str, done: int) -> str:
    """From which epochs a fork goes on at once; from all others it first trains again what lies between."""
    from lib.models.epoch_states import kept_epochs

    kept = [epoch for epoch in kept_epochs(runner().store.folder(run_id)) if epoch < done] + [done]
    named = [str(epoch) for epoch in (kept if len(kept) <= _NAMED else [*kept[:2], *kept[-_NAMED + 3:]])]
    if len(named) < len(kept):
        named.insert(2, "…")
    if len(kept) == done:
        return "A fork is a new run that starts from this run's state after that epoch. This run does not change."
    return ("A fork is a new run that starts from this run's state after that epoch. After epochs "
            f"{', '.join(named)} it starts at once; after another one it first repeats the epochs between, with the same "
            "result. This run does not change.")


# --- asking and answering -----------------------------------------------------------------


def _button(label: str, name: str, ask: Callable[[str, str], tuple[str, object]], run_id: str, key: str) -> None:
    """A button that asks before anything is drawn: its press is not lost where the page refreshes itself meanwhile."""
    args = (ask, run_id, key, st.session_state.get(_ASKED, 0))
    st.button(label, type="primary", key=f"steer_{name}_now", on_click=_ask, args=args)


def _ask(ask: Callable[[str, str], tuple[str, object]], run_id: str, key: str, number: int) -> None:
    """Keep what `ask` answers, or the message of what it raises, until the form has shown it.

    A refresh may let the same press arrive twice; it counts once.
    """
    if number != st.session_state.get(_ASKED, 0):
        return
    st.session_state[_ASKED] = number + 1
    try:
        st.session_state[_ANSWER] = ask(run_id, key)
    except LabError as error:
        st.session_state[_ANSWER] = ("error", error)


def _field(key: str, name: str) -> Any:
    """What the field says now: when its form was drawn it may have said something else."""
    return st.session_state.get(f"{key}_{name}")


def _request(key: str) -> ChangeRequest:
    return ChangeRequest(_field(key, "rate"), _field(key, "batch"))


def _change(run_id: str, key: str) -> tuple[str, object]:
    request = _request(key)
    steer_run("change", run_id, request)
    return "done", "Nothing to change." if request == ChangeRequest() else "It trains on with that."


def _extend(run_id: str, key: str) -> tuple[str, object]:
    before = runner().store.record(run_id)
    steer_run("extend", run_id, _field(key, "epochs"), _request(key))
    name = with_epochs(before.name, before.spec.train.epochs, runner().store.record(run_id).spec.train.epochs)
    if name != before.name:
        steer_run("rename", run_id, name)
    return "queued", run_id


def with_epochs(name: str, before: int, now: int) -> str:
    """A run's name that says it trains `before` epochs, as one that says `now`; any other name as it is."""
    return re.sub(rf"\b{count_text(before, 'epoch')}\b", count_text(now, "epoch"), name)


def _fork(run_id: str, key: str) -> tuple[str, object]:
    choices = {choice.name: _field(key, choice.name) for choice in choices_of(runner().store.record(run_id).spec)}
    request = replace(_request(key), choices=tuple((name, value) for name, value in choices.items() if value is not None))
    return "open", fork_run(run_id, _field(key, "after"), _field(key, "epochs"), request)


def _follow(answer: tuple[str, object] | None) -> None:
    """Go where the answer leads: to a new run, or to the run's page as it is now that it trains again."""
    kind, value = answer or ("", None)
    if kind in ("open", "queued"):
        _forget()
        if kind == "open":
            _open(str(value))
        st.rerun()


def _say(answer: tuple[str, object] | None) -> None:
    """Show the answer below the form."""
    kind, value = answer or ("", None)
    if kind == "done":
        st.success(str(value), icon=":material/check:")
    elif kind == "error":
        show_problem(cast(LabError, value))


def _forget() -> None:
    st.session_state.pop(_ANSWER, None)


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
