"""The loss against the learning rate, on a logarithmic axis: of a range test, and of dividing by three."""

from __future__ import annotations

import functools
import math
from typing import Any

import altair as alt
import pandas as pd

from lib.charts.theme import PALETTE, STEP_COLOR, TEXT_COLOR, TRAIN_COLOR, height_with, readable, without_rows
from lib.measures.rate_reading import smoothed
from lib.spec.rate_search import RANGE, search_of
from lib.spec.runs import RunSnapshot

STEP, SMOOTH, LEARNED, NOT_LEARNED, MARK = "each step", "smoothed", "learns", "does not learn", "mark"
_SERIES = {RANGE: {STEP: STEP_COLOR, SMOOTH: TRAIN_COLOR}, "thirds": {LEARNED: PALETTE[2], NOT_LEARNED: PALETTE[4]}}
#: Losses beyond so many times the first one are drawn at that height, or a diverging end would flatten the rest.
_HIGHEST = 1.5
_MARKS = {"suggested_rate": "suggested", "lowest_rate": "lowest loss", "diverged_rate": "worse than untrained"}


def rate_rows(snapshot: RunSnapshot) -> pd.DataFrame:
    """Columns rate, loss, series, label: what the search saw so far, and its marks once it has ended.

    A loss that is no number, or too high to be drawn, stands at the top.
    """
    search = search_of(snapshot.record.spec)
    rows = _range_rows(snapshot) if search is not None and search.kind == RANGE else _attempt_rows(snapshot)
    metrics = snapshot.record.metrics
    rows += [(metrics[name], math.nan, MARK, f"{words} {metrics[name]:.2g}") for name, words in _MARKS.items()
             if name in metrics]
    return pd.DataFrame(rows, columns=["rate", "loss", "series", "label"])


def _range_rows(snapshot: RunSnapshot) -> list[tuple[float, float, str, str]]:
    rates = [rate for log in snapshot.steps for rate in log.metrics["learning_rate"]]
    losses = [loss for log in snapshot.steps for loss in log.metrics["loss"]]
    finite = next((place for place, loss in enumerate(losses) if not math.isfinite(loss)), len(losses))
    rates, losses = rates[:finite], losses[:finite]
    top = _HIGHEST * losses[0] if losses else 0.0
    pairs = [(STEP, losses), (SMOOTH, smoothed(losses).tolist())]
    return [(rate, min(float(loss), top), series, "") for series, values in pairs
            for rate, loss in zip(rates, values, strict=True)]


def _attempt_rows(snapshot: RunSnapshot) -> list[tuple[float, float, str, str]]:
    rows = []
    for log in snapshot.epochs:
        top, after = _HIGHEST * log.metrics["before"], log.metrics["loss"]
        series = LEARNED if log.metrics["learned"] else NOT_LEARNED
        rows.append((log.metrics["learning_rate"], min(after, top) if math.isfinite(after) else top, series, ""))
    return rows


@functools.cache
def rate_spec(kind: str) -> dict[str, Any]:
    """The Vega-Lite specification for `rate_rows` of a search of this kind, without its rows."""
    colors = _SERIES[kind]
    empty = pd.DataFrame(columns=["rate", "loss", "series", "label"])
    axis = alt.Axis(format="~g", tickCount=8, grid=False)
    everything = alt.Chart(empty, height=height_with(1)).encode(
        x=alt.X("rate:Q", title="learning rate", scale=alt.Scale(type="log", nice=False), axis=axis))
    base = everything.transform_filter(alt.datum.series != MARK).encode(
        y=alt.Y("loss:Q", title="loss", scale=alt.Scale(zero=False)),
        color=alt.Color("series:N", title=None, legend=alt.Legend(orient="top", symbolOpacity=1, values=list(colors)),
                        scale=alt.Scale(domain=list(colors), range=list(colors.values()))),
        tooltip=[alt.Tooltip("series:N", title="curve"), alt.Tooltip("rate:Q", title="learning rate", format=".2~g"),
                 alt.Tooltip("loss:Q", format=".3~g")])
    steps = base.transform_filter(alt.datum.series == STEP).mark_line(strokeWidth=1, opacity=0.55)
    smooth = base.transform_filter(alt.datum.series == SMOOTH).mark_line(strokeWidth=2.5)
    points = base.transform_filter(f"datum.series == '{LEARNED}' || datum.series == '{NOT_LEARNED}'").encode(
        shape=alt.Shape("series:N", title=None, scale=alt.Scale(domain=[LEARNED, NOT_LEARNED], range=["circle", "cross"]),
                        legend=None)).mark_point(filled=True, size=90, opacity=1)
    mark = everything.transform_filter(alt.datum.series == MARK).encode(y=alt.value(0))
    rule = mark.encode(y2=alt.value("height")).mark_rule(
        strokeDash=[4, 4], color=TEXT_COLOR, opacity=0.8, strokeWidth=1)
    label = mark.encode(text="label:N").mark_text(
        angle=270, align="right", dx=-4, dy=-6, color=TEXT_COLOR, fontSize=11)
    return without_rows(readable(alt.layer(steps, smooth, points, rule, label)))
