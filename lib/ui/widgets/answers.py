"""What a classifier says, as HTML: its answer, right or wrong, and how sure it is of every class."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from lib.base.percent import percent_text

#: Classes with a bar; of more than that, the likeliest.
MAX_BARS = 10
STYLE = """<style>
.answer-says { font-size: 1.5rem; font-weight: 600; line-height: 1.2; overflow-wrap: anywhere; }
.answer-says.long { font-size: 1.05rem; }
.answer-rows { display: grid; grid-template-columns: max-content 1fr 3em; column-gap: .4rem; align-items: center;
  font-variant-numeric: tabular-nums; font-size: .8rem; }
.answer-bar { background: rgba(128,128,128,.16); border-radius: 2px; height: .6em; }
.answer-bar div { height: 100%; border-radius: 2px; }
.answer-number { text-align: right; }
</style>"""


def shares_of(outputs: np.ndarray) -> np.ndarray:
    """Outputs (N, classes) as shares of one; those of a softmax layer are that already."""
    positive = np.maximum(outputs, 0)
    return positive / np.maximum(positive.sum(axis=1, keepdims=True), 1e-9)


def mark_of(answer: int, wanted: int | None) -> str:
    """The CSS class of an answer: of a wrong one, of a right one, or "" where nobody knows."""
    if wanted is None:
        return ""
    return "answer-right" if answer == wanted else "answer-wrong"


def says_html(names: Sequence[str], probabilities: np.ndarray, wanted: int | None, none: str = "") -> str:
    """The likeliest class in large letters; red and struck through when another one was `wanted`.

    `none` are the words for an image that is taken for no class at all; "" where it is taken for one.
    """
    if none:
        return f'<div class="answer-says long">{html.escape(none)}</div>'
    winner = int(probabilities.argmax())
    name = names[winner]
    long = " long" if len(name) > 3 else ""
    return f'<div class="answer-says{long}"><span class="{mark_of(winner, wanted)}">{html.escape(name)}</span></div>'


def bars_html(names: Sequence[str], probabilities: np.ndarray, color: str) -> str:
    """A bar for each class, in the order of the classes."""
    shown = sorted(np.argsort(-probabilities, kind="stable")[:MAX_BARS])
    rows = "".join(
        f'<span>{html.escape(names[n])}</span><div class="answer-bar"><div style="width:{100 * probabilities[n]:.1f}%;'
        f'background:{color}"></div></div><span class="answer-number">{percent_text(float(probabilities[n]), 0)}</span>'
        for n in shown)
    return f'<div class="answer-rows">{rows}</div>'
