"""Charts of noise: quality and accuracy against its level, and where two curves cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.base.remembered import remembered
from lib.catalog.digits import NOISY_READINGS, SHOWN_METHODS
from lib.charts.theme import (
    TEXT_COLOR,
    SeriesStyle,
    height_with,
    readable,
    series_style,
    value_axis,
    words_of,
)

#: Way to clean, by its title -> how its curve is drawn: without cleaning grey.
STYLES = {title: SeriesStyle("#808080") if key == "nothing" else series_style(index)
          for index, (key, title) in enumerate(SHOWN_METHODS.items())}
#: The same for the ways to read a noisy digit.
READING_STYLES = {title: series_style(index) for index, title in enumerate(NOISY_READINGS.values())}
_TITLES = {"accuracy": "recognised", "psnr": "PSNR (dB)", "ssim": "SSIM"}


def level_rows(rows: Sequence[Mapping[str, Any]], figure: str, label: int | None = None) -> pd.DataFrame:
    """Columns level, method (title), value: `figure` ("psnr", "ssim", "accuracy"), of one class when `label` is given."""
    values = [
        (row["level"], SHOWN_METHODS[row["method"]], row["by_class"][label] if label is not None else row[figure])
        for row in rows if row["method"] in SHOWN_METHODS
    ]
    return pd.DataFrame(values, columns=["level", "method", "value"])


def crossing(rows: pd.DataFrame, first: str, second: str) -> float | None:
    """The lowest level at which `second` (a method's title) overtakes `first`, between levels linearly.

    None when it never does, or leads from the lowest level on.
    """
    table = rows.pivot(index="level", columns="method", values="value").sort_index()
    ahead = (table[second] - table[first]).to_numpy()
    levels = table.index.to_numpy()
    for number in range(1, len(levels)):
        before, after = ahead[number - 1], ahead[number]
        if before <= 0 < after:
            return float(levels[number - 1] + (levels[number] - levels[number - 1]) * -before / (after - before))
    return None


def reading_rows(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Columns level, method (title), value: the share that each of `NOISY_READINGS` gets right."""
    values = [(row["level"], NOISY_READINGS[row["way"]], row["accuracy"]) for row in rows if row["way"] in NOISY_READINGS]
    return pd.DataFrame(values, columns=["level", "method", "value"])


@remembered
def level_chart(rows: pd.DataFrame, figure: str, mark: float | None = None,
                styles: Mapping[str, SeriesStyle] = STYLES) -> alt.LayerChart:
    """A line for each method; a dashed rule at `mark`, where two of them cross. No legend: `styles`."""
    metric = "accuracy" if figure == "accuracy" else ""
    names, title = list(styles), _TITLES[figure]
    base = alt.Chart(rows, height=height_with()).transform_calculate(figure=words_of("value", metric)).encode(
        x=alt.X("level:Q", title="noise level", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=figure == "accuracy"), axis=alt.Axis(**value_axis(metric))),
        color=alt.Color("method:N", legend=None,
                        scale=alt.Scale(domain=names, range=[style.color for style in styles.values()])),
    )
    points = base.mark_point(filled=True, size=34, opacity=1).encode(
        shape=alt.Shape("method:N", legend=None,
                        scale=alt.Scale(domain=names, range=[style.shape for style in styles.values()])),
        tooltip=["method:N", "level:Q", alt.Tooltip("figure:N", title=title)])
    crossed = pd.DataFrame({"level": [] if mark is None else [mark]})
    rule = alt.Chart(crossed).mark_rule(strokeDash=[5, 4], opacity=0.7, color=TEXT_COLOR).encode(x="level:Q")
    return readable(base.mark_line(strokeWidth=2) + points + rule)
