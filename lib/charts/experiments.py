"""Figures of an experiment: what is done, curves with a band over seeds, numbers in a grid, a figure against a factor.

Two steps, as everywhere in this package: rows, then drawing. A drawing depends on the experiment and on nothing
that changes while it runs, so that Streamlit sends new rows to the chart that is already on the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.base.percent import percent_text
from lib.base.remembered import remembered
from lib.catalog.experiments import Axis, Cell, Experiment, cell_label, value_label
from lib.catalog.fields import Value
from lib.charts.theme import (
    AROUND_PLOT,
    CELL_COLORS,
    CHART_HEIGHT,
    SERIES_COLORS,
    TEXT_COLOR,
    SeriesStyle,
    crossed_styles,
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
from lib.measures.figures import Figure
from lib.measures.replicates import TrialResult, band, by_cell
from lib.spec.metrics import figure_title, is_share

#: Gray that shows on light and on dark backgrounds.
_GRAY = "#808080"
_BLUES = alt.Scale(domain=[0, 1], range=list(CELL_COLORS))
_ROW_PIXELS = 30
#: A grid with few rows has taller ones, up to this.
_TALLEST_ROW = 96
#: More columns than this leave no room for a number on a narrow screen.
_MOST_COLUMNS = 9
#: The only group where a factor's figures are not grouped.
_ALL = "mean and standard deviation"
#: A factor whose values span more than this is drawn on a logarithmic axis.
_LOG_RATIO = 50


def axis_labels(axis: Axis) -> list[str]:
    """The axis' values as the charts write them."""
    return [value_label(axis.field, value) for value in axis.values]


def _label(cell: Cell, axis: Axis | None) -> str:
    return value_label(axis.field, dict(cell)[axis.field]) if axis else ""


# --- progress -----------------------------------------------------------------------------


def split_axes(experiment: Experiment) -> tuple[tuple[Axis, ...], tuple[Axis, ...]]:
    """The axes down the side and those along the top of the progress grid; seeds go along the top as well."""
    if len(experiment.axes) < 2 or len(experiment.axes[-1].values) * len(experiment.seeds) > _MOST_COLUMNS:
        return experiment.axes, ()
    return experiment.axes[:-1], experiment.axes[-1:]


def progress_labels(experiment: Experiment) -> tuple[list[str], list[str]]:
    """All labels down the side and along the top, in order."""
    side, top = split_axes(experiment)
    cells = experiment.cells()
    rows = dict.fromkeys(_part(cell, side) or experiment.title for cell in cells)
    columns = dict.fromkeys(_column(_part(cell, top), seed) for cell in cells for seed in experiment.seeds)
    return list(rows), list(columns)


def _part(cell: Cell, axes: Iterable[Axis]) -> str:
    values = dict(cell)
    return cell_label(tuple((axis.field, values[axis.field]) for axis in axes))


def _column(part: str, seed: int) -> str:
    return f"{part} · seed {seed}" if part else f"seed {seed}"


def progress_rows(experiment: Experiment, results: Sequence[TrialResult]) -> pd.DataFrame:
    """One row per trial: row, column, state, share done (0-1), value so far, text in its cell, tone of its colour (0-1)."""
    side, top = split_axes(experiment)
    rows = []
    for result in results:
        value = current_value(result, experiment.metric)
        rows.append({
            "row": _part(result.cell, side) or experiment.title, "column": _column(_part(result.cell, top), result.seed),
            "state": result.state, "share": share_done(result), "value": value, "text": _cell_text(result, experiment),
            "message": result.message,
        })
    table = pd.DataFrame(rows, columns=["row", "column", "state", "share", "value", "text", "message"])
    table["tone"] = _tones(table["value"], experiment.higher_is_better)
    return table


def share_done(result: TrialResult) -> float:
    """Epochs done of those planned; 1 once the trial has ended, early stopping included."""
    if result.state in ("finished", "failed"):
        return 1.0
    return min(len(result.epochs) / max(result.planned, 1), 1.0)


def current_value(result: TrialResult, metric: str) -> float | None:
    """Its figure, or its validation figure so far while it trains."""
    value = result.value(metric)
    if value is None and result.epochs:
        name = {"test_minutes": "val_minutes", "test_loss": "val_loss"}.get(metric, "val_accuracy")
        value = result.epochs[-1].metrics.get(name)
    return value if value is not None and math.isfinite(value) else None


