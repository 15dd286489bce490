"""Between two latent codes, and along a VAE's main directions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.base.percent import percent_text
from lib.catalog.tasks import VAE
from lib.measures.fidelity import interpolate
from lib.ui.cats.latent import directions_of, fitted_latents
from lib.ui.cats.networks import KINDS, Network, finished_words, generator, generators_loaded, strip_html
from lib.ui.fragments import fragment
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.number_field import number_field
from lib.ui.words import as_text

#: Images of a walk.
STEPS = 9
DIRECTIONS = 6
_LIMIT = 3.0


def walk_panel(chosen: Mapping[str, Network | None]) -> None:
    """Interpolation for both networks, then the VAE's directions."""
    if not generators_loaded(chosen):
        return
    fragment(_between)(chosen)
    vae = chosen.get(VAE.name)
    if vae is not None:
        st.divider()
        fragment(_directions)(vae)


def _between(chosen: Mapping[str, Network | None]) -> None:
    first, second, slider = st.columns([1, 1, 4])
    a = number_field(first, "From latent code", 0, 9999, "cats_from", 3)
    b = number_field(second, "To latent code", 0, 9999, "cats_to", 8)
    share = slider.slider("On the way", 0.0, 1.0, 0.5, 0.02, key="cats_way", persist_state="session")
    for (task, network), place in zip(chosen.items(), side_by_side("cats_walk"), strict=True):
        if network is not None:
            with place:
                _walk(task, network, a, b, share)
    st.caption("Every number is a random latent code; the VAE's come from where its training images lie. The way between "
               "two leads along an arc, since random latent codes of many dimensions lie near a sphere; report 003 went "
               "straight.")


def _walk(task: str, network: Network, a: int, b: int, share: float) -> None:
    try:
        with st.spinner("Drawing"):
            opened = generator(network)
            shares = np.array([*np.linspace(0, 1, STEPS), share])
            images = opened.draw(_way(network, opened.latent_size, a, b, shares))
    except LabError as error:
        st.info(as_text(error), icon=":material/info:")
        return
    st.markdown(f"**{as_text(network.title)}**")
    st.caption(finished_words(network))
    st.html(strip_html(images[:-1], f"{STEPS} images of the {KINDS[task]} from latent code {a} to {b}"))
    st.html(strip_html(images[-1:], f"The {KINDS[task]} {percent_text(share, 0)} of the way", width="min(60%, 260px)"))


def _way(network: Network, latent_size: int, a: int, b: int, shares: np.ndarray) -> np.ndarray:
    """Latent codes at `shares` of the way from number `a` to number `b`."""
    ends = [fitted_latents(network, latent_size, np.random.default_rng([seed, 17]), 1) for seed in (a, b)]
    middle = ends[0][0]
    start, end = (latents[0] - middle for _, latents in ends)
    return middle + interpolate(start, end, shares)


def _centre() -> None:
    for number in range(DIRECTIONS):
        st.session_state[f"cats_direction_{number}"] = 0.0


def _directions(network: Network) -> None:
    st.markdown("**Along the VAE's main directions**")
    try:
        with st.spinner("Drawing"):
            shape, opened = directions_of(network), generator(network)
    except LabError as error:
        st.info(as_text(error), icon=":material/info:")
        return
    sliders, image, strips = side_by_side("cats_directions", 3)
    count = min(DIRECTIONS, len(shape.deviations))
    with sliders:
        face = number_field(st, "Face", 0, 9999, "cats_direction_face", 3)
        amounts = [st.slider(f"Direction {number + 1}", -_LIMIT, _LIMIT, 0.0, 0.1, persist_state="session",
                             key=f"cats_direction_{number}") for number in range(count)]
        st.button("Back to the face", icon=":material/center_focus_strong:", key="cats_centre", on_click=_centre)
    # Not from the mean: no face lies near the middle of a space of many dimensions, and the decoder draws grey there.
    start = fitted_latents(network, opened.latent_size, np.random.default_rng([face, 19]), 1)[1][0]
    image.html(strip_html(opened.draw(shape.point(np.array(amounts), start)[None]), "The face at these slider positions",
                            width="min(100%, 320px)"))
    image.caption("In standard deviations of the training images' latent values. All at 0: the face as it is.")
    steps = _LIMIT * np.linspace(-1, 1, 7)
    latents = [shape.point(np.eye(count)[row] * amount, start) for row in range(count) for amount in steps]
    strips.html(strip_html(opened.draw(np.stack(latents)), "One row for each direction, from minus to plus three", 7))
    strips.caption("A row for each direction, from −3 to +3 around this face. Nobody named them: they are the directions in "
                   "which the training images differ most.")
