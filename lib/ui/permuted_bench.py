"""Draw something: how it looks permuted, and what each of the four networks says."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.core.drawing import as_digit
from lib.core.errors import LabError
from lib.core.permutations import PermutationSpec
from lib.core.permuted import CNN_PRESETS, CONTESTANTS, SHIPPED_PERMUTATION
from lib.core.process import process_wide
from lib.core.runs import RunState
from lib.core.sheets import grey_levels
from lib.core.specs import to_dict
from lib.ui.components.draw_pad import clear_pad, draw_pad, drawn_ink
from lib.ui.fragments import fragment
from lib.ui.permuted_controls import permutation_array
from lib.ui.permuted_pictures import examples
from lib.ui.pictures import picture_html
from lib.ui.resources import runner

PAD = "lens_pad"
_EXAMPLE = "lens_example"


def shipped(data: str) -> dict[str, Any]:
    """The process's shipped networks of a data set by key, loaded on first use."""
    def load() -> dict[str, Any]:
        from lib.models.permuted_bench import shipped_networks

        return shipped_networks(data)

    return process_wide(f"permuted_networks_{data}", load)


@dataclass(frozen=True)
class Slot:
    """A place among the four: a network, or None and why there is none."""

    key: str
    title: str
    network: Any
    note: str = ""


def slots(data: str, spec: PermutationSpec) -> list[Slot]:
    """The four networks for this permutation.

    For any other permutation than the shipped one the MLP is rewired, which is exact; a CNN has to be
    trained, so the newest run of this app is taken if there is one.
    """
    networks = shipped(data)
    found = []
    for contestant in CONTESTANTS:
        if not contestant.permuted or spec == SHIPPED_PERMUTATION:
            found.append(Slot(contestant.key, contestant.title, networks[contestant.key]))
        elif contestant.role == "mlp":
            found.append(Slot(contestant.key, contestant.title, _rewired(data, spec.kind, spec.amount, spec.seed),
                              "The original MLP, its first weights reordered."))
        else:
            found.append(_own_cnn(contestant.key, contestant.title, data, spec))
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def _rewired(data: str, kind: str, amount: int, seed: int) -> Any:
    from lib.models.permuted_bench import rewired

    permutation = permutation_array(PermutationSpec(kind, amount, seed))
    return rewired(shipped(data)["mlp_original"], permutation, "MLP, permuted")


def _own_cnn(key: str, title: str, data: str, spec: PermutationSpec) -> Slot:
    run_id = own_cnn_run(data, spec)
    if run_id is None:
        return Slot(key, title, None, "No CNN has learned this permutation yet: train one below.")
    try:
        return Slot(key, title, _trained(run_id), "Trained here.")
    except LabError as error:
        return Slot(key, title, None, str(error))


def own_cnn_run(data: str, spec: PermutationSpec) -> str | None:
    """The newest finished run of a CNN of the comparison on this set and permutation."""
    wanted = to_dict(spec)
    for record in runner().store.records():
        is_cnn = record.state == RunState.FINISHED and record.spec.architecture.name in CNN_PRESETS
        if is_cnn and record.spec.data.dataset == data and to_dict(record.spec.data.permutation) == wanted:
            return record.id
    return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _trained(run_id: str) -> Any:
    from lib.models.permuted_bench import trained_network

    record = runner().store.record(run_id)
    shape = datasets.info(record.spec.data.dataset).image_shape
    return trained_network("CNN, permuted", runner().store.folder(run_id), record.spec, shape)


# --- the picture in question --------------------------------------------------------------


def current_picture(data: str) -> tuple[np.ndarray, str]:
    """The drawing as a 28x28 digit, uint8 (28, 28, 1), or a test image while nothing is drawn; and what it is."""
    digit = as_digit(drawn_ink(PAD))
    if digit is not None:
        return digit[..., None], "your drawing"
    images, labels = examples(data)
    index = st.session_state.get(_EXAMPLE, 0) % len(images)
    return images[index], f"a test image ({datasets.DATASETS[data].class_names[labels[index]]})"


def _another_example() -> None:
    st.session_state[_EXAMPLE] = st.session_state.get(_EXAMPLE, 0) + 1
    clear_pad(PAD)


def bench_panel(data: str, spec: PermutationSpec) -> None:
    """The pad beside the four answers; reruns alone while somebody draws."""
    fragment(_bench)(data, spec)