def _cell_text(result: TrialResult, experiment: Experiment) -> str:
    value = current_value(result, experiment.metric)
    if result.state == "failed":
        return "failed"
    if result.is_finished and value is not None:
        return _number(value, experiment.metric)
    if result.state in ("running", "stopped", "interrupted") or result.epochs:
        return f"{len(result.epochs)}/{result.planned}"
    return "next" if result.state == "queued" else ""


def _number(value: float, metric: str) -> str:
    return percent_text(value).removesuffix(" %") if is_share(metric) else f"{value:.3g}"


def _tones(values: pd.Series, higher_is_better: bool) -> pd.Series:
    """0 for the worst value, 1 for the best; 0.5 where all are equal, NaN where there is none."""
    low, high = values.min(), values.max()
    if pd.isna(low) or high == low:
        return values.astype(float) * 0 + 0.5
    scaled = (values.astype(float) - low) / (high - low)
    return scaled if higher_is_better else 1 - scaled


def _row_pixels(rows: int, least: int) -> int:
    """The height of a row: together they fill a plot, where they can."""
    return max(least, min(_TALLEST_ROW, math.ceil(CHART_HEIGHT / max(rows, 1))))


def progress_chart(rows: pd.DataFrame, experiment: Experiment) -> alt.LayerChart:
    """A cell for every trial: grey while it waits, framed while it trains, its figure once it has finished."""
    down, along = progress_labels(experiment)
    lines = 2 if any(" · " in label for label in along) else 1
    base = alt.Chart(rows, height=_row_pixels(len(down), _ROW_PIXELS) * len(down) + 14 * lines + 40).transform_calculate(
        figure=words_of("value", experiment.metric)).encode(
        x=alt.X("column:N", sort=along, title=None, scale=alt.Scale(domain=along),
                axis=alt.Axis(orient="top", labelAngle=0, labelOverlap=False, ticks=False, labelLimit=120,
                              labelExpr="split(datum.label, ' · ')")),
        y=alt.Y("row:N", sort=down, title=None, scale=alt.Scale(domain=down),
                axis=alt.Axis(labelLimit=260, ticks=False, labelOverlap=False)),
        tooltip=[alt.Tooltip("row:N", title="cell"), alt.Tooltip("column:N", title="run"), "state:N",
                 alt.Tooltip("share:Q", title="done", format=".0%"),
                 alt.Tooltip("figure:N", title=experiment.metric_title), "message:N"],
    )
    empty = base.mark_rect(color=_GRAY, opacity=0.13, cornerRadius=3, stroke=_GRAY, strokeOpacity=0.25)
    done = base.transform_filter("isValid(datum.tone) && datum.share >= 1").mark_rect(cornerRadius=3).encode(
        color=alt.Color("tone:Q", scale=_BLUES, legend=None))
    training = base.transform_filter("datum.share > 0 && datum.share < 1").mark_rect(
        cornerRadius=3, filled=False, stroke=SERIES_COLORS[0], strokeWidth=2)
    text = base.mark_text(fontSize=11, color=TEXT_COLOR).encode(text="text:N")
    return readable(empty + done + training + text)


# --- curves -------------------------------------------------------------------------------


def curve_rows(
    experiment: Experiment, results: Sequence[TrialResult], metric: str = "val_accuracy", panel: str | None = None,
) -> pd.DataFrame:
    """One row per cell and epoch: line (the cell apart from its panel), panel, split, epoch, mean, low, high, std, seeds,
    shaped.

    split is "validation" or "training", whatever `metric` is of. low and high are mean minus and plus one standard
    deviation over the seeds that have reached the epoch.
    """
    histories: dict[Cell, list] = {}
    for result in results:
        if result.epochs:
            histories.setdefault(result.cell, []).append(result.epochs)
    split = "validation" if metric.startswith("val_") else "training"
    faceted = experiment.axis(panel) if panel else None
    rows = []
    for cell, found in histories.items():
        head = (_line(cell, panel) or experiment.title, _label(cell, faceted), split)
        rows += [(*head, epoch, s.mean, s.mean - s.std, s.mean + s.std, s.std, s.count) for epoch, s in band(found, metric)]
    table = pd.DataFrame(rows, columns=["line", "panel", "split", "epoch", "mean", "low", "high", "std", "seeds"])
    return table.assign(shaped=shaped(table, ("line", "panel")))


def _line(cell: Cell, panel: str | None) -> str:
    return cell_label(tuple((name, value) for name, value in cell if name != panel))


