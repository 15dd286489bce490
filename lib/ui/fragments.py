"""Parts of a page that rerun alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

from lib.ui.faults import show_fault


def fragment(function: Callable[..., None], run_every: float | None = None) -> Callable[..., None]:
    """`st.fragment(function)` whose errors are messages.

    A page that catches errors round a fragment is not there any more when the fragment reruns alone.
    """
    @functools.wraps(function)
    def part(*arguments: Any) -> None:
        try:
            function(*arguments)
        except Exception as error:
            show_fault(error)

    return st.fragment(part, run_every=run_every)


def draw_page_again() -> NoReturn:
    """Have the whole page drawn once more, from a fragment.

    `st.rerun` alone takes away what the visitor has asked for since the fragment began: a link that was just clicked led
    back to the page that it was on. Streamlit looks for that whenever something is drawn, and then goes there instead.
    """
    st.empty()
    st.rerun()


def chosen_rows(event: Any, count: int) -> list[int]:
    """The selected rows of a table of `count`, in the order in which they were selected. A browser may send anything."""
    return [row for row in event.selection.rows if type(row) is int and 0 <= row < count]
