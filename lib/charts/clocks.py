"""Charts about reading the time: error round the dial and against what makes clocks hard to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.catalog.heads import HEADS
from lib.charts.theme import height_with, readable
from lib.clockface.geometry import PERIOD, circular_error


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


def _by_network(names: Sequence[str], colors: Mapping[str, str], columns: int) -> alt.Color:
    """Each network in its colour, told in a legend below the chart."""
    return alt.Color("network:N", title=None, scale=alt.Scale(domain=names, range=[colors[name] for name in names]),
                     legend=alt.Legend(orient="bottom", columns=columns, labelLimit=240))


def error_chart(rows: pd.DataFrame, title: str, colors: Mapping[str, str], columns: int = 2) -> alt.Chart:
    """Error against x, one line for each network; above zero on a square-root axis, since errors span 0 to 360.

    `colors` has the networks' colours, `columns` those of the legend.
    """
    names = list(dict.fromkeys(rows["network"]))
    # Where a colour comes again its line is dashed, so that no two look alike.
    before = [colors[name] in (colors[other] for other in names[:index]) for index, name in enumerate(names)]
    dashes = [[6, 2] if again else [1, 0] for again in before]
    on_dial = title.startswith("time")
    axis = alt.Axis(values=list(range(0, PERIOD + 1, 60)), labelExpr="floor(datum.value / 60) == 0 ? '12:00' : "
                    "floor(datum.value / 60) + ':00'") if on_dial else alt.Undefined
    return readable(
        alt.Chart(rows, height=height_with(-(-len(names) // columns)))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X("x:Q", title=title, axis=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("error:Q", title="error (minutes)", scale=alt.Scale(type="sqrt", domainMin=0)),
            color=_by_network(names, colors, columns),
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


def curriculum_chart(rows: pd.DataFrame, colors: Mapping[str, str], columns: int = 2) -> alt.LayerChart:
    """Median error on freely turned dials after every block of training, one line for each network; rules where the turns
    widen. `colors` and `columns` as for `error_chart`."""
    names = list(dict.fromkeys(rows["network"]))
    lines = alt.Chart(rows, height=height_with(-(-len(names) // columns))).mark_line(
        strokeWidth=1.6, point=alt.OverlayMarkDef(size=22)).encode(
        x=alt.X("block:Q", title="block of training images", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y("minutes:Q", title="median error (minutes)", scale=alt.Scale(type="sqrt", domainMin=0)),
        color=_by_network(names, colors, columns),
        tooltip=["network:N", "block:Q", alt.Tooltip("turn:Q", title="turned by up to (°)"),
                 alt.Tooltip("minutes:Q", format=".1f"), alt.Tooltip("loss:Q", title="training loss", format=".4f")])
    stages = rows.drop_duplicates("turn").assign(words=lambda t: t["turn"].map("±{:g}°".format))
    rules = alt.Chart(stages).mark_rule(strokeDash=[3, 4], color="#8C8C8C", strokeWidth=1).encode(x="block:Q")
    words = alt.Chart(stages).mark_text(align="center", baseline="bottom", dy=-3, fontSize=12).encode(
        x="block:Q", y=alt.value(0), text="words:N")
    return readable(alt.layer(rules, words, lines))
