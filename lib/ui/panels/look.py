"""A classifier inside after one of its epochs: first weights, layers, classes, and what it says of the same images."""

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
from lib.measures.look import EpochLook, rms_gradients
from lib.runs import run_home
from lib.spec.permutations import apply, inverse, make_permutation
from lib.spec.specs import RunSpec, with_classes
from lib.spec.summary import summarise
from lib.ui.widgets.answers import MAX_BARS, STYLE, bars_html, mark_of, shares_of
from lib.ui.widgets.layout import side_by_side
from lib.ui.widgets.pictures import picture_html

#: Gradients of a typical weight are drawn on a logarithmic scale from here to here.
_GRADIENTS = (1e-8, 1.0)
_BAR = "#0072B2"
_CSS = """<style>
.look-title { font-size: .95rem; font-weight: 600; margin: .2rem 0 .4rem; }
.look-note { font-size: .8rem; opacity: .85; margin: .35rem 0 .9rem; }
.look-answers { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.6rem, 1fr)); gap: .5rem .6rem; }
.look-answers figure { margin: 0; min-width: 0; }
.look-answers figcaption { font-size: .78rem; line-height: 1.25; overflow-wrap: anywhere; }
.look-layers { border-collapse: collapse; font-size: .82rem; width: 100%; font-variant-numeric: tabular-nums; }
.look-layers th, .look-layers td { text-align: right; padding: .2rem .5rem; white-space: nowrap;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.look-layers th:first-child, .look-layers td:first-child { text-align: left; white-space: normal; padding-left: 0; }
.look-layers .answer-bar { width: 5rem; display: inline-block; vertical-align: middle; margin-left: .4rem; }
.look-dead { color: light-dark(#b3261e, #ff9a91); font-weight: 600; }
</style>"""


@dataclass(frozen=True, slots=True)
class LookWords:
    """What the layers of a run are called, from the first on, and its classes; `shape` is that of its images."""

    layers: tuple[str, ...]
    classes: tuple[str, ...]
    shape: tuple[int, int, int]


def look_words(spec: RunSpec) -> LookWords:
    """The words for a classifier's looks; raises LabError when its data set is gone."""
    info = datasets.info(spec.data.dataset, home=run_home())
    rows = summarise(with_classes(spec.architecture, info.classes), info.image_shape)
    return LookWords(tuple(row.description for row in rows), tuple(info.class_names), info.image_shape)


def look_panel(folder: Path, epoch: int, spec: RunSpec) -> None:
    """Draw the look after `epoch` (0-based); raises LabError when it cannot be read."""
    from lib.models.recording import epoch_look, shown_images

    words, look, shown = look_words(spec), epoch_look(folder, epoch), shown_images(folder)
    left, right = side_by_side("look", kind="charts")
    back = _put_back(spec, words)
    with left:
        st.html(STYLE + _CSS + _answers(look, shown, words, back) + _filters(look, back) + _layers(look, words))
    with right:
        _confusion(look, words)


def _put_back(spec: RunSpec, words: LookWords) -> np.ndarray | None:
    """The order that undoes the run's permutation of pixels; None where it has none."""
    permutation = spec.data.permutation
    return None if permutation is None else inverse(make_permutation(permutation, *words.shape[:2]))


def _title(text: str) -> str:
    return f'<div class="look-title">{html.escape(text)}</div>'


def _answers(look: EpochLook, shown: dict[str, np.ndarray], words: LookWords, back: np.ndarray | None) -> str:
    images, labels = shown["images"], shown["labels"]
    if not len(look.outputs):
        return '<div class="look-note">Without validation images there are no answers to show.</div>'
    shares = shares_of(look.outputs.astype(np.float32))
    images = images if back is None else apply(images, back)
    tiles = [_tile(image, int(label), share, words.classes)
             for image, label, share in zip(images, labels, shares, strict=True)]
    right = int((shares.argmax(axis=1) == labels).sum())
    return (_title(f"What it says of {len(tiles)} validation images: {right} right")
            + f'<div class="look-answers">{"".join(tiles)}</div>'
            + '<div class="look-note">The same images after every epoch; a wrong answer is red and struck through.</div>')


