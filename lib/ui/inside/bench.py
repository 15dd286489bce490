"""Draw or pick an image, and see every layer's maps and the arithmetic of the number that was clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.spec.settings import DenoiseSettings
from lib.spec.summary import summarise
from lib.ui import following
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.inside.answer import answer_panel
from lib.ui.inside.choice import LINK_DEFAULTS, Choice, opened
from lib.ui.inside.code import code_controls, code_words, picked_code, remember_code, told_control
from lib.ui.inside.view import (
    IMAGE,
    Shown,
    detail_html,
    first_place,
    fitting,
    marks_of,
    shape_rows,
    view_rows,
)
from lib.ui.loading import draw_steadily, loaded
from lib.ui.url_state import publish, remember, within
from lib.ui.widgets.draw_pad import pad_at_rest
from lib.ui.widgets.image_picker import Gallery, Picked, mount_pad, pick_test_image, picked_image, picker_buttons
from lib.ui.widgets.layout import beside
from lib.ui.widgets.network_view import SentPlace, network_view, new_pick

if TYPE_CHECKING:
    from lib.models.inside.arithmetic import Place
    from lib.models.inside.network import InsideNetwork

PAD, VIEW = "inside_pad", "inside_view"


def network_of(choice: Choice, gallery: Gallery) -> InsideNetwork:
    """The chosen network, opened; raises LabError."""
    told = st.session_state.get("told", 0) if choice.part.is_told_class and not choice.takes_code else 0
    return opened(choice.key, choice.version, choice.part.name, told, gallery.shape, len(gallery.names))


def is_loaded(choice: Choice, gallery: Gallery) -> bool:
    """Whether the network can answer at once; loads it beside the page."""
    told = st.session_state.get("told", 0)
    name = f"inside {choice.key} {choice.version} {choice.part.name} {told} {gallery.shape} {len(gallery.names)}"

    def once() -> None:
        network = network_of(choice, gallery)
        network.activations(gallery.images[0] if network.takes_images else np.zeros(network.image_shape, np.float32))

    return loaded(name, once)


def asked(choice: Choice, gallery: Gallery, given: np.ndarray) -> Shown:
    """The network asked about an image, uint8 (H, W, C), or a code, float32 (n,)."""
    network = network_of(choice, gallery)
    seen = network.permute(given[None])[0]
    return Shown(network, seen, network.activations(given), _titles(choice, network), gallery.names,
                 bool(st.session_state.get("dropout")), choice.says_class)


def _titles(choice: Choice, network: InsideNetwork) -> tuple[str, ...]:
    """What the layers are called: as on every other page where the stack is the network, and by their kinds."""
    from lib.models.inside.titles import layer_title

    rows = summarise(choice.spec.architecture, network.image_shape) if choice.is_stack else ()
    titles = tuple(row.description for row in rows)
    return titles + tuple(layer_title(part) for part in network.parts[len(titles):])


def bench_panel(choice: Choice, gallery: Gallery) -> None:
    """The pad beside the layers; reruns alone while somebody draws or clicks."""
    following.start(PAD)
    following.start(VIEW)
    _take_link(choice, gallery)
    try:
        draw_steadily(lambda: is_loaded(choice, gallery), lambda ready: fragment(_bench)(choice, gallery, ready))
    except LabError as error:
        show_problem(error)


def _take_link(choice: Choice, gallery: Gallery) -> None:
    """After a link: the image or the code, and the place that it names."""
    remember_code()
    remember("image", -1, within(int, 0, 10_000_000))
    if st.session_state["image"] >= 0 and not choice.takes_code:
        pick_test_image(PAD, gallery, st.session_state["image"])
        st.session_state["image"] = -1
    remember("noisy", False, lambda text: text == "1")
    remember("dropout", False, lambda text: text == "1")
    remember("layer", "", lambda text: str(within(int, 0, 1000)(text)))
    remember("unit", "", lambda text: str(within(int, 1, 1_000_000)(text)))
    remember("pixel", "", lambda text: "-".join(str(within(int, 1, 100_000)(part)) for part in text.split("-", 1)))


def _bench(choice: Choice, gallery: Gallery, ready: bool) -> None:
    (_code_bench if choice.takes_code else _image_bench)(choice, gallery, ready)


def _image_bench(choice: Choice, gallery: Gallery, ready: bool) -> None:
    left, right = beside(PAD)
    place = left.container()
    with left:
        picker_buttons(PAD, gallery)
        told_control(choice, gallery)
        _noise_switch(choice)
        _dropout_switch(choice)
        answer = st.container()
    picked = given_image(choice, gallery)
    with right:
        if ready:
            shown = asked(choice, gallery, picked.image)
            spot = chosen_place(shown)
            _network(shown, spot)
            with answer:
                answer_panel(choice, gallery, np.asarray(shown.activations[-1]), picked.what, picked.label)
        else:
            network_view(VIEW, waiting_rows(choice, gallery), None)
    publish({"image": str(picked.index) if picked.index is not None else "0"}, LINK_DEFAULTS)
    with place:
        mount_pad(PAD, gallery)
    if ready and pad_at_rest(PAD):
        following.keep_up(PAD, picked.digest)
        following.keep_up(VIEW, (spot.layer, spot.unit))


def _code_bench(choice: Choice, gallery: Gallery, ready: bool) -> None:
    left, right = beside(PAD)
    with left:
        told = told_control(choice, gallery)
        controls, answer = st.container(), st.container()
    if not ready:
        with right:
            network_view(VIEW, waiting_rows(choice, gallery), None)
        return
    classes = len(gallery.names) if choice.part.is_told_class else 0
    code = picked_code(network_of(choice, gallery).image_shape[0], told, classes)
    with right:
        shown = asked(choice, gallery, code.values)
        spot = chosen_place(shown)
        _network(shown, spot)
    with controls:
        if spot.layer == IMAGE:
            st.session_state["inside_code_number"] = spot.unit
        code_controls(code, classes, st.session_state.get("inside_code_number", 0))
    with answer:
        answer_panel(choice, gallery, np.asarray(shown.activations[-1]), code_words(code, gallery, choice))
    following.keep_up(VIEW, (spot.layer, spot.unit))


def given_image(choice: Choice, gallery: Gallery) -> Picked:
    """The image that the network is asked about: what is picked, with noise where that is switched on."""
    picked, noise = picked_image(PAD, gallery), noise_of(choice)
    if noise is None or not st.session_state.get("noisy"):
        return picked
    from lib.measures.corruptions import corrupt

    image = corrupt(picked.image[None], *noise)[0]
    return Picked(image, f"{picked.what}, with noise", None, picked.index)


def noise_of(choice: Choice) -> tuple[str, float] | None:
    """Kind and level of the noise that the network learned to take away; None for others."""
    settings = choice.spec.own_settings
    if not isinstance(settings, DenoiseSettings) or settings.noise == "none":
        return None
    kind = "salt_pepper" if settings.noise == "all" else settings.noise
    return kind, (settings.level_low + settings.level_high) / 2


def _noise_switch(choice: Choice) -> None:
    noise = noise_of(choice)
    if noise is None:
        return
    st.toggle("With noise", key="noisy", persist_state="session",
              help=f"As it saw images while training: {noise[0].replace('_', ' and ')}, level {noise[1]:.2g}.")
    publish({"noisy": "1" if st.session_state["noisy"] else ""}, LINK_DEFAULTS)


def waiting_rows(choice: Choice, gallery: Gallery) -> list[dict[str, object]]:
    """The view before the network has been loaded: its layers where its stack alone says what they are."""
    rows = summarise(choice.spec.architecture, gallery.shape) if choice.is_stack else ()
    return shape_rows(rows, gallery.shape) if rows else []


def _dropout_switch(choice: Choice) -> None:
    if any(layer.kind == "dropout" for layer in choice.spec.architecture.layers):
        st.toggle("Dropout as in training", key="dropout", persist_state="session",
                  help="Show what dropout does to its numbers while training. Asked for an answer, it does nothing.")
        publish({"dropout": "1" if st.session_state["dropout"] else ""}, LINK_DEFAULTS)


def _network(shown: Shown, place: Place) -> None:
    from lib.models.inside.arithmetic import explain

    found = explain(shown.network, shown.pixels, shown.activations, place)
    network_view(VIEW, view_rows(shown, place.layer), (place.layer, place.unit, place.row, place.column),
                 detail_html(shown, found), _under(shown, place), marks_of(shown, found))


def _under(shown: Shown, place: Place) -> str:
    """Below the enlarged map."""
    what = "The image" if place.layer == IMAGE else f"Map {place.unit + 1}"
    return f"{what}, enlarged. Click or drag; arrow keys move the frame, Page Up and Page Down change the map."


# --- the place ----------------------------------------------------------------------------


def chosen_place(shown: Shown) -> Place:
    """The number whose arithmetic is shown: clicked, or named by the link, else the first layer's strongest one."""
    clicked = new_pick(VIEW)
    sent = clicked or _linked()
    place = first_place(shown) if sent is None else fitting(shown, sent)
    state = {"layer": str(place.layer + 1), "unit": str(place.unit + 1), "pixel": f"{place.row + 1}-{place.column + 1}"}
    if len(shown.values(place.layer).shape) == 1:
        state["pixel"] = ""
    for key, value in state.items():
        st.session_state[key] = value
    publish(state, LINK_DEFAULTS)
    return place


def _linked() -> SentPlace | None:
    """The place in the link or of before, counted from 0; a layer without a unit is asked for its strongest one."""
    layer, unit, pixel = (st.session_state.get(key, "") for key in ("layer", "unit", "pixel"))
    if not layer:
        return None
    row, _, column = pixel.partition("-")
    return SentPlace(int(layer) - 1, int(unit or 0) - 1, int(row or 1) - 1, int(column or 1) - 1)


def unit_in_link() -> tuple[int, int]:
    """The layer and the unit or map that is chosen, counted from 0; for panels outside the bench."""
    place = _linked()
    return (0, 0) if place is None else (place.layer, max(place.unit, 0))
