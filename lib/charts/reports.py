"""The reports' own pictures, drawn again from stored rows and arrays: residuals, heatmaps, circles, histograms, curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.clocks import smoothed_round
from lib.charts.theme import CHART_HEIGHT, PALETTE
from lib.core.clock.geometry import PERIOD, circular_error

#: Minutes that a smoothed residual averages, as in figures 7 and 8 of report 000.
SMOOTHED_MINUTES = 15
_HOURS = alt.Axis(values=list(range(0, PERIOD + 1, 60)), labelExpr="floor(datum.value / 60) == 0 ? '12:00' : "
                  "floor(datum.value / 60) + ':00'")
_BLUES = alt.Scale(scheme="blues")


# --- all reports: theirs against ours --------------------------------------------------------


def agreement_rows(figures: Sequence[tuple[str, float, float, str]]) -> pd.DataFrame:
    """Columns figure, reported, ours (percent), scale of (words, reported share, our share, scale)."""
    table = pd.DataFrame(figures, columns=["figure", "reported", "ours", "scale"])
    return table.assign(reported=100 * table["reported"], ours=100 * table["ours"])


def agreement_chart(rows: pd.DataFrame, scales: Sequence[str]) -> alt.LayerChart:
    """Ours against the reports', coloured by scale; on the diagonal both are equal."""
    low = float(np.floor(min(rows["reported"].min(), rows["ours"].min()) / 5) * 5)
    domain = alt.Scale(domain=[low, 100], nice=False)
    line = alt.Chart(pd.DataFrame({"x": [low, 100], "y": [low, 100]})).mark_line(
        strokeDash=[5, 4], color=PALETTE[6]).encode(x=alt.X("x:Q", scale=domain), y=alt.Y("y:Q", scale=domain))
    dots = alt.Chart(rows, height=CHART_HEIGHT + 40).mark_point(filled=True, size=70, opacity=0.75).encode(
        x=alt.X("reported:Q", title="the report (%)", scale=domain), y=alt.Y("ours:Q", title="ours (%)", scale=domain),
        color=alt.Color("scale:N", title=None, legend=alt.Legend(orient="bottom", labelLimit=200), scale=alt.Scale(
            domain=list(scales), range=[PALETTE[0], PALETTE[1], PALETTE[3], PALETTE[6]])),
        tooltip=["figure:N", alt.Tooltip("reported:Q", format=".2f"), alt.Tooltip("ours:Q", format=".2f"), "scale:N"])
    return line + dots


# --- report 000: accuracies of all networks, errors against the time ------------------------


