"""The last resort: what nobody foresaw becomes a message too, its traceback a matter of the log."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.base.errors import LabError
from lib.ui.problems import show_problem
from lib.ui.words import as_text

_LOG = logging.getLogger("neural_lab")
_UNFORESEEN = (
    "Something went wrong here that the app did not foresee. Runs go on in the background. Reload the page; if it happens "
    "again, open it without what follows the question mark in its address. What happened is in the app's log."
)


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
