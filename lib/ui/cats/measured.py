"""The report card of the shipped networks, and of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean, stdev
from typing import Any

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.catalog.reported import REPORTED
from lib.measures.fidelity import report_card
from lib.ui.cats.networks import Network, feature_network, generator, measured
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.screen import few_columns, is_narrow
from lib.ui.words import as_text

OWN_SAMPLES = 1000
COLUMNS = {"frechet": "Fréchet distance", "precision": "precision", "recall": "recall", "sharpness": "sharpness",
           "diversity": "diversity"}
_TITLES = {
    "training images": "Real images (from training)", "gan_better": "Better GAN", "vae_better": "Better VAE",
    "vae_better fitted": "Better VAE, fitted latent codes", "vae_better redrawn": "Better VAE, redrawing unseen faces",
    "f1_gan": "GAN of the report", "f2_vae": "VAE of the report", "f2_vae fitted": "VAE of the report, fitted latent codes",
    "f2_vae redrawn": "VAE of the report, redrawing",
}


def measured_rows(stored: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each stored card: mean and spread over the sets of samples."""
    cards = stored.get("cards", {})
    return [{"images": title} | {column: _text(cards[key][name], name) for name, column in COLUMNS.items()}
            for key, title in _TITLES.items() if key in cards]


def _text(values: list[float], name: str) -> str:
    digits = 1 if name == "frechet" else 3
    spread = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{mean(values):.{digits}f}{spread}"


def measured_panel(chosen: Mapping[str, Network | None]) -> None:
    """Stored figures, the report's words, what was not measured, and a button for one's own network."""
    stored = measured()
    st.markdown("**What we measured**")
    rows = measured_rows(stored)
    if rows:
        st.table(rows, hide_index=True)
        real, data = stored["real"], stored["data"]
        st.caption(
            f"{real['images']:,} images of each against {real['images']:,} real cat faces that no network trained on; "
            f"networks trained on {data['train']:,}, one seed each; mean ± spread over three sets of random latent codes; "
            f"{stored['device']}, {stored['date']}.")
    else:
        st.caption("Nothing yet: run scripts/train_cats.py.")
    _explain()
    _not_measured(stored)
    _reported()
    fragment(_own)(chosen)


def _explain() -> None:
    st.markdown(
        "- **Fréchet distance** (Heusel 2017): how far generated images are from real ones, 0 at "
        "best. Our features, not Inception's: a network of four convolutions and 64 outputs that learned from the same cats "
        "without labels (SimCLR, Chen 2020). It compares with no FID printed elsewhere.\n"
        "- **Precision** and **recall** (Kynkäänniemi 2019, 3 neighbours, same features): the share of generated images "
        "that look real, and the share of real ones that the network can draw.\n"
        "- **Sharpness** and **diversity**: mean step between neighbouring pixels, and spread around the mean image; 1 is "
        "that of real images. Noise counts as sharp too.\n"
        "- **Fitted latent codes**: from a Gaussian fitted to where the VAE puts its training images (Ghosh 2020), "
        "instead of the standard one.")


def _not_measured(stored: Mapping[str, Any]) -> None:
    speed = stored.get("speed", {})
    parts = []
    for name in ("f1_gan", "f2_vae"):
        if name in speed:
            preset, row = GENERATIVE_PRESETS[name], speed[name]
            hours = row["ms"] / 1000 * row["steps_per_epoch"] * preset.train.epochs / 3600
            parts.append(f"{preset.system}, {preset.title}: {row['ms']:,.0f} ms a step of {preset.train.batch_size} "
                         f"images on {row['device']}, so about {hours:,.1f} hours for its {preset.train.epochs} epochs")
    if parts:
        st.markdown(f"What the report's own networks take: {'; '.join(parts)}.")


def _reported() -> None:
    st.markdown("**The report said** (report 003, 15,746 images, 50 epochs)")
    st.dataframe([{"system": r.system, "what": r.what, "reported": r.text} for r in REPORTED if r.system[0] == "F"],
                 hide_index=True, column_order=few_columns("what", "reported"))
    st.caption("It printed images and no figures: the GAN's are sharper, the VAE's smoother and good after fewer epochs.")


# --- one's own network --------------------------------------------------------------------


def _own(chosen: Mapping[str, Network | None]) -> None:
    own = [network for network in chosen.values() if network is not None and not network.is_shipped]
    for network in own:
        if network.spec.data.dataset != "cats":
            st.caption(f"{as_text(network.title)}: the features know cat faces only, so no card for other images.")
        elif st.button(f"Report card of “{as_text(network.title)}”", icon=":material/grading:",
                       key=f"cats_card_{network.name}"):
            _own_card(network)
    if not own:
        st.caption("Choose a network of your own above, and its report card can be measured here.")


def _own_card(network: Network) -> None:
    try:
        with st.spinner("Drawing and comparing"):
            card = own_card(network)
    except LabError as error:
        show_problem(error)
        return
    figures = {title: _text([getattr(card, name)], name) for name, title in COLUMNS.items()}
    rows = [{"figure": title, network.title: text} for title, text in figures.items()]
    st.dataframe(rows if is_narrow() else [{"images": network.title} | figures], hide_index=True)
    st.caption(f"{OWN_SAMPLES:,} images, one set of random latent codes. Fewer images make the Fréchet distance larger.")


def own_card(network: Network) -> Any:
    """The report card of an own run on cats."""
    from lib.models.networks.generators import real_features

    opened, scale = generator(network), measured()["real"]
    samples = opened.draw(np.random.default_rng(0).standard_normal((OWN_SAMPLES, opened.latent_size)))
    return report_card(samples, feature_network().features(samples), real_features(), scale["sharpness"], scale["diversity"])
