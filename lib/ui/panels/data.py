"""What the chosen data set looks like, and how to bring one's own."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.images.sheets import contact_sheet
from lib.runs import run_home
from lib.spec.specs import DataSpec
from lib.ui.faults import show_problem
from lib.ui.panels.own_sets import own_sets_panel
from lib.ui.visitors import may_change_set, visitor
from lib.ui.widgets.images import image_html
from lib.ui.words import as_text

_PER_CLASS = 2
_SHEET_COLUMNS = 10


def load_dataset(spec: DataSpec) -> datasets.Dataset:
    """The data set of `spec`; read once per process, shared by all sessions."""
    return datasets.load(spec, home=run_home())


def data_panel(spec: DataSpec) -> None:
    """Sample images of the data set, or the button that downloads it."""
    info = datasets.info(spec.dataset, home=run_home())
    if not datasets.available(spec.dataset, home=run_home()):
        _offer_download(info, spec)
    else:
        try:
            _samples(load_dataset(spec))
        except LabError as error:
            show_problem(error)
    _upload()


def _samples(dataset: datasets.Dataset) -> None:
    rng = np.random.default_rng(0)
    labels = dataset.y_train
    chosen = [
        rng.choice(np.flatnonzero(labels == label))
        for _ in range(_PER_CLASS)
        for label in np.unique(labels)[:_SHEET_COLUMNS]
    ]
    names = ", ".join(dataset.info.class_names[:_SHEET_COLUMNS])
    classes = "" if dataset.info.class_names[0].isdigit() else f"Classes: {names}."
    sheet = contact_sheet(dataset.x_train[chosen], _SHEET_COLUMNS)
    st.html(image_html(sheet, f"Two training images of each class: {names}"))
    counts = f"{len(labels):,} training, {len(dataset.y_validation):,} validation, {len(dataset.y_test):,} test images"
    st.caption(as_text(f"{counts}. {classes} {dataset.note}"))


def _offer_download(info: datasets.DatasetInfo, spec: DataSpec) -> None:
    st.caption(f"{info.description} Not on this machine yet: {info.bytes / 1e6:.0f} MB from {info.source}.")
    if st.button("Download now", icon=":material/download:", key="download"):
        bar = st.progress(0.0, text="Downloading")

        def report(text: str, part: float | None) -> None:
            bar.progress(part or 0.0, text=as_text(text))

        try:
            datasets.check_obtainable([spec], run_home())
            datasets.load(spec, home=run_home(), on_progress=report)
            st.rerun()
        except LabError as error:
            bar.empty()
            show_problem(error)


def _upload() -> None:
    with st.popover("Use your own images", icon=":material/upload:", width="stretch"):
        st.markdown(
            "An `.npz` file with `x_train`, `y_train` (and `x_test`, `y_test`), or `images` and `labels`: images N x H x W "
            "or N x H x W x 3, uint8 or floats in 0-1; whole-number labels from 0."
        )
        own_sets_panel("classes", "npz file", "npz", _add, "own_data")


def _add(content: bytes, name: str, replace: bool) -> str:
    added = datasets.register_npz(content, name, run_home(), replace=replace, owner=visitor().mark,
                                  may_change=may_change_set)
    return f"Added. Choose “{added.title}” as the data set."
