"""Colours and sizes that every chart shares; readable on light and on dark backgrounds."""

from __future__ import annotations

#: Colour-blind safe (Okabe and Ito, "Color Universal Design", 2008), without its yellow and black.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C")
TRAIN_COLOR, VALIDATION_COLOR, STEP_COLOR = PALETTE[0], PALETTE[4], PALETTE[5]
CHART_HEIGHT = 280
#: Lines that are no data: at least 4.5:1 on the light and on the dark background.
RULE_COLOR = "#7A7A7A"
#: Vega expression for the label of an axis of shares.
PERCENT_LABEL = "format(100 * datum.value, '.4~g') + ' %'"
