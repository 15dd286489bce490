"""An error on the page: what is wrong, what to do, and the details for those who open them."""

from __future__ import annotations

import streamlit as st

from lib.base.errors import LabError
from lib.ui.words import as_text


def show_problem(error: LabError) -> None:
    """The message in two lines, files and addresses in an expander."""
    words = error.problem + "".join(
        f" {name}: {phrase}." for name, phrase in (("Expected", error.expected), ("Received", error.received)) if phrase)
    st.error("  \n".join(as_text(line) for line in (words, error.remedy) if line), icon=":material/error:")
    if error.details:
        with st.expander("Details", icon=":material/info:"):
            st.markdown(error.details)
