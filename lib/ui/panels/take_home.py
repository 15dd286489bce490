"""Take it home: what of a finished run works without the app."""

from __future__ import annotations

import io
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import count_text
from lib.catalog.links import train_query
from lib.catalog.tasks import TASKS
from lib.runs import run_home
from lib.runs.take_home import model_card, notebook, stand_alone_script, why_not
from lib.runs.take_home.script import loads_itself
from lib.spec.runs import RunRecord, RunSnapshot
from lib.spec.specs import RunSpec
from lib.ui.panels.data import load_dataset
from lib.ui.words import as_text


def take_home_panel(snapshot: RunSnapshot) -> None:
    """Script, notebook, card and link of a finished classifier; why not, for one that the script cannot repeat."""
    record = snapshot.record
    task = TASKS.get(record.spec.task)
    if task is None or not task.has_script or not snapshot.epochs:
        return
    with st.expander("Export: script, notebook, model card, link", icon=":material/ios_share:"):
        try:
            info = datasets.info(record.spec.data.dataset, run_home())
            link = set_up_link(record.spec)
            card = model_card(record, snapshot.epochs, info, link)
        except LabError as error:
            st.caption(as_text(error))
            return
        images = snapshot.started.train_images if snapshot.started is not None else 0
        reason = why_not(record, snapshot.epochs, images) if images else (
            "This run did not store on how many images it trained. Train it again to export it.")
        with st.container(horizontal=True):
            if not reason:
                script = stand_alone_script(record, info, images)
                _button("Script (.py)", script, f"{record.id}.py", "text/x-python", "home_script", ":material/code:")
                _button("Notebook (.ipynb)", notebook(script, record.name), f"{record.id}.ipynb", "application/json",
                        "home_notebook", ":material/book:")
                if not loads_itself(record.spec):
                    st.download_button("Images (.npz)", lambda: _images(record), f"{record.id}-images.npz",
                                       "application/octet-stream", icon=":material/photo_library:", key="home_images",
                                       on_click="ignore")
            _button("Model card (.md)", card, f"{record.id}.md", "text/markdown", "home_card", ":material/description:")
        if reason:
            st.caption(as_text(f"No script and no notebook: {reason}"))
        else:
            st.caption("The script needs keras and numpy alone, gives this run's curve but for rounding, and "
                       + ("downloads the images itself." if loads_itself(record.spec)
                          else "takes the file of images as its argument."))
        st.caption("A link that sets this page up like the run" + (
            f" as it began; {count_text(len(record.spec.changes), 'change')} made while it trained "
            f"{'is' if len(record.spec.changes) == 1 else 'are'} not in it:" if record.spec.changes else ":"))
        st.code(link, language=None, wrap_lines=True)


def _button(label: str, text: str, name: str, kind: str, key: str, icon: str) -> None:
    st.download_button(label, text, name, kind, icon=icon, key=key, on_click="ignore")


def _images(record: RunRecord) -> bytes:
    """The run's own images in its own split, as the script takes them."""
    data, file = load_dataset(record.spec.data), io.BytesIO()
    names = ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")
    np.savez_compressed(file, **{name: getattr(data, name) for name in names})
    return file.getvalue()


def set_up_link(spec: RunSpec) -> str:
    """The address of the Train page with every choice of the run, its network included."""
    return f"{(st.context.url or '').split('?')[0]}?{urlencode(train_query(spec))}"
