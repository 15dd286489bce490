"""Add noise to an image and clean it in every way, side by side."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.digits import DENOISE_DATA, SHOWN_METHODS
from lib.images.sheets import signed_colors
from lib.measures.corruptions import NOISES, corrupt, median_filter, psnr, ssim
from lib.spec.runs import RunRecord
from lib.ui import following
from lib.ui.digits.networks import (
    BLANK,
    classifier,
    classifier_accuracy,
    classifier_ready,
    cleaners,
    measured,
    noise_trained,
    own_denoiser,
    own_denoisers,
    refusal,
)
from lib.ui.fragments import fragment
from lib.ui.loading import draw_steadily, loaded
from lib.ui.permuted.bench import gallery_of
from lib.ui.url_state import one_of, publish, remember, within
from lib.ui.widgets.answers import STYLE, says_html
from lib.ui.widgets.draw_pad import pad_at_rest
from lib.ui.widgets.image_picker import Picked, mount_pad, picked_image, picker_buttons
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import beside
from lib.ui.widgets.number_field import number_field

PAD = "denoise_pad"
NOISE_TITLES = {"salt_pepper": "salt and pepper", "gaussian": "Gaussian", "blocks": "erased blocks", "blur": "blur"}
_DEFAULTS = {"images_of": "mnist", "noise": "salt_pepper", "level": 0.5, "noise_seed": 0}
#: Ways to clean that need no network, by the keys of `SHOWN_METHODS`.
WITHOUT_NETWORK: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nothing": lambda images: images, "median3": lambda images: median_filter(images, 3),
    "median5": lambda images: median_filter(images, 5),
}


@dataclass(frozen=True, slots=True)
class Noise:
    """What is done to the image."""

    kind: str
    level: float
    seed: int


def data_control() -> str:
    """Which images, kept in the URL."""
    parsers = {"images_of": one_of(DENOISE_DATA), "noise": one_of(NOISES), "level": within(float, 0, 1),
               "noise_seed": within(int, 0, 9999)}
    for key, parse in parsers.items():
        remember(key, _DEFAULTS[key], parse)
    return str(st.segmented_control("Images", DENOISE_DATA, format_func=lambda n: datasets.DATASETS[n].title,
                                    key="images_of", required=True, persist_state="session"))


def _noise_controls() -> Noise:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.pills("Noise", list(NOISES), format_func=NOISE_TITLES.__getitem__, key="noise", required=True,
                 persist_state="session")
        st.slider("Level", 0.0, 1.0, key="level", step=0.01, width=150, persist_state="session",
                  help=f"At 1, {NOISES[st.session_state['noise']]}.")
        number_field(st, "Seed", 0, 9999, "noise_seed", width=100, help="Another seed, other pixels.")
    publish({key: st.session_state[key] for key in _DEFAULTS}, _DEFAULTS)
    return Noise(*(st.session_state[key] for key in ("noise", "level", "noise_seed")))


def current_noise() -> Noise:
    """The noise that the controls say, for panels outside their fragment."""
    return Noise(*(st.session_state.get(key, _DEFAULTS[key]) for key in ("noise", "level", "noise_seed")))


def bench_panel(data: str) -> None:
    """Pad, noise and cards; reruns alone while somebody draws or moves the slider."""
    following.start(PAD)
    draw_steadily(lambda: networks_loaded(data), lambda ready: fragment(_bench)(data, own_denoisers(), ready))


def networks_loaded(data: str) -> bool:
    """Whether the cleaners and the classifier of `data` can answer at once; loads them beside the page."""
    def clean() -> None:
        for clean_up in cleaners(data).values():
            clean_up(BLANK)
        if data == "mnist":
            noise_trained().predict(BLANK)

    return loaded(f"denoise {data}", lambda: classifier_ready(data), clean)


def current_image(data: str) -> Picked:
    """The image before the noise."""
    return picked_image(PAD, gallery_of(data))


def _bench(data: str, own: Sequence[RunRecord], ready: bool) -> None:
    left, right = beside(PAD)
    place = left.container()
    with left:
        picker_buttons(PAD, gallery_of(data))
    picked = current_image(data)
    clean = picked.image
    with right:
        noise = _noise_controls()
        noisy = corrupt(clean[None], noise.kind, noise.level, noise.seed)[0]
        wanted = wanted_answer(data, picked) if ready else None
        cards, known = [_original_card(data, picked, ready)], None
        for key, title, clean_up in _ways(data, own, ready):
            row = stored_row(data, noise, key)
            stored, known = (row["accuracy"], row) if row else (None, known)
            asked_too = data == "mnist" and key == "nothing"
            image = clean_up(noisy[None])[0] if clean_up else None
            cards.append(_card(data, title, clean, image, wanted, stored, ready, asked_too))
        st.html(STYLE + CARD_STYLE + f'<div class="dn-cards">{"".join(cards)}</div>')
        level = f"{_nearest_level(noise.level):.1f}"
        st.caption("Below each image, what differs from the original: orange is too bright, blue too dark. PSNR "
                   "(decibels) and SSIM (at most 1) say how like the original it is; the guess is our classifier's, red and "
                   "struck through where it is wrong."
                   + ("" if known is None else f" Test set: the share that our classifier gets right of "
                      f"{known['images']:,} test images, cleaned in this way, at noise level {level}.")
                   + (" Noise-trained: the guess of a classifier that learned from noisy images."
                      if data == "mnist" else ""))
    with place:
        mount_pad(PAD, gallery_of(data))
    if pad_at_rest(PAD):
        following.keep_up(PAD, shown_by_gallery(picked, noise))


def shown_by_gallery(picked: Picked, noise: Noise) -> tuple[int, str, int]:
    """What the gallery of all levels depends on."""
    return picked.digest, noise.kind, noise.seed


def wanted_answer(data: str, picked: Picked) -> int | None:
    """The image's class where it is known, else what the classifier takes the clean image for; None where it refuses it."""
    if picked.label is not None:
        return picked.label
    return None if refusal(data, picked.image) else int(classifier(data).predict(picked.image[None])[0].argmax())


