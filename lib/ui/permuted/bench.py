"""Draw something: how it looks permuted, and what each of the four networks says."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.networks import own_text
from lib.catalog.permuted import CNN_PRESETS, CONTESTANTS, SHIPPED_PERMUTATION, checkpoint_name
from lib.charts.theme import CONTESTANT_COLORS
from lib.images.sheets import grey_levels
from lib.spec.permutations import PermutationSpec, apply
from lib.spec.runs import RunState
from lib.spec.specs import RunSpec, to_dict
from lib.ui import following
from lib.ui.fragments import fragment
from lib.ui.lab import lab
from lib.ui.loading import draw_steadily, loaded
from lib.ui.permuted.controls import permutation_array
from lib.ui.permuted.images import examples
from lib.ui.resources import runner
from lib.ui.widgets.answers import STYLE, bars_html, says_html
from lib.ui.widgets.draw_pad import pad_at_rest
from lib.ui.widgets.image_picker import Gallery, Picked, mount_pad, picked_image, picker_buttons
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import beside

PAD = "lens_pad"


def shipped(data: str) -> dict[str, Any]:
    """The process's shipped networks of a data set by key, loaded on first use."""
    def load() -> dict[str, Any]:
        from lib.models.permuted_bench import shipped_networks

        return shipped_networks(data)

    return lab().network(f"permuted_networks_{data}", load)


def networks_loaded(data: str) -> bool:
    """Whether the shipped networks can answer at once; loads them beside the page."""
    def load() -> None:
        blank = examples(data)[0][:1]
        for network in shipped(data).values():
            network.predict(blank)
            network.saliency(blank)

    return loaded(f"permuted {data}", load)


@dataclass(frozen=True)
class Slot:
    """A place among the four: a network, or None and why there is none.

    `order` is the permutation in which it gets the pixels, None for the image's own; `accuracy` its share of right
    answers on the test images, None where that was not measured; `shipped` how many of the few shipped ones it gets
    right, for a network that is given what it was not trained for, and how many they are.
    """

    key: str
    title: str
    network: Any = None
    note: str = ""
    order: np.ndarray | None = None
    accuracy: float | None = None
    shipped: tuple[int, int] | None = None

    @property
    def test_words(self) -> str:
        """How well it does on test images."""
        if self.shipped is not None:
            right, count = self.shipped
            return f"{right} of {count} test images right"
        return "test images: " + ("not measured" if self.accuracy is None else percent_text(self.accuracy))


def slots(data: str, spec: PermutationSpec, ready: bool = True) -> list[Slot]:
    """The four networks for this permutation; without networks while they are not `ready`.

    For any other permutation than the shipped one the MLP is rewired, which is exact; a CNN has to be
    trained, so the newest run of this app is taken if there is one.
    """
    networks = shipped(data) if ready else {}
    found = []
    for contestant in CONTESTANTS:
        slot = Slot(contestant.key, contestant.title, order=permutation_array(spec) if contestant.permuted else None)
        if not contestant.permuted or spec == SHIPPED_PERMUTATION:
            slot = replace(slot, network=networks.get(contestant.key), accuracy=_stored(data, contestant.key))
        elif spec.is_identity:
            original = f"{contestant.role}_original"
            slot = replace(slot, network=networks.get(original), accuracy=_stored(data, original),
                           note="Nothing has moved: the original network.")
        elif contestant.role == "mlp":
            # The same answers as the original's, so the same accuracy.
            slot = replace(slot, network=_rewired(data, spec.kind, spec.amount, spec.seed) if ready else None,
                           accuracy=_stored(data, "mlp_original"), note="The original MLP, its first weights reordered.")
        else:
            slot = _own_cnn(slot, data, spec, ready)
        found.append(slot)
    return found


def _stored(data: str, key: str) -> float | None:
    from lib.models.checkpoints import manifest

    contestant = next(contestant for contestant in CONTESTANTS if contestant.key == key)
    return manifest().get(checkpoint_name(data, contestant), {}).get("metrics", {}).get("test_accuracy")


@st.cache_resource(max_entries=16, show_spinner=False)
def _rewired(data: str, kind: str, amount: int, seed: int) -> Any:
    from lib.models.permuted_bench import rewired

    permutation = permutation_array(PermutationSpec(kind, amount, seed))
    return rewired(shipped(data)["mlp_original"], permutation, "MLP, permuted")


def _own_cnn(slot: Slot, data: str, spec: PermutationSpec, ready: bool) -> Slot:
    run_id = own_cnn_run(data, spec)
    if run_id is None:
        return replace(slot, note="No CNN has learned this permutation yet: train one below.")
    try:
        record = runner().store.record(run_id)
        network = _trained(run_id, record.ended) if ready else None
        return replace(slot, network=network, note="Trained here.", accuracy=record.metrics.get("test_accuracy"))
    except LabError as error:
        return replace(slot, note=str(error))


def own_cnn_run(data: str, spec: PermutationSpec) -> str | None:
    """The newest finished run of a CNN of the comparison on this set and permutation."""
    wanted = to_dict(spec)
    for record in runner().store.records():
        is_cnn = record.state == RunState.FINISHED and _is_contestant(record.spec)
        if is_cnn and record.spec.data.dataset == data and to_dict(record.spec.data.permutation) == wanted:
            return record.id
    return None


