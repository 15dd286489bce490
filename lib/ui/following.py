"""Panels outside a fragment that show what is chosen inside it.

A fragment reruns alone while somebody draws, and the panels beside it would go on showing the image before. So each
panel notes what it shows (`shows`), and the fragment, when it has come to rest, has the page drawn again if that is no
longer what is chosen (`keep_up`).
"""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from lib.ui.fragments import draw_page_again


def start(key: str) -> None:
    """Begin a run of the whole page: no panel of `key` has shown anything yet."""
    st.session_state.pop(f"{key}_followers", None)


def shows(key: str, value: Hashable) -> None:
    """A panel of `key` shows `value`."""
    st.session_state.setdefault(f"{key}_followers", []).append(value)


def keep_up(key: str, value: Hashable) -> None:
    """Draw the whole page again if a panel of `key` shows anything but `value`; call last in the fragment."""
    if any(shown != value for shown in st.session_state.get(f"{key}_followers", ())):
        draw_page_again()
