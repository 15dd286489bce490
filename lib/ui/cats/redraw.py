"""A VAE redraws a face: one that the user brings, or faces it has never seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from PIL import Image

from lib.base.errors import LabError
from lib.catalog.tasks import VAE
from lib.datasets.image_files import MAX_BYTES, image_from_upload
from lib.measures.fidelity import interpolate
from lib.spec.settings import VaeSettings
from lib.ui.cats.latent import fitted_latents
from lib.ui.cats.networks import Network, finished_words, generator, generators_loaded, sheet_html, strip_html
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment

EXTENSIONS = ["jpg", "jpeg", "png", "webp", "bmp", "gif"]


def redraw_panel(chosen: Mapping[str, Network | None]) -> None:
    """Upload a face, see what passes through the latent values."""
    vae = chosen.get(VAE.name)
    if vae is None:
        st.info("This needs a VAE.", icon=":material/school:")
        return
    fragment(_redraw)(vae)


def _redraw(vae: Network) -> None:
    sizes = f"{vae.shape[0]}x{vae.shape[1]}x{vae.shape[2]} = {np.prod(vae.shape):,} numbers"
    values = vae.spec.options(VaeSettings).latent_size
    st.markdown(f"The encoder compresses {sizes} to {values}; the decoder draws from those alone. A GAN "
                "cannot do this: it has no way from an image back to its latent code.")
    file = st.file_uploader("An image of a face", type=EXTENSIONS, key="cats_face", max_upload_size=MAX_BYTES >> 20,
                            help="Its middle square is taken and scaled.")
    try:
        if file is not None and generators_loaded({VAE.name: vae}):
            _show(vae, fit_to(image_from_upload(file.getvalue(), vae.shape[0]), vae.shape))
    except LabError as error:
        show_problem(error)
    if vae.epochs:
        stored = sheet_html(vae, vae.epochs[-1], "redrawn", "Unseen images above, redrawn ones below")
        if stored:
            st.html(stored)
            st.caption("Above images that it never saw in training, below what it draws from their latent values, after "
                       f"epoch {vae.epochs[-1]}.")


def _show(vae: Network, image: np.ndarray) -> None:
    opened = generator(vae)
    latent_code = opened.encode(image[None])
    middle, others = fitted_latents(vae, opened.latent_size, np.random.default_rng(0), 3)
    mixed = [middle + interpolate(latent_code[0] - middle, other - middle, np.array([0.25])) for other in others]
    shown = np.concatenate([image[None], opened.draw(np.concatenate([latent_code, *mixed]))])
    st.html(strip_html(shown, "Your image, redrawn, and three variations", width="min(100%, 720px)"))
    st.caption("Yours, redrawn, and three variations a quarter of the way to random latent codes. " + finished_words(vae))


def fit_to(image: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """A square uint8 (H, H, 3) image in the form of `shape`: grey where it has one channel."""
    if shape[2] == 3:
        return image
    return np.asarray(Image.fromarray(image).convert("L"))[..., None]
