"""Side by side: what a GAN and a VAE draw from the same latent codes, epoch by epoch."""

from __future__ import annotations

import streamlit as st

from lib.catalog.generative import FIXED_LATENTS
from lib.ui.cats.networks import KINDS, Network, network_control, sheet_html
from lib.ui.fragments import fragment
from lib.ui.url_state import put
from lib.ui.widgets.layout import side_by_side
from lib.ui.words import as_text, duration_text


def grids_panel() -> dict[str, Network | None]:
    """The two grids with their scrubber; the networks chosen, by task."""
    places = dict(zip(KINDS, side_by_side("cats_grids_1"), strict=True))
    chosen = {task: network_control(task, place) for task, place in places.items()}
    if any(network is not None and network.epochs for network in chosen.values()):
        fragment(_scrubbed)(chosen)
    return chosen


def _scrubbed(chosen: dict[str, Network | None]) -> None:
    last = max(network.epochs[-1] for network in chosen.values() if network is not None and network.epochs)
    epoch = last
    if last > 1:
        key = "cats_epoch"
        put(key, min(st.session_state.get(key, last), last))
        epoch = st.slider("After epoch", 1, last, key=key, persist_state="session")
    for (task, network), place in zip(chosen.items(), side_by_side("cats_grids_2"), strict=True):
        if network is not None and network.epochs:
            with place:
                _grid(task, network, epoch)


def _grid(task: str, network: Network, epoch: int) -> None:
    shown = max((e for e in network.epochs if e <= epoch), default=network.epochs[0])
    image = sheet_html(network, shown, "samples", f"Images of the {KINDS[task]} after epoch {shown}")
    st.markdown(f"**{KINDS[task]}: {as_text(network.title)}**")
    st.html(image or "No image of this epoch.")
    seconds = next((row["seconds"] for row in network.rows if int(row["epoch"]) + 1 == shown), None)
    time = f", {duration_text(seconds)} of training" if seconds is not None else ""
    st.caption(f"Epoch {shown} of {network.epochs[-1]}{time}. From the same {FIXED_LATENTS} rows of random numbers. "
               f"{network.source}")
