"""Stored figures of every way to clean images, over the test set (systems E1 and E3)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import count_text, percent_text
from lib.catalog.digits import CLASSIFIERS, NOISE_TRAINED, SHOWN_METHODS
from lib.measures.corruptions import NOISES
from lib.measures.denoising import denoising_words
from lib.ui.denoise.bench import NOISE_TITLES
from lib.ui.denoise.mistakes import mistakes_panel
from lib.ui.digits.networks import measured
from lib.ui.widgets.charts import show_chart
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
    _helping(data, kind)
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
               f"method, read by our classifier unless another is chosen. Measured {max(row['date'] for row in rows)}. "
               f"{_SAW.get(data, _SAW_CLEAN)}")
    if data == "mnist":
        st.markdown(_classifier_words())
        mistakes_panel()
    st.markdown("**The report said** (004): cleaning helps when there is noise and harms when there is none, so the curves "
                "cross; its denoiser works up to about 0.5. It printed curves, no figures.")


def _helping(data: str, kind: str) -> None:
    """Does denoising help at all? Curves of the ways to read a noisy image, and the answer in words."""
    from lib.charts.denoise import READING_STYLES, level_chart, reading_rows

    rows = [row for row in measured("noisy_readings") if row["data"] == data and row["noise"] == kind]
    if not rows:
        return
    st.markdown("**Does denoising help at all?**")
    legend(READING_STYLES)
    show_chart(st, level_chart(reading_rows(rows), "accuracy", styles=READING_STYLES), key="chart_readings",
               alt="Share of test images recognised against the level of noise, by way to read them")
    images = sorted({row["images"] for row in rows})
    st.markdown(denoising_words(rows))
    counts = " or ".join(f"{count:,}" for count in images)
    st.caption(f"{counts} test images a level, read by networks of one architecture. The noise-trained classifier went on "
               "from the weights of such a one with noise of every kind and of levels up to 0.9. Denoised by our "
               f"convolutional network. {_budgets()} Measured {rows[0]['date']}. A difference is one of more than twice the "
               "standard error.")


def _budgets() -> str:
    """How many noisy images the noise-trained classifier and the denoiser learned from: more are an advantage."""
    from lib.models.checkpoints import manifest

    entries = [manifest()[name] for name in (NOISE_TRAINED, "digits/mnist_conv")]
    classifier, denoiser = (entry["epochs"] * entry["data"]["train"] for entry in entries)
    return f"The noise-trained classifier learned from {classifier:,} noisy images, the denoiser from {denoiser:,}."


def crossing_words(name: str, level: float | None) -> str:
    """From which level of noise on it helps to clean with the method called `name`; None for no crossing."""
    if level is None:
        return f"{name}: there is no crossing."
    if level < _LOW:
        return f"{name}: cleaning pays as soon as there is any noise."
    return f"{name}: cleaning pays from level {level:.2f} on; below it costs a little."


def _classifier_words() -> str:
    """How good the classifier itself is, on MNIST and on digits from elsewhere."""
    accuracies = [row["metrics"]["test_accuracy"] for row in measured("trained") if row["name"] == CLASSIFIERS["mnist"]]
    others = {row["name"]: row for row in measured("elsewhere")}
    mean = sum(accuracies) / len(accuracies)
    elsewhere, plain = others[CLASSIFIERS["mnist"]], others["permuted/mnist_cnn_original"]
    shares = [percent_text(share) for share in (mean, elsewhere["accuracy"], plain["accuracy"])]
    return (f"**The classifier** reads {shares[0]} of MNIST's 10,000 test images (mean of "
            f"{count_text(len(accuracies), 'training')}), and {shares[1]} of {elsewhere['images']:,} digits by other "
            "writers (scikit-learn's, 8x8 pixels, enlarged and centred); a light CNN that learned MNIST as it is reads "
            f"{shares[2]} of those. The tab *Our classifier* shows what else it was tested on, and what it gets wrong.")


def _curves(rows: list[dict[str, Any]], read: list[dict[str, Any]], label: int | None, figure: str) -> None:
    from lib.charts.denoise import STYLES, crossing, level_chart, level_rows

    accuracy = level_rows(read, "accuracy", label)
    marks = {key: crossing(accuracy, SHOWN_METHODS["nothing"], SHOWN_METHODS[key]) for key in ("conv", "dense")}
    legend(STYLES)
    left, right = side_by_side("denoise_curves", kind="charts")
    show_chart(left, level_chart(accuracy, "accuracy", marks["conv"]), key="chart_accuracy",
               alt="Share of test images recognised against the level of noise")
    left.caption("  \n".join(crossing_words(SHOWN_METHODS[key], level) for key, level in marks.items()))
    shown = [row for row in rows if row["level"] > 0] if figure == "psnr" else rows
    show_chart(right, level_chart(level_rows(shown, figure), figure), key="chart_quality",
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
