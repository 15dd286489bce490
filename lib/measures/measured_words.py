"""What was measured where a report printed images and words: systems E and F, as a sentence and a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from lib.base.folders import MEASURED
from lib.base.percent import percent_text
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.measures.measured import stored_figures

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MeasuredWords:
    """What was measured, as a sentence; when; and whether "as the report" or of an "other network"."""

    text: str
    date: str
    scale: str


def words_of(row_id: str, folder: Path = MEASURED) -> MeasuredWords | None:
    """What is stored about a row of systems E and F; None when nothing is."""
    for name, sentences in (("digits", _DIGITS), ("cats", _CATS)):
        stored = stored_figures(name, None, folder) if row_id in sentences else None
        if stored is not None:
            text = sentences[row_id](stored)
            date = stored.get("date") or max(row["date"] for row in stored.get(_SECTIONS[row_id]) or stored["noise"])
            scale = _cats_scale(row_id, stored) if name == "cats" else _digits_scale(row_id, stored)
            return MeasuredWords(text, date, scale)
    return None


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
    return "as the report" if whole else "reduced"


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
        return "; ".join(parts)

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