def _bench(data: str, spec: PermutationSpec) -> None:
    left, right = st.columns([2, 7], gap="medium")
    place = left.container()
    left.button("A test image instead", icon=":material/image:", key="lens_example_button", on_click=_another_example,
                width="stretch")
    unprepared = left.toggle("Unprepared ones too", key="lens_unprepared", persist_state="session",
                             help="Show the permuted picture to the networks that learned from original ones.")
    picture, what = current_picture(data)
    names = datasets.DATASETS[data].class_names
    with right:
        cards = [answer_card(slot, picture, names) for slot in slots(data, spec)]
        if unprepared:
            cards += [answer_card(slot, picture, names) for slot in _unprepared(data, spec)]
        st.html(_CARD_STYLE + f'<div class="lens-cards">{"".join(cards)}</div>')
        st.caption(f"Shown: {what}. Gets: the picture as that network gets it. Hangs on: the pixels whose change would "
                   "change the answer's score most, put back in order.")
    with place:
        draw_pad(PAD, "Draw a digit here" if data == "mnist" else "Draw a piece of clothing here")


def _unprepared(data: str, spec: PermutationSpec) -> list[Slot]:
    networks = shipped(data)
    permutation = permutation_array(spec)
    return [
        Slot(f"{role}_original", f"{role.upper()}, unprepared", networks[f"{role}_original"].facing(permutation))
        for role in ("mlp", "cnn")
    ]


# --- cards --------------------------------------------------------------------------------

_CARD_STYLE = """<style>
.lens-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(158px, 1fr)); gap: .7rem; }
.lens-card { border: 1px solid rgba(128,128,128,.3); border-radius: .5rem; padding: .7rem; font-size: .8rem; }
.lens-pictures { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin: .3rem 0 .5rem; font-size: .7rem; }
.lens-title { font-weight: 600; font-size: .85rem; }
.lens-says { font-size: 1.5rem; font-weight: 600; line-height: 1.2; overflow-wrap: anywhere; }
.lens-says.long { font-size: 1.05rem; }
.lens-rows { display: grid; grid-template-columns: max-content 1fr 2.6em; column-gap: .4rem; align-items: center;
  font-variant-numeric: tabular-nums; }
.lens-bar { background: rgba(128,128,128,.16); border-radius: 2px; height: .6em; }
.lens-bar div { height: 100%; border-radius: 2px; }
.lens-number { text-align: right; }
.lens-note { opacity: .75; margin-top: .4rem; }
</style>"""


def answer_card(slot: Slot, picture: np.ndarray, names: Sequence[str]) -> str:
    """What one network sees and says, as HTML."""
    from lib.charts.permuted import COLORS

    if slot.network is None:
        body = f'<div class="lens-title">{slot.title}</div><div class="lens-note">{html.escape(slot.note)}</div>'
        return f'<div class="lens-card">{body}</div>'
    probabilities = slot.network.ask(picture[None])[0]
    winner = int(probabilities.argmax())
    long = " long" if len(names[winner]) > 3 else ""
    head = (f'<div class="lens-title">{slot.title}</div><div class="lens-says{long}">{html.escape(names[winner])}</div>'
            f'<div class="lens-pictures">{_thumbnails(slot, picture)}</div>')
    rows = "".join(_bar(name, float(p), COLORS[slot.key]) for name, p in zip(names, probabilities, strict=True))
    note = f'<div class="lens-note">{html.escape(slot.note)}</div>' if slot.note else ""
    return f'<div class="lens-card">{head}<div class="lens-rows">{rows}</div>{note}</div>'


def _thumbnails(slot: Slot, picture: np.ndarray) -> str:
    slopes = np.abs(slot.network.put_back(slot.network.saliency(picture[None]))).max(axis=-1)
    seen = picture_html(slot.network.seen(picture[None])[0], f"What {slot.title} gets")
    looks = picture_html(grey_levels(slopes)[0], f"Pixels that the answer of {slot.title} hangs on, put back in order")
    return f"<div>{seen}gets</div><div>{looks}hangs on</div>"


def _bar(name: str, probability: float, color: str) -> str:
    fill = f'<div style="width:{100 * probability:.1f}%;background:{color}"></div>'
    return (f'<span>{html.escape(name)}</span><div class="lens-bar">{fill}</div>'
            f'<span class="lens-number">{probability:.0%}</span>')