def _is_contestant(spec: RunSpec) -> bool:
    """Whether the network is one of the convolutional side: a preset of it, or one of the user's own that convolves."""
    convolves = any(layer.kind == "conv" for layer in spec.architecture.layers)
    return spec.architecture.name in CNN_PRESETS or (own_text(spec) is not None and convolves)


@st.cache_resource(max_entries=8, show_spinner=False)
def _trained(run_id: str, ended: float | None) -> Any:
    from lib.models.permuted_bench import trained_network

    record = runner().store.record(run_id)
    shape = datasets.info(record.spec.data.dataset).image_shape
    return trained_network("CNN, permuted", runner().store.folder(run_id), record.spec, shape)


# --- the image in question --------------------------------------------------------------


def gallery_of(data: str) -> Gallery:
    """The shipped test images of a set."""
    images, labels = examples(data)
    return Gallery(data, images, labels, datasets.DATASETS[data].class_names)


def current_image(data: str) -> Picked:
    """What all four networks are asked about."""
    return picked_image(PAD, gallery_of(data))


def bench_panel(data: str, spec: PermutationSpec) -> None:
    """The pad beside the four answers; reruns alone while somebody draws."""
    following.start(PAD)
    draw_steadily(lambda: networks_loaded(data), lambda ready: fragment(_bench)(data, spec, ready))


def _bench(data: str, spec: PermutationSpec, ready: bool) -> None:
    left, right = beside(PAD)
    place = left.container()
    with left:
        picker_buttons(PAD, gallery_of(data))
        unprepared = st.toggle("Permuted input for all", key="lens_unprepared", persist_state="session",
                               help="Ask the networks that learned from original images about the permuted one too.")
    picked = current_image(data)
    shown = slots(data, spec, ready) + (_unprepared(data, spec) if unprepared and ready else [])
    with right:
        cards = [answer_card(slot, picked, datasets.DATASETS[data].class_names) for slot in shown]
        st.html(STYLE + _CARD_STYLE + f'<div class="lens-cards">{"".join(cards)}</div>')
        known = " A wrong answer is red and struck through." if picked.label is not None else ""
        st.caption(f"Shown: {picked.what}.{known} Input: the image as that network gets it. Saliency: the pixels "
                   "whose change would change the answer's score most, unpermuted.")
    with place:
        mount_pad(PAD, gallery_of(data))
    if pad_at_rest(PAD):
        following.keep_up(PAD, picked.digest)


@st.cache_data(max_entries=64, show_spinner=False)
def _unprepared_right(data: str, role: str, kind: str, amount: int, seed: int) -> tuple[int, int]:
    """How many of the shipped test images the network gets right that learned from original pixels, given permuted ones."""
    images, labels = examples(data)
    network = shipped(data)[f"{role}_original"].shown_permuted(permutation_array(PermutationSpec(kind, amount, seed)))
    return int((network.predict(images).argmax(axis=1) == labels).sum()), len(labels)


def _unprepared(data: str, spec: PermutationSpec) -> list[Slot]:
    networks, permutation = shipped(data), permutation_array(spec)
    return [
        Slot(f"{role}_original", f"{role.upper()}, original, given permuted",
             networks[f"{role}_original"].shown_permuted(permutation), order=permutation,
             shipped=_unprepared_right(data, role, spec.kind, spec.amount, spec.seed))
        for role in ("mlp", "cnn")
    ]


# --- cards --------------------------------------------------------------------------------

_CARD_STYLE = """<style>
.lens-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(148px, 1fr)); gap: .7rem; }
.lens-card { border: 1px solid rgba(128,128,128,.3); border-radius: .5rem; padding: .7rem; font-size: .8rem; }
.lens-images { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin: .3rem 0 .5rem; font-size: .75rem; }
.lens-title { font-weight: 600; font-size: .85rem; }
.lens-note { opacity: .85; margin-top: .2rem; }
</style>"""


def answer_card(slot: Slot, picked: Picked, names: Sequence[str]) -> str:
    """What one network sees and says, as HTML; while there is no network, what it would see."""
    lines = [f'<div class="lens-title">{slot.title}</div>', f'<div class="lens-note">{slot.test_words}</div>']
    order = slot.order if slot.network is None else slot.network.permutation
    seen = picked.image if order is None else apply(picked.image[None], order)[0]
    images = f'<div>{image_html(seen, f"What {slot.title} gets")}input</div>'
    if slot.network is not None:
        probabilities = slot.network.predict(picked.image[None])[0]
        slopes = np.abs(slot.network.unpermute(slot.network.saliency(picked.image[None]))).max(axis=-1)
        alt = f"Saliency of the answer of {slot.title}, unpermuted"
        images += f"<div>{image_html(grey_levels(slopes)[0], alt)}saliency</div>"
        lines.append(says_html(names, probabilities, picked.label))
    lines.append(f'<div class="lens-images">{images}</div>')
    if slot.network is not None:
        lines.append(bars_html(names, probabilities, CONTESTANT_COLORS[slot.key]))
    if slot.note:
        lines.append(f'<div class="lens-note">{html.escape(slot.note)}</div>')
    return f'<div class="lens-card">{"".join(lines)}</div>'
