"""The networks that menus offer beside the presets: saved ones, and the one that this tab is building."""

from __future__ import annotations

import streamlit as st

from lib.base.errors import LabError
from lib.catalog.networks import network_title
from lib.runs import OwnNetworks, SavedNetwork, run_home
from lib.spec.stack_text import network_text
from lib.ui.lab import lab

#: What the menus call them together.
OWN_GROUP = "Your networks"
_BUILT = "_built_network"


def own_networks() -> OwnNetworks:
    """The saved networks of this home of runs."""
    home = run_home()
    return lab().network(f"own_networks {home}", lambda: OwnNetworks(home))


def built_network() -> str | None:
    """The network that was last built or edited in this tab, as its text; None for none."""
    return st.session_state.get(_BUILT)


def keep_built(text: str) -> None:
    """Let menus offer the network `text` as the one that this tab is building."""
    st.session_state[_BUILT] = text


def saved_networks() -> tuple[SavedNetwork, ...]:
    """All saved networks; none where their file cannot be read, which the editor says."""
    try:
        return own_networks().all()
    except LabError:
        return ()


def own_choices() -> dict[str, str]:
    """Networks of one's own -> what menus call them: the one that is being built first, then the saved ones."""
    saved = {network_text(network.stack): network.name for network in saved_networks()}
    built = built_network()
    if built is None or built in saved:
        return saved
    return {built: f"{network_title(built)} (not saved)", **saved}
