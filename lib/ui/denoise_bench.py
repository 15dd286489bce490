"""Spoil an image and clean it in every way, side by side."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib import datasets
from lib.core.corruptions import NOISES, corrupt, psnr, ssim
from lib.core.digits import DENOISE_DATA, METHODS
from lib.core.errors import LabError
from lib.core.sheets import signed_colors
from lib.ui.digit_networks import cleaners, judge, own_denoiser, own_denoisers
from lib.ui.digit_picker import mount_pad, picked_image, picker_buttons
from lib.ui.fragments import fragment
from lib.ui.pictures import picture_html
from lib.ui.url_state import one_of, publish, remember, within

PAD = "denoise_pad"
NOISE_TITLES = {"salt_pepper": "salt and pepper", "gaussian": "Gaussian", "blocks": "erased blocks", "blur": "blur"}
_DEFAULTS = {"images_of": "mnist", "noise": "salt_pepper", "level": 0.5, "noise_seed": 0}
_SESSION = {"persist_state": "session"}


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
    return st.segmented_control("Images", DENOISE_DATA, format_func=lambda n: datasets.DATASETS[n].title, key="images_of",
                                required=True, **_SESSION)


def _noise_controls() -> Noise:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control("Noise", list(NOISES), format_func=NOISE_TITLES.get, key="noise", required=True, **_SESSION)
        st.slider("Level", 0.0, 1.0, key="level", step=0.01, width=180, **_SESSION,
                  help=f"At 1, {NOISES[st.session_state['noise']]}.")
        st.number_input("Seed", 0, 9999, key="noise_seed", width=100, **_SESSION, help="Another seed, other pixels.")
    publish({key: st.session_state[key] for key in _DEFAULTS}, _DEFAULTS)
    return Noise(*(st.session_state[key] for key in ("noise", "level", "noise_seed")))


def current_noise() -> Noise:
    """The noise that the controls say, for panels outside their fragment."""
    return Noise(*(st.session_state.get(key, _DEFAULTS[key]) for key in ("noise", "level", "noise_seed")))


def bench_panel(data: str) -> None:
    """Pad, noise and cards; reruns alone while somebody draws or moves the slider."""
    fragment(_bench)(data, own_denoisers())


def _bench(data: str, own: dict[str, str]) -> None:
    left, right = st.columns([2, 7], gap="medium")
    place = left.container()
    with left:
        picker_buttons(PAD, data)
    clean, what = picked_image(PAD, data)
    with right:
        noise = _noise_controls()
        noisy = corrupt(clean[None], noise.kind, noise.level, noise.seed)[0]
        cards = [_original_card(data, clean, what)]
        cards += [_card(data, title, clean, clean_up(noisy[None])[0]) for title, clean_up in _ways(data, own)]
        st.html(CARD_STYLE + f'<div class="dn-cards">{"".join(cards)}</div>')
        st.caption("Below each picture, what differs from the original: orange is too bright, blue too dark. PSNR "
                   "(decibels) and SSIM (at most 1) say how like the original it is; the guess is our classifier's.")
    with place:
        mount_pad(PAD, "Draw a digit here" if data == "mnist" else "Draw a piece of clothing here")


def _ways(data: str, own: dict[str, str]) -> list[tuple[str, Callable[[np.ndarray], np.ndarray]]]:
    """Titles and functions of all cards: the noisy image itself first, networks trained here last."""
    shipped = cleaners(data)
    ways = [("Noisy" if key == "nothing" else title, shipped[key]) for key, title in METHODS.items()]
    for run_id, name in own.items():
        try:
            network = own_denoiser(run_id)
        except LabError:
            continue  # its file is damaged: the Runs page says so
        if network.image_shape == (28, 28, 1):
            ways.append((f"Yours: {name}", network.denoise))
    return ways


def _answer(data: str, image: np.ndarray) -> tuple[str, float]:
    probabilities = judge(data).ask(image[None])[0]
    winner = int(probabilities.argmax())
    return datasets.DATASETS[data].class_names[winner], float(probabilities[winner])


CARD_STYLE = """<style>
.dn-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: .6rem; }
.dn-card { border: 1px solid rgba(128,128,128,.3); border-radius: .5rem; padding: .5rem; font-size: .75rem;
  font-variant-numeric: tabular-nums; }
.dn-title { font-weight: 600; font-size: .85rem; min-height: 3.75em; line-height: 1.25; }
.dn-half { margin-top: .35rem; }
.dn-says { font-size: 1.15rem; font-weight: 600; margin-top: .3rem; overflow-wrap: anywhere; }
.dn-row { display: flex; justify-content: space-between; opacity: .85; }
</style>"""


def _original_card(data: str, clean: np.ndarray, what: str) -> str:
    name, probability = _answer(data, clean)
    return (f'<div class="dn-card"><div class="dn-title">Original</div>{picture_html(clean, "The original image")}'
            f'<div class="dn-says">{html.escape(name)}</div><div class="dn-row"><span>sure of it</span>'
            f'<span>{probability:.0%}</span></div><div class="dn-row">{html.escape(what)}</div></div>')


def _card(data: str, title: str, clean: np.ndarray, image: np.ndarray) -> str:
    name, probability = _answer(data, image)
    difference = signed_colors(image[..., 0].astype(float) - clean[..., 0], limit=255.0)
    figures = (("PSNR", decibel_text(float(psnr(clean[None], image[None])[0]))),
               ("SSIM", f"{float(ssim(clean[None], image[None])[0]):.2f}"), ("sure of it", f"{probability:.0%}"))
    rows = "".join(f'<div class="dn-row"><span>{label}</span><span>{text}</span></div>' for label, text in figures)
    return (f'<div class="dn-card"><div class="dn-title">{html.escape(title)}</div>{picture_html(image, title)}'
            f'<div class="dn-half">{picture_html(difference, f"{title} minus original")}</div>'
            f'<div class="dn-says">{html.escape(name)}</div>{rows}</div>')


def decibel_text(value: float) -> str:
    """A ratio in decibels; that of equal images is infinite."""
    return "∞" if np.isinf(value) else f"{value:.1f}"
