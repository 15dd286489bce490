"""Ask a trained classifier about an image of one's own: drawn, a test image, a file, a photograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.tasks import predicts_classes
from lib.runs import run_home
from lib.spec.runs import RunSnapshot
from lib.ui.digits.networks import classifier_ready, opinion
from lib.ui.fragments import fragment
from lib.ui.loading import loaded
from lib.ui.panels.data import load_dataset
from lib.ui.resources import runner
from lib.ui.widgets.answers import STYLE, bars_html, says_html, shares_of
from lib.ui.widgets.image_picker import Gallery, mount_pad, picked_image, picker_buttons
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import beside
from lib.ui.words import as_text

PAD = "ask_pad"
#: Sets whose images our digit classifier reads too: what somebody draws may be too unlike the few that a run has seen.
DIGIT_SETS = ("mnist", "digits")
_BAR_COLOR = "#0072B2"
_CARD = """<style>
.ask { display: grid; grid-template-columns: 130px minmax(180px, 1fr); gap: 1.25rem; align-items: start; max-width: 560px; }
.ask-label { font-size: .8rem; opacity: .85; margin-bottom: .2rem; }
</style>"""


@dataclass(frozen=True)
class Predictor:
    """A classifier that predicts: images (N, H, W, C) uint8 -> outputs (N, classes), and how it takes an image.

    `accuracy` is its share of right answers on test images, None where that was not measured. `opinion` is what another
    network says of the image, in a sentence.
    """

    predict: Callable[[np.ndarray], np.ndarray]
    permute: Callable[[np.ndarray], np.ndarray]
    accuracy: float | None
    opinion: Callable[[np.ndarray], str] | None = None


def ask_panel(pad: str, gallery: Gallery, predictor: Predictor) -> None:
    """The pad and its buttons beside the answer; reruns alone while somebody draws."""
    fragment(_ask)(pad, gallery, predictor)


def _ask(pad: str, gallery: Gallery, predictor: Predictor) -> None:
    left, right = beside(pad)
    place = left.container()
    with left:
        picker_buttons(pad, gallery)
    picked = picked_image(pad, gallery)
    shares = shares_of(predictor.predict(picked.image[None]))[0]
    with right:
        seen = image_html(predictor.permute(picked.image[None])[0], "What the network gets")
        st.html(f'{STYLE}{_CARD}<div class="ask"><div><div class="ask-label">Input</div>{seen}</div><div>'
                f'<div class="ask-label">Prediction</div>{says_html(gallery.names, shares, picked.label)}'
                f'{bars_html(gallery.names, shares, _BAR_COLOR)}</div></div>')
        share = predictor.accuracy
        known = "" if share is None else f" Of all test images it gets {percent_text(share)} right."
        wrong = "" if picked.label is None else " A wrong answer is red and struck through."
        other = "" if predictor.opinion is None else f" {predictor.opinion(picked.image)}"
        st.caption(f"Shown: {picked.what}.{wrong}{known}{other}")
    with place:
        mount_pad(pad, gallery)


# --- runs of this app ---------------------------------------------------------------------


def ask_run_panel(snapshot: RunSnapshot) -> None:
    """Ask the network of a run that has ended; nothing for runs without a classifier."""
    record = snapshot.record
    path = runner().store.folder(record.id) / "model.keras"
    if not predicts_classes(record.spec) or not snapshot.state.is_final or not path.exists():
        return
    st.subheader("Ask it yourself")
    try:
        gallery = run_gallery(record.spec.data)
        digits = gallery.data in DIGIT_SETS
        loads = [lambda: _network(record.id, record.ended).predict(gallery.images[:1])]
        if loaded(f"run {record.id} {record.ended}", *loads, *([lambda: classifier_ready("mnist")] if digits else [])):
            network = _network(record.id, record.ended)
            ask_panel(PAD, gallery, Predictor(network.predict, network.permute, record.metrics.get("test_accuracy"),
                                              opinion if digits else None))
    except LabError as error:
        st.warning(as_text(error), icon=":material/warning:")


def run_gallery(data: Any) -> Gallery:
    """The test images of a run's data set, their pixels in the images' own order."""
    dataset = load_dataset(replace(data, permutation=None))
    return Gallery(data.dataset, dataset.x_test, dataset.y_test, tuple(dataset.info.class_names))


@st.cache_resource(max_entries=6, show_spinner=False)
def _network(run_id: str, ended: float | None) -> Any:
    """The run's network; `ended` tells a resumed run from what it was before."""
    from lib.models.permuted_bench import trained_network

    spec = runner().store.record(run_id).spec
    shape = datasets.info(spec.data.dataset, home=run_home()).image_shape
    return trained_network("", runner().store.folder(run_id), spec, shape)
