"""Ways to generate digits, each a panel of its own: mix, salt, map, reversed network, conditional VAEs."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib.base.percent import percent_text
from lib.catalog.digits import mixed_latents, salted_latents
from lib.images.sheets import contact_sheet
from lib.ui.digits.networks import BLANK, classifier_ready, shipped_autoencoder, shipped_decoder
from lib.ui.invent.cards import answers_of, digit_cards, nearest_panel, reader_words
from lib.ui.lab import lab
from lib.ui.loading import loaded
from lib.ui.permuted.bench import gallery_of
from lib.ui.permuted.images import examples
from lib.ui.widgets.answers import mark_of
from lib.ui.widgets.image_picker import mount_pad, picked_image, picker_buttons
from lib.ui.widgets.images import image_html
from lib.ui.widgets.latent_map import latent_map, map_place
from lib.ui.widgets.layout import beside

#: On a phone a row of ten becomes two of five.
_ROW_STYLE = """<style>
.digit-row { display: grid; grid-template-columns: repeat(var(--count), minmax(0, 76px)); gap: .4rem; font-size: .8rem; }
@media (max-width: 700px) { .digit-row { grid-template-columns: repeat(calc(var(--count) / 2), minmax(0, 76px)); } }
</style>"""
DATA, PAD, MAP = "mnist", "invent_pad", "invent_map"


def _dense() -> Any:
    return shipped_autoencoder("digits/mnist_dense")


def _dense_loaded() -> bool:
    """Whether the dense autoencoder and the classifier can answer at once; loads them beside the page."""
    def once() -> None:
        _dense().denoise(_dense().decode(_dense().encode(BLANK)))

    return loaded("invent dense", lambda: classifier_ready(DATA), once)


def _decoders_loaded(*names: str) -> bool:
    """Whether these decoders and the classifier can answer at once; loads them beside the page."""
    def once() -> None:
        for name in names:
            decoder = shipped_decoder(name)
            decoder.draw(np.zeros((10, decoder.latent_size), np.float32), np.zeros(10, int))

    return loaded(f"invent {names}", lambda: classifier_ready(DATA), once)


def _pad_column(place: Any) -> np.ndarray:
    """The image to work on, its buttons below the reserved place."""
    picker_buttons(PAD, gallery_of(DATA))
    picked = picked_image(PAD, gallery_of(DATA))
    place.caption(f"Working with {picked.what}.")
    return picked.image


def mix_panel() -> None:
    """System E4."""
    left, right = beside("mix")
    with left:
        place = st.container()
        first = _pad_column(place)
    with right:
        images, labels = examples(DATA)
        second = st.pills("Mix it with this one", range(10), key="mix_with", default=1, required=True)
        other = images[int(np.flatnonzero(labels == second)[st.session_state.get("mix_turn", 0) % 4])]
        st.button("Another of these", icon=":material/refresh:", key="mix_other", on_click=_turn, args=("mix_turn",))
        share = st.slider("Share of the second", 0.0, 1.0, 0.5, 0.01, key="mix_share")
        pixels = np.clip((1 - share) * first + share * other, 0, 255).astype(np.uint8)
        if not _dense_loaded():
            digit_cards({"First": first, "Second": other, "Pixels mixed": pixels}, read=False)
        else:
            _mixed(first, other, share, pixels)
    with place:
        mount_pad(PAD, gallery_of(DATA))


def _mixed(first: np.ndarray, other: np.ndarray, share: float, pixels: np.ndarray) -> None:
    latents = _dense().encode(np.stack([first, other]))
    mixed = _dense().decode(mixed_latents(latents[:1], latents[1:], share))
    digit_cards({"First": first, "Second": other, "Latent codes mixed, decoded": mixed[0],
                 "Sharpened": _dense().denoise(mixed)[0], "Pixels mixed instead": pixels})
    strip = _dense().decode(mixed_latents(latents[:1], latents[1:], np.linspace(0, 1, 15)[:, None]))
    st.html(f'<div style="max-width:760px">{image_html(contact_sheet(strip, 15, 1, 1), "From first to second")}</div>')
    st.caption("From the first digit to the second in fifteen steps. Between two digits of one class the network stays "
               "with digits; between two classes the images in the middle are no digits.")
    nearest_panel(np.stack([mixed[0]]), "mix")


def salt_panel() -> None:
    """System E5."""
    left, right = beside("salt")
    with left:
        place = st.container()
        image = _pad_column(place)
    with right:
        level = st.slider("Share of the latent code that is drawn anew", 0.0, 1.0, 0.2, 0.01, key="salt_level")
        st.button("Other salt", icon=":material/casino:", key="salt_other", on_click=_turn, args=("salt_seed",))
        if _dense_loaded():
            _salted(image, level)
        else:
            digit_cards({"Before the salt": image}, read=False)
    with place:
        mount_pad(PAD, gallery_of(DATA))


def _salted(image: np.ndarray, level: float) -> None:
    latent_code = _dense().encode(image[None])
    salted = salted_latents(latent_code.repeat(8, axis=0), level, st.session_state.get("salt_seed", 0))
    drawn = _dense().decode(salted)
    once = _dense().denoise(drawn)
    _rows({"Decoded": drawn, "Sharpened once": once, "Sharpened twice": _dense().denoise(once)})
    st.caption(f"The latent code has {latent_code.shape[1]} values, of which "
               f"{percent_text(float((latent_code == 0).mean()), 0)} are 0 for this image: salt sets "
               "values that this digit does not use. Report 004 called this method unreliable.")
    nearest_panel(once, "salt")


def map_panel() -> None:
    """System E6."""
    points, labels, low, high = _map_points()
    left, right = st.columns([4, 5], gap="large")
    place = left.container()
    x, y = map_place(MAP, tuple(points.mean(axis=0).tolist()))
    with right:
        if _dense_loaded() and loaded("invent map", _atlas):
            _decoded(x, y)
    with place:
        latent_map(MAP, points, labels, low, high, "Map of latent codes: move over it, or use the arrow keys")


def _decoded(x: float, y: float) -> None:
    drawn = shipped_autoencoder("digits/map_2d").decode(np.array([[x, y]], np.float32))
    once = _dense().denoise(drawn)
    digit_cards({"Decoded": drawn[0], "Sharpened once": once[0], "Sharpened twice": _dense().denoise(once)[0]})
    st.caption(f"Latent code {x:.2f}, {y:.2f}. Each dot is a test image where the encoder puts it. Classes overlap, as "
               "report 004 found.")
    st.html(f'<div style="max-width:420px">{image_html(_atlas(), "The whole map, decoded")}</div>')
    st.caption("The whole map, decoded.")
    nearest_panel(once, "map")


def _map_points() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Latent codes of test images, their digits, and the corners of the map."""
    def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        from lib.models.checkpoints import load_weights

        points, labels = load_weights("digits/map_points", [(3000, 2), (3000,)])
        low, high = np.quantile(points, [0.01, 0.99], axis=0)
        margin = 0.08 * (high - low)
        return points, labels, low - margin, high + margin

    return lab().network("digit_map_points", load)


