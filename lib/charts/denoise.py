"""Charts of noise: quality and accuracy against its level, and where two curves cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.charts.theme import PALETTE, height_with
from lib.core.digits import METHODS

COLORS = dict(zip(METHODS, (PALETTE[6], PALETTE[1], PALETTE[3], PALETTE[0], PALETTE[4]), strict=True))


def level_rows(rows: Sequence[Mapping[str, Any]], figure: str, label: int | None = None) -> pd.DataFrame:
    """Columns level, method (title), value: `figure` ("psnr", "ssim", "accuracy"), of one class when `label` is given."""
    values = [
        (row["level"], METHODS[row["method"]], row["by_class"][label] if label is not None else row[figure])
        for row in rows if row["method"] in METHODS
    ]
    return pd.DataFrame(values, columns=["level", "method", "value"])


def crossing(rows: pd.DataFrame, first: str, second: str) -> float | None:
    """The lowest level above 0 at which `second` (a method's title) overtakes `first`, between levels linearly.

    None when it never does.
    """
    table = rows.pivot(index="level", columns="method", values="value").sort_index()
    ahead = (table[second] - table[first]).to_numpy()
    levels = table.index.to_numpy()
    for number in range(1, len(levels)):
        before, after = ahead[number - 1], ahead[number]
        if before <= 0 < after:
            return float(levels[number - 1] + (levels[number] - levels[number - 1]) * -before / (after - before))
    return None


def level_chart(rows: pd.DataFrame, title: str, mark: float | None = None, zero: bool = False) -> alt.LayerChart:
    """A line for each method; a dashed rule at `mark`, where two of them cross."""
    scale = alt.Scale(domain=list(METHODS.values()), range=list(COLORS.values()))
    lines = alt.Chart(rows, height=height_with(3)).mark_line(point=alt.OverlayMarkDef(size=26), strokeWidth=2).encode(
        x=alt.X("level:Q", title="noise level", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=zero)),
        color=alt.Color("method:N", title=None, scale=scale,
                        legend=alt.Legend(orient="bottom", columns=2, symbolSize=50, labelLimit=220)),
        tooltip=["method:N", "level:Q", alt.Tooltip("value:Q", format=".3f")],
    )
    crossed = pd.DataFrame({"level": [] if mark is None else [mark]})
    return lines + alt.Chart(crossed).mark_rule(strokeDash=[5, 4], opacity=0.7).encode(x="level:Q")
