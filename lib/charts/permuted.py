"""Charts of original against permuted pixels: validation curves of the four networks, and the gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from lib.base.remembered import remembered
from lib.catalog.permuted import CONTESTANTS
from lib.charts.theme import CONTESTANT_COLORS, PALETTE, TEXT_COLOR, height_with, readable, value_axis, words_of
from lib.spec.runs import EpochLog

#: (Contestant key, seed) -> epochs so far
Histories = Mapping[tuple[str, int], Sequence[EpochLog]]
COLORS = CONTESTANT_COLORS
_TITLES = [c.title for c in CONTESTANTS]
_ROLES = {"MLP": PALETTE[0], "CNN": PALETTE[4]}


def accuracy_rows(histories: Histories, metric: str = "val_accuracy") -> pd.DataFrame:
    """Columns network, epoch (from 1), mean, low, high, seeds: `metric` over the seeds that have reached the epoch."""
    values: dict[tuple[str, int], list[float]] = {}
    titles = {c.key: c.title for c in CONTESTANTS}
    for (key, _), epochs in histories.items():
        for log in epochs:
            if metric in log.metrics:
                values.setdefault((titles[key], log.epoch + 1), []).append(log.metrics[metric])
    return _summary(values, "network")


def gap_rows(histories: Histories, metric: str = "val_accuracy") -> pd.DataFrame:
    """Columns role, epoch, mean, low, high, seeds: original minus permuted in points, seed by seed."""
    values: dict[tuple[str, int], list[float]] = {}
    for (key, seed), epochs in histories.items():
        role, pixels = key.split("_")
        if pixels != "original":
            continue
        other = {log.epoch: log.metrics[metric] for log in histories.get((f"{role}_permuted", seed), ())
                 if metric in log.metrics}
        for log in epochs:
            if log.epoch in other and metric in log.metrics:
                points = 100 * (log.metrics[metric] - other[log.epoch])
                values.setdefault((role.upper(), log.epoch + 1), []).append(points)
    return _summary(values, "role")


def _summary(values: Mapping[tuple[str, int], list[float]], name: str) -> pd.DataFrame:
    rows = [(who, epoch, sum(v) / len(v), min(v), max(v), len(v)) for (who, epoch), v in values.items()]
    table = pd.DataFrame(rows, columns=[name, "epoch", "mean", "low", "high", "seeds"])
    return table.sort_values([name, "epoch"], ignore_index=True)


@remembered
def accuracy_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """A line for each network, the band from its worst to its best seed."""
    scale = alt.Scale(domain=_TITLES, range=list(COLORS.values()))
    return readable(_band_chart(rows, "network", scale, "validation accuracy", "accuracy"))


@remembered
def gap_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """Original minus permuted accuracy of MLP and CNN; the band from the smallest to the largest gap of the seeds."""
    scale = alt.Scale(domain=list(_ROLES), range=list(_ROLES.values()))
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(strokeDash=[4, 3], opacity=0.6, color=TEXT_COLOR).encode(y="y:Q")
    return readable(_band_chart(rows, "role", scale, "gap (points)", "points") + zero)


def _band_chart(rows: pd.DataFrame, name: str, scale: alt.Scale, title: str, metric: str) -> alt.LayerChart:
    words = {name: words_of(name, metric) for name in ("mean", "low", "high")}
    base = alt.Chart(rows, height=height_with(2)).transform_calculate(
        **{f"{name}_words": text for name, text in words.items()}).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False)),
        color=alt.Color(f"{name}:N", title=None, scale=scale,
                        legend=alt.Legend(orient="bottom", columns=2, symbolOpacity=1)),
    )
    axis = alt.Axis(**value_axis(metric))
    band = base.mark_area(opacity=0.22).encode(
        y=alt.Y("low:Q", title=title, scale=alt.Scale(zero=False), axis=axis), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=28)).encode(
        y=alt.Y("mean:Q", title=title, scale=alt.Scale(zero=False), axis=axis),
        tooltip=[f"{name}:N", "epoch:Q", *(alt.Tooltip(f"{word}_words:N", title=word) for word in words), "seeds:Q"],
    )
    return band + line
