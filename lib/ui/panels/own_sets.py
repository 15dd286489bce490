"""Bringing one's own images: add a set, replace one of that name when asked to, list them, remove them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib import datasets
from lib.base.errors import DataError, LabError, guarded
from lib.datasets.custom import plain_name
from lib.runs import run_home
from lib.ui.faults import show_problem
from lib.ui.visitors import may_change_set
from lib.ui.words import as_text

_REMEDY = "Look whether it opens elsewhere, save it again, and try once more."
_THEIRS = "Not yours: it was added in another browser. You can train on it; that browser and the teacher can change it."
#: Takes the file's bytes, the set's name and whether an older set of that name goes; returns a sentence.
Add = Callable[[bytes, str, bool], str]


def own_sets_panel(kind: str, label: str, extension: str, add: Add, key: str, max_megabytes: int = 200) -> None:
    """Uploader, name and list of the user's own sets of this `kind` ("classes", "images")."""
    file = st.file_uploader(label, type=extension, key=key, max_upload_size=max_megabytes)
    name = st.text_input("Name", "mine", key=f"{key}_name", max_chars=40)
    sets = {full: info for full, info in datasets.custom_sets(run_home()).items() if info.kind == kind}
    taken = [full for full in datasets.custom_sets(run_home()) if plain_name(full) == name]
    theirs = not all(may_change_set(datasets.custom_owner(full, run_home())) for full in taken)
    replace = bool(taken) and st.checkbox(
        f"Replace the set called {as_text(name)}", key=f"{key}_replace", disabled=theirs,
        help=_THEIRS if theirs else "Runs on the old images stay, and cannot be resumed any more.")
    if st.button("Add", key=f"{key}_add", disabled=file is None) and file is not None:
        try:
            with st.spinner("Reading the images"), guarded("This file cannot be used.", DataError, remedy=_REMEDY):
                said = add(file.getvalue(), name, replace)
        except LabError as error:
            show_problem(error)
        else:
            st.success(as_text(said), icon=":material/check:")
            sets = {full: info for full, info in datasets.custom_sets(run_home()).items() if info.kind == kind}
    for full, info in sets.items():
        _listed(full, info, key)


def _listed(full: str, info: datasets.DatasetInfo, key: str) -> None:
    words, button = st.columns([3, 1], vertical_alignment="center")
    side = f"{info.image_shape[0]}x{info.image_shape[1]}"
    words.caption(f"**{as_text(info.title)}**: {info.train_images + info.test_images:,} images, {side}")
    theirs = not may_change_set(datasets.custom_owner(full, run_home()))
    if button.button("Remove", key=f"{key}_remove_{full}", disabled=theirs,
                     help=_THEIRS if theirs else "Runs on these images stay, and cannot be resumed."):
        try:
            datasets.remove_custom(full, run_home(), may_change_set)
        except LabError as error:
            show_problem(error)
        else:
            st.rerun()