def _atlas(side: int = 15) -> np.ndarray:
    def draw() -> np.ndarray:
        _, _, low, high = _map_points()
        x, y = np.meshgrid(np.linspace(low[0], high[0], side), np.linspace(high[1], low[1], side))
        images = shipped_autoencoder("digits/map_2d").decode(np.stack([x.ravel(), y.ravel()], axis=1))
        return contact_sheet(images, side, 1, 0)

    return lab().network("digit_atlas", draw)


def reversed_panel() -> None:
    """System E7, and what makes its random inputs matter."""
    label = _label_control("reversed")
    if not _decoders_loaded("digits/reversed", "digits/reversed_closest"):
        return
    images = {}
    ways = {"reversed": "As report 004 proposed: one try", "reversed_closest": "The closest of ten tries learns"}
    for name, title in ways.items():
        decoder = shipped_decoder(f"digits/{name}")
        images[title] = decoder.draw(_latents("reversed", 10, decoder.latent_size), np.full(10, label))
    _rows(images, np.full(10, label))
    st.caption("Ten different random inputs, one label. Asked for the least squared error to every image of its label, the "
               "network answers with their mean, whatever the random inputs say. When only the closest of ten tries is "
               "corrected (implicit maximum likelihood estimation, Li and Malik 2018), different inputs become different "
               "digits.")
    nearest_panel(images[ways["reversed_closest"]], "reversed")


def cvae_panel() -> None:
    """Beyond the report: conditional variational autoencoders."""
    label = _label_control("cvae")
    if not _decoders_loaded("digits/cvae_2", "digits/cvae_16"):
        return
    images = {}
    for name, title in (("cvae_2", "latent size 2"), ("cvae_16", "latent size 16")):
        decoder = shipped_decoder(f"digits/{name}")
        images[title] = decoder.draw(_latents("cvae", 10, decoder.latent_size), np.full(10, label))
    _rows(images, np.full(10, label))
    with st.container(horizontal=True):
        first = st.slider("First latent value", -3.0, 3.0, 0.0, 0.05, key="cvae_x")
        second = st.slider("Second latent value", -3.0, 3.0, 0.0, 0.05, key="cvae_y")
    every = shipped_decoder("digits/cvae_2").draw(np.tile([[first, second]], (10, 1)), np.arange(10))
    _rows({"One latent code, all ten labels (latent size 2): slant and width are shared": every}, np.arange(10))
    st.caption("A variational autoencoder is trained so that latent codes are normally distributed: most normal random "
               "numbers are then a latent code that means something. The label is given to the encoder and the decoder, so "
               "the latent code holds what is left: the handwriting.")
    nearest_panel(images["latent size 16"], "cvae")


def _label_control(key: str) -> int:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.pills("Digit", range(10), key=f"{key}_label", default=3, required=True)
        st.button("Other random numbers", icon=":material/casino:", key=f"{key}_other", on_click=_turn,
                  args=(f"{key}_seed",))
    return int(label)


def _latents(key: str, count: int, latent_size: int) -> np.ndarray:
    seed = st.session_state.get(f"{key}_seed", 0)
    return np.random.default_rng([seed, latent_size]).standard_normal((count, latent_size), np.float32)


def _turn(key: str) -> None:
    st.session_state[key] = st.session_state.get(key, 0) + 1


def _rows(rows: dict[str, np.ndarray], wanted: np.ndarray | None = None) -> None:
    """Rows of images, each with what the classifier says below it; `wanted` (N,) are the digits that were asked for."""
    parts = []
    for title, images in rows.items():
        cells = []
        for number, (image, (digit, sure, none)) in enumerate(zip(images, answers_of(images), strict=True)):
            mark = mark_of(digit, None if wanted is None else int(wanted[number]))
            says = none or f'<span class="{mark}">{digit}</span> ({percent_text(sure, 0)})'
            cells.append(f'<div style="text-align:center">{image_html(image, title)}{says}</div>')
        parts.append(f'<div style="font-size:.85rem;font-weight:600;margin:.5rem 0 .2rem">{title}</div>'
                     f'<div class="digit-row" style="--count:{len(images)}">{"".join(cells)}</div>')
    st.html(_ROW_STYLE + "".join(parts))
    asked = "" if wanted is None else " Red and struck through: not the digit that was asked for."
    st.caption(f"{reader_words()}{asked}")
