"""Test images as points: where the last hidden layer puts them, coloured by class, mistakes marked."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.theme import SeriesStyle, readable, series_style


def map_rows(points: np.ndarray, labels: np.ndarray, answers: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Columns x, y, image (its number), class, answer, right; one row for each point (N, 2)."""
    return pd.DataFrame({
        "x": points[:, 0], "y": points[:, 1], "image": np.arange(len(points)),
        "class": [names[i] for i in labels.tolist()], "answer": [names[i] for i in answers.tolist()],
        "right": labels == answers,
    })


def class_styles(names: Sequence[str]) -> dict[str, SeriesStyle]:
    """Colour and shape of each class."""
    return {name: series_style(index) for index, name in enumerate(names)}


def map_chart(rows: pd.DataFrame, names: Sequence[str], axes: tuple[str, str]) -> alt.Chart:
    """A scatter plot; a click selects an image ("image", field image). Mistakes are large and ringed."""
    styles = class_styles(names)
    picked = alt.selection_point(name="image", fields=["image"], on="click", empty=False, nearest=True)
    bare = alt.Axis(labels=False, ticks=False, grid=False)
    colors = alt.Scale(domain=list(styles), range=[style.color for style in styles.values()])
    shapes = alt.Scale(domain=list(styles), range=[style.shape for style in styles.values()])
    base = alt.Chart(rows).encode(
        x=alt.X("x:Q", title=axes[0], axis=bare), y=alt.Y("y:Q", title=axes[1], axis=bare),
        color=alt.Color("class:N", legend=None, scale=colors), shape=alt.Shape("class:N", legend=None, scale=shapes),
        tooltip=["image:Q", "class:N", "answer:N"],
    )
    right = base.transform_filter("datum.right").mark_point(filled=True, size=32, opacity=0.65, cursor="pointer")
    wrong = base.transform_filter("!datum.right").mark_point(filled=True, size=90, opacity=1, cursor="pointer").encode(
        stroke=alt.value("currentColor"), strokeWidth=alt.value(2))
    everything = base.mark_point(filled=False, size=260, strokeWidth=3, cursor="pointer").encode(
        opacity=alt.condition(picked, alt.value(1), alt.value(0)), stroke=alt.value("currentColor"),
        shape=alt.value("circle")).add_params(picked)
    return readable(alt.layer(right, wrong, everything).properties(height=470))
