"""The report card of the shipped networks, and of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

import numpy as np
import streamlit as st

from lib.base.errors import LabError
from lib.catalog.generative import GENERATIVE_PRESETS, REPORT_IMAGES
from lib.catalog.reported import REPORTED
from lib.measures.fidelity import report_card
from lib.ui.cats.latent import fitted_latents
from lib.ui.cats.networks import Network, feature_network, generator, measured
from lib.ui.faults import show_problem
from lib.ui.fragments import fragment
from lib.ui.screen import few_columns, is_narrow
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.layout import side_by_side
from lib.ui.words import as_text

OWN_SAMPLES = 1000
COLUMNS = {"frechet": "Fréchet distance", "frechet_perception": "in the loss's features", "precision": "precision",
           "recall": "recall", "sharpness": "sharpness", "diversity": "diversity", "grid": "repeated pattern"}
_DIGITS = {"frechet": 1, "frechet_perception": 2}
_KINDS = {"": "", " fitted": ", fitted latent codes", " redrawn": ", redrawing unseen faces"}
_NAMES = ("gan_better", "vae_better", "vae_plain", "f1_gan", "f2_vae")
_TITLES = {"training images": "Real images (from training)",
           **{name + kind: GENERATIVE_PRESETS[name].title + words for name in _NAMES for kind, words in _KINDS.items()}}


def measured_rows(stored: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each stored card: mean and spread over the sets of samples."""
    cards = stored.get("cards", {})
    return [{"images": title} | {column: _text(cards[key][name], name) for name, column in COLUMNS.items()
                                   if name in cards[key]}
            for key, title in _TITLES.items() if key in cards]


def _text(values: list[float], name: str) -> str:
    digits = _DIGITS.get(name, 3)
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
            f"{real['images']:,} images of each against {real['images']:,} real cat faces, the test split alone; "
            f"networks trained on {data['train']:,}, seed 0 of each; mean ± spread over three sets of random latent codes; "
            f"{stored['device']}, {stored['date']}.")
    else:
        st.caption("Nothing yet: run scripts/train_cats.py.")
    _trainings(stored)
    _explain()
    _curve(stored)
    _not_measured(stored)
    _reported()
    fragment(_own)(chosen)


def _explain() -> None:
    st.markdown(
        "- **Fréchet distance** (Heusel 2017): how far generated images are from real ones, 0 at "
        "best. Our features, not Inception's: a network of four convolutions and 64 outputs that learned from the same cats "
        "without labels (SimCLR, Chen 2020). It compares with no FID printed elsewhere.\n"
        "- **In the loss's features**: the same distance in what the better VAE's loss compares images by, the last feature "
        "maps of a classifier of CIFAR-10. A network that was trained to be right there is flattered by it, so it is no "
        "judge; the first distance is in features that no loss uses.\n"
        "- **Precision** and **recall** (Kynkäänniemi 2019, 3 neighbours, same features): the share of generated images "
        "that look real, and the share of real ones that the network can draw.\n"
        "- **Sharpness** and **diversity**: mean step between neighbouring pixels, and spread around the mean image; 1 is "
        "that of real images. Noise and patterns count as sharp too.\n"
        "- **Repeated pattern**: how strong the grid is that transposed convolutions leave, every four pixels; 1 is what is "
        "found in real images.\n"
        "- **Fitted latent codes**: from a mixture of Gaussians fitted to where the VAE puts its training images (Ghosh "
        "2020), instead of the standard Gaussian; how many suits the validation images best.")


def trainings_rows(stored: Mapping[str, Any]) -> list[dict[str, str]]:
    """A row for each network that was trained with several seeds and each kind of its images: mean and spread over seeds."""
    found = []
    for name, trainings in stored.get("trainings", {}).items():
        if len(trainings) > 1 and name in GENERATIVE_PRESETS:
            for kind, words in {"normal": "", "fitted": _KINDS[" fitted"], "redrawn": _KINDS[" redrawn"]}.items():
                cards = [row["cards"][kind] for row in trainings if kind in row["cards"]]
                if cards:
                    found.append({"images": GENERATIVE_PRESETS[name].title + words, "seeds": str(len(cards))} | {
                        column: _text([mean(card[figure]) for card in cards], figure)
                        for figure, column in COLUMNS.items() if all(figure in card for card in cards)})
    return found


