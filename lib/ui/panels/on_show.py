"""What the Train page shows beside its run: a search for a learning rate or a race, one at a time, named in the URL."""

from __future__ import annotations

import streamlit as st

from lib.ui.url_state import arrived

#: The URL's words for them.
SEARCH, RACE = "rates", "race"


def on_show(name: str) -> str | None:
    """The id that the URL or the session names, None for none.

    A link says all that is to be shown; only the navigation's, which say nothing, leave it to the session.
    """
    if arrived() and name not in st.query_params:
        st.session_state.pop(name, None)
    found = st.query_params.get(name) or st.session_state.get(name)
    if found is not None:
        st.session_state[name] = found
        if st.query_params.get(name) != found:
            st.query_params[name] = found
    return found


def shown_beside() -> str:
    """The id of the search or race on show, "" for none."""
    return "".join(filter(None, map(on_show, (SEARCH, RACE))))


def show(name: str, run_id: str) -> None:
    """Show this one, and nothing else of the kind."""
    for other in (SEARCH, RACE):
        close(other)
    st.session_state[name] = st.query_params[name] = run_id


def close(name: str) -> None:
    """Show it no longer."""
    st.session_state.pop(name, None)
    st.query_params.pop(name, None)


def close_button(name: str) -> None:
    """For a panel's first line: what it shows grows, and a button below it would move away under the pointer."""
    st.button("Close", icon=":material/close:", key=f"{name}_close", on_click=_closed, args=(name,))


def _closed(name: str) -> None:
    close(name)
    st.rerun()  # the page, also where the button is in a fragment