def line_styles(experiment: Experiment, color: str | None = None, panel: str | None = None) -> dict[str, SeriesStyle]:
    """Every line of a chart and how it is drawn: axis `color` decides its colour, the other axes its shape.

    With one axis every value has a colour and a shape of its own. `panel` has a chart for each of its values.
    """
    groups: dict[str, int] = {}
    others: dict[str, int] = {}
    pairs: dict[str, tuple[int, int]] = {}
    for cell in experiment.cells():
        group = _label(cell, experiment.axis(color) if color else None)
        other = _line(tuple(part for part in cell if part[0] != color), panel)
        pair = groups.setdefault(group, len(groups)), others.setdefault(other, len(others))
        pairs.setdefault(_line(cell, panel) or experiment.title, pair)
    if len(groups) == 1 or len(others) == 1:
        return {line: series_style(index) for index, line in enumerate(pairs)}
    return dict(zip(pairs, crossed_styles(list(pairs.values())), strict=True))


def curve_chart(
    rows: pd.DataFrame, styles: Mapping[str, SeriesStyle], metric: str = "val_accuracy", last_epoch: int = 0
) -> alt.LayerChart:
    """The lines of `styles`, each with the band of its seeds; training is dashed beside validation. No legend."""
    title = metric.replace("val_", "validation ")
    dash = alt.StrokeDash("split:N", legend=None, scale=alt.Scale(domain=["validation", "training"], range=[[1, 0], [5, 4]]))
    epochs = alt.Scale(domain=[1, last_epoch], nice=False) if last_epoch > 1 else alt.Scale(nice=False)
    base = alt.Chart(rows, height=height_with()).transform_calculate(
        figure=words_of("mean", metric), deviation=deviation_words("std", metric)).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=epochs),
        color=_color_of(styles), detail=["line:N", "split:N"],
    )
    scale, axis = alt.Scale(zero=False), alt.Axis(**value_axis(metric))
    shade = base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title=title, scale=scale, axis=axis), y2="high:Q")
    y = alt.Y("mean:Q", title=title, scale=scale, axis=axis)
    line = base.mark_line(strokeWidth=1.8).encode(y=y, strokeDash=dash)
    tooltip = [alt.Tooltip("line:N", title="cell"), "split:N", "epoch:Q", alt.Tooltip("figure:N", title="mean"),
               alt.Tooltip("deviation:N", title="standard deviation"), "seeds:Q"]
    points = base.mark_point(filled=True, opacity=1).encode(
        y=y, size=shape_size(34), shape=_shape_of(styles), tooltip=tooltip)
    return readable(shade + line + points)


def last_epoch(results: Sequence[TrialResult]) -> int:
    """Where the axis of epochs ends: what is planned, or, once trials stopped early, where the longest one is."""
    if any(result.state == "finished" and len(result.epochs) < result.planned for result in results):
        return max(len(result.epochs) for result in results)
    return max(result.planned or len(result.epochs) for result in results)


def _color_of(styles: Mapping[str, SeriesStyle], field: str = "line") -> alt.Color:
    return alt.Color(f"{field}:N", legend=None, scale=style_scale(styles, "color"))


def _shape_of(styles: Mapping[str, SeriesStyle], field: str = "line") -> alt.Shape:
    return alt.Shape(f"{field}:N", legend=None, scale=style_scale(styles, "shape"))


# --- numbers in a grid --------------------------------------------------------------------


def heat_rows(
    experiment: Experiment, results: Sequence[TrialResult], x: Axis, y: Sequence[Axis], panel: Axis | None = None
) -> pd.DataFrame:
    """One row per cell: x, y (values of all its axes), panel, mean, std, runs, text, tone (0-1 within its panel).

    Cells that differ in no shown axis are averaged; one whose trials all failed has a text and no mean.
    """
    names = {axis.field for axis in (x, *y, panel) if axis is not None}
    merged = [_merged(result, names) for result in results]
    spreads = by_cell(merged, experiment.metric)
    failed = dict.fromkeys(r.cell for r in merged if r.state == "failed" and r.cell not in spreads)
    rows = []
    for cell in [*spreads, *failed]:
        s = spreads.get(cell)
        text = Figure(experiment.metric).spread_text(s).replace(" %", "").replace(" ± ", "\n±") if s else "failed"
        rows.append({
            "x": _label(cell, x), "y": _part(cell, y), "panel": _label(cell, panel), "mean": s.mean if s else None,
            "std": s.std if s else None, "runs": s.count if s else 0, "text": text,
        })
    table = pd.DataFrame(rows, columns=["x", "y", "panel", "mean", "std", "runs", "text"])
    table["tone"] = float("nan")
    for _, group in table.groupby("panel"):
        table.loc[group.index, "tone"] = _tones(group["mean"].astype(float), experiment.higher_is_better)
    return table


