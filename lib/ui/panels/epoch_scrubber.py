"""What a network could do after every epoch, with a slider to go back in time."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.catalog.tasks import TASKS
from lib.images.sheets import contact_sheet
from lib.ui.fragments import fragment
from lib.ui.resources import runner
from lib.ui.widgets.pictures import picture_html
from lib.ui.words import as_text

#: Names of kept images -> their titles, of all tasks.
_TITLES = {name: title for task in TASKS.values() for name, title in task.kept_images.items()}


def stored_epochs(run_id: str) -> list[int]:
    """The epochs (0-based) whose images are stored, ascending."""
    folder = runner().store.folder(run_id) / "epochs"
    return sorted(int(path.stem) for path in folder.glob("*.npz") if path.stem.isdigit())


def scrubber_panel(run_id: str, live: bool = False) -> None:
    """Slider and images of a run that shows any; follows a live run to its newest epoch until the slider is moved."""
    if live or stored_epochs(run_id):
        fragment(_scrubber, run_every=2.0 if live else None)(run_id)


def _scrubber(run_id: str) -> None:
    epochs = stored_epochs(run_id)
    if not epochs:
        st.caption("Images appear here after the first epoch.")
        return
    key = f"scrub_{run_id}"
    chosen = st.session_state.get(key, epochs[-1] + 1)
    following = chosen >= st.session_state.get(f"{key}_last", 0)
    if following or chosen > epochs[-1] + 1:
        st.session_state[key] = epochs[-1] + 1
    st.session_state[f"{key}_last"] = epochs[-1] + 1
    if len(epochs) > 1:
        st.slider("After epoch", epochs[0] + 1, epochs[-1] + 1, key=key)
    try:
        _pictures(run_id, st.session_state.get(key, epochs[-1] + 1) - 1)
    except LabError as error:
        st.warning(as_text(error), icon=":material/warning:")


def _pictures(run_id: str, epoch: int) -> None:
    from lib.models.training import epoch_pictures

    parts = []
    for name, images in epoch_pictures(runner().store.folder(run_id), epoch).items():
        title = _TITLES.get(name, name)
        columns = 10 if len(images) <= 20 else max(10, round(np.sqrt(len(images) * 2.5)))
        sheet = contact_sheet(images, columns, scale=1, gap=1)
        width = min(sheet.shape[1] * 3, 900)
        parts.append(f'<div style="font-size:.85rem;margin:.5rem 0 .2rem">{html.escape(title)}</div>'
                     f'<div style="max-width:{width}px">{picture_html(sheet, f"{title}, after epoch {epoch + 1}")}</div>')
    st.html("".join(parts))
