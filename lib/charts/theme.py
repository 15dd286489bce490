"""Colours and sizes that every chart shares; readable on light and on dark backgrounds."""

from __future__ import annotations

from lib.core.permuted import CONTESTANTS

#: Colour-blind safe (Okabe and Ito, "Color Universal Design", 2008), without its yellow and black.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C")
#: The four networks of the permutation lens: dark for original pixels, light for permuted ones; blue MLP, orange CNN.
CONTESTANT_COLORS = dict(zip([c.key for c in CONTESTANTS], (PALETTE[0], PALETTE[5], PALETTE[4], PALETTE[1]), strict=True))
TRAIN_COLOR, VALIDATION_COLOR, STEP_COLOR = PALETTE[0], PALETTE[4], PALETTE[5]
CHART_HEIGHT = 280


def height_with(legend_rows: int = 0) -> int:
    """The height of a chart whose plot is `CHART_HEIGHT` high: Streamlit counts axis, title and legend in."""
    return CHART_HEIGHT + 75 + 22 * legend_rows
