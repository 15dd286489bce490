"""Figures of an experiment: what is done, curves with a band over seeds, numbers in a grid, a figure against a factor.

Two steps, as everywhere in this package: rows, then drawing. A drawing depends on the experiment and on nothing
that changes while it runs, so that Streamlit sends new rows to the chart that is already on the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import altair as alt
import pandas as pd

from lib.charts.theme import CHART_HEIGHT, PALETTE
from lib.core.experiments import METRIC_TITLES, Axis, Cell, Experiment, cell_label, value_label
from lib.core.fields import Value
from lib.core.replicates import TrialResult, band, by_cell, figure_text

#: Gray that shows on light and on dark backgrounds.
_GRAY = "#8C8C8C"
_BLUES = alt.Scale(domain=[0, 1], range=["#DCEAF5", "#0072B2"])
_ROW_PIXELS = 30
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
    if len(experiment.axes) < 2:
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
    return f"{part} · {seed}" if part else f"seed {seed}"


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
    return f"{100 * value:.1f}" if metric.endswith("accuracy") else f"{value:.3g}"


def _tones(values: pd.Series, higher_is_better: bool) -> pd.Series:
    """0 for the worst value, 1 for the best; 0.5 where all are equal, NaN where there is none."""
    low, high = values.min(), values.max()
    if pd.isna(low) or high == low:
        return values.astype(float) * 0 + 0.5
    scaled = (values.astype(float) - low) / (high - low)
    return scaled if higher_is_better else 1 - scaled


def progress_chart(rows: pd.DataFrame, experiment: Experiment) -> alt.LayerChart:
    """A cell for every trial: grey while it waits, paler while it trains, its figure once it has finished."""
    down, along = progress_labels(experiment)
    base = alt.Chart(rows, height=_ROW_PIXELS * len(down) + 60).encode(
        x=alt.X("column:N", sort=along, title=None, scale=alt.Scale(domain=along),
                axis=alt.Axis(orient="top", labelAngle=0 if len(along) < 9 else -50, labelOverlap=False, ticks=False)),
        y=alt.Y("row:N", sort=down, title=None, scale=alt.Scale(domain=down),
                axis=alt.Axis(labelLimit=220, ticks=False)),
        tooltip=["row:N", "column:N", "state:N", alt.Tooltip("share:Q", title="done", format=".0%"),
                 alt.Tooltip("value:Q", title=METRIC_TITLES[experiment.metric], format=".4~g"), "message:N"],
    )
    empty = base.mark_rect(color=_GRAY, opacity=0.13, cornerRadius=3, stroke=_GRAY, strokeOpacity=0.25)
    done = base.transform_filter("isValid(datum.tone)").mark_rect(cornerRadius=3).encode(
        color=alt.Color("tone:Q", scale=_BLUES, legend=None),
        opacity=alt.condition("datum.share >= 1", alt.value(1), alt.value(0.55)),
    )
    text = base.mark_text(fontSize=11).encode(text="text:N", color=_text_color("datum.tone"))
    return empty + done + text


def _text_color(tone: str) -> dict:
    """White on dark cells, dark on pale ones, grey where there is no colour."""
    return {"condition": [{"test": f"isValid({tone}) && {tone} > 0.6", "value": "white"},
                          {"test": f"isValid({tone})", "value": "#24303c"}], "value": _GRAY}


# --- curves -------------------------------------------------------------------------------


def curve_rows(
    experiment: Experiment, results: Sequence[TrialResult], metric: str = "val_accuracy", color: str | None = None,
    panel: str | None = None,
) -> pd.DataFrame:
    """One row per cell and epoch: cell, group (value of the axis `color`), panel, split, epoch, mean, low, high, seeds.

    split is "validation" or "training", whatever `metric` is of. low and high are mean minus and plus one standard
    deviation over the seeds that have reached the epoch.
    """
    histories: dict[Cell, list] = {}
    for result in results:
        if result.epochs:
            histories.setdefault(result.cell, []).append(result.epochs)
    split = "validation" if metric.startswith("val_") else "training"
    colored, faceted = (experiment.axis(name) if name else None for name in (color, panel))
    rows = []
    for cell, found in histories.items():
        head = (cell_label(cell) or experiment.title, _label(cell, colored) or "all", _label(cell, faceted), split)
        rows += [(*head, epoch, s.mean, s.mean - s.std, s.mean + s.std, s.count) for epoch, s in band(found, metric)]
    return pd.DataFrame(rows, columns=["cell", "group", "panel", "split", "epoch", "mean", "low", "high", "seeds"])


def curve_chart(
    rows: pd.DataFrame, groups: Sequence[str], metric: str = "val_accuracy", last_epoch: int = 0
) -> alt.LayerChart:
    """A line for each cell, coloured by group, with the band of its seeds; training is dashed beside validation."""
    colors = [PALETTE[index % len(PALETTE)] for index in range(len(groups))]
    title = metric.replace("val_", "validation ")
    dash = alt.StrokeDash("split:N", legend=None, scale=alt.Scale(domain=["validation", "training"], range=[[1, 0], [5, 4]]))
    epochs = alt.Scale(domain=[1, last_epoch], nice=False) if last_epoch > 1 else alt.Scale(nice=False)
    base = alt.Chart(rows, height=CHART_HEIGHT + 60).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=epochs),
        color=alt.Color("group:N", title=None, scale=alt.Scale(domain=list(groups), range=colors),
                        legend=alt.Legend(orient="bottom", columns=4, labelLimit=200, symbolOpacity=1)
                        if len(groups) > 1 else None),
        detail=["cell:N", "split:N"],
    )
    scale = alt.Scale(zero=False)
    shade = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q")
    line = base.mark_line(strokeWidth=1.8, point=alt.OverlayMarkDef(size=16)).encode(
        y=alt.Y("mean:Q", title=title, scale=scale), strokeDash=dash,
        tooltip=["cell:N", "split:N", "epoch:Q", alt.Tooltip("mean:Q", format=".4f"), alt.Tooltip("low:Q", format=".4f"),
                 alt.Tooltip("high:Q", format=".4f"), "seeds:Q"],
    )
    return shade + line


# --- numbers in a grid --------------------------------------------------------------------


def heat_rows(
    experiment: Experiment, results: Sequence[TrialResult], x: Axis, y: Sequence[Axis], panel: Axis | None = None
) -> pd.DataFrame:
    """One row per cell: x, y (values of all its axes), panel, mean, std, seeds, text, tone (0-1 within its panel).

    Cells that differ in no shown axis are averaged; one whose trials all failed has a text and no mean.
    """
    names = {axis.field for axis in (x, *y, panel) if axis is not None}
    merged = [_merged(result, names) for result in results]
    spreads = by_cell(merged, experiment.metric)
    failed = dict.fromkeys(r.cell for r in merged if r.state == "failed" and r.cell not in spreads)
    rows = []
    for cell in [*spreads, *failed]:
        s = spreads.get(cell)
        text = figure_text(s, experiment.metric).replace(" %", "").replace(" ± ", "\n±") if s else "failed"
        rows.append({
            "x": _label(cell, x), "y": _part(cell, y), "panel": _label(cell, panel), "mean": s.mean if s else None,
            "std": s.std if s else None, "seeds": s.count if s else 0, "text": text,
        })
    table = pd.DataFrame(rows, columns=["x", "y", "panel", "mean", "std", "seeds", "text"])
    table["tone"] = float("nan")
    for _, group in table.groupby("panel"):
        table.loc[group.index, "tone"] = _tones(group["mean"].astype(float), experiment.higher_is_better)
    return table


def _merged(result: TrialResult, names: set[str]) -> TrialResult:
    """The trial without the axes that a picture does not show."""
    cell = tuple((name, value) for name, value in result.cell if name in names)
    return TrialResult(cell, result.seed, result.state, result.epochs, result.metrics)


def heat_chart(rows: pd.DataFrame, experiment: Experiment, x: Axis, y: Sequence[Axis]) -> alt.LayerChart:
    """Means in coloured cells, standard deviations under them; darker is better within this panel."""
    along, down = axis_labels(x), list(dict.fromkeys(_part(cell, y) for cell in experiment.cells()))
    base = alt.Chart(rows, height=44 * len(down) + 70).encode(
        x=alt.X("x:N", sort=along, title=x.title, scale=alt.Scale(domain=along),
                axis=alt.Axis(labelAngle=0, labelLimit=120, orient="top")),
        y=alt.Y("y:N", sort=down, title=" - ".join(axis.title for axis in y) or None, scale=alt.Scale(domain=down),
                axis=alt.Axis(labelLimit=170)),
        tooltip=["x:N", "y:N", alt.Tooltip("mean:Q", title=METRIC_TITLES[experiment.metric], format=".4~g"),
                 alt.Tooltip("std:Q", format=".2~g"), "seeds:Q"],
    )
    rect = base.transform_filter("isValid(datum.tone)").mark_rect(cornerRadius=3).encode(
        color=alt.Color("tone:Q", scale=_BLUES, legend=None))
    several = len(experiment.seeds) > 1 or bool(rows["text"].str.contains("±").any())
    text = base.mark_text(fontSize=12, lineBreak="\n", dy=-6 if several else 0).encode(
        text="text:N", color=_text_color("datum.tone"))
    return rect + text


# --- a figure against a factor ------------------------------------------------------------


def factor_rows(
    experiment: Experiment, results: Sequence[TrialResult], axis: Axis, group: Axis | None = None
) -> pd.DataFrame:
    """One row per cell with finished trials: x, label, group, mean, low, high, std, seeds; low and high one std away."""
    names = {axis.field} | ({group.field} if group else set())
    rows = []
    for cell, s in by_cell([_merged(result, names) for result in results], experiment.metric).items():
        value: Value = dict(cell)[axis.field]
        rows.append({
            "x": value if axis.is_numeric else value_label(axis.field, value), "label": value_label(axis.field, value),
            "group": _label(cell, group) or "mean and standard deviation", "mean": s.mean, "low": s.mean - s.std,
            "high": s.mean + s.std, "std": s.std, "seeds": s.count,
        })
    return pd.DataFrame(rows, columns=["x", "label", "group", "mean", "low", "high", "std", "seeds"])


def point_rows(experiment: Experiment, results: Sequence[TrialResult], axis: Axis) -> pd.DataFrame:
    """One row per finished trial: x, value, seed."""
    rows = [
        (dict(r.cell)[axis.field] if axis.is_numeric else value_label(axis.field, dict(r.cell)[axis.field]),
         r.value(experiment.metric), r.seed)
        for r in results if r.is_finished and r.value(experiment.metric) is not None
    ]
    return pd.DataFrame(rows, columns=["x", "value", "seed"])


def _factor_x(axis: Axis) -> alt.X:
    if not axis.is_numeric:
        labels = axis_labels(axis)
        return alt.X("x:N", sort=labels, title=axis.title, scale=alt.Scale(domain=labels),
                     axis=alt.Axis(labelAngle=-30 if max(map(len, labels)) > 8 else 0, labelOverlap=False))
    low, high = min(axis.values), max(axis.values)  # type: ignore[type-var]
    logarithmic = float(low) > 0 and float(high) / float(low) >= _LOG_RATIO
    scale = alt.Scale(type="log", nice=True) if logarithmic else alt.Scale(zero=False, nice=True, padding=16)
    ticks = alt.Axis(values=list(axis.values), format=".2~e" if logarithmic else "~g", labelOverlap="greedy")
    return alt.X("x:Q", title=axis.title, scale=scale, axis=ticks)


def factor_chart(
    rows: pd.DataFrame, points: pd.DataFrame, experiment: Experiment, axis: Axis, groups: Sequence[str] = (),
    references: Mapping[str, float] | None = None,
) -> alt.LayerChart:
    """Mean with error bars of one standard deviation, every seed as a small dot, reference figures as dashed lines."""
    names = list(groups) or ["mean and standard deviation"]
    colors = [PALETTE[index % len(PALETTE)] for index in range(len(names))]
    x, title = _factor_x(axis), METRIC_TITLES[experiment.metric]
    y = alt.Y("mean:Q", title=title, scale=alt.Scale(zero=False))
    base = alt.Chart(rows, height=CHART_HEIGHT + 40).encode(x=x, color=alt.Color(
        "group:N", title=None, scale=alt.Scale(domain=names, range=colors),
        legend=alt.Legend(orient="bottom") if groups else None))
    bars = base.mark_rule(strokeWidth=1.6).encode(y=alt.Y("low:Q", title=title, scale=alt.Scale(zero=False)), y2="high:Q")
    tooltip = ["label:N", "group:N", alt.Tooltip("mean:Q", format=".4~g"), alt.Tooltip("std:Q", format=".2~g"), "seeds:Q"]
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(y=y, tooltip=tooltip)
    layers = [bars, dots]
    if axis.is_numeric:
        layers.insert(0, base.mark_line(strokeWidth=1.4).encode(y=y))
    if not groups:
        layers.append(alt.Chart(points).mark_point(size=14, filled=True, color=_GRAY, opacity=0.8).encode(
            x=x, y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)), tooltip=["seed:N", "value:Q"]))
    return alt.layer(*layers, *_reference_layers(references or dict(experiment.references)))


def _reference_layers(references: Mapping[str, float]) -> list[alt.Chart]:
    if not references:
        return []
    base = alt.Chart(pd.DataFrame([{"y": value, "label": f"{name} {value:g}"} for name, value in references.items()]))
    rule = base.mark_rule(strokeDash=[5, 4], color=PALETTE[4]).encode(y="y:Q")
    text = base.mark_text(align="right", baseline="bottom", dy=-2, color=PALETTE[4]).encode(
        y="y:Q", x=alt.value("width"), text="label:N")
    return [rule, text]
