"""The last resort: what nobody foresaw becomes a message too, its traceback a matter of the log."""

from __future__ import annotations

import logging

import streamlit as st

from lib.core.errors import is_lab_error
from lib.ui.words import as_text

_LOG = logging.getLogger("neural_lab")
_UNFORESEEN = (
    "Something went wrong here that the app did not foresee. Runs go on in the background. Reload the page; if it happens "
    "again, open it without what follows the question mark in its address. What happened is in the app's log."
)


def show_fault(error: Exception) -> bool:
    """Draw the message of `error`: its own where it has one for the user. True: Streamlit need not draw a traceback."""
    if is_lab_error(error):
        st.error(as_text(error), icon=":material/error:")
    else:
        _LOG.error("A page broke off", exc_info=error)
        st.error(_UNFORESEEN, icon=":material/error:")
    return True
