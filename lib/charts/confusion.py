"""Confusion matrix: which class is taken for which."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.theme import CELL_COLORS, MISTAKE_COLORS, TEXT_COLOR, readable, without_rows


def confusion_rows(counts: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Columns true, predicted, count, share (of the true class), correct; one row per cell."""
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    true, predicted = np.indices(counts.shape)
    return pd.DataFrame({
        "true": [names[i] for i in true.ravel().tolist()],
        "predicted": [names[i] for i in predicted.ravel().tolist()],
        "count": counts.ravel(),
        "share": (counts / totals).ravel(),
        "correct": (true == predicted).ravel(),
    })


def confusion_chart(rows: pd.DataFrame, names: Sequence[str]) -> alt.Chart:
    """A heat map; a click selects the cell ("cell", fields true and predicted).

    Right answers and mistakes have colour scales of their own: on one scale the diagonal would
    make every mistake look empty.
    """
    order = list(names)
    cell = alt.selection_point(name="cell", fields=["true", "predicted"], on="click", empty=False)
    base = alt.Chart(rows).encode(
        x=alt.X("predicted:N", sort=order, title="predicted", axis=alt.Axis(labelAngle=-40 if _long(order) else 0)),
        y=alt.Y("true:N", sort=order, title="true"),
        tooltip=["true:N", "predicted:N", "count:Q", alt.Tooltip("share:Q", title="of this class", format=".1%")],
    )
    shade = alt.Color("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=list(CELL_COLORS)))
    mistakes = alt.Color("share:Q", legend=None, scale=alt.Scale(range=list(MISTAKE_COLORS)))
    right = base.transform_filter("datum.correct").mark_rect(cursor="pointer").encode(color=shade)
    empty = base.transform_filter("datum.count == 0").mark_rect(color="#8C8C8C", opacity=0.08)
    wrong = base.transform_filter("!datum.correct && datum.count > 0").mark_rect(cursor="pointer").encode(
        color=mistakes, stroke=alt.condition(cell, alt.value("#0072B2"), alt.value("transparent")),
        strokeWidth=alt.value(2),
    ).add_params(cell)
    text = base.transform_filter("datum.count > 0").mark_text(fontSize=11, color=TEXT_COLOR).encode(text="count:Q")
    chart = alt.layer(empty, right, wrong, text).resolve_scale(color="independent")
    return readable(chart.properties(height=max(390, 34 * len(order))))


@functools.cache
def confusion_spec(names: tuple[str, ...]) -> dict[str, Any]:
    """`confusion_chart` as a Vega-Lite specification without its rows: built once, while rows come epoch by epoch."""
    return without_rows(confusion_chart(confusion_rows(np.zeros((len(names), len(names)), int), names), names))


def _long(names: Sequence[str]) -> bool:
    return max(map(len, names)) > 3
