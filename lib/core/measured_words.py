"""What was measured where a report printed pictures and words: systems E and F, as a sentence and a date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

from lib.core.measured import MEASURED, stored_figures

Stored = Mapping[str, Any]


def words_of(row_id: str, folder: Path = MEASURED) -> tuple[str, str] | None:
    """A sentence and the date of its measurement for a row of systems E and F; None when nothing is stored."""
    for name, sentences in (("digits", _DIGITS), ("cats", _CATS)):
        stored = stored_figures(name, None, folder) if row_id in sentences else None
        if stored is not None:
            return sentences[row_id](stored), stored.get("date") or stored["noise"][0]["date"]
    return None


def _noise(stored: Stored, method: str, level: float) -> Stored:
    return next(r for r in stored["noise"] if (r["data"], r["noise"], r["method"], r["level"]) ==
                ("mnist", "salt_pepper", method, level))


def _way(stored: Stored, name: str) -> Stored:
    return next(row for row in stored["inventions"] if row["way"] == name)


def _denoiser(stored: Stored) -> str:
    shares = [f"{100 * _noise(stored, 'dense', level)['accuracy']:.0f} % at {level}" for level in (0.5, 0.6, 0.7)]
    return "of the digits it cleaned, our classifier reads " + ", ".join(shares)


def _crossing(stored: Stored) -> str:
    plain = {(r["method"], r["level"]): r["accuracy"] for r in stored["plain"] if r["noise"] == "salt_pepper"}
    parts = [f"{100 * plain['nothing', level]:.1f} % noisy and {100 * plain['dense', level]:.1f} % cleaned at {level}"
             for level in (0.0, 0.2, 0.5)]
    return "the curves cross: a light CNN reads " + ", ".join(parts)


def _recognised(name: str) -> Callable[[Stored], str]:
    def sentence(stored: Stored) -> str:
        row = _way(stored, name)
        asked = "" if row["agrees"] is None else f", {100 * row['agrees']:.0f} % as the digit meant"
        return f"{100 * row['recognised']:.0f} % clearly recognised{asked}, diversity {row['diversity']:.2f}"

    return sentence


def _card(stored: Stored, name: str) -> str:
    card = stored["cards"][name]
    return (f"a better one: Frechet distance {fmean(card['frechet']):.0f}, recall {fmean(card['recall']):.2f}, sharpness "
            f"{fmean(card['sharpness']):.2f} of real; the report's needs hours, not trained")


def _sharper(stored: Stored) -> str:
    gan, vae = (fmean(stored["cards"][name]["sharpness"]) for name in ("gan_better", "vae_better"))
    return f"the GAN is sharper: {gan:.2f} of real faces' sharpness against {vae:.2f}"


_DIGITS: dict[str, Callable[[Stored], str]] = {
    "E1": _denoiser, "E3": _crossing, "E4": _recognised("mix"), "E5": _recognised("salt"), "E6": _recognised("map"),
    "E7": _recognised("reversed"),
}
_CATS: dict[str, Callable[[Stored], str]] = {
    "F1": lambda stored: _card(stored, "gan_better"), "F2": lambda stored: _card(stored, "vae_better"), "F3": _sharper,
}
