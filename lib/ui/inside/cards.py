"""Images with a title above and a sentence below, as many side by side as fit."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib.ui.widgets.images import image_html

_STYLE = """<style>
.inside-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 1rem; max-width: 1000px; }
.inside-card { font-size: .8rem; line-height: 1.4; }
.inside-card b { display: block; font-size: .85rem; margin-bottom: .25rem; }
.inside-card img { max-width: 240px; margin-bottom: .35rem; border: 1px solid rgba(128,128,128,.3); }
</style>"""


@dataclass(frozen=True)
class Card:
    """An image, uint8 (H, W) or (H, W, 3), with its title and what it means."""

    title: str
    image: np.ndarray
    words: str


def draw_cards(cards: Sequence[Card]) -> None:
    """Draw them side by side."""
    parts = [f'<div class="inside-card"><b>{html.escape(card.title)}</b>{image_html(card.image, card.title)}'
             f"{html.escape(card.words)}</div>" for card in cards]
    st.html(f'{_STYLE}<div class="inside-cards">{"".join(parts)}</div>')
