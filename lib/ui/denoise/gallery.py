"""System E2: one image at every level of noise, cleaned."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.catalog.digits import SHOWN_METHODS
from lib.measures.corruptions import corrupt
from lib.ui import following
from lib.ui.denoise.bench import (
    NOISE_TITLES,
    PAD,
    current_image,
    current_noise,
    networks_loaded,
    shown_by_gallery,
    wanted_answer,
)
from lib.ui.digits.networks import classifier, cleaners
from lib.ui.widgets.answers import mark_of
from lib.ui.widgets.images import image_html

LEVELS = tuple(round(0.1 * step, 1) for step in range(11))
_STYLE = """<style>
.gal { display: grid; grid-template-columns: minmax(6.5rem, max-content) repeat(11, minmax(42px, 1fr)); gap: .3rem;
  align-items: center; font-size: .8rem; overflow-x: auto; }
.gal div { text-align: center; } .gal .gal-name { text-align: left; }
</style>"""


def gallery_panel(data: str) -> None:
    """Rows: noisy and each way to clean it; columns: levels; under each image what the classifier says."""
    if not networks_loaded(data):
        return
    picked, noise = current_image(data), current_noise()
    following.shows(PAD, shown_by_gallery(picked, noise))
    clean, wanted = picked.image, wanted_answer(data, picked)
    noisy = np.concatenate([corrupt(clean[None], noise.kind, level, noise.seed) for level in LEVELS])
    cells = ['<div class="gal-name">Level</div>', *(f"<div>{level:.1f}</div>" for level in LEVELS)]
    for key, clean_up in cleaners(data).items():
        images = clean_up(noisy)
        said = classifier(data).predict(images).argmax(axis=1)
        title = SHOWN_METHODS[key]
        cells.append(f'<div class="gal-name">{title}</div>')
        for image, level, answer in zip(images, LEVELS, said, strict=True):
            drawn = image_html(image, f"{title} at level {level:.1f}")
            cells.append(f'<div>{drawn}<span class="{mark_of(int(answer), wanted)}">{_short(data, answer)}</span></div>')
    st.html(_STYLE + f'<div class="gal">{"".join(cells)}</div>')
    st.caption(f"Noise: {NOISE_TITLES[noise.kind]}, seed {noise.seed}, on {picked.what}. Red and struck through: wrong. "
               "Report 004 found digits hard to identify from level 0.5-0.6, and its denoiser of no use from 0.6-0.7.")


def _short(data: str, answer: int) -> str:
    from lib import datasets

    return datasets.DATASETS[data].class_names[int(answer)][:8]
