"""Keep a network under a name: save, rename, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.networks import is_own
from lib.runs import SavedNetwork
from lib.spec.stack import LONGEST_TITLE, Stack
from lib.spec.stack_text import network_text
from lib.ui.faults import show_problem
from lib.ui.networks import keep_built, own_networks
from lib.ui.train import editing
from lib.ui.visitors import visitor
from lib.ui.words import as_text

_NAME, _NAMED_FOR, _SAID = "network_name", "_network_name_of", "_saving_said"


def saving_row(stack: Stack) -> None:
    """The name and its buttons; what was said about the last of them stands below."""
    try:
        saved = own_networks().named(stack.title) if stack.title and is_own(st.session_state["net"]) else None
    except LabError as error:
        show_problem(error)
        return
    if st.session_state.get(_NAMED_FOR) != stack.title or _NAME not in st.session_state:
        st.session_state[_NAMED_FOR], st.session_state[_NAME] = stack.title, stack.title
    with st.container(horizontal=True, vertical_alignment="bottom", key="saving"):
        st.text_input("Name of this network", key=_NAME, max_chars=LONGEST_TITLE, width=320,
                      placeholder="My network")
        st.button("Save", key="network_save", icon=":material/save:", on_click=_save,
                  help="It is then offered on Train, Experiments, Permuted pixels and Tell the time.")
        if saved is not None:
            st.button("Rename", key="network_rename", icon=":material/edit:", on_click=_rename, args=(saved.name,),
                      **_not_yours(saved))
            st.button("Delete", key="network_delete", icon=":material/delete:", on_click=_delete, args=(saved.name,),
                      **_not_yours(saved))
    said = st.session_state.pop(_SAID, None)
    if isinstance(said, str):
        st.caption(as_text(said))
    elif said is not None:
        show_problem(said)


def _not_yours(saved: SavedNetwork) -> dict[str, Any]:
    if visitor().may_steer(saved.browser):
        return {}
    return {"disabled": True, "help": "Not yours: it was saved in another browser. That one and the teacher can do this."}


def _save() -> None:
    try:
        made = own_networks().save(editing.chosen_stack(), st.session_state[_NAME], visitor())
    except LabError as error:
        st.session_state[_SAID] = error
        return
    _choose(made)
    st.session_state[_SAID] = f"Saved as “{made.name}”. The link of this page holds the network too."


def _rename(name: str) -> None:
    try:
        edited = editing.chosen_stack()
        made = own_networks().rename(name, st.session_state[_NAME], visitor())
    except LabError as error:
        st.session_state[_SAID] = error
        return
    editing.choose_own(network_text(replace(edited, title=made.name)))
    st.session_state[_SAID] = f"“{name}” is now called “{made.name}”."


def _delete(name: str) -> None:
    try:
        own_networks().delete(name, visitor())
    except LabError as error:
        st.session_state[_SAID] = error
        return
    keep_built(st.session_state["net"])
    st.session_state[_SAID] = f"“{name}” is deleted. The network stays here until you choose another one."


def _choose(made: SavedNetwork) -> None:
    text = network_text(made.stack)
    if text != st.session_state["net"]:
        editing.choose_own(text)
