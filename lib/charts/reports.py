"""The reports' own charts, drawn again from stored rows and arrays: residuals, heatmaps, circles, histograms, curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.base.remembered import remembered
from lib.charts.clocks import smoothed_round
from lib.charts.theme import (
    CELL_COLORS,
    CHART_HEIGHT,
    SERIES_COLORS,
    TEXT_COLOR,
    SeriesStyle,
    height_with,
    readable,
    series_style,
    value_axis,
    words_of,
)
from lib.clockface.geometry import PERIOD, circular_error

#: Minutes that a smoothed residual averages, as in figures 7 and 8 of report 000.
SMOOTHED_MINUTES = 15
_HOURS = alt.Axis(values=list(range(0, PERIOD + 1, 60)), labelExpr="floor(datum.value / 60) == 0 ? '12:00' : "
                  "floor(datum.value / 60) + ':00'")
_BLUES = alt.Scale(domain=[0, 1], range=list(CELL_COLORS))


# --- all reports: theirs against ours --------------------------------------------------------


def agreement_rows(figures: Sequence[tuple[str, float, float, str]]) -> pd.DataFrame:
    """Columns figure, reported, ours (shares of 1), scale of (words, reported share, our share, scale)."""
    return pd.DataFrame(figures, columns=["figure", "reported", "ours", "scale"])


def agreement_styles(scales: Sequence[str]) -> dict[str, SeriesStyle]:
    """How the dots of each of all scales are drawn."""
    return {scale: series_style(index) for index, scale in enumerate(scales)}


@remembered
def agreement_chart(rows: pd.DataFrame, styles: Mapping[str, SeriesStyle]) -> alt.LayerChart:
    """Ours against the reports', coloured by scale; on the diagonal both are equal. No legend."""
    low = float(np.floor(min(rows["reported"].min(), rows["ours"].min()) * 20) / 20)
    domain, metric = alt.Scale(domain=[low, 1], nice=False), "accuracy"
    ticks = alt.Axis(**value_axis(metric, tickCount=8))
    line = alt.Chart(pd.DataFrame({"x": [low, 1], "y": [low, 1]})).mark_line(
        strokeDash=[5, 4], color=SERIES_COLORS[-1]).encode(x=alt.X("x:Q", scale=domain), y=alt.Y("y:Q", scale=domain))
    names = list(styles)
    dots = alt.Chart(rows, height=height_with()).transform_calculate(
        theirs=words_of("reported", metric), here=words_of("ours", metric)).mark_point(
        filled=True, size=60, opacity=0.8).encode(
        x=alt.X("reported:Q", title="the report", scale=domain, axis=ticks),
        y=alt.Y("ours:Q", title="ours", scale=domain, axis=ticks),
        color=alt.Color("scale:N", legend=None, scale=alt.Scale(
            domain=names, range=[style.color for style in styles.values()])),
        shape=alt.Shape("scale:N", legend=None, scale=alt.Scale(
            domain=names, range=[style.shape for style in styles.values()])),
        tooltip=["figure:N", alt.Tooltip("theirs:N", title="the report"), alt.Tooltip("here:N", title="ours"), "scale:N"])
    return readable(line + dots)


# --- report 000: accuracies of all networks, errors against the time ------------------------


