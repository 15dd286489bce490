"""Draw or pick an image, and see every layer's maps and the arithmetic of the number that was clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.heads import HEADS
from lib.catalog.tasks import TASKS, Answer
from lib.spec.summary import summarise
from lib.ui import following
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.inside.choice import LINK_DEFAULTS, Choice, opened
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
from lib.ui.widgets.answers import STYLE, bars_html, says_html, shares_of
from lib.ui.widgets.draw_pad import pad_at_rest
from lib.ui.widgets.image_picker import Gallery, Picked, mount_pad, pick_test_image, picked_image, picker_buttons
from lib.ui.widgets.layout import beside
from lib.ui.widgets.network_view import SentPlace, network_view, new_pick

if TYPE_CHECKING:
    from lib.models.inside.arithmetic import Place
    from lib.models.inside.network import InsideNetwork

PAD, VIEW = "inside_pad", "inside_view"
_BAR_COLOR = "#0072B2"


def network_of(choice: Choice, gallery: Gallery) -> InsideNetwork:
    """The chosen network, opened; raises LabError."""
    return opened(choice.key, choice.version, gallery.shape, len(gallery.names))


def is_loaded(choice: Choice, gallery: Gallery) -> bool:
    """Whether the network can answer at once; loads it beside the page."""
    name = f"inside {choice.key} {choice.version} {gallery.shape} {len(gallery.names)}"
    return loaded(name, lambda: network_of(choice, gallery).activations(gallery.images[0]))


def asked(choice: Choice, gallery: Gallery, picked: Picked) -> Shown:
    """The network asked about what is picked."""
    network = network_of(choice, gallery)
    titles = tuple(row.description for row in summarise(choice.spec.architecture, network.image_shape))
    titles += tuple(_class_words(part) for part in network.parts[len(titles) :])
    seen = network.permute(picked.image[None])[0]
    return Shown(network, seen, network.activations(picked.image), titles[: len(network.parts)], gallery.names,
                 bool(st.session_state.get("dropout")))


def _class_words(part: object) -> str:
    """A layer that no architecture lists, by its class and its units."""
    units = getattr(part, "units", None)
    return f"{type(part).__name__} {units}" if units else type(part).__name__


def bench_panel(choice: Choice, gallery: Gallery) -> None:
    """The pad beside the layers; reruns alone while somebody draws or clicks."""
    following.start(PAD)
    following.start(VIEW)
    _take_link(gallery)
    try:
        draw_steadily(lambda: is_loaded(choice, gallery), lambda ready: fragment(_bench)(choice, gallery, ready))
    except LabError as error:
        show_problem(error)


def _take_link(gallery: Gallery) -> None:
    """After a link: the image and the place that it names."""
    remember("image", -1, within(int, 0, 10_000_000))
    if st.session_state["image"] >= 0:
        pick_test_image(PAD, gallery, st.session_state["image"])
        st.session_state["image"] = -1
    remember("dropout", False, lambda text: text == "1")
    remember("layer", "", lambda text: str(within(int, 0, 1000)(text)))
    remember("unit", "", lambda text: str(within(int, 1, 1_000_000)(text)))
    remember("pixel", "", lambda text: "-".join(str(within(int, 1, 100_000)(part)) for part in text.split("-", 1)))


def _bench(choice: Choice, gallery: Gallery, ready: bool) -> None:
    left, right = beside(PAD)
    place = left.container()
    with left:
        picker_buttons(PAD, gallery)
        _dropout_switch(choice)
        answer = st.container()
    picked = picked_image(PAD, gallery)
    with right:
        if ready:
            shown = asked(choice, gallery, picked)
            spot = chosen_place(shown)
            _network(shown, spot)
            with answer:
                _answer(choice, gallery, shown, picked)
        else:
            rows = summarise(choice.spec.architecture, gallery.shape)
            network_view(VIEW, shape_rows(rows, gallery.shape), None)
    publish({"image": str(picked.index) if picked.index is not None else "0"}, LINK_DEFAULTS)
    with place:
        mount_pad(PAD, gallery)
    if ready and pad_at_rest(PAD):
        following.keep_up(PAD, picked.digest)
        following.keep_up(VIEW, (spot.layer, spot.unit))


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


# --- the answer ---------------------------------------------------------------------------


def _answer(choice: Choice, gallery: Gallery, shown: Shown, picked: Picked) -> None:
    outputs = np.asarray(shown.activations[-1])
    if TASKS[choice.spec.task].answer is Answer.TIME:
        assert choice.spec.head is not None
        minutes = float(HEADS[choice.spec.head.kind].decode(outputs[None])[0])
        words = gallery.names[round(minutes) % len(gallery.names)]
        st.html(f'{STYLE}<div>It says</div><div class="answer-says">{words}</div>')
    else:
        shares = shares_of(outputs[None])[0]
        st.html(f"{STYLE}<div>It says</div>{says_html(gallery.names, shares, picked.label)}"
                f"{bars_html(gallery.names, shares, _BAR_COLOR)}")
    known = "" if choice.accuracy is None else f" Of all test images it gets {percent_text(choice.accuracy)} right."
    untrained = " Its weights are random: nobody has trained it." if choice.kind == "preset" else ""
    is_judged = picked.label is not None and TASKS[choice.spec.task].answer is Answer.CLASS
    wrong = " A wrong answer is red and struck through." if is_judged else ""
    st.caption(f"Shown: {picked.what}.{wrong}{known}{untrained}")

