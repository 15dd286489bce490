"""Stored figures of every way to clean images, over the test set (systems E1 and E3)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import percent_text
from lib.catalog.digits import SHOWN_METHODS
from lib.measures.corruptions import NOISES
from lib.ui.denoise.bench import NOISE_TITLES
from lib.ui.digits.networks import measured
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.legend import legend

#: Who reads the cleaned images.
_READERS = {"ours": "our classifier", "plain": "a light CNN", "report_classifier": "the report's CNN (B4)"}
#: What the classifier of a set saw while it learned.
_SAW = {"mnist": "The classifier never saw noise; it learned from digits that were also turned, bent and shifted, with "
                 "thinner, broader and softer strokes."}
#: A crossing below this level is none that anybody would see.
_LOW = 0.02
_SAW_CLEAN = "The classifier learned from the images as they are."


def measured_panel(data: str) -> None:
    """Choose noise and class; curves of accuracy, PSNR and SSIM; a table; what the report said."""
    kind = st.pills("Noise", list(NOISES), format_func=NOISE_TITLES.__getitem__, key="measured_noise",
                                default="salt_pepper", required=True)
    rows = [row for row in measured("noise") if row["data"] == data and row["noise"] == kind]
    if not rows:
        st.caption("Nothing measured yet for these images: run scripts/train_digits.py.")
        return
    names = datasets.DATASETS[data].class_names
    read = {"ours": rows}
    for name in list(_READERS)[1:]:
        found = [row for row in measured(name) if row["data"] == data and row["noise"] == kind]
        read |= {name: found} if found else {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.pills("True-positive rate of", [*range(len(names))], format_func=lambda n: names[n],
                         key="measured_class", help="Choose a class, or none for all of them.")
        reader = "ours"
        if len(read) > 1:
            reader = st.segmented_control("Read by", list(read), format_func=_READERS.__getitem__, default="ours",
                                          required=True, key="measured_reader")
        figure = st.segmented_control("Quality", ["psnr", "ssim"], format_func=str.upper, key="measured_quality",
                                      default="psnr", required=True)
    _curves(rows, read.get(reader, rows), label, figure)
    _table(rows)
    first = rows[0]
    st.caption(f"{first['images']:,} test images of {datasets.DATASETS[data].title}, the same noise (seed 1) for every "
               f"method. Measured {first['date']} on two CPU cores. {_SAW.get(data, _SAW_CLEAN)}")
    if data == "mnist":
        st.markdown(_classifier_words())
    st.markdown("**The report said** (004): cleaning helps when there is noise and harms when there is none, so the curves "
                "cross; its denoiser works up to about 0.5. It printed curves, no figures.")


def crossing_words(name: str, level: float | None) -> str:
    """From which level of noise on it helps to clean with the method called `name`; None for no crossing."""
    if level is None:
        return f"{name}: there is no crossing."
    if level < _LOW:
        return f"{name}: cleaning pays as soon as there is any noise."
    return f"{name}: cleaning pays from level {level:.2f} on; below it costs a little."


def _classifier_words() -> str:
    """How good the classifier itself is, on MNIST and on digits from elsewhere."""
    accuracies = [row["metrics"]["test_accuracy"] for row in measured("trained") if row["name"] == "digits/reader"]
    others = {row["name"]: row for row in measured("elsewhere")}
    mean = sum(accuracies) / len(accuracies)
    elsewhere, plain = others["digits/reader"], others["permuted/mnist_cnn_original"]
    figures = [percent_text(share) for share in (mean, elsewhere["accuracy"], plain["accuracy"])]
    return (f"**The classifier** reads {figures[0]} of MNIST's 10,000 test images (mean of {len(accuracies)} seeds), and "
            f"{figures[1]} of {elsewhere['images']:,} digits by other writers (scikit-learn's, 8x8 pixels, enlarged and "
            f"centred); a light CNN that learned MNIST as it is reads {figures[2]} of those. It learned from turned, bent, "
            "slanted and shifted digits with thinner and broader strokes, to know yours.")


def _curves(rows: list[dict[str, Any]], read: list[dict[str, Any]], label: int | None, figure: str) -> None:
    from lib.charts.denoise import STYLES, crossing, level_chart, level_rows

    accuracy = level_rows(read, "accuracy", label)
    marks = {key: crossing(accuracy, SHOWN_METHODS["nothing"], SHOWN_METHODS[key]) for key in ("conv", "dense")}
    legend(STYLES)
    left, right = side_by_side("denoise_curves", kind="charts")
    left.altair_chart(level_chart(accuracy, "accuracy", marks["conv"]), key="chart_accuracy",
                      alt="Share of test images recognised against the level of noise")
    left.caption("  \n".join(crossing_words(SHOWN_METHODS[key], level) for key, level in marks.items()))
    shown = [row for row in rows if row["level"] > 0] if figure == "psnr" else rows
    right.altair_chart(level_chart(level_rows(shown, figure), figure), key="chart_quality",
                       alt=f"{figure.upper()} against the level of noise")


def _table(rows: list[dict[str, Any]]) -> None:
    """A line for each method and level: in columns for each level words would be cut off."""
    lines = []
    for level in (0.2, 0.5, 0.8):
        for method, title in SHOWN_METHODS.items():
            row = next(row for row in rows if row["level"] == level and row["method"] == method)
            lines.append({"noise level": f"{level:.1f}", "method": title, "right": percent_text(row["accuracy"]),
                          "PSNR (dB)": f"{row['psnr']:.1f}", "SSIM": f"{row['ssim']:.2f}"})
    st.table(lines, hide_index=True)