def _tile(image: np.ndarray, label: int, share: np.ndarray, classes: Sequence[str]) -> str:
    answer = int(share.argmax())
    said, true = classes[answer], classes[label]
    picture = picture_html(contact_sheet(image[None], 1, scale=1, gap=0), f"{true}, taken for {said}", width="3.2rem")
    return (f'<figure title="{html.escape(f"is {true}", quote=True)}">{picture}<figcaption>'
            f'<span class="{mark_of(answer, label)}">{html.escape(said)}</span> {percent_text(float(share[answer]), 0)}'
            "</figcaption></figure>")


def _filters(look: EpochLook, back: np.ndarray | None) -> str:
    weights = look.filter_weights
    if not len(weights):
        return ""
    side = weights.shape[1]
    if back is not None and weights.shape[1] * weights.shape[2] == len(back):
        weights = apply(weights, back)
    convolves = side < 12
    grey = weights.shape[-1] == 1
    sheet = filter_sheet(weights[..., 0] if grey else weights, 8 if convolves else 10, 6 if convolves else 1)
    words = "filters of the first convolution" if convolves else "units of the first layer, a weight for each pixel"
    colors = "Orange adds, blue subtracts." if grey else "In the colours that each of them looks for."
    width = f"min(100%, {sheet.shape[1] * (1.6 if convolves else 1.9):.0f}px)"
    return (_title(f"The first {len(weights)} {words}") + picture_html(sheet, "First-layer weights", width=width)
            + f'<div class="look-note">{colors}</div>')


def _confusion(look: EpochLook, words: LookWords) -> None:
    from lib.charts.confusion import confusion_rows, confusion_spec

    if not len(look.confusion):
        return
    images = int(look.confusion.sum())
    st.html(_title(f"Which class is taken for which? {images:,} validation images"))
    rows = confusion_rows(look.confusion.astype(np.int64), words.classes)
    st.vega_lite_chart(rows, confusion_spec(words.classes), key="look_confusion", width="stretch",
                       alt="Confusion matrix of the validation images")
    accuracy = np.nan_to_num(look.class_accuracy)
    worst = np.sort(np.argsort(accuracy, kind="stable")[:MAX_BARS])
    few = "" if len(accuracy) <= MAX_BARS else f", the {MAX_BARS} lowest"
    st.html(_title(f"Right of each class{few}")
            + bars_html([words.classes[label] for label in worst], accuracy[worst], _BAR))


def _layers(look: EpochLook, words: LookWords) -> str:
    """A table of the layers that have weights or ReLUs."""
    typical = rms_gradients(look)
    cells: dict[int, dict[str, str]] = {int(place): {} for place in sorted({*look.layers.tolist(), *look.relus.tolist()})}
    for index, place in enumerate(look.layers.tolist()):
        cells[place] |= {"weights": f"{look.weights[index]:.3g}", "gradient": f"{look.gradients[index]:.2g}",
                         "typical": f"{typical[index]:.1e}{_gradient_bar(float(typical[index]))}"}
    for index, place in enumerate(look.relus.tolist()):
        mark = ' class="look-dead"' if look.dead[index] >= 0.4 else ""
        cells[place]["dead"] = f"<span{mark}>{percent_text(float(look.dead[index]), 0)}</span>"
    lines = "".join(
        f"<tr><td>{place + 1} {html.escape(words.layers[place] if place < len(words.layers) else '')}</td>"
        + "".join(f"<td>{row.get(name, '–')}</td>" for name in ("weights", "gradient", "typical", "dead")) + "</tr>"
        for place, row in cells.items())
    head = "".join(f'<th scope="col">{name}</th>' for name in (
        "layer", "weights", "gradient", "gradient per weight", "dead units"))
    return (_title("Layers") + f'<div style="overflow-x:auto"><table class="look-layers"><thead><tr>{head}</tr></thead>'
            f"<tbody>{lines}</tbody></table></div>"
            f'<div class="look-note">Lengths (L2 norms) over {int(look.probe)} training images, the same after every epoch, '
            "dropout off. A dead unit is a ReLU that puts out 0 for all of them; bars are logarithmic.</div>")


def _gradient_bar(value: float) -> str:
    low, high = (np.log10(end) for end in _GRADIENTS)
    share = 0.0 if not value > 0 else float(np.clip((np.log10(value) - low) / (high - low), 0, 1))
    return f'<span class="answer-bar"><div style="width:{100 * share:.0f}%;background:{_BAR}"></div></span>'
