"""The figures of an experiment, from live or from stored trials: reading, curves, grids of numbers, against a factor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.base.percent import points_text
from lib.catalog.experiments import Axis, Experiment, cell_label
from lib.measures.experiment_reading import reading
from lib.measures.measured import read_rows, source_text, stored_results
from lib.measures.replicates import TrialResult, by_cell
from lib.spec.metrics import is_share
from lib.ui.screen import few_columns
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.legend import legend
from lib.ui.words import PERCENT_COLUMN, as_text

_TITLES = {"curves": "Learning curves", "heatmap": "All cells", "factor": "Against a choice", "table": "Table"}
#: More lines than this in one chart are divided among several, one for each value of a choice.
_MOST_LINES = 10
_BOTH = "accuracy of both"
#: Width of a control in pixels: its longest value fits.
_CONTROL = 290


def stored_panel(experiment: Experiment) -> bool:
    """What was measured of this experiment before, if anything; whether there was something."""
    results, rows = stored_results(experiment, read_rows())
    if not results:
        return False
    st.markdown("**What we measured**")
    st.caption(source_text(rows))
    figures_panel(experiment, results, "stored")
    return True


def figures_panel(experiment: Experiment, results: Sequence[TrialResult], place: str) -> None:
    """Everything there is to see of these trials; `place` keeps the widgets of two panels apart."""
    if not any(result.epochs or result.metrics for result in results):
        return
    lines = reading(experiment, results)
    if lines:
        st.markdown("\n".join(f"- {line}" for line in lines))
    first = experiment.figure if experiment.axes else "curves"
    kinds = [first, *(kind for kind in _TITLES if kind != first)]
    kinds = [kind for kind in kinds if experiment.axes or kind in ("curves", "table")]
    kind = st.segmented_control("Figure", kinds, format_func=_TITLES.__getitem__, key=f"{place}_figure_{experiment.name}",
                                default=kinds[0], required=True, label_visibility="collapsed")
    _DRAW[kind](experiment, results, f"{place}_{experiment.name}")


def _choose_axis(label: str, axes: Sequence[Axis], key: str, index: int = 0, none: str = "") -> Axis | None:
    """One of the axes; the first of the list is "none" where that has a name."""
    options = [axis.field for axis in axes]
    options = [none, *options] if none else options
    index = 0 if none and index >= len(options) else index
    titles = {axis.field: axis.title for axis in axes}
    if len(options) < 2:
        return axes[0] if axes else None
    name = st.selectbox(label, options, index=min(index, len(options) - 1), key=key, width=_CONTROL,
                        format_func=lambda n: titles.get(n, n))
    return next((axis for axis in axes if axis.field == name), None)


# --- curves -------------------------------------------------------------------------------


def _curves(experiment: Experiment, results: Sequence[TrialResult], key: str) -> None:
    import pandas as pd

    from lib.charts.experiments import axis_labels, curve_chart, curve_rows, last_epoch, line_styles

    metrics = _curve_metrics(results)
    if not metrics:
        st.caption("No epoch has ended yet.")
        return
    axes = [axis for axis in experiment.axes if len(axis.values) > 1]
    with st.container(horizontal=True):
        metric = st.selectbox("Curve", metrics, key=f"{key}_metric", format_func=_curve_title, width=_CONTROL)
        color = _choose_axis("Colour", axes, f"{key}_color", _color_index(axes)) if axes else None
        others = [axis for axis in axes if axis is not color]
        start = _panel_index(axes, others)
        panel = _choose_axis("One chart for each", others, f"{key}_panel", start, "none") if others else None
    names = ("val_accuracy", "accuracy") if metric == _BOTH else (metric,)
    rows = pd.concat([curve_rows(experiment, results, name, panel.field if panel else None) for name in names],
                     ignore_index=True)
    styles = line_styles(experiment, color.field if color else None, panel.field if panel else None)
    legend(styles, splits=metric == _BOTH)
    title = "accuracy" if metric == _BOTH else metric
    last = last_epoch(results)
    panels = axis_labels(panel) if panel else [""]
    for start in range(0, len(panels), 2):
        for place, name in zip(st.columns(2 if len(panels) > 1 else 1), panels[start : start + 2], strict=False):
            if panel and name:
                place.markdown(f"**{panel.title}: {as_text(name)}**")
            show_chart(place, curve_chart(rows[rows["panel"] == name], styles, title, last), key=f"{key}_curve_{name}",
                       alt=f"{_curve_title(metric)} by epoch, mean and standard deviation over seeds")
    more = " Training accuracy is the average over the epoch, while the network trains." if metric == _BOTH else ""
    st.caption("A line is the mean of a cell's seeds, the band one standard deviation." + more)


def _panel_index(axes: Sequence[Axis], others: Sequence[Axis]) -> int:
    """Where "One chart for each" starts: at the data set or the first other choice when one chart is too full."""
    if math.prod(len(axis.values) for axis in axes) <= _MOST_LINES:
        return len(others) + 1  # "none"
    return next((index for index, axis in enumerate(others) if axis.field == "dataset"), 0) + 1


def _curve_title(metric: str) -> str:
    return "training and validation accuracy" if metric == _BOTH else metric.replace("val_", "validation ")


def _color_index(axes: Sequence[Axis]) -> int:
    """Activations first, where there are any: the reports compare them."""
    return next((i for i, axis in enumerate(axes) if axis.field in ("activation", "optimizer")), 0)


def _curve_metrics(results: Sequence[TrialResult]) -> list[str]:
    found = {name for result in results for log in result.epochs[:1] for name in log.metrics}
    order = ("val_accuracy", "accuracy", "val_minutes", "minutes", "val_loss", "loss")
    both = [_BOTH] if {"val_accuracy", "accuracy"} <= found else []
    return [name for name in order if name in found] + both


# --- grids of numbers ---------------------------------------------------------------------


def _heatmap(experiment: Experiment, results: Sequence[TrialResult], key: str) -> None:
    from lib.charts.experiments import axis_labels, heat_chart, heat_rows

    x, y, panel = _heat_axes(experiment)
    rows = heat_rows(experiment, results, x, y, panel)
    if rows.empty:
        st.caption("No run has finished yet.")
        return
    names = axis_labels(panel) if panel else [""]
    wide = len(x.values) > 4 or len(names) > 2  # numbers need room; charts beside each other have little
    for place, name in zip([st.container() for _ in names] if wide else st.columns(len(names)), names, strict=True):
        if panel and name:
            place.markdown(f"**{panel.title}: {as_text(name)}**")
        show_chart(place, heat_chart(rows[rows["panel"] == name], experiment, x, y), key=f"{key}_heat_{name}",
                   alt=f"{experiment.metric_title} of every cell")
    unit = " in percent" if is_share(experiment.metric) else ""
    st.caption(f"{experiment.metric_title.capitalize()}{unit}: mean ± standard deviation over seeds. "
               "The stronger the blue, the better within a chart.")


def _heat_axes(experiment: Experiment) -> tuple[Axis, list[Axis], Axis | None]:
    """The axis along, those down, and the one between charts: data sets get charts of their own."""
    axes = list(experiment.axes)
    panel = experiment.axis("dataset") if len(axes) > 1 else None
    if panel is not None:
        axes.remove(panel)
    return axes[-1], axes[:-1], panel


# --- against a choice ---------------------------------------------------------------------


def _factor(experiment: Experiment, results: Sequence[TrialResult], key: str) -> None:
    from lib.charts.experiments import (
        axis_labels,
        factor_chart,
        factor_rows,
        factor_styles,
        point_rows,
        reference_styles,
    )

    axes = [axis for axis in experiment.axes if len(axis.values) > 1] or list(experiment.axes)
    with st.container(horizontal=True):
        axis = _choose_axis("Choice", axes, f"{key}_axis", len(axes) - 1) or axes[-1]
        others = [other for other in axes if other is not axis]
        group = _choose_axis("Colour", others, f"{key}_group", 0, "none") if others else None
    rows = factor_rows(experiment, results, axis, group)
    if rows.empty:
        st.caption("No run has finished yet.")
        return
    groups = axis_labels(group) if group else ()
    legend((factor_styles(groups) if groups else {}) | reference_styles(experiment))
    chart = factor_chart(rows, point_rows(experiment, results, axis), experiment, axis, groups)
    show_chart(st, chart, key=f"{key}_factor", alt=f"{experiment.metric_title} against {axis.title}")
    st.caption("Marks with bars are mean and standard deviation"
               + ("" if groups else ", small dots single runs")
               + (", dashed lines figures of the report or of others." if experiment.references else "."))


def _table(experiment: Experiment, results: Sequence[TrialResult], key: str) -> None:
    figures = {name: st.column_config.NumberColumn(format=_number_format(experiment.metric))
               for name in ("mean", "lowest", "highest")}
    few = few_columns(*(axis.title for axis in experiment.axes), "mean", "deviation")
    st.dataframe(table_rows(experiment, results), hide_index=True, height="auto", key=f"{key}_table", column_config=figures,
                 column_order=few)


def _number_format(metric: str) -> str:
    return PERCENT_COLUMN if is_share(metric) else "%.3g"


def table_rows(experiment: Experiment, results: Sequence[TrialResult]) -> list[dict[str, Any]]:
    """One row per cell: its values, mean, deviation (in points where the others are percent), extremes, seeds."""
    share = is_share(experiment.metric)
    rows = []
    for cell, s in by_cell(results, experiment.metric).items():
        values = {axis.title: cell_label(((axis.field, dict(cell)[axis.field]),)) for axis in experiment.axes}
        figures = {name: round(100 * value, 3) if share else round(value, 4)
                   for name, value in (("mean", s.mean), ("lowest", s.low), ("highest", s.high))}
        deviation = "" if s.count < 2 else f"± {points_text(s.std)} points" if share else f"± {s.std:.2g}"
        rows.append({**values, "mean": figures["mean"], "deviation": deviation, **figures, "seeds": s.count})
    return rows


_DRAW = {"curves": _curves, "heatmap": _heatmap, "factor": _factor, "table": _table}