def _merged(result: TrialResult, names: set[str]) -> TrialResult:
    """The trial without the axes that a chart does not show."""
    cell = tuple((name, value) for name, value in result.cell if name in names)
    return TrialResult(cell, result.seed, result.state, result.epochs, result.metrics)


@remembered
def heat_chart(rows: pd.DataFrame, experiment: Experiment, x: Axis, y: Sequence[Axis]) -> alt.LayerChart:
    """Means in coloured cells, standard deviations under them; a stronger blue is better within this panel.

    Values of `x` that are long words stand below each other, and those of `y` along.
    """
    cells = list(dict.fromkeys(_part(cell, y) for cell in experiment.cells()))
    titles = {"x": x.title, "y": " - ".join(axis.title for axis in y)}
    (along, across), (down, below) = (axis_labels(x), "x"), (cells, "y")
    if _is_wordy(along):
        (along, across), (down, below) = (down, below), (along, across)
    base = alt.Chart(rows, height=_row_pixels(len(down), 44) * len(down) + 84).transform_calculate(
        figure=words_of("mean", experiment.metric), deviation=deviation_words("std", experiment.metric)).encode(
        x=alt.X(f"{across}:N", sort=along, title=titles[across] or None, scale=alt.Scale(domain=along),
                axis=alt.Axis(labelAngle=-40 if _is_wordy(along) else 0, labelLimit=260, labelOverlap=False, orient="top")),
        y=alt.Y(f"{below}:N", sort=down, title=titles[below] or None, scale=alt.Scale(domain=down),
                axis=alt.Axis(labelLimit=260, labelOverlap=False)),
        tooltip=[alt.Tooltip("x:N", title=x.title), alt.Tooltip("y:N", title=titles["y"] or "cell"),
                 alt.Tooltip("figure:N", title=experiment.metric_title),
                 alt.Tooltip("deviation:N", title="standard deviation"), "runs:Q"],
    )
    rect = base.transform_filter("isValid(datum.tone)").mark_rect(cornerRadius=3).encode(
        color=alt.Color("tone:Q", scale=_BLUES, legend=None))
    several = len(experiment.seeds) > 1 or bool(rows["text"].str.contains("±").any())
    text = base.mark_text(fontSize=12, lineBreak="\n", dy=-6 if several else 0, color=TEXT_COLOR).encode(text="text:N")
    return readable(rect + text)


def _is_wordy(labels: Sequence[str]) -> bool:
    """Whether labels side by side would run into each other."""
    return len(labels) > 2 and max(map(len, labels)) > 8


# --- a figure against a factor ------------------------------------------------------------


def factor_rows(
    experiment: Experiment, results: Sequence[TrialResult], axis: Axis, group: Axis | None = None
) -> pd.DataFrame:
    """One row per cell with finished trials: x, label, group, mean, low, high, std, runs; low and high one std away."""
    names = {axis.field} | ({group.field} if group else set())
    rows = []
    for cell, s in by_cell([_merged(result, names) for result in results], experiment.metric).items():
        value: Value = dict(cell)[axis.field]
        rows.append({
            "x": value if axis.is_numeric else value_label(axis.field, value), "label": value_label(axis.field, value),
            "group": _label(cell, group) or _ALL, "mean": s.mean, "low": s.mean - s.std,
            "high": s.mean + s.std, "std": s.std, "runs": s.count,
        })
    return pd.DataFrame(rows, columns=["x", "label", "group", "mean", "low", "high", "std", "runs"])


def point_rows(experiment: Experiment, results: Sequence[TrialResult], axis: Axis) -> pd.DataFrame:
    """One row per finished trial: x, value, seed."""
    rows = [
        (dict(r.cell)[axis.field] if axis.is_numeric else value_label(axis.field, dict(r.cell)[axis.field]),
         r.value(experiment.metric), r.seed)
        for r in results if r.is_finished and r.value(experiment.metric) is not None
    ]
    return pd.DataFrame(rows, columns=["x", "value", "seed"])


def reference_styles(experiment: Experiment) -> dict[str, SeriesStyle]:
    """The experiment's reference figures, named with their value, and the colours of their lines."""
    return {_reference_label(experiment, *reference): SeriesStyle(SERIES_COLORS[-1 - index % 4], "dash")
            for index, reference in enumerate(dict.fromkeys(experiment.references))}