def network_rows(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row for each network and data set: network, data, accuracy (percent, mean over seeds), seeds.

    `rows` are stored trainings of the grids a1 and b1 with "network", "data" and "test_accuracy".
    """
    table = pd.DataFrame([{"network": _network_name(row), "data": row["data"], "accuracy": 100 * row["test_accuracy"]}
                          for row in rows], columns=["network", "data", "accuracy"])
    return table.groupby(["network", "data"], as_index=False, sort=False).agg(
        accuracy=("accuracy", "mean"), seeds=("accuracy", "size"))


def _network_name(row: Mapping[str, Any]) -> str:
    cell = row["cell"]
    return f"MLP {cell['model']}, {cell['activation']}" if "activation" in cell else f"CNN {cell['model']}"


def network_chart(rows: pd.DataFrame, titles: Mapping[str, str]) -> alt.LayerChart:
    """Report 000's heatmap: networks down, data sets across, darker is better within each set."""
    rows = rows.assign(title=rows["data"].map(lambda name: titles.get(name, name)),
                       tone=rows.groupby("data")["accuracy"].rank(pct=True))
    names = sorted(set(rows["network"]))
    base = alt.Chart(rows, height=26 * len(names) + 40).encode(
        x=alt.X("title:N", title=None, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("network:N", title=None, sort=names, axis=alt.Axis(labelLimit=160)),
        tooltip=["network:N", "title:N", alt.Tooltip("accuracy:Q", format=".2f"), "seeds:Q"])
    text = base.mark_text().encode(text=alt.Text("accuracy:Q", format=".2f"),
                                   color=alt.condition("datum.tone > 0.6", alt.value("white"), alt.value("black")))
    return base.mark_rect().encode(color=alt.Color("tone:Q", scale=_BLUES, legend=None)) + text


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


def residual_chart(rows: pd.DataFrame) -> alt.Chart:
    """Smoothed error against the time shown, one line for each network."""
    names = list(dict.fromkeys(rows["network"]))
    return alt.Chart(rows, height=CHART_HEIGHT).mark_line(strokeWidth=1.6).encode(
        x=alt.X("minute:Q", title="time shown", axis=_HOURS, scale=alt.Scale(nice=False)),
        y=alt.Y("error:Q", title=f"error (minutes), mean of {SMOOTHED_MINUTES} neighbours", scale=alt.Scale(domainMin=0)),
        color=alt.Color("network:N", title=None, scale=alt.Scale(domain=names, range=list(PALETTE[: len(names)])),
                        legend=alt.Legend(orient="bottom", labelLimit=260)),
        tooltip=["network:N", "minute:Q", alt.Tooltip("error:Q", format=".1f")])


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
    return alt.Chart(rows, height=360, width=360).mark_rect().encode(
        x=alt.X("predicted:O", title="predicted class", axis=ticks, scale=alt.Scale(domain=list(range(classes)))),
        y=alt.Y("true:O", title="true class", axis=ticks, scale=alt.Scale(domain=list(range(classes)))),
        color=alt.Color("share:Q", scale=_BLUES, title="share", legend=None),
        tooltip=["true:O", "predicted:O", alt.Tooltip("share:Q", format=".0%")])


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
    return alt.Chart(rows, width=260, height=260).mark_point(filled=True, size=10, opacity=0.6, clip=True).encode(
        x=alt.X("cosine:Q", scale=scale), y=alt.Y("sine:Q", scale=scale),
        color=alt.Color("minute:Q", scale=alt.Scale(scheme="rainbow"), title="minute", legend=None),
        tooltip=["minute:Q"]).facet(column=alt.Column("kind:N", title=None, sort=["true", "predicted"]))


# --- reports 002 and 003: how errors are spread, how four ways learn ------------------------


def histogram_rows(labels: np.ndarray, predicted: np.ndarray, width: int = 10) -> pd.DataFrame:
    """Number of test clocks by circular error in steps of `width` minutes: low, high, clocks."""
    counts, edges = np.histogram(circular_error(labels, predicted), np.arange(0, PERIOD // 2 + width, width))
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "clocks": counts})


def histogram_chart(rows: pd.DataFrame) -> alt.Chart:
    """Report 002's figure 6."""
    return alt.Chart(rows, height=CHART_HEIGHT).mark_bar(color=PALETTE[0]).encode(
        x=alt.X("low:Q", bin="binned", title="error (minutes)"), x2="high:Q", y=alt.Y("clocks:Q", title="test clocks"),
        tooltip=["low:Q", "high:Q", "clocks:Q"])


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
    """Report 003's figures 8 to 10: validation error by epoch, a line for each way of asking."""
    names = list(dict.fromkeys(rows["network"]))
    base = alt.Chart(rows, height=CHART_HEIGHT + 40).encode(
        x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
        color=alt.Color("network:N", title=None, scale=alt.Scale(domain=names, range=list(PALETTE[: len(names)])),
                        legend=alt.Legend(orient="bottom", columns=3, labelLimit=220)))
    title = "validation error (minutes)"
    return base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title=title), y2="high:Q") + base.mark_line().encode(
        y=alt.Y("mean:Q", title=title), tooltip=["network:N", "epoch:Q", alt.Tooltip("mean:Q", format=".1f"), "seeds:Q"])
