"""What was measured where a report printed images and words, as a sentence and a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from lib.base.folders import MEASURED
from lib.base.percent import percent_text, points_text
from lib.catalog.experiments import value_label
from lib.catalog.generative import GENERATIVE_PRESETS, REPORT_IMAGES
from lib.catalog.presets import PRESETS
from lib.catalog.report_grids import EXPERIMENTS
from lib.measures.figures import spread
from lib.measures.measured import Row, read_rows, stored_figures

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MeasuredWords:
    """What was measured, as a sentence; when; and whether "as the report" or of an "other network"."""

    text: str
    date: str
    scale: str


def words_of(row_id: str, folder: Path = MEASURED) -> MeasuredWords | None:
    """What is stored about a row that has no figure in numbers; None when nothing is."""
    if row_id in _TRAININGS:
        return _TRAININGS[row_id](read_rows(folder / "reproduced.json"), folder)
    for name, sentences in (("digits", _DIGITS), ("cats", _CATS)):
        stored = stored_figures(name, None, folder) if row_id in sentences else None
        if stored is not None:
            text = sentences[row_id](stored)
            date = stored.get("date") or max(row["date"] for row in stored.get(_SECTIONS[row_id]) or stored["noise"])
            scale = _cats_scale(row_id, stored) if name == "cats" else _digits_scale(row_id, stored)
            return MeasuredWords(text, date, scale)
    return None


# --- from the reports' own networks -----------------------------------------------------------


def _whole(rows: Sequence[Row], experiment: str) -> list[Row]:
    """The rows of an experiment that were trained with nothing cut."""
    return [row for row in rows if row["experiment"] == experiment and row["scale"] == "full"]


def _as_report(text: str, rows: Sequence[Row]) -> MeasuredWords:
    return MeasuredWords(text, max(row["date"] for row in rows), "as the report")


def _obfuscated(rows: Sequence[Row], folder: Path) -> MeasuredWords | None:
    """System C3: what permuting pixels costs an MLP and a CNN, by system C1; by the light networks until that is there."""
    for stored, scale in ((_whole(rows, "c1"), "as the report"), (stored_figures("permuted", [], folder), "other network")):
        gaps = _permutation_gaps(stored)
        kinds = {network: PRESETS[network].family == "CNN" for network, _ in gaps}
        if len(set(kinds.values())) == 2:
            mlp, cnn = (fmean(gap for (network, _), gap in gaps.items() if kinds[network] == conv) for conv in (False, True))
            each = "; ".join(f"{PRESETS[network].title} on {value_label('dataset', data)} {points_text(gap)}"
                             for (network, data), gap in gaps.items())
            side = "CNNs lose more, as report 000 found" if cnn > mlp else "MLPs lose more, as report 001 found"
            return MeasuredWords(f"{side}: test accuracy lost to the permutation, in points: {each}",
                                 max(row["date"] for row in stored), scale)
    return None


def _permutation_gaps(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """(network, data set) -> accuracy on original minus on permuted pixels, where both are stored; means over seeds."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows:
        cell = row.get("cell", row)
        pixels = found.setdefault((cell["network"], row["data"]), {})
        pixels.setdefault(cell["pixels"], []).append(row["test_accuracy"])
    return {key: fmean(pixels["original"]) - fmean(pixels["permuted"])
            for key, pixels in sorted(found.items()) if {"original", "permuted"} <= set(pixels)}


def _mlps(rows: Sequence[Row]) -> dict[tuple[str, int, str], float]:
    """(data set, model, activation) -> mean test accuracy of report 000's MLPs; empty until all of them are there."""
    found: dict[tuple[str, int, str], list[float]] = {}
    for row in _whole(rows, "a1"):
        found.setdefault((row["data"], row["cell"]["model"], row["cell"]["activation"]), []).append(row["test_accuracy"])
    return {key: fmean(values) for key, values in found.items()} if len(found) == len(EXPERIMENTS["a1"].cells()) else {}


def _by_layers(rows: Sequence[Row], _: Path) -> MeasuredWords | None:
    """In how many comparisons two hidden layers (models 1, 3, 5) beat one (2, 4, 6) with all else equal."""
    means = _mlps(rows)
    parts = []
    for data in _A1_DATA:
        pairs = [(accuracy, means[data, model + 1, activation])
                 for (other, model, activation), accuracy in means.items() if other == data and model % 2]
        wins = sum(two > one for two, one in pairs)
        parts.append(f"in {wins} of {len(pairs)} pairs on {value_label('dataset', data)}")
    return _of_mlps(rows, "two hidden layers are better " + " and ".join(parts)) if means else None


