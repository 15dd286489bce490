"""A classifier inside after one of its epochs: first weights, layers, classes, and predictions for the same images."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from lib import datasets
from lib.base.percent import percent_text
from lib.images.sheets import contact_sheet, filter_sheet
from lib.measures.epoch_recording import EpochRecording, rms_gradients
from lib.runs import run_home
from lib.spec.permutations import apply, inverse, make_permutation
from lib.spec.specs import RunSpec
from lib.spec.summary import summarise
from lib.spec.variations import with_classes
from lib.ui.widgets.answers import MAX_BARS, STYLE, bars_html, mark_of, shares_of
from lib.ui.widgets.charts import show_spec
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import side_by_side

#: Gradients of a typical weight are drawn on a logarithmic scale from here to here.
_GRADIENTS = (1e-8, 1.0)
_BAR = "#0072B2"
_CSS = """<style>
.inside-title { font-size: .95rem; font-weight: 600; margin: .2rem 0 .4rem; }
.inside-note { font-size: .8rem; opacity: .85; margin: .35rem 0 .9rem; }
.inside-answers { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.6rem, 1fr)); gap: .5rem .6rem; }
.inside-answers figure { margin: 0; min-width: 0; }
.inside-answers figcaption { font-size: .78rem; line-height: 1.25; overflow-wrap: anywhere; }
.inside-layers { border-collapse: collapse; font-size: .82rem; width: 100%; font-variant-numeric: tabular-nums; }
.inside-layers th, .inside-layers td { text-align: right; padding: .2rem .5rem; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.inside-layers th:first-child, .inside-layers td:first-child { text-align: left; white-space: normal; padding-left: 0; }
.inside-layers .answer-bar { width: 5rem; display: inline-block; vertical-align: middle; margin-left: .4rem; }
@media (max-width: 640px) { .inside-layers .answer-bar { display: none; } .inside-layers td, .inside-layers th {
  padding: .2rem .3rem; white-space: normal; } }
.inside-dead { color: light-dark(#b3261e, #ff9a91); font-weight: 600; }
</style>"""


@dataclass(frozen=True, slots=True)
class InsideWords:
    """What the layers of a run are called, from the first on, and its classes; `shape` is that of its images."""

    layers: tuple[str, ...]
    classes: tuple[str, ...]
    shape: tuple[int, int, int]


def inside_words(spec: RunSpec) -> InsideWords:
    """The words for a classifier's recordings; raises LabError when its data set is gone."""
    info = datasets.info(spec.data.dataset, home=run_home())
    rows = summarise(with_classes(spec.architecture, info.classes), info.image_shape)
    return InsideWords(tuple(row.description for row in rows), tuple(info.class_names), info.image_shape)


def inside_panel(folder: Path, epoch: int, spec: RunSpec) -> None:
    """Draw what was recorded after `epoch` (0-based); raises LabError when it cannot be read."""
    from lib.models.recording import epoch_recording, shown_images

    words, recorded, shown = inside_words(spec), epoch_recording(folder, epoch), shown_images(folder)
    left, right = side_by_side("inspect", kind="charts")
    back = _put_back(spec, words)
    with left:
        st.html(STYLE + _CSS + _answers(recorded, shown, words, back) + _filters(recorded, back, epoch)
                + _layers(recorded, words))
    with right:
        _confusion(recorded, words)


def _put_back(spec: RunSpec, words: InsideWords) -> np.ndarray | None:
    """The order that undoes the run's permutation of pixels; None where it has none."""
    permutation = spec.data.permutation
    return None if permutation is None else inverse(make_permutation(permutation, *words.shape[:2]))


def _title(text: str) -> str:
    return f'<div class="inside-title">{html.escape(text)}</div>'


def _answers(recorded: EpochRecording, shown: dict[str, np.ndarray], words: InsideWords, back: np.ndarray | None) -> str:
    images, labels = shown["images"], shown["labels"]
    if not len(recorded.outputs):
        return '<div class="inside-note">Without validation images there are no predictions to show.</div>'
    shares = shares_of(recorded.outputs.astype(np.float32))
    images = images if back is None else apply(images, back)
    tiles = [_tile(image, int(label), share, words.classes)
             for image, label, share in zip(images, labels, shares, strict=True)]
    right = int((shares.argmax(axis=1) == labels).sum())
    return (_title(f"Predictions for {len(tiles)} validation images: {right} right")
            + f'<div class="inside-answers">{"".join(tiles)}</div>'
            + '<div class="inside-note">The same images after every epoch; wrong ones are red and struck through.</div>')


def _tile(image: np.ndarray, label: int, share: np.ndarray, classes: Sequence[str]) -> str:
    answer = int(share.argmax())
    said, true = classes[answer], classes[label]
    drawn = image_html(contact_sheet(image[None], 1, scale=1, gap=0), f"{true}, taken for {said}", width="3.2rem")
    return (f'<figure title="{html.escape(f"is {true}", quote=True)}">{drawn}<figcaption>'
            f'<span class="{mark_of(answer, label)}">{html.escape(said)}</span> {percent_text(float(share[answer]), 0)}'
            "</figcaption></figure>")


def _filters(recorded: EpochRecording, back: np.ndarray | None, epoch: int) -> str:
    weights = recorded.filter_weights
    if not len(weights):
        return ""
    side = weights.shape[1]
    if back is not None and weights.shape[1] * weights.shape[2] == len(back):
        weights = apply(weights, back)
    convolves = side < 12
    grey = weights.shape[-1] == 1
    sheet = filter_sheet(weights[..., 0] if grey else weights, 8 if convolves else 10, 6 if convolves else 1)
    words = "filters of the first convolution" if convolves else "units of the first layer, a weight for each pixel"
    colors = "Orange adds, blue subtracts." if grey else "In the colours that each of them responds to."
    alt = f"First-layer weights after epoch {epoch + 1}"
    width = f"min(100%, {sheet.shape[1] * (1.6 if convolves else 1.9):.0f}px)"
    return (_title(f"The first {len(weights)} {words}") + image_html(sheet, alt, width=width)
            + f'<div class="inside-note">{colors}</div>')


def _confusion(recorded: EpochRecording, words: InsideWords) -> None:
    from lib.charts.confusion import confusion_rows, confusion_spec

    if not len(recorded.confusion):
        return
    images = int(recorded.confusion.sum())
    st.html(_title(f"Confusion matrix of {images:,} validation images"))
    rows = confusion_rows(recorded.confusion.astype(np.int64), words.classes)
    show_spec(st, rows, confusion_spec(words.classes), key="inside_confusion", width="stretch",
              alt="Confusion matrix of the validation images")
    accuracy = np.nan_to_num(recorded.class_accuracy)
    worst = np.sort(np.argsort(accuracy, kind="stable")[:MAX_BARS])
    few = "" if len(accuracy) <= MAX_BARS else f", the {MAX_BARS} lowest"
    st.html(_title(f"Accuracy of each class{few}")
            + bars_html([words.classes[label] for label in worst], accuracy[worst], _BAR))


def _layers(recorded: EpochRecording, words: InsideWords) -> str:
    """A table of the layers that have weights or ReLUs."""
    typical = rms_gradients(recorded)
    places = sorted({*recorded.layers.tolist(), *recorded.relus.tolist()})
    cells: dict[int, dict[str, str]] = {place: {} for place in places}
    for index, place in enumerate(recorded.layers.tolist()):
        cells[place] |= {"weights": f"{recorded.weights[index]:.3g}", "gradient": f"{recorded.gradients[index]:.2g}",
                         "typical": f"{typical[index]:.1e}{_gradient_bar(float(typical[index]))}"}
    for index, place in enumerate(recorded.relus.tolist()):
        mark = ' class="inside-dead"' if recorded.dead[index] >= 0.4 else ""
        cells[place]["dead"] = f"<span{mark}>{percent_text(float(recorded.dead[index]), 0)}</span>"
    lines = "".join(
        f"<tr><td>{place + 1} {html.escape(words.layers[place] if place < len(words.layers) else '')}</td>"
        + "".join(f"<td>{row.get(name, '–')}</td>" for name in ("weights", "gradient", "typical", "dead")) + "</tr>"
        for place, row in cells.items())
    head = "".join(f'<th scope="col">{name}</th>' for name in (
        "layer", "weights", "gradient", "gradient per weight", "dead units"))
    return (_title("Layers") + f'<div style="overflow-x:auto"><table class="inside-layers"><thead><tr>{head}</tr></thead>'
            f"<tbody>{lines}</tbody></table></div>"
            f'<div class="inside-note">Lengths (L2 norms) over the same {int(recorded.probe)} training images each time, '
            "dropout off. A dead unit is a ReLU whose output is 0 for all of them; bars are logarithmic.</div>")


def _gradient_bar(value: float) -> str:
    low, high = (np.log10(end) for end in _GRADIENTS)
    share = 0.0 if not value > 0 else float(np.clip((np.log10(value) - low) / (high - low), 0, 1))
    return f'<span class="answer-bar"><div style="width:{100 * share:.0f}%;background:{_BAR}"></div></span>'
