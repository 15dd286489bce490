"""Errors on the page: messages with what to do, and the last resort, whose traceback is a matter of the log."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.ui.words import as_text

_LOG = logging.getLogger("neural_lab")
_UNFORESEEN = (
    "An unexpected error occurred on this page. Runs go on in the background. Reload the page; if it happens "
    "again, open it without what follows the question mark in its address. What happened is in the app's log."
)


def show_problem(error: LabError) -> None:
    """The message in two lines, files and addresses in an expander."""
    words = error.problem + "".join(
        f" {name}: {phrase}." for name, phrase in (("Expected", error.expected), ("Received", error.received)) if phrase)
    st.error("  \n".join(as_text(line) for line in (words, error.remedy) if line), icon=":material/error:")
    if error.details:
        with st.expander("Details", icon=":material/info:"):
            st.markdown(error.details)


def show_fault(error: Exception) -> bool:
    """Draw the message of `error`: its own where it has one for the user. True: Streamlit need not draw a traceback."""
    if isinstance(error, LabError):
        show_problem(error)
    else:
        st.error(_logged(error), icon=":material/error:")
    return True


def _logged(error: Exception) -> str:
    _LOG.error("A page broke off", exc_info=error)
    return _UNFORESEEN


def answering(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` for a button: what it raises becomes a short message beside the page, which stays as it is.

    Returns whether it went well. An error in a callback would otherwise take the page's place.
    """
    @functools.wraps(function)
    def ask(*arguments: Any) -> bool:
        try:
            function(*arguments)
        except Exception as error:
            st.toast(as_text(error) if isinstance(error, LabError) else _logged(error), icon=":material/error:")
            return False
        return True

    return ask
