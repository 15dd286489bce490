"""What a network of the page Inside answers, by what its part of the task says."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib.base.percent import percent_text
from lib.catalog.heads import HEADS
from lib.catalog.tasks import Answer
from lib.spec.settings import GanSettings
from lib.ui.inside.choice import Choice
from lib.ui.inside.words import number_text
from lib.ui.widgets.answers import STYLE, bars_html, says_html, shares_of
from lib.ui.widgets.image_picker import Gallery
from lib.ui.widgets.images import image_html
from lib.ui.words import as_text

_BAR_COLOR = "#0072B2"


def answer_panel(choice: Choice, gallery: Gallery, outputs: np.ndarray, what: str, label: int | None = None) -> None:
    """Draw the answer; `what` says what was given, `label` the right class where that is known."""
    _DRAW[choice.part.says](choice, gallery, outputs, label)
    known = "" if choice.accuracy is None else f" Of all test images it gets {percent_text(choice.accuracy)} right."
    untrained = " Its weights are random: nobody has trained it." if choice.kind == "preset" else ""
    wrong = " A wrong answer is red and struck through." if label is not None and choice.says_class else ""
    st.caption(f"Shown: {as_text(what)}.{wrong}{known}{untrained}")


def _class(choice: Choice, gallery: Gallery, outputs: np.ndarray, label: int | None) -> None:
    shares = shares_of(outputs[None])[0]
    st.html(f"{STYLE}<div>Prediction</div>{says_html(gallery.names, shares, label)}"
            f"{bars_html(gallery.names, shares, _BAR_COLOR)}")


def _time(choice: Choice, gallery: Gallery, outputs: np.ndarray, label: int | None) -> None:
    assert choice.spec.head is not None
    minutes = float(HEADS[choice.spec.head.kind].decode(outputs[None])[0])
    _says(gallery.names[round(minutes) % len(gallery.names)])


def _image(choice: Choice, gallery: Gallery, outputs: np.ndarray, label: int | None) -> None:
    shown = np.clip(np.rint(255 * np.nan_to_num(outputs)), 0, 255).astype(np.uint8)
    st.html(f'{STYLE}<div>Output</div><div style="max-width:180px">{image_html(shown, "Output")}</div>')


def _score(choice: Choice, gallery: Gallery, outputs: np.ndarray, label: int | None) -> None:
    settings: Any = choice.spec.own_settings
    middle = 0.5 if isinstance(settings, GanSettings) and settings.loss == "squared" else 0.0
    score = float(outputs[0])
    _says(number_text(score, 3))
    st.caption(f"Above {middle:g} it takes an image for a real one: this one it takes for "
               f"{'real' if score > middle else 'made by a generator'}.")


def _features(choice: Choice, gallery: Gallery, outputs: np.ndarray, label: int | None) -> None:
    _says(f"{outputs.size} numbers")


def _says(words: str) -> None:
    st.html(f'{STYLE}<div>Output</div><div class="answer-says">{words}</div>')


_DRAW = {Answer.CLASS: _class, Answer.TIME: _time, Answer.IMAGE: _image, Answer.SCORE: _score, Answer.FEATURES: _features}