def network_rows(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each network and data set: network, data, accuracy (share of 1, mean over seeds), seeds.

    `rows` are stored trainings of the grids a1 and b1 with "network", "data" and "test_accuracy".
    """
    table = pd.DataFrame([{"network": _network_name(row), "data": row["data"], "accuracy": row["test_accuracy"]}
                          for row in rows], columns=["network", "data", "accuracy"])
    return table.groupby(["network", "data"], as_index=False, sort=False).agg(
        accuracy=("accuracy", "mean"), seeds=("accuracy", "size"))


def _network_name(row: Mapping[str, Any]) -> str:
    cell = row["cell"]
    return f"MLP {cell['model']}, {cell['activation']}" if "activation" in cell else f"CNN {cell['model']}"


@remembered
def network_chart(rows: pd.DataFrame, titles: Mapping[str, str]) -> alt.LayerChart:
    """Report 000's heatmap: networks down, data sets across, a stronger blue is better within each set."""
    rows = rows.assign(title=rows["data"].map(lambda name: titles.get(name, name)),
                       tone=rows.groupby("data")["accuracy"].rank(pct=True))
    names = sorted(set(rows["network"]))
    base = alt.Chart(rows, height=max(CHART_HEIGHT, 28 * len(names)) + 40).transform_calculate(
        figure=words_of("accuracy", "accuracy")).encode(
        x=alt.X("title:N", title=None, axis=alt.Axis(orient="top", labelAngle=0, labelLimit=260)),
        y=alt.Y("network:N", title=None, sort=names, axis=alt.Axis(labelLimit=260, labelOverlap=False)),
        tooltip=["network:N", "title:N", alt.Tooltip("figure:N", title="test accuracy"), "seeds:Q"])
    text = base.mark_text(color=TEXT_COLOR).encode(text="figure:N")
    return readable(base.mark_rect().encode(color=alt.Color("tone:Q", scale=_BLUES, legend=None)) + text)


def residual_rows(labels: np.ndarray, predicted: np.ndarray, name: str) -> pd.DataFrame:
    """Mean circular error (minutes) of every minute that was shown, smoothed round the dial: minute, error, network.

    `labels` and `predicted` are minutes after 12:00, (N,).
    """
    sums = np.bincount(labels, circular_error(labels, predicted), PERIOD)
    counts = np.bincount(labels, minlength=PERIOD)
    shown, total = smoothed_round(counts.astype(float), SMOOTHED_MINUTES), smoothed_round(sums, SMOOTHED_MINUTES)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(shown > 1e-9, total / np.maximum(shown, 1e-9), np.nan)
    return pd.DataFrame({"minute": np.arange(PERIOD), "error": error, "network": name}).dropna()


def network_styles(rows: pd.DataFrame) -> dict[str, SeriesStyle]:
    """The networks of `residual_chart` or `way_chart` and how their lines are drawn."""
    names = dict.fromkeys(rows["network"])
    return {name: SeriesStyle(series_style(index).color, "line") for index, name in enumerate(names)}


def _network_color(rows: pd.DataFrame) -> alt.Color:
    styles = network_styles(rows)
    return alt.Color("network:N", legend=None,
                     scale=alt.Scale(domain=list(styles), range=[style.color for style in styles.values()]))


def residual_chart(rows: pd.DataFrame) -> alt.Chart:
    """Smoothed error against the time shown, one line for each network. No legend."""
    return readable(alt.Chart(rows, height=height_with()).mark_line(strokeWidth=1.6).encode(
        x=alt.X("minute:Q", title="time shown", axis=_HOURS, scale=alt.Scale(nice=False)),
        y=alt.Y("error:Q", title=f"error (minutes), mean of {SMOOTHED_MINUTES} neighbours", scale=alt.Scale(domainMin=0)),
        color=_network_color(rows), tooltip=["network:N", "minute:Q", alt.Tooltip("error:Q", format=".1f")]))


# --- report 001: classes, points on a circle ------------------------------------------------


def class_rows(labels: np.ndarray, predicted: np.ndarray, classes: int) -> pd.DataFrame:
    """How often each class is taken for each: true, predicted (0 to classes - 1), share of the true class; no zeros."""
    width = PERIOD / classes
    true, said = ((np.asarray(minutes) % PERIOD // width).astype(int) for minutes in (labels, predicted))
    counts = np.zeros((classes, classes))
    np.add.at(counts, (true, said), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows, columns = np.nonzero(counts)
    return pd.DataFrame({"true": rows, "predicted": columns, "share": shares[rows, columns]})


def class_chart(rows: pd.DataFrame, classes: int) -> alt.Chart:
    """Report 001's figure 1: true classes down, predicted across."""
    ticks = alt.Axis(values=list(range(0, classes, max(1, classes // 12))), labelAngle=0)
    return readable(alt.Chart(rows, height=height_with()).mark_rect().encode(
        x=alt.X("predicted:O", title="predicted class", axis=ticks, scale=alt.Scale(domain=list(range(classes)))),
        y=alt.Y("true:O", title="true class", axis=ticks, scale=alt.Scale(domain=list(range(classes)))),
        color=alt.Color("share:Q", scale=_BLUES, title="share", legend=None),
        tooltip=["true:O", "predicted:O", alt.Tooltip("figure:N", title="of the true class")]
    ).transform_calculate(figure=words_of("share", "accuracy")))


def circle_rows(labels: np.ndarray, outputs: np.ndarray) -> pd.DataFrame:
    """True and predicted points of the time on the circle: cosine, sine, kind ("true", "predicted"), minute.

    `outputs` are cosine and sine, (N, 2).
    """
    angle = np.asarray(labels) * 2 * np.pi / PERIOD
    true = pd.DataFrame({"cosine": np.cos(angle), "sine": np.sin(angle), "kind": "true", "minute": labels})
    said = pd.DataFrame({"cosine": outputs[:, 0], "sine": outputs[:, 1], "kind": "predicted", "minute": labels})
    return pd.concat([true, said], ignore_index=True)


def circle_chart(rows: pd.DataFrame) -> alt.FacetChart:
    """Report 001's figure 3: both sets of points, coloured by the time."""
    scale = alt.Scale(domain=[-1.5, 1.5])
    return readable(alt.Chart(rows, width=280, height=280).mark_point(filled=True, size=10, opacity=0.6, clip=True).encode(
        x=alt.X("cosine:Q", scale=scale), y=alt.Y("sine:Q", scale=scale),
        color=alt.Color("minute:Q", scale=alt.Scale(scheme="rainbow"), title="minute", legend=None),
        tooltip=["minute:Q"]).facet(column=alt.Column("kind:N", title=None, sort=["true", "predicted"])))


# --- reports 002 and 003: how errors are spread, how four ways learn ------------------------


def histogram_rows(labels: np.ndarray, predicted: np.ndarray, width: int = 10) -> pd.DataFrame:
    """Number of test clocks by circular error in steps of `width` minutes: low, high, clocks."""
    counts, edges = np.histogram(circular_error(labels, predicted), np.arange(0, PERIOD // 2 + width, width))
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "clocks": counts})


def histogram_chart(rows: pd.DataFrame) -> alt.Chart:
    """Report 002's figure 6."""
    return readable(alt.Chart(rows, height=height_with()).mark_bar(color=SERIES_COLORS[0]).encode(
        x=alt.X("low:Q", bin="binned", title="error (minutes)"), x2="high:Q", y=alt.Y("clocks:Q", title="test clocks"),
        tooltip=["low:Q", "high:Q", "clocks:Q"]))


def way_rows(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], metric: str = "val_minutes") -> pd.DataFrame:
    """Mean and band over seeds of every network's history: network, epoch (from 1), mean, low, high, seeds."""
    found: dict[tuple[str, int], list[float]] = {}
    for row in rows:
        for epoch, value in enumerate(row.get("history", {}).get(metric, []), start=1):
            found.setdefault((titles.get(row["cell"]["network"], row["cell"]["network"]), epoch), []).append(value)
    table = [{"network": name, "epoch": epoch, "mean": float(np.mean(values)),
              "low": float(np.mean(values) - _deviation(values)), "high": float(np.mean(values) + _deviation(values)),
              "seeds": len(values)} for (name, epoch), values in found.items()]
    return pd.DataFrame(table, columns=["network", "epoch", "mean", "low", "high", "seeds"])


def _deviation(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def way_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """The validation part of report 003's figures 8 to 10: error by epoch, a line for each output. No legend."""
    base = alt.Chart(rows, height=height_with()).encode(
        x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")), color=_network_color(rows))
    title = "validation error (minutes)"
    band = base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    line = base.mark_line().encode(
        y=alt.Y("mean:Q", title=title), tooltip=["network:N", "epoch:Q", alt.Tooltip("mean:Q", format=".1f"), "seeds:Q"])
    return readable(band + line)
