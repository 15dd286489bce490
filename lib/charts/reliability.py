"""Chart of how honest a classifier's probabilities are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.charts.theme import CHART_HEIGHT, SeriesStyle, readable, series_style, style_scale

#: Series -> how it is drawn.
RELIABILITY_STYLES: dict[str, SeriesStyle] = {
    "before calibration": series_style(1), "after calibration": series_style(0), "honest": SeriesStyle("#8C8C8C", "dash")}


def reliability_rows(stages: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """Columns stage, confidence, accuracy, images: bins as `lib.measures.reliability.reliability` makes them, by stage."""
    values = [(stage, row["confidence"], row["accuracy"], row["images"]) for stage, rows in stages.items() for row in rows]
    return pd.DataFrame(values, columns=["stage", "confidence", "accuracy", "images"])


def reliability_chart(rows: pd.DataFrame, right: str = "right answers") -> alt.LayerChart:
    """Share of right answers, on an axis called `right`, against the probability that was given: a mark for every bin, the
    larger the more images; honest ones are on the diagonal. No legend: `RELIABILITY_STYLES`."""
    styles = {stage: RELIABILITY_STYLES[stage] for stage in dict.fromkeys(rows["stage"])}
    diagonal = alt.Chart(pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]})).encode(
        x="confidence:Q", y="accuracy:Q").mark_line(
        strokeDash=[5, 4], color=RELIABILITY_STYLES["honest"].color, strokeWidth=1.4)
    whole, percent = alt.Scale(domain=[0, 1]), alt.Axis(format="%")
    base = alt.Chart(rows, height=CHART_HEIGHT).encode(
        x=alt.X("confidence:Q", title="probability of its answer", axis=percent, scale=whole),
        y=alt.Y("accuracy:Q", title=right, axis=percent, scale=whole),
        color=alt.Color("stage:N", legend=None, scale=style_scale(styles, "color")))
    marks = base.mark_point(filled=True, opacity=1).encode(
        size=alt.Size("images:Q", scale=alt.Scale(type="sqrt", range=[30, 300]), legend=None),
        shape=alt.Shape("stage:N", legend=None, scale=style_scale(styles, "shape")),
        tooltip=[alt.Tooltip("stage:N", title="stage"), alt.Tooltip("confidence:Q", title="probability", format=".1%"),
                 alt.Tooltip("accuracy:Q", title="right", format=".1%"), alt.Tooltip("images:Q", format=",")])
    return readable(diagonal + base.mark_line(strokeWidth=1.6) + marks)
