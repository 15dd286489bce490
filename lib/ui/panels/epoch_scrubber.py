"""What a network could do after every epoch, and its inside, with a slider to go back in time."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.tasks import TASKS, Recorded
from lib.images.sheets import contact_sheet
from lib.spec.runs import RunRecord
from lib.ui.fragments import fragment
from lib.ui.panels.epoch_inside import inside_panel
from lib.ui.resources import runner
from lib.ui.watching import refresh_seconds
from lib.ui.widgets.epoch_slider import chosen_epoch, epoch_slider
from lib.ui.widgets.images import image_html
from lib.ui.words import as_text

#: Names of kept images -> their titles, of all tasks.
_TITLES = {name: title for task in TASKS.values() for name, title in task.kept_images.items()}
#: Drawing an epoch costs more than drawing the curves.
_FASTEST_REFRESH = 2.0


def stored_epochs(run_id: str) -> list[int]:
    """The epochs (0-based) of which something is kept, ascending."""
    from lib.models.recording import recorded_epochs

    return recorded_epochs(runner().store.folder(run_id))


def scrubber_panel(record: RunRecord, live: bool = False) -> None:
    """Slider, and images or the inside of the network; follows a live run to its newest epoch until the slider is moved."""
    is_inspected = _recorded(record) is Recorded.INSIDE
    if is_inspected:
        st.subheader("Look inside, epoch by epoch")
    if live or stored_epochs(record.id):
        fragment(_scrubber, run_every=max(_FASTEST_REFRESH, refresh_seconds()) if live else None)(record, live)
    elif is_inspected:
        st.caption(_when_recorded())


def _recorded(record: RunRecord) -> Recorded:
    task = TASKS.get(record.spec.task)
    return task.recorded if task else Recorded.NOTHING


def _when_recorded() -> str:
    from lib.models.recording import SHARE

    return ("Nothing was recorded of this run. Epochs are recorded where that takes less than "
            f"{percent_text(SHARE, 0)} of the training time: a large network on few images is not, unless it trains long.")


def _scrubber(record: RunRecord, live: bool) -> None:
    place = st.container()
    epochs = stored_epochs(record.id)
    if not epochs:
        place.caption("The first recorded epoch appears here.")
        return
    key = f"scrub_{record.id}"
    epoch, _follows = chosen_epoch(key, epochs)
    try:
        if _recorded(record) is Recorded.INSIDE:
            inside_panel(runner().store.folder(record.id), epoch, record.spec)
        else:
            _images(record.id, epoch)
    except LabError as error:
        st.warning(as_text(error), icon=":material/warning:")
    with place:  # last, so that the answer to a move of the slider comes with what it shows
        epoch_slider(key, epochs, live)


def _images(run_id: str, epoch: int) -> None:
    from lib.models.recording import epoch_images

    parts = []
    for name, images in epoch_images(runner().store.folder(run_id), epoch).items():
        title = _TITLES.get(name, name)
        columns = 10 if len(images) <= 20 else max(10, round(np.sqrt(len(images) * 2.5)))
        sheet = contact_sheet(images, columns, scale=1, gap=1)
        width = min(sheet.shape[1] * 3, 900)
        parts.append(f'<div style="font-size:.85rem;margin:.5rem 0 .2rem">{html.escape(title)}</div>'
                     f'<div style="max-width:{width}px">{image_html(sheet, f"{title}, after epoch {epoch + 1}")}</div>')
    st.html("".join(parts))
