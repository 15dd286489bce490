"""Charts of the cat page: losses, the balance of a GAN's two networks, diversity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from lib.charts.theme import PALETTE, height_with, readable, value_axis

Row = Mapping[str, float]
#: Chart -> metric -> the line's name.
CHARTS: dict[str, dict[str, str]] = {
    "GAN losses": {"loss": "generator", "discriminator_loss": "discriminator"},
    "Told right by the discriminator": {"real_accuracy": "real, in training", "fake_accuracy": "generated",
                                        "val_real_accuracy": "real, unseen"},
    "Diversity (real images: 100 %)": {"val_diversity": "generated images"},
    "VAE loss": {"loss": "training", "val_loss": "validation"},
    "Squared error of a pixel": {"squared_error": "training", "val_squared_error": "validation"},
    "Information in the latent values (nats)": {"kl": "training", "val_kl": "validation"},
}
GAN_CHARTS, VAE_CHARTS = tuple(CHARTS)[:3], tuple(CHARTS)[3:]


def line_rows(rows: Sequence[Row], chart: str) -> pd.DataFrame:
    """Columns epoch (from 1), value, line: the metrics of `chart` that the epoch rows have."""
    values = [(int(row["epoch"]) + 1, float(row[metric]), line)
              for metric, line in CHARTS[chart].items() for row in rows if metric in row]
    return pd.DataFrame(values, columns=["epoch", "value", "line"])


def line_chart(rows: pd.DataFrame, chart: str) -> alt.Chart:
    """A line for each metric; shares from 0 to 1 as percent."""
    lines = list(CHARTS[chart].values())
    shares = chart.startswith(("Told", "Diversity"))
    axis = alt.Axis(**value_axis("accuracy" if shares else ""))
    scale = alt.Scale(domain=[0, 1]) if chart.startswith("Told") else alt.Scale(zero=shares)
    color = alt.Color("line:N", title=None, legend=alt.Legend(orient="bottom"),
                      scale=alt.Scale(domain=lines, range=[PALETTE[0], PALETTE[4], PALETTE[2]][: len(lines)]))
    base = alt.Chart(rows, height=height_with(1), title=chart)
    return readable(base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=20)).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y("value:Q", title=None, axis=axis, scale=scale), color=color,
        tooltip=["line:N", "epoch:Q", alt.Tooltip("value:Q", format=".3~g")],
    ))