def _trainings(stored: Mapping[str, Any]) -> None:
    rows = trainings_rows(stored)
    if rows:
        st.markdown("**Trained several times**: mean ± spread over seeds of the training")
        st.table(rows, hide_index=True)


def _curve(stored: Mapping[str, Any]) -> None:
    """The trade-off of the KL weight, from short trainings."""
    from lib.charts.cats import CURVE_CHARTS, curve_chart, curve_rows

    rows = stored.get("kl_curve", [])
    compared = [row for row in rows if row["structure"] or row["texture"]]
    if len(compared) < 2:
        return
    first = compared[0]
    st.markdown("**What the weight of the KL term does**")
    for figure, place in zip(CURVE_CHARTS, side_by_side("cats_kl", kind="charts"), strict=True):
        with place:
            show_chart(st, curve_chart(curve_rows(compared, figure), figure), key=f"cats_kl_{figure}",
                       alt=f"{CURVE_CHARTS[figure]} over the weight of the KL term")
    st.caption(
        f"The better VAE with {len(compared)} weights, {first['epochs']} epochs each, seed {first['seed']}, against the "
        f"{first['validation']:,} validation images; {first['device']}, {first['date']}. {_best_weights(compared)}")
    for row in rows:
        if row not in compared:
            cards = row["cards"]
            st.markdown(
                f"The same training with a KL weight of {row['kl_weight']:g} and without what a classifier's feature maps "
                f"add to the loss: sharpness {mean(cards['fitted']['sharpness']):.2f}, Fréchet distance "
                f"{mean(cards['fitted']['frechet']):.0f} (fitted latent codes), {mean(cards['redrawn']['frechet']):.0f} "
                "(redrawn).")


def _best_weights(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which weight is best for which images, and which one the shipped network has."""
    def best(kind: str) -> float:
        return min(rows, key=lambda row: mean(row["cards"][kind]["frechet"]))["kl_weight"]

    own = dict(GENERATIVE_PRESETS["vae_better"].settings)["kl_weight"]
    return (f"The smallest Fréchet distance: with {best('fitted'):g} from fitted latent codes, with {best('normal'):g} from "
            f"standard ones. The shipped network has {own:g} and trained longer.")


def _not_measured(stored: Mapping[str, Any]) -> None:
    speed = stored.get("speed", {})
    parts = []
    for name in ("f1_gan", "f2_vae"):
        if name in speed and name not in stored.get("cards", {}):
            preset, row = GENERATIVE_PRESETS[name], speed[name]
            hours = row["ms"] / 1000 * row["steps_per_epoch"] * preset.train.epochs / 3600
            parts.append(f"{preset.system}, {preset.title}: {row['ms']:,.0f} ms a step of {preset.train.batch_size} "
                         f"images on {row['device']}, so about {hours:,.1f} hours for its {preset.train.epochs} epochs")
    if parts:
        st.markdown(f"What the report's own networks take: {'; '.join(parts)}.")


def _reported() -> None:
    epochs = GENERATIVE_PRESETS["f1_gan"].train.epochs
    st.markdown(f"**The report said** (report 003, {REPORT_IMAGES:,} images, {epochs} epochs)")
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
    figures = {title: _text([getattr(card, name)], name) for name, title in COLUMNS.items() if hasattr(card, name)}
    rows = [{"figure": title, network.title: text} for title, text in figures.items()]
    st.dataframe(rows if is_narrow() else [{"images": network.title} | figures], hide_index=True)
    st.caption(f"{OWN_SAMPLES:,} images, one set of random latent codes, a VAE's fitted to its training images. Fewer "
               "images make the Fréchet distance larger.")


def own_card(network: Network) -> Any:
    """The report card of an own run on cats."""
    from lib.models.networks.generators import real_features

    opened, scale = generator(network), measured()["real"]
    samples = opened.draw(fitted_latents(network, opened.latent_size, np.random.default_rng(0), OWN_SAMPLES)[1])
    return report_card(samples, feature_network().features(samples), real_features(), scale["sharpness"], scale["diversity"])
