"""An image to ask a network about: drawn, a test image, a file or a photograph of one's own, for any data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.clockface.photo import open_photo
from lib.images.drawing import (
    CENTRED_SETS,
    PAD_SIDE,
    as_digit,
    as_ink,
    ink_as_image,
    paper_of,
    photo_as_image,
)
from lib.images.paper import photo_as_ink
from lib.ui.widgets.draw_pad import clear_pad, draw_pad, drawn_ink, fill_pad
from lib.ui.words import as_text

_FILES = ["jpg", "jpeg", "png", "webp", "gif", "bmp"]


@dataclass(frozen=True)
class Gallery:
    """The images that can be picked without drawing, and so the form in which every image has to come.

    `images` uint8 (N, H, W, C) and `labels` (N,) are test images of the set called `data`.
    """

    data: str
    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        return tuple(self.images.shape[1:])

    @property
    def is_centred(self) -> bool:
        """Whether drawings are cut out and centred, and images can lie on the pad to be drawn on."""
        return self.data in CENTRED_SETS

    def title(self, index: int) -> str:
        """What test image `index` is called below it."""
        return f"a test image ({self.names[int(self.labels[index])]})"


@dataclass(frozen=True)
class Picked:
    """An image uint8 (H, W, C), what it is, and its class and its number among the test images where it is one."""

    image: np.ndarray
    what: str
    label: int | None = None
    index: int | None = None

    @property
    def digest(self) -> int:
        """The same for the same image, in this process."""
        return hash(self.image.tobytes())


def picked_image(pad: str, gallery: Gallery) -> Picked:
    """What is drawn on the pad, else the image that was brought, else a test image.

    A test image that nobody has drawn on stays as it is; everything else is brought into the form of the set's images.
    """
    _begin(pad, gallery)
    ink, index = drawn_ink(pad), st.session_state.get(f"{pad}_example")
    test = None if index is None else index % len(gallery.images)
    if gallery.is_centred:
        if test is not None and np.array_equal(ink, as_ink(gallery.images[test])):
            return _test_image(gallery, test)
        digit = as_digit(ink)
        drawn = None if digit is None else digit[..., None]
    else:
        drawn = ink_as_image(ink, gallery.shape, paper_of(gallery.images[:100]))
    if drawn is not None:
        return Picked(drawn, st.session_state.get(f"{pad}_source", "your drawing"))
    if gallery.is_centred:
        # The pad has been wiped: what is drawn next is a drawing, whatever lay there before.
        st.session_state.pop(f"{pad}_source", None)
    photo = st.session_state.get(f"{pad}_photo")
    if photo is not None:
        return Picked(photo, "your image")
    return _test_image(gallery, 0 if test is None or gallery.is_centred else test)


def _test_image(gallery: Gallery, index: int) -> Picked:
    return Picked(gallery.images[index], gallery.title(index), int(gallery.labels[index]), index)


def _begin(pad: str, gallery: Gallery) -> None:
    """Forget what was picked from another set; a drawing stays."""
    key = (gallery.data, gallery.shape)
    if st.session_state.setdefault(f"{pad}_set", key) != key:
        st.session_state[f"{pad}_set"] = key
        if f"{pad}_source" in st.session_state:
            clear_pad(pad)
        _forget(pad)


def _forget(pad: str) -> None:
    for name in ("example", "photo", "source"):
        st.session_state.pop(f"{pad}_{name}", None)


def picker_buttons(pad: str, gallery: Gallery) -> None:
    """Buttons below the pad: another test image, a file, the camera."""
    st.button("A test image", icon=":material/image:", key=f"{pad}_test_image", on_click=_next_example,
              args=(pad, gallery), width="stretch", help="Another image that training never saw.")
    with st.popover("An image of yours", icon=":material/photo_camera:", width="stretch"):
        file = st.file_uploader("A file", type=_FILES, key=f"{pad}_file", max_upload_size=20)
        # Mounted only when asked for: the browser asks for leave to use the camera as soon as it is there.
        photo = None
        if st.toggle("Use the camera", key=f"{pad}_use_camera"):
            photo = st.camera_input("A photograph", key=f"{pad}_camera")
        for taken in (file, photo):
            seen = f"{pad}_{'file' if taken is file else 'camera'}_seen"
            if taken is not None and st.session_state.get(seen) != taken.file_id:
                st.session_state[seen] = taken.file_id
                st.session_state[f"{pad}_file_error"] = take_image(pad, taken.getvalue(), gallery)
        error = st.session_state.get(f"{pad}_file_error")
        if error:
            st.error(as_text(error), icon=":material/broken_image:")
        st.caption(_how(gallery))


def _how(gallery: Gallery) -> str:
    """What happens to an image that somebody brings."""
    height, width, channels = gallery.shape
    if gallery.is_centred:
        return ("Dark ink on light paper or light ink on dark; shadows and ruled lines are left out. What is drawn is cut "
                "out, scaled to 20 pixels and centred, as MNIST was made.")
    return f"Its middle is cut out and scaled to {width}x{height} pixels{'' if channels == 3 else ', in grey'}."


def mount_pad(pad: str, gallery: Gallery) -> None:
    """Draw the pad itself; last, so that its answer is on the page before it hears of it."""
    digits = gallery.names == tuple("0123456789")
    what = "a digit " if digits else "a piece of clothing " if gallery.data == "fashion_mnist" else ""
    draw_pad(pad, f"Draw {what}here")


def _next_example(pad: str, gallery: Gallery) -> None:
    pick_test_image(pad, gallery, (st.session_state.get(f"{pad}_example") or 0) + 1)


def pick_test_image(pad: str, gallery: Gallery, index: int) -> None:
    """Make test image `index` the one that is picked; counted on from the first after the last."""
    _begin(pad, gallery)
    _forget(pad)
    st.session_state[f"{pad}_example"] = index
    if gallery.is_centred:
        fill_pad(pad, as_ink(gallery.images[index % len(gallery.images)]))
        st.session_state[f"{pad}_source"] = "a test image, drawn on"
    else:
        clear_pad(pad)


def take_image(pad: str, content: bytes, gallery: Gallery) -> str:
    """Make the image in the file `content` the one that is picked; what is wrong with it, "" for nothing."""
    try:
        if not gallery.is_centred:
            image = photo_as_image(open_photo(content, "RGB"), gallery.shape)
            _forget(pad)
            clear_pad(pad)
            st.session_state[f"{pad}_photo"] = image
            return ""
        digit = as_digit(photo_as_ink(open_photo(content)))
    except LabError as error:
        return str(error)
    if digit is None:
        clear_pad(pad)
        return "There is no ink in this image. Expected: a dark digit on light paper, or a light one on dark."
    ink = as_ink(digit[..., None])
    assert ink.shape == (PAD_SIDE, PAD_SIDE)
    fill_pad(pad, ink)
    st.session_state[f"{pad}_source"] = "your image"
    return ""
