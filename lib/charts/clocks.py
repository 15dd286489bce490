"""Charts about reading the time: error round the dial and against what makes clocks hard to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.catalog.heads import HEADS
from lib.charts.theme import SERIES_COLORS, height_with, readable, series_style
from lib.clockface.geometry import PERIOD, circular_error

LEGEND_COLUMNS = 2


def smoothed_round(values: np.ndarray, width: int) -> np.ndarray:
    """Mean of `width` neighbours on a circle, same shape as `values` (N,)."""
    from scipy.ndimage import uniform_filter1d

    return uniform_filter1d(np.asarray(values, np.float64), width, mode="wrap")


def error_rows(x: np.ndarray, true: np.ndarray, predicted: Mapping[str, np.ndarray], smooth: int = 1) -> pd.DataFrame:
    """Columns x, error (circular minutes), network; `smooth` neighbours are averaged."""
    tables = []
    for name, minutes in predicted.items():
        error = circular_error(true, minutes)
        error = smoothed_round(error, smooth) if smooth > 1 else error
        tables.append(pd.DataFrame({"x": x, "error": error, "network": name}))
    return pd.concat(tables, ignore_index=True)


def mean_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each x and network: the mean error."""
    return rows.groupby(["x", "network"], as_index=False, sort=False)["error"].mean()


def error_chart(rows: pd.DataFrame, title: str) -> alt.Chart:
    """Error against x, one line for each network; above zero on a square-root axis, since errors span 0 to 360."""
    names = list(dict.fromkeys(rows["network"]))
    colors = [SERIES_COLORS[index % len(SERIES_COLORS)] for index in range(len(names))]
    # Where the colours begin again the lines are dashed, so that no two look alike.
    dashes = [[1, 0] if index < len(SERIES_COLORS) else [6, 2] for index in range(len(names))]
    on_dial = title.startswith("time")
    axis = alt.Axis(values=list(range(0, PERIOD + 1, 60)), labelExpr="floor(datum.value / 60) == 0 ? '12:00' : "
                    "floor(datum.value / 60) + ':00'") if on_dial else alt.Undefined
    return readable(
        alt.Chart(rows, height=height_with(-(-len(names) // LEGEND_COLUMNS)))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X("x:Q", title=title, axis=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("error:Q", title="error (minutes)", scale=alt.Scale(type="sqrt", domainMin=0)),
            color=alt.Color("network:N", title=None, scale=alt.Scale(domain=names, range=colors),
                            legend=alt.Legend(orient="bottom", columns=LEGEND_COLUMNS, labelLimit=240)),
            strokeDash=alt.StrokeDash("network:N", legend=None, scale=alt.Scale(domain=names, range=dashes)),
            tooltip=["network:N", alt.Tooltip("x:Q", title=title, format=".3~g"),
                     alt.Tooltip("error:Q", title="minutes", format=".1f")],
        )
    )


def curriculum_rows(heads: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Columns block (from 1), turn, minutes (median on validation clocks of any turn), loss, network; `heads` as stored by
    `lib.measures.clock_figures`."""
    return pd.DataFrame([
        {"block": number + 1, "turn": row["turn"], "minutes": row["val_median_minutes"], "loss": row["loss"],
         "network": HEADS[head["kind"]].title}
        for head in heads for number, row in enumerate(head["curve"])])


def curriculum_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """Median error on freely turned dials after every block of training, one line for each network; rules where the turns
    widen."""
    names = list(dict.fromkeys(rows["network"]))
    styles = [series_style(index) for index in range(len(names))]
    lines = alt.Chart(rows, height=height_with(-(-len(names) // LEGEND_COLUMNS))).mark_line(
        strokeWidth=1.6, point=alt.OverlayMarkDef(size=22)).encode(
        x=alt.X("block:Q", title="block of training images", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y("minutes:Q", title="median error (minutes)", scale=alt.Scale(type="sqrt", domainMin=0)),
        color=alt.Color("network:N", title=None, scale=alt.Scale(domain=names, range=[style.color for style in styles]),
                        legend=alt.Legend(orient="bottom", columns=LEGEND_COLUMNS, labelLimit=240)),
        tooltip=["network:N", "block:Q", alt.Tooltip("turn:Q", title="turned by up to (°)"),
                 alt.Tooltip("minutes:Q", format=".1f"), alt.Tooltip("loss:Q", title="training loss", format=".4f")])
    stages = rows.drop_duplicates("turn").assign(words=lambda t: t["turn"].map("±{:g}°".format))
    rules = alt.Chart(stages).mark_rule(strokeDash=[3, 4], color="#8C8C8C", strokeWidth=1).encode(x="block:Q")
    words = alt.Chart(stages).mark_text(align="center", baseline="bottom", dy=-3, fontSize=12).encode(
        x="block:Q", y=alt.value(0), text="words:N")
    return readable(alt.layer(rules, words, lines))
