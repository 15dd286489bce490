"""Parts of a page that rerun alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.core.errors import LabError


def fragment(function: Callable[..., None], run_every: float | None = None) -> Callable[..., None]:
    """`st.fragment(function)` whose errors for the user are messages.

    A page that catches errors round a fragment is not there any more when the fragment reruns alone.
    """
    @functools.wraps(function)
    def part(*arguments: Any) -> None:
        try:
            function(*arguments)
        except LabError as error:
            st.error(str(error), icon=":material/error:")

    return st.fragment(part, run_every=run_every)
