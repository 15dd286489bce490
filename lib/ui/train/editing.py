"""What the architecture editor does to the chosen network. The choice of network on the Train page is its only state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.networks import is_own, stack_named
from lib.catalog.preset import Preset
from lib.spec.stack import LONGEST_TITLE, NEW_LAYERS, Stack, stack_of
from lib.spec.stack_text import network_text
from lib.ui.networks import OWN_GROUP, built_network, keep_built

#: The choice of network that stands for the one of the run on show, where no preset is it.
RUN_NETWORK = "run"
RUN_PRESET = "_run_preset"
_PAST, _PROBLEM, _PLACE = "_stacks_before", "_edit_problem", "_layer_selected"
_MOST_UNDONE = 100
_EDITED = ", edited"


def chosen_stack() -> Stack:
    """The network of the menu as a stack; raises SpecError for one that is none."""
    name = st.session_state["net"]
    run_preset: Preset | None = st.session_state.get(RUN_PRESET)
    if name == RUN_NETWORK and run_preset is not None:
        return stack_of(run_preset.architecture)
    return stack_named(name)


def selected_layer(stack: Stack) -> int:
    """The place that is selected, the output layer's (one behind the last) where nothing is."""
    place = st.session_state.get(_PLACE)
    return min(place, len(stack.layers)) if place is not None else len(stack.layers)


def select_layer(place: int | None) -> None:
    """Select a place, the output layer's with None."""
    st.session_state[_PLACE] = place


# --- edits --------------------------------------------------------------------------------


def edit(change: Callable[[Stack], Stack], select: int | None = None) -> None:
    """Make the changed network the chosen one, and layer `select` the selected one. What cannot be is said on the page."""
    try:
        before = chosen_stack()
        after = change(before)
        name = st.session_state["net"]
        if after.layers == before.layers and after.head == before.head and after.title == before.title:
            return
        if not is_own(name) and name != RUN_NETWORK:
            title = before.title.removesuffix(_EDITED)
            after = replace(after, title=title[: LONGEST_TITLE - len(_EDITED)] + _EDITED)
        choose_own(network_text(after))
    except LabError as error:
        st.session_state[_PROBLEM] = error
        return
    if select is not None:
        select_layer(select)


def choose_own(text: str) -> None:
    """Choose the network `text`; the one that was chosen before, and its selected layer, can be brought back."""
    past: list[tuple[str, int | None]] = st.session_state.setdefault(_PAST, [])
    now, built, place = st.session_state["net"], built_network(), st.session_state.get(_PLACE)
    if built is not None and built != now:
        past.append((built, place))  # another one was chosen meanwhile: this one would be in no menu any more
    past.append((now, place))
    del past[:-_MOST_UNDONE]
    _choose(text)


def _choose(name: str) -> None:
    st.session_state["net"] = name
    if is_own(name):
        st.session_state["family"] = OWN_GROUP
        keep_built(name)
    else:
        st.session_state.pop("family", None)  # the menu finds its group
    st.session_state.pop(_PROBLEM, None)


def can_undo() -> bool:
    """Whether the chosen network is what the last edit made."""
    return bool(st.session_state.get(_PAST)) and st.session_state["net"] == built_network()


def undo() -> None:
    """Take the last edit back: the layers as they were, and which of them was selected."""
    if can_undo():
        name, place = st.session_state[_PAST].pop()
        _choose(name)
        select_layer(place)


def add(kind: str) -> None:
    """Put a new layer of `kind` behind the selected one; before the output layer where that is selected."""
    def change(stack: Stack) -> Stack:
        return stack.inserted(_place_for_new(stack), NEW_LAYERS[kind][1])

    try:
        place = _place_for_new(chosen_stack())
    except LabError:
        place = None
    edit(change, place)


def _place_for_new(stack: Stack) -> int:
    return min(selected_layer(stack) + 1, len(stack.layers))


def move(at: int, to: int) -> None:
    """Move a layer."""
    edit(lambda stack: stack.moved(at, to), to)


def duplicate(at: int) -> None:
    """Put a copy of a layer behind it."""
    edit(lambda stack: stack.duplicated(at), at + 1)


def remove(at: int) -> None:
    """Take a layer out and select what follows it."""
    edit(lambda stack: stack.removed(at), at)


def change_layer(at: int, **values: Any) -> None:
    """Set fields of a layer."""
    edit(lambda stack: stack.changed(at, **values))


# --- what went wrong ----------------------------------------------------------------------


def note_problem(error: LabError) -> None:
    """Let the page say why an edit, or the network of a link, was not taken."""
    st.session_state[_PROBLEM] = error


def edit_problem() -> LabError | None:
    """Why the last edit, or the network of the link, was not taken; None when it was."""
    return st.session_state.get(_PROBLEM)


def forget_problem() -> None:
    """Something else was chosen."""
    st.session_state.pop(_PROBLEM, None)
