"""An image to work on: drawn, a test image, or a file of one's own. All of them can be drawn on."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib import datasets
from lib.core.clock.photo import open_photo
from lib.core.drawing import PAD_SIDE, as_digit, as_ink, photo_as_ink
from lib.core.errors import LabError
from lib.ui.components.draw_pad import clear_pad, draw_pad, drawn_ink, fill_pad
from lib.ui.permuted_pictures import examples
from lib.ui.words import as_text


def picked_image(pad: str, data: str) -> tuple[np.ndarray, str]:
    """The image on the pad, uint8 (28, 28, 1), or a test image while the pad is empty; and what it is.

    A test image that nobody has drawn on stays as it is; everything else is scaled and centred as MNIST was made.
    """
    ink = drawn_ink(pad)
    index = st.session_state.get(f"{pad}_example")
    images, labels = examples(data)
    if index is not None and np.array_equal(ink, as_ink(images[index % len(images)])):
        return images[index % len(images)], _title(data, labels[index % len(images)])
    digit = as_digit(ink)
    if digit is not None:
        return digit[..., None], st.session_state.get(f"{pad}_source", "your drawing")
    return images[0], _title(data, labels[0])


def _title(data: str, label: int) -> str:
    return f"a test image ({datasets.DATASETS[data].class_names[int(label)]})"


def picker_buttons(pad: str, data: str) -> None:
    """Buttons below the pad: another test image, a file."""
    st.button("A test image", icon=":material/image:", key=f"{pad}_test_image", on_click=_next_example, args=(pad, data),
              width="stretch", help="Put a test image on the pad. You can draw on it.")
    with st.popover("A picture of yours", icon=":material/upload:", width="stretch"):
        file = st.file_uploader("A digit on paper or on screen", type=["jpg", "jpeg", "png", "webp", "gif", "bmp"],
                                key=f"{pad}_file", max_upload_size=20)
        if file is not None and st.session_state.get(f"{pad}_file_seen") != file.file_id:
            st.session_state[f"{pad}_file_seen"] = file.file_id
            st.session_state[f"{pad}_file_error"] = _take_file(pad, file.getvalue())
        error = st.session_state.get(f"{pad}_file_error")
        if error:
            st.error(as_text(error), icon=":material/broken_image:")
        st.caption("Dark ink on light paper is turned round. The drawing is cut out and centred for you.")


def mount_pad(pad: str, label: str) -> None:
    """Draw the pad itself; last, so that its answer is on the page before it hears of it."""
    draw_pad(pad, label)


def _next_example(pad: str, data: str) -> None:
    images, _ = examples(data)
    index = (st.session_state.get(f"{pad}_example") or 0) + 1
    st.session_state[f"{pad}_example"] = index
    fill_pad(pad, as_ink(images[index % len(images)]))
    st.session_state[f"{pad}_source"] = "a test image, drawn on"


def _take_file(pad: str, content: bytes) -> str:
    """Put the file's picture on the pad; what is wrong with it, "" for nothing."""
    try:
        digit = as_digit(photo_as_ink(open_photo(content)))
    except LabError as error:
        return str(error)
    if digit is None:
        clear_pad(pad)
        return "There is no ink in this picture. Expected: a dark digit on light paper, or a light one on dark."
    ink = as_ink(digit[..., None])
    assert ink.shape == (PAD_SIDE, PAD_SIDE)
    fill_pad(pad, ink)
    st.session_state[f"{pad}_source"] = "your picture"
    return ""
