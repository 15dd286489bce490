"""Charts of the cat page: losses, the balance of a GAN's two networks, diversity, and figures over the KL weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import altair as alt
import pandas as pd

from lib.base.remembered import remembered
from lib.charts.theme import PALETTE, height_with, readable, value_axis
from lib.spec.metrics import is_share

Row = Mapping[str, float]
#: Chart -> metric -> the line's name.
CHARTS: dict[str, dict[str, str]] = {
    "GAN losses": {"loss": "generator", "discriminator_loss": "discriminator"},
    "Discriminator accuracy": {"real_accuracy": "real, training images", "fake_accuracy": "generated",
                                        "val_real_accuracy": "real, validation images"},
    "Diversity (real images: 100 %)": {"val_diversity": "generated images"},
    "VAE loss": {"loss": "training", "val_loss": "validation"},
    "Squared error of a pixel": {"squared_error": "training", "val_squared_error": "validation"},
    "Information in the latent values (nats)": {"kl": "training", "val_kl": "validation"},
}
#: Kind of images in a card of a VAE -> the line's name.
KINDS = {"normal": "generated, standard latent codes", "fitted": "generated, fitted latent codes",
         "redrawn": "unseen faces, redrawn"}
#: Figure of a card -> the chart's title.
CURVE_CHARTS = {"frechet": "Fréchet distance (low is good; logarithmic)", "sharpness": "Sharpness (real images: 1)"}
GAN_CHARTS, VAE_CHARTS = tuple(CHARTS)[:3], tuple(CHARTS)[3:]


def line_rows(rows: Sequence[Row], chart: str) -> pd.DataFrame:
    """Columns epoch (from 1), value, line: the metrics of `chart` that the epoch rows have."""
    values = [(int(row["epoch"]) + 1, float(row[metric]), line)
              for metric, line in CHARTS[chart].items() for row in rows if metric in row]
    return pd.DataFrame(values, columns=["epoch", "value", "line"])


def curve_rows(stored: Sequence[Mapping[str, Any]], figure: str) -> pd.DataFrame:
    """Columns kl_weight, value, line: the mean of `figure` over sets of samples, for each stored row and kind of images."""
    values = [(row["kl_weight"], fmean(row["cards"][kind][figure]), line)
              for kind, line in KINDS.items() for row in stored if kind in row["cards"]]
    return pd.DataFrame(values, columns=["kl_weight", "value", "line"])


@remembered
def curve_chart(rows: pd.DataFrame, figure: str) -> alt.Chart:
    """The trade-off: `figure` over the weight of the KL term, a line for each kind of images."""
    lines = list(KINDS.values())
    color = alt.Color("line:N", title=None, legend=alt.Legend(orient="bottom", columns=1, labelLimit=0),
                      scale=alt.Scale(domain=lines, range=[PALETTE[0], PALETTE[4], PALETTE[2]]))
    # Where the weight is small, images from standard latent codes are many times further away than the others.
    scale = alt.Scale(type="log", nice=False) if figure == "frechet" else alt.Scale(zero=True)
    base = alt.Chart(rows, height=height_with(3), title=CURVE_CHARTS[figure])
    return readable(base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=30)).encode(
        x=alt.X("kl_weight:Q", title="weight of the KL term", scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=sorted(rows["kl_weight"].unique().tolist()), format="~g")),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(**value_axis("")), scale=scale), color=color,
        tooltip=["line:N", alt.Tooltip("kl_weight:Q", title="KL weight"), alt.Tooltip("value:Q", format=".3~g")],
    ))


@remembered
def line_chart(rows: pd.DataFrame, chart: str) -> alt.Chart:
    """A line for each metric; shares from 0 to 1 as percent."""
    lines, metric = list(CHARTS[chart].values()), next(iter(CHARTS[chart]))
    axis = alt.Axis(**value_axis(metric))
    scale = alt.Scale(domain=[0, 1]) if metric.endswith("accuracy") else alt.Scale(zero=is_share(metric))
    color = alt.Color("line:N", title=None, legend=alt.Legend(orient="bottom"),
                      scale=alt.Scale(domain=lines, range=[PALETTE[0], PALETTE[4], PALETTE[2]][: len(lines)]))
    base = alt.Chart(rows, height=height_with(1), title=chart)
    return readable(base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=20)).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y("value:Q", title=None, axis=axis, scale=scale), color=color,
        tooltip=["line:N", "epoch:Q", alt.Tooltip("value:Q", format=".3~g")],
    ))