def _reference_label(experiment: Experiment, name: str, value: float) -> str:
    return f"{name}: {percent_text(value) if experiment.metric.endswith('accuracy') else f'{value:g}'}"


def factor_styles(groups: Sequence[str] = ()) -> dict[str, SeriesStyle]:
    """The groups of `factor_chart` and how they are drawn."""
    return {name: series_style(index) for index, name in enumerate(groups or [_ALL])}


@remembered
def factor_chart(
    rows: pd.DataFrame, points: pd.DataFrame, experiment: Experiment, axis: Axis, groups: Sequence[str] = (),
) -> alt.LayerChart:
    """Mean with error bars of one standard deviation, every seed as a small dot, reference figures as dashed lines.

    Values that are long words stand below each other, with the figure along; all others along, with the figure up.
    No legend.
    """
    styles, labels, metric = factor_styles(groups), axis_labels(axis), experiment.metric
    on_side = not axis.is_numeric and _is_wordy(labels)
    place, value, value2 = ("y", "x", "x2") if on_side else ("x", "y", "y2")
    height = max(CHART_HEIGHT, 34 * len(labels)) + AROUND_PLOT
    along: dict[str, Any] = {place: _factor_place(axis, on_side)}
    base = alt.Chart(rows, height=height).transform_calculate(
        figure=words_of("mean", metric), deviation=deviation_words("std", metric)).encode(
        **along, color=_color_of(styles, "group"))
    bars = base.mark_rule(strokeWidth=1.6).encode(**{value: _factor_value("low", metric, on_side), value2: "high:Q"})
    tooltip = [alt.Tooltip("label:N", title=axis.title), "group:N", alt.Tooltip("figure:N", title="mean"),
               alt.Tooltip("deviation:N", title="standard deviation"), "runs:Q"]
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(
        **{value: _factor_value("mean", metric, on_side)}, shape=_shape_of(styles, "group"), tooltip=tooltip)
    layers = [bars, dots]
    if axis.is_numeric:
        layers.insert(0, base.mark_line(strokeWidth=1.4).encode(**{value: _factor_value("mean", metric, on_side)}))
    if not groups:
        layers.append(alt.Chart(points).transform_calculate(figure=words_of("value", metric)).mark_point(
            size=14, filled=True, color=TEXT_COLOR, opacity=0.6).encode(
            **{place: _factor_place(axis, on_side), value: _factor_value("value", metric, on_side)},
            tooltip=["seed:N", alt.Tooltip("figure:N", title="this run")]))
    return readable(alt.layer(*layers, *_reference_layers(experiment, value)))


def _factor_place(axis: Axis, on_side: bool) -> alt.X | alt.Y:
    if not axis.is_numeric:
        labels = axis_labels(axis)
        channel = alt.Y if on_side else alt.X
        ticks = alt.Axis(labelAngle=0, labelOverlap=False, labelLimit=260)
        return channel("x:N", sort=labels, title=None if on_side else axis.title, scale=alt.Scale(domain=labels), axis=ticks)
    values: list[Any] = list(axis.values)
    low, high = min(values), max(values)
    logarithmic = float(low) > 0 and float(high) / float(low) >= _LOG_RATIO
    scale = alt.Scale(type="log", nice=True) if logarithmic else alt.Scale(zero=False, nice=True, padding=16)
    words = f"{axis_labels(axis)}[indexof({values}, datum.value)]"  # as everywhere on the page
    ticks = alt.Axis(values=values, labelExpr=words, labelOverlap="greedy")
    return alt.X("x:Q", title=axis.title, scale=scale, axis=ticks)


def _factor_value(field: str, metric: str, on_side: bool) -> alt.X | alt.Y:
    channel = alt.X if on_side else alt.Y
    ticks = alt.Axis(**value_axis(metric))
    return channel(f"{field}:Q", title=figure_title(metric, with_unit=True), scale=alt.Scale(zero=False), axis=ticks)


def _reference_layers(experiment: Experiment, channel: str) -> list[alt.Chart]:
    """A dashed line for each reference figure; the legend beside the chart names them."""
    styles, layers = reference_styles(experiment), []
    for name, value in dict.fromkeys(experiment.references):
        label = _reference_label(experiment, name, value)
        row = alt.Chart(pd.DataFrame([{"value": value, "label": label}]))
        layers.append(row.mark_rule(strokeDash=[6, 4], strokeWidth=1.6, color=styles[label].color).encode(
            **{channel: "value:Q"}, tooltip=alt.Tooltip("label:N", title="printed")))
    return layers