def _nearest_level(level: float) -> float:
    """The level with stored figures that is nearest."""
    return round(10 * level) / 10


def stored_row(data: str, noise: Noise, method: str) -> dict[str, Any] | None:
    """The stored figures of test images that were cleaned by `method`, at the nearest level measured."""
    level = _nearest_level(noise.level)
    return next((row for row in measured("noise")
                 if (row["data"], row["noise"], row["method"]) == (data, noise.kind, method)
                 and abs(row["level"] - level) < 1e-6), None)


Way = Callable[[np.ndarray], np.ndarray]


def _ways(data: str, own: Sequence[RunRecord], ready: bool) -> list[tuple[str, str, Way | None]]:
    """Keys, titles and functions of all cards: the noisy image itself first, networks trained here last.

    Those that need a network have no function while it is not `ready`.
    """
    shipped = cleaners(data) if ready else WITHOUT_NETWORK
    ways = [(key, title, shipped.get(key)) for key, title in SHOWN_METHODS.items()]
    for record in own if ready else ():
        try:
            network = own_denoiser(record.id, record.ended)
        except LabError:
            continue  # its file is damaged: the Runs page says so
        if network.image_shape == (28, 28, 1):
            ways.append((record.id, f"Yours: {record.name}", network.denoise))
    return ways


CARD_STYLE = """<style>
.dn-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.25rem, 1fr)); gap: .4rem; }
.dn-card { border: 1px solid rgba(128,128,128,.3); border-radius: .5rem; padding: .5rem .4rem; font-size: .72rem;
  font-variant-numeric: tabular-nums; }
.dn-title { font-weight: 600; font-size: .85rem; min-height: 3.75em; line-height: 1.25; margin-bottom: .25rem;
  overflow-wrap: anywhere; }
.dn-half { margin-top: .35rem; }
.dn-row { display: flex; flex-wrap: wrap; column-gap: .3em; opacity: .9; letter-spacing: -.01em; }
.dn-row span { white-space: nowrap; } .dn-row span + span { margin-left: auto; }
</style>"""


def _original_card(data: str, picked: Picked, ready: bool) -> str:
    rows, says = "", '<div class="answer-says">…</div>'
    if ready:
        probabilities = classifier(data).predict(picked.image[None])[0]
        none = refusal(data, picked.image)
        says = says_html(datasets.DATASETS[data].class_names, probabilities, picked.label, none)
        rows = "" if none else _rows({"confidence": percent_text(float(probabilities.max()), 0)})
    known = classifier_accuracy(data)
    rows += _rows({"test set": percent_text(known)} if known is not None else {})
    return (f'<div class="dn-card"><div class="dn-title">Original</div>{image_html(picked.image, "The original image")}'
            f'{says}{rows}<div class="dn-row">{html.escape(picked.what)}</div></div>')


def _card(data: str, title: str, clean: np.ndarray, image: np.ndarray | None, wanted: int | None, stored: float | None,
          ready: bool, noise_trained_too: bool = False) -> str:
    """`noise_trained_too`: whether the classifier that learned from noisy images is asked too."""
    head, figures = f'<div class="dn-title">{html.escape(title)}</div>', {}
    if image is None:
        head += '<div class="answer-says">…</div>'
    else:
        difference = signed_colors(image[..., 0].astype(float) - clean[..., 0], limit=255.0)
        head += (f'{image_html(image, title)}'
                 f'<div class="dn-half">{image_html(difference, f"{title} minus original")}</div>')
        figures = {"PSNR": decibel_text(float(psnr(clean[None], image[None])[0])),
                   "SSIM": f"{float(ssim(clean[None], image[None])[0]):.2f}"}
    if image is not None and ready:
        probabilities = classifier(data).predict(image[None])[0]
        head += says_html(datasets.DATASETS[data].class_names, probabilities, wanted)
        figures["confidence"] = percent_text(float(probabilities.max()), 0)
        if noise_trained_too:
            guess = int(noise_trained().predict(image[None])[0].argmax())
            figures["noise-trained"] = datasets.DATASETS[data].class_names[guess]
    if stored is not None:
        figures["test set"] = percent_text(stored)
    return f'<div class="dn-card">{head}{_rows(figures)}</div>'


def _rows(figures: dict[str, str]) -> str:
    return "".join(f'<div class="dn-row"><span>{label}</span><span>{text}</span></div>' for label, text in figures.items())


def decibel_text(value: float) -> str:
    """A ratio in decibels; that of equal images is infinite."""
    return "∞" if np.isinf(value) else f"{value:.1f}"
