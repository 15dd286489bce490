"""A figure of many runs against what they were trained with: a scatter, and parallel coordinates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.charts.theme import (
    PALETTE,
    TEXT_COLOR,
    SeriesStyle,
    height_with,
    readable,
    style_scale,
    value_axis,
    words_of,
)
from lib.measures.comparison import run_labels
from lib.measures.figures import Figure
from lib.measures.hyperparameters import Dimension, figure_dimension, value_text
from lib.spec.runs import RunRecord

#: Worst, middle and best; told apart by the colour-blind, and 3:1 on both backgrounds.
_TONES = [PALETTE[4], "#808080", PALETTE[0]]
#: Share of the width between two places of words over which their points are spread, so that equal ones show.
_JITTER = 0.6
#: Share of an axis of parallel coordinates over which the runs of one step fan out, at most.
_WIDEST_FAN = 0.1


# --- scatter ------------------------------------------------------------------------------


def scatter_rows(
    records: Sequence[RunRecord], colors: Sequence[str], along: Dimension, figure: Figure,
) -> pd.DataFrame:
    """One row for each run with both values: id, run, group (what gives the colour), x, place, value (of the figure), seed.

    x is a text where `along` has few values. `place` then moves the runs of one text aside from each other, evenly about
    its middle, -0.5 to 0.5.
    """
    rows = []
    for index, (record, label, color) in enumerate(zip(records, run_labels(records), colors, strict=True)):
        x, value = along.values[index], figure.value(record)
        if x is not None and value is not None:
            rows.append((record.id, label, color, value_text(x) if along.is_stepped else x, value, record.spec.seed))
    table = pd.DataFrame(rows, columns=["id", "run", "group", "x", "value", "seed"])
    beside = table.groupby("x")["id"]
    table["place"] = _JITTER * ((beside.cumcount() + 0.5) / beside.transform("size") - 0.5)
    return table


def scatter_chart(
    rows: pd.DataFrame, styles: Mapping[str, SeriesStyle], along: Dimension, figure: Figure,
) -> alt.Chart:
    """A point for each run: its figure up, `along` along. The pointer names a run; a dragged frame chooses runs."""
    metric = figure.name
    brush = alt.selection_interval("brush")
    hover = alt.selection_point("hover", fields=["id"], on="pointerover", clear="pointerout", empty=False)
    title = figure.title + (f" ({figure.unit})" if figure.unit not in ("", "%") else "")
    chart = alt.Chart(rows, height=height_with()).transform_calculate(figure=words_of("value", metric)).mark_point(
        filled=True, strokeWidth=1.5).encode(
        **_places(along), y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False, padding=12),
                                  axis=alt.Axis(**value_axis(metric))),
        color=alt.Color("group:N", legend=None, scale=style_scale(styles, "color")),
        shape=alt.Shape("group:N", legend=None, scale=style_scale(styles, "shape")),
        size=alt.condition(hover, alt.value(220), alt.value(60)),
        opacity=alt.condition(brush, alt.value(0.85), alt.value(0.2)),
        tooltip=[alt.Tooltip("run:N", title="run"), alt.Tooltip("x:N" if along.is_stepped else "x:Q", title=along.name),
                 alt.Tooltip("figure:N", title=figure.title), "seed:Q"],
    ).add_params(brush, hover)
    return readable(chart)


def _places(along: Dimension) -> dict[str, Any]:
    """The horizontal places of the points, spread about their step where there are steps."""
    if along.is_stepped:
        axis = alt.Axis(labelAngle=-30 if _is_wordy(along.steps) else 0, labelLimit=160)
        return {"x": alt.X("x:N", title=along.name, sort=along.steps, scale=alt.Scale(domain=along.steps), axis=axis),
                "xOffset": alt.XOffset("place:Q", scale=alt.Scale(domain=[-0.5, 0.5]))}
    scale = alt.Scale(type="log", nice=False, padding=16) if along.kind == "log" else alt.Scale(zero=False, padding=16)
    return {"x": alt.X("x:Q", title=along.name, scale=scale, axis=alt.Axis(format="~g", tickCount=6))}


def _is_wordy(words: Sequence[str]) -> bool:
    return sum(len(word) + 2 for word in words) > 60


# --- parallel coordinates -----------------------------------------------------------------


def parallel_rows(
    records: Sequence[RunRecord], dimensions: Sequence[Dimension], figure: Figure, kept: frozenset[str] | None = None,
) -> pd.DataFrame:
    """One row for each run and axis, the figure's axis last: id, run, axis, share (0-1 along it, and a little beyond),
    value (of the figure), text, kept.

    Only runs with the figure; an axis of which a run has no value is left out of its line. Several runs of the same step of
    an axis fan out about it, the best on top. `kept` are the ids of the runs that a frame has chosen, None for all.
    """
    axes, last = [*dimensions, figure_dimension(records, figure)], len(dimensions)
    values = {record.id: value for record in records if (value := figure.value(record)) is not None}
    asides = [*(_asides(records, axis, values) for axis in dimensions), {}]
    rows = []
    for index, (record, label) in enumerate(zip(records, run_labels(records), strict=True)):
        if record.id not in values:
            continue
        value = values[record.id]
        for place, axis in enumerate(axes):
            share = axis.share(axis.values[index])
            if share is not None:
                moved = share + asides[place].get(record.id, 0.0)
                text = figure.text(value) if place == last else value_text(axis.values[index])
                rows.append((record.id, label, axis.name, moved, value, text, kept is None or record.id in kept))
    return pd.DataFrame(rows, columns=["id", "run", "axis", "share", "value", "text", "kept"])


def _asides(records: Sequence[RunRecord], axis: Dimension, values: Mapping[str, float]) -> dict[str, float]:
    """Id -> how far a run stands from its step of the axis, the best of several on top; {} for an axis without steps."""
    if not axis.is_stepped:
        return {}
    fan = min(_WIDEST_FAN, 0.5 / len(axis.steps))
    steps: dict[Any, list[str]] = {}
    for index, record in enumerate(records):
        if record.id in values:
            steps.setdefault(axis.values[index], []).append(record.id)
    return {run: (place / (len(runs) - 1) - 0.5) * fan for runs in steps.values() if len(runs) > 1
            for place, run in enumerate(sorted(runs, key=values.__getitem__))}


def tick_rows(records: Sequence[RunRecord], dimensions: Sequence[Dimension], figure: Figure) -> pd.DataFrame:
    """What is written at each axis: axis, share, text. Steps each at their place, other numbers at ends and middle."""
    rows: list[tuple[str, float, str]] = []
    for axis in dimensions:
        found = dict(zip(map(value_text, axis.values), axis.values, strict=True))
        rows += [(axis.name, axis.share(found[text]) or 0.0, text) for text in axis.steps] if axis.is_stepped else \
            [(axis.name, share, f"{value:.3g}") for share, value in _thirds(axis)]
    measured = figure_dimension([record for record in records if figure.value(record) is not None], figure)
    rows += [(measured.name, share, figure.text(value)) for share, value in _thirds(measured)]
    return pd.DataFrame(rows, columns=["axis", "share", "text"])


def _thirds(axis: Dimension) -> list[tuple[float, float]]:
    """Shares and values at the ends and in the middle of an axis of numbers."""
    low, high = axis.ends
    if low == high:
        return [(0.5, low)]
    middle = math.sqrt(low * high) if axis.kind == "log" else (low + high) / 2
    return [(0.0, low), (0.5, middle), (1.0, high)]


def parallel_chart(
    rows: pd.DataFrame, ticks: pd.DataFrame, dimensions: Sequence[Dimension], figure: Figure,
) -> alt.LayerChart:
    """A line for each run through its value on every axis, coloured from the worst figure to the best.

    The pointer names a run and lifts it out; a dragged frame keeps the runs that pass through it.
    """
    names = [*(d.name for d in dimensions), figure.title]
    # Of the nearest place on an axis: Vega shows nothing for a line itself.
    hover = alt.selection_point("hover", fields=["id"], on="pointerover", clear="pointerout", nearest=True, empty=False)
    brush = alt.selection_interval("brush")
    lines_of_title = max(name.count(" ") + 1 for name in names)
    x = alt.X("axis:N", sort=names, title=None, scale=alt.Scale(domain=names, padding=0.3),
              axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, grid=False, labelOverlap=False,
                            labelPadding=6 + 13 * lines_of_title, labelExpr="split(datum.label, ' ')",
                            labelFontWeight="bold"))
    y = alt.Y("share:Q", title=None, axis=None, scale=alt.Scale(domain=[-_WIDEST_FAN / 2, 1 + _WIDEST_FAN / 2], nice=False))
    worst_first = _TONES if figure.more_is_better else _TONES[::-1]
    base = alt.Chart(rows, height=height_with(2)).transform_calculate(figure=words_of("value", figure.name))
    lines = base.mark_line(interpolate="monotone", strokeJoin="round").encode(
        x=x, y=y, detail="id:N", color=alt.Color("value:Q", legend=None, scale=alt.Scale(range=worst_first)),
        strokeWidth=alt.condition(hover, alt.value(4), alt.value(1.5)),
        opacity=alt.condition(hover, alt.value(1), alt.Opacity(
            "kept:N", legend=None, scale=alt.Scale(domain=[True, False], range=[0.7, 0.07]))),
    )
    points = base.mark_point(filled=True, size=60, opacity=0).encode(
        x=x, y=y, tooltip=[alt.Tooltip("run:N", title="run"), alt.Tooltip("axis:N", title="axis"),
                           alt.Tooltip("text:N", title="value"), alt.Tooltip("figure:N", title=figure.title)],
    ).add_params(brush, hover)
    rules = alt.Chart(pd.DataFrame({"axis": names, "low": 0, "high": 1})).mark_rule(
        color=TEXT_COLOR, opacity=0.55, strokeWidth=1).encode(x=x, y=alt.Y("low:Q", axis=None), y2="high:Q")
    texts = alt.Chart(ticks).mark_text(
        align="left", dx=7, fontSize=11, color=TEXT_COLOR, limit=alt.ExprRef(f"width / {len(names)} - 8")).encode(
        x=x, y=y, text="text:N")
    return readable(alt.layer(rules, lines, points, texts))


def passing(rows: pd.DataFrame, selection: Mapping[str, Any]) -> frozenset[str] | None:
    """The ids of the runs of `parallel_rows` that pass through the dragged frame; None where there is none."""
    axes, shares = selection.get("axis"), _range(selection.get("share"))
    if not isinstance(axes, list) or not axes or shares is None:
        return None
    inside = rows[rows["axis"].isin([name for name in axes if isinstance(name, str)]) & rows["share"].between(*shares)]
    return frozenset(inside["id"])


def framed(rows: pd.DataFrame, selection: Mapping[str, Any]) -> frozenset[str] | None:
    """The ids of the runs of `scatter_rows` inside the dragged frame; None where there is none."""
    places, values = selection.get("x"), _range(selection.get("value"))
    if not isinstance(places, list) or not places or values is None:
        return None
    ends = _range(places)
    if rows["x"].dtype.kind == "f" and ends is not None:
        inside = rows["x"].between(*ends)
    else:
        inside = rows["x"].isin([place for place in places if isinstance(place, str | int | float)])
    return frozenset(rows[inside & rows["value"].between(*values)]["id"])


def _range(values: Any) -> tuple[float, float] | None:
    """The ends of a frame in one direction; None for anything but two numbers."""
    if not isinstance(values, list) or len(values) != 2 or not all(type(v) in (int, float) and v == v for v in values):
        return None
    return min(values), max(values)
