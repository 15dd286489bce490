"""A map of test images as the last hidden layer sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import count_text, percent_text
from lib.images.sheets import contact_sheet
from lib.ui.faults import show_problem
from lib.ui.inside.bench import PAD, is_loaded, network_of
from lib.ui.inside.choice import Choice
from lib.ui.inside.excites import images_to_look_at
from lib.ui.inside.jobs import result_of
from lib.ui.widgets.answers import shares_of
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.image_picker import Gallery, pick_test_image
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import beside
from lib.ui.widgets.legend import legend
from lib.ui.words import as_text

#: Looking at test images ends after so many seconds, with as many as were seen by then.
_SECONDS = 20.0
_WAYS = {"pca": "PCA", "tsne": "t-SNE"}


def map_panel(choice: Choice, gallery: Gallery) -> None:
    """Points for images, of a classifier."""
    if not choice.says_class:
        st.caption("The map colours classes and rings mistakes, so it is for classifiers; this network gives no class.")
        return
    if not is_loaded(choice, gallery):
        return
    st.markdown("**Where does the last hidden layer put the test images?** Images that it sees alike lie close to each "
                "other; mistakes are large and ringed. Click a point for its image.")
    way = st.segmented_control("Two numbers by", list(_WAYS), format_func=_WAYS.__getitem__, default="pca", required=True,
                               key="inside_map_way", persist_state="session",
                               help="PCA keeps the directions along which the images differ most, and is there at once. "
                               "t-SNE keeps neighbours together, and takes a while.")
    try:
        _map(choice, gallery, way)
    except LabError as error:
        show_problem(error)


def _map(choice: Choice, gallery: Gallery, way: str) -> None:
    network, images = network_of(choice, gallery), images_to_look_at(network_of(choice, gallery), gallery)
    key = (*choice.same, gallery.data, len(images))

    def look(report: Callable[[float], None]) -> Any:
        from lib.models.inside.embedding import look_at

        return look_at(network, images, _SECONDS, report)

    hidden = result_of((*key, "hidden"), look, f"Looking at {count_text(len(images), 'test image')}")
    if hidden is None:
        return
    points = _points(hidden, key, way)
    if points is None:
        return
    coordinates, axes = points
    from lib.charts.inside import class_styles, map_chart, map_rows

    answers, labels = hidden.outputs.argmax(axis=1), gallery.labels[: len(hidden.outputs)]
    rows = map_rows(coordinates, labels, answers, gallery.names)
    left, right = beside("inside_map")
    with right:
        legend(class_styles(gallery.names))
        event = show_chart(st, map_chart(rows, gallery.names, axes), on_select="rerun", key=f"inside_map_{way}",
                           width="stretch", alt="Map of test images, coloured by class")
    with left:
        wrong = np.flatnonzero(answers != labels)
        st.caption(f"{count_text(len(labels), 'test image')}, {count_text(len(wrong), 'mistake')} "
                   f"({percent_text(float((answers == labels).mean()))} right), {hidden.features.shape[1]:,} numbers each.")
        index = _clicked(event, len(labels))
        if index is None and len(wrong):
            index = int(wrong[0])
        if index is not None:
            _image(gallery, index, shares_of(hidden.outputs[index][None])[0])


def _points(hidden: Any, key: tuple[Any, ...], way: str) -> tuple[np.ndarray, tuple[str, str]] | None:
    """Coordinates (N, 2) and what the axes are called."""
    from lib.measures.projection import neighbour_map, principal_components

    if way == "tsne":
        found = result_of((*key, "tsne"), lambda report: neighbour_map(hidden.features), "Laying out neighbours (t-SNE)")
        return None if found is None else (found, ("t-SNE, first number", "t-SNE, second number"))
    found = result_of((*key, "pca"), lambda report: principal_components(hidden.features), "Finding the main directions")
    if found is None:
        return None
    coordinates, shares = found
    first, second = (f"direction {n} ({percent_text(float(share), 0)} of the variance)" for n, share in enumerate(shares, 1))
    return coordinates, (first, second)


def _clicked(event: Any, count: int) -> int | None:
    """The image that was clicked, None for none. A browser may send anything."""
    chosen = event.selection.get("image") if isinstance(event.selection, Mapping) else None
    first = chosen[0] if isinstance(chosen, list) and chosen else None
    index = first.get("image") if isinstance(first, Mapping) else None
    return index if type(index) is int and 0 <= index < count else None


def _image(gallery: Gallery, index: int, shares: np.ndarray) -> None:
    true, said = gallery.names[int(gallery.labels[index])], gallery.names[int(shares.argmax())]
    scale = max(1, 140 // max(gallery.shape[:2]))
    enlarged = contact_sheet(gallery.images[index : index + 1], 1, scale=scale, gap=0)
    st.html(image_html(enlarged, f"Test image {index}", "150px"))
    verdict = "right" if true == said else "wrong"
    st.markdown(f"It is **{as_text(true)}**; the network says **{as_text(said)}** ({percent_text(float(shares.max()))}): "
                f"{verdict}.")
    st.button("Look inside with this image", icon=":material/layers:", key="inside_map_take", on_click=pick_test_image,
              args=(PAD, gallery, index), width="stretch")