def _by_activation(rows: Sequence[Row], _: Path) -> MeasuredWords | None:
    return _means_of(rows, lambda model, activation: activation)


def _by_regularisation(rows: Sequence[Row], _: Path) -> MeasuredWords | None:
    return _means_of(rows, lambda model, activation: ("none", "dropout", "L2")[(model - 1) // 2])


def _means_of(rows: Sequence[Row], group: Callable[[int, str], str]) -> MeasuredWords | None:
    """Mean test accuracy of each group of report 000's MLPs, the best first, for both data sets."""
    means = _mlps(rows)
    parts = []
    for data in _A1_DATA:
        groups: dict[str, list[float]] = {}
        for (other, model, activation), accuracy in means.items():
            if other == data:
                groups.setdefault(group(model, activation), []).append(accuracy)
        ranked = sorted(((fmean(values), name) for name, values in groups.items()), reverse=True)
        shown = ", ".join(f"{name} {percent_text(mean)}" for mean, name in ranked)
        parts.append(f"{value_label('dataset', data)}: {shown}")
    return _of_mlps(rows, "; ".join(parts)) if means else None


def _of_mlps(rows: Sequence[Row], text: str) -> MeasuredWords:
    return _as_report(text, _whole(rows, "a1"))


def _spread_of_factors(rows: Sequence[Row], _: Path) -> MeasuredWords | None:
    """At which weight decay the replicates' validation accuracies are spread most, and whether it is the best."""
    own = _whole(rows, "a6_linear")
    factors: dict[float, list[float]] = {}
    for row in own:
        factors.setdefault(row["cell"]["l2"], []).append(row["val_accuracy"])
    spreads = {factor: spread(values) for factor, values in factors.items() if len(values) > 1}
    if not spreads:
        return None
    widest, best = (max(spreads, key=key) for key in (lambda f: spreads[f].std, lambda f: spreads[f].mean))
    where = "the best too" if widest == best else f"not at the best, {best:g}"
    each = ", ".join(f"{factor:g} ± {100 * s.std:.2f}" for factor, s in sorted(spreads.items()))
    return _as_report(f"at {widest:g}, {where}: {each} points", own)


def _minute_head(rows: Sequence[Row], _: Path) -> MeasuredWords | None:
    """What the minute head of D10 is worth: a number is right or wrong only to within so many minutes."""
    own = _whole(rows, "d10_75")
    if not own:
        return None
    one, five = (percent_text(fmean(row[f"test_within_{minutes}"] for row in own)) for minutes in (1, 5))
    return _as_report(f"{one} of the answers are right to 1 minute and {five} to 5", own)


_A1_DATA = ("fashion_mnist", "mnist")
_TRAININGS: dict[str, Callable[[Sequence[Row], Path], MeasuredWords | None]] = {
    "A1.layers": _by_layers, "A1.activation": _by_activation, "A1.regularisation": _by_regularisation,
    "C3": _obfuscated, "A6.spread": _spread_of_factors, "D10.minute_head": _minute_head,
}


# --- from what digits and cats have ----------------------------------------------------------


def _digits_scale(row_id: str, stored: Stored) -> str:
    """E7 is the report's idea and no network of its own."""
    ours = row_id == "E7" or (row_id == "E3" and not stored.get("report_classifier"))
    return "other network" if ours else "as the report"


def _cats_scale(row_id: str, stored: Stored) -> str:
    """The report's own network, trained as long as there or shorter, or another one."""
    name, _ = _CAT_NETWORKS.get(row_id, ("", ""))
    if name not in stored["cards"]:
        return "other network"
    whole = len(stored.get("history", {}).get(name, ())) >= GENERATIVE_PRESETS[name].train.epochs
    return "as the report" if whole and not _missing_cats(stored) else "reduced"


def _missing_cats(stored: Stored) -> str:
    """"7,536 different images for the report's 15,746, many of them repeats": what is left out of the report's set."""
    images = stored["data"]["train"]
    return "" if images >= REPORT_IMAGES else (f"{images:,} images to learn from, all different, where the report had "
                                               f"{REPORT_IMAGES:,} with many repeats")


def _noise(stored: Stored, method: str, level: float) -> Stored:
    return next(r for r in stored["noise"] if (r["data"], r["noise"], r["method"], r["level"]) ==
                ("mnist", "salt_pepper", method, level))


def _way(stored: Stored, name: str) -> Stored:
    return next(row for row in stored["inventions"] if row["way"] == name)


def _denoiser(stored: Stored) -> str:
    shares = [f"{percent_text(_noise(stored, 'dense', level)['accuracy'], 0)} at {level}" for level in (0.5, 0.6, 0.7)]
    return "of the digits it cleaned, our classifier reads " + ", ".join(shares)


def _crossing(stored: Stored) -> str:
    rows = stored.get("report_classifier") or stored["plain"]
    name = "the report's CNN (B4)" if stored.get("report_classifier") else "a light CNN"
    read = {(r["method"], r["level"]): r["accuracy"] for r in rows if r["noise"] == "salt_pepper"}
    parts = [f"{percent_text(read['nothing', level])} noisy and {percent_text(read['dense', level])} cleaned at {level}"
             for level in (0.0, 0.2, 0.5)]
    gains = [read["dense", level] - read["nothing", level] for level in sorted({level for _, level in read})]
    crosses = gains[0] < 0 < max(gains)
    return f"the curves {'cross' if crosses else 'do not cross'}: {name} reads " + ", ".join(parts)


def _gallery(stored: Stored) -> str:
    parts = [f"{_noise(stored, 'dense', level)['psnr']:.1f} dB at {level}" for level in (0.2, 0.3, 0.8)]
    return "on the Clean a noisy digit page, any level; the autoencoder's mean PSNR is " + ", ".join(parts)


def _mixed(stored: Stored) -> str:
    pairs = stored.get("mixed_pairs")
    if not pairs:
        return _recognised("mix")(stored)
    same, other = (next(r["recognised"] for r in pairs if r["pairs"] == kind) for kind in ("one class", "two classes"))
    return (f"{percent_text(same, 0)} clearly recognised when both digits are of one class, {percent_text(other, 0)} when "
            "they are of two")


def _recognised(name: str) -> Callable[[Stored], str]:
    def sentence(stored: Stored) -> str:
        row = _way(stored, name)
        asked = "" if row["agrees"] is None else f", {percent_text(row['agrees'], 0)} as the digit meant"
        return f"{percent_text(row['recognised'], 0)} clearly recognised{asked}, diversity {row['diversity']:.2f}"

    return sentence


def _cat_network(row_id: str) -> Callable[[Stored], str]:
    """The report's network where it was measured, and the better one."""
    def sentence(stored: Stored) -> str:
        own, better = _CAT_NETWORKS[row_id]
        parts = [words + _card(stored["cards"][name]) for words, name in (("", own), ("a better one: ", better))
                 if name in stored["cards"]]
        left_out = _missing_cats(stored) if own in stored["cards"] else ""
        return "; ".join([*parts, *([left_out] if left_out else [])])

    return sentence


def _card(card: Stored) -> str:
    return (f"Fréchet distance {fmean(card['frechet']):.0f}, recall {fmean(card['recall']):.2f}, sharpness "
            f"{fmean(card['sharpness']):.2f} of real")


def _sharper(stored: Stored) -> str:
    gan, vae = (fmean(stored["cards"][name]["sharpness"]) for name in ("gan_better", "vae_better"))
    return f"the {'GAN' if gan > vae else 'VAE'} is sharper: {gan:.2f} (GAN) and {vae:.2f} (VAE) of real faces' sharpness"


#: The report's network and ours.
_CAT_NETWORKS = {"F1": ("f1_gan", "gan_better"), "F2": ("f2_vae", "vae_better")}
_DIGITS: dict[str, Callable[[Stored], str]] = {
    "E1": _denoiser, "E2": _gallery, "E3": _crossing, "E4": _mixed, "E5": _recognised("salt"), "E6": _recognised("map"),
    "E7": _recognised("reversed"),
}
#: The stored rows that a sentence is about.
_SECTIONS = {"E1": "noise", "E2": "noise", "E3": "report_classifier", "E4": "mixed_pairs", "E5": "inventions",
             "E6": "inventions", "E7": "inventions"}
_CATS: dict[str, Callable[[Stored], str]] = {
    "F1": _cat_network("F1"), "F2": _cat_network("F2"), "F3": _sharper,
}
