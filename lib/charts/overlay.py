"""Learning curves of several runs over each other: a line for every run, or mean and band over the seeds of a training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.curves import (
    TRAIN_SERIES,
    VALIDATION_SERIES,
    X_AXES,
    epoch_position,
)
from lib.charts.theme import (
    SeriesStyle,
    deviation_words,
    height_with,
    readable,
    series_style,
    shape_size,
    shaped,
    style_scale,
    value_axis,
    words_of,
)
from lib.measures.comparison import RunGroup, natural_order
from lib.measures.figures import spread
from lib.measures.rate_reading import smoothed
from lib.spec.metrics import figure_title
from lib.spec.runs import EpochLog
from lib.spec.steering import change_texts

#: With more points than this only some of each line are marked: every mark is an element of the page.
_MOST_MARKS = 500
#: A line of more points than pixels shows nothing more.
_MOST_POINTS = 300
_COLUMNS = ["x", "value", "low", "high", "std", "seeds", "line", "group", "split", "raw", "marked"]
_LINE = ("line", "split", "raw")
#: Point of a line: place, mean, standard deviation, number of seeds.
Point = tuple[float, float, float, int]


def overlay_rows(
    groups: Sequence[RunGroup], curves: Mapping[str, Sequence[EpochLog]], metric: str, x_axis: str = "epoch",
    smoothing: float = 0.0, splits: Sequence[str] = (VALIDATION_SERIES, TRAIN_SERIES),
) -> pd.DataFrame:
    """One row for each group, split and epoch: x, value (mean over seeds), low, high (one deviation away), std, seeds,
    line, group (what gives the colour), split, raw, marked (whether a point answers the pointer), shaped.

    `curves` has the epochs of every run by its id. Smoothing is done for every run before the mean is taken; the
    unsmoothed mean is there too then, as `raw` rows. Seconds are the mean of the seeds' seconds.
    """
    rows: list[tuple[Any, ...]] = []
    for group in groups:
        histories = [curves.get(record.id, ()) for record in group.counted]
        for split in splits:
            name = f"val_{metric}" if split == VALIDATION_SERIES else metric
            for raw in (False, True) if smoothing else (False,):
                points = _thinned(_mean_line(histories, name, x_axis, 0.0 if raw else smoothing))
                rows += [(x, mean, mean - std, mean + std, std, seeds, group.title, group.color, split, raw, not raw)
                         for x, mean, std, seeds in points]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    step = math.ceil(int(table["marked"].sum()) / _MOST_MARKS)
    if step > 1:
        table["marked"] &= table.groupby(list(_LINE)).cumcount() % step == 0
    drawn = table[table["marked"].astype(bool)]
    return table.assign(shaped=table.index.isin(drawn.index[shaped(drawn, _LINE)]))


def overlay_changes(
    groups: Sequence[RunGroup], curves: Mapping[str, Sequence[EpochLog]], images: Mapping[str, int], x_axis: str = "epoch",
) -> pd.DataFrame:
    """One row for each place where a run was forked or changed while it trained: x, line, group, words.

    `images` are the training images of each run by its id; a run that is not in it, and a change that its epochs have not
    reached, is left out. Of a group of seeds the first run speaks for all.
    """
    rows = []
    for group in groups:
        record = next((record for record in group.counted if record.id in images), None)
        logs = curves.get(record.id, ()) if record is not None else ()
        if record is None or not logs:
            continue
        found: dict[int, list[str]] = {}
        for step in (log.step for log in logs if record.parent and log.epoch + 1 == record.forked_epoch):
            found.setdefault(step, []).append("forked")
        for change, words in change_texts(record.spec, images[record.id]):
            if change.step <= logs[-1].step:
                found.setdefault(change.step, []).append(words)
        steps = [0.0, *(float(log.step) for log in logs)]
        places = [0.0, *(epoch_position(log, x_axis) for log in logs)]
        rows += [(float(np.interp(step, steps, places)), group.title, group.color, ", ".join(words))
                 for step, words in sorted(found.items())]
    return pd.DataFrame(rows, columns=["x", "line", "group", "words"])


def _mean_line(histories: Iterable[Sequence[EpochLog]], name: str, x_axis: str, smoothing: float) -> list[Point]:
    """The points of the mean of several histories: of each epoch over those that have reached it."""
    places: dict[int, list[tuple[float, float]]] = {}
    for epochs in histories:
        logs = [log for log in epochs if math.isfinite(log.metrics.get(name, math.nan))]
        for log, value in zip(logs, smoothed([log.metrics[name] for log in logs], smoothing).tolist(), strict=True):
            places.setdefault(log.epoch, []).append((epoch_position(log, x_axis), value))
    points = []
    for epoch in sorted(places):
        found = spread(value for _, value in places[epoch])
        x = sum(place for place, _ in places[epoch]) / found.count
        points.append((x, found.mean, found.std, found.count))
    return points


def _thinned(points: list[Point]) -> list[Point]:
    """At most _MOST_POINTS of them, the last one among them."""
    step = math.ceil(len(points) / _MOST_POINTS)
    return points if step < 2 else points[-1::-step][::-1]


def overlay_styles(groups: Iterable[str]) -> dict[str, SeriesStyle]:
    """A style for each text that gives a colour, in their natural order."""
    return {group: series_style(index) for index, group in enumerate(natural_order(groups))}


def overlay_chart(
    rows: pd.DataFrame, styles: Mapping[str, SeriesStyle], metric: str, x_axis: str = "epoch",
    changes: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """A line for each run or group in its colour and shape, validation solid with its band, training dashed. No legend.

    The line nearest to the pointer stays, the others fade. `changes` are rows of `overlay_changes`: dotted upright lines in
    the colour of their run, whose words stand in the tooltip of their tip.
    """
    hover = alt.selection_point("hover", fields=["line"], on="pointerover", clear="pointerout", nearest=True, empty=True)
    axis = alt.Axis(tickMinStep=1, format="d") if x_axis == "epoch" else alt.Axis()
    base = alt.Chart(rows, height=height_with()).transform_calculate(
        figure=words_of("value", metric), deviation=deviation_words("std", metric)).encode(
        x=alt.X("x:Q", title=X_AXES[x_axis], axis=axis, scale=alt.Scale(nice=False, zero=x_axis != "epoch")),
        color=alt.Color("group:N", legend=None, scale=style_scale(styles, "color")),
        detail=["line:N", "split:N"],
    )
    ticks, metric_words = alt.Axis(**value_axis(metric)), figure_title(metric, with_unit=True)
    y = alt.Y("value:Q", title=metric_words, scale=alt.Scale(zero=False), axis=ticks)
    dash = alt.StrokeDash("split:N", legend=None,
                          scale=alt.Scale(domain=[VALIDATION_SERIES, TRAIN_SERIES], range=[[1, 0], [5, 4]]))
    words = [alt.Tooltip("line:N", title="run"), "split:N", alt.Tooltip("x:Q", title=X_AXES[x_axis], format=".4~g"),
             alt.Tooltip("figure:N", title=metric_words), alt.Tooltip("deviation:N", title="standard deviation"),
             alt.Tooltip("seeds:Q", title="seeds")]
    lines = base.transform_filter("!datum.raw").mark_line(strokeWidth=1.8).encode(
        y=y, strokeDash=dash, opacity=alt.condition(hover, alt.value(1), alt.value(0.15)))
    shade = base.transform_filter(f"datum.seeds > 1 && !datum.raw && datum.split == '{VALIDATION_SERIES}'").mark_area(
        ).encode(y=alt.Y("low:Q", title=metric_words, scale=alt.Scale(zero=False), axis=ticks), y2="high:Q",
                 opacity=alt.condition(hover, alt.value(0.16), alt.value(0.04)))
    raw = base.transform_filter("datum.raw").mark_line(strokeWidth=1, opacity=0.22).encode(y=y, strokeDash=dash)
    points = base.transform_filter("datum.marked").mark_point(filled=True).encode(
        y=y, size=shape_size(34), shape=alt.Shape("group:N", legend=None, scale=style_scale(styles, "shape")), tooltip=words,
        opacity=alt.condition(hover, alt.value(1), alt.value(0.15))).add_params(hover)
    found = lines + shade + raw + points
    return readable(found if changes is None or changes.empty else found + _change_marks(changes, styles, x_axis))


def _change_marks(changes: pd.DataFrame, styles: Mapping[str, SeriesStyle], x_axis: str) -> alt.LayerChart:
    base = alt.Chart(changes).encode(
        x=alt.X("x:Q", title=X_AXES[x_axis]), color=alt.Color("group:N", legend=None, scale=style_scale(styles, "color")),
        tooltip=[alt.Tooltip("line:N", title="run"), alt.Tooltip("words:N", title="changed"),
                 alt.Tooltip("x:Q", title=X_AXES[x_axis], format=".4~g")])
    rule = base.mark_rule(strokeDash=[2, 3], strokeWidth=1.2, opacity=0.8).encode(
        y=alt.value(0), y2=alt.value("height"))
    return rule + base.mark_point(shape="triangle-down", filled=True, size=70, opacity=1).encode(y=alt.value(4))
