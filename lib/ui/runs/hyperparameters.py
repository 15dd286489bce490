"""A figure of all listed or ticked runs against what they were trained with; a dragged frame chooses runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lib.base.percent import count_text
from lib.measures.comparison import color_fields, color_labels, default_field, explanations
from lib.measures.figures import FIGURES, Figure, shared_figures
from lib.measures.hyperparameters import Dimension, dimension, spec_dimensions
from lib.spec.runs import RunRecord
from lib.ui.runs.curves import names_of
from lib.ui.runs.setup import Comparison
from lib.ui.runs.table import tick
from lib.ui.url_state import one_of, publish, put, remember
from lib.ui.widgets.legend import legend
from lib.ui.widgets.save_chart import saved_chart
from lib.ui.words import as_text

#: More axes than this at first would leave no room for their words.
_MOST_AXES = 6
_DURATION = "seconds of training"


def scatter_panel(comparison: Comparison) -> None:
    """A point for each run: a figure up, a hyperparameter along."""
    from lib.charts.hyperparameters import framed, scatter_chart, scatter_rows
    from lib.charts.overlay import overlay_styles

    controls = st.container(horizontal=True)
    with controls:
        found = _measured(comparison)
    if found is None:
        return
    records, figure, dimensions = found
    dimensions = {**dimensions, _DURATION: dimension(_DURATION, [record.seconds for record in records])}
    ranked = _ranked(records, figure, dimensions)
    with controls:
        name = _chosen("Along", "runs_along", dict(zip(ranked, ranked, strict=True)), ranked[0])
    _explained(comparison, records, figure)
    field = comparison.field if comparison.field in color_fields(records) else default_field(records)
    colors = color_labels(records, field)
    styles = overlay_styles(colors)
    rows = scatter_rows(records, colors, dimensions[name], figure)
    if len(styles) <= len(rows) // 2 or len(styles) <= 10:
        legend(styles)
    title = f"{figure.title} against {name}"
    event = saved_chart(scatter_chart(rows, styles, dimensions[name], figure), "runs_scatter",
                        f"{title}, a point for each run", title, styles, on_select="rerun", selection_mode=["brush"])
    _chosen_runs(records, framed(rows, _frame(event)))


def parallel_panel(comparison: Comparison) -> None:
    """A line for each run through its hyperparameters to its figure."""
    from lib.charts.hyperparameters import parallel_chart, parallel_rows, passing, tick_rows

    found = _measured(comparison)
    if found is None:
        return
    records, figure, dimensions = found
    names = _axes(_ranked(records, figure, dimensions))
    _explained(comparison, records, figure)
    shown = [dimensions[name] for name in names]
    frame = _frame(st.session_state.get("runs_parallel"))
    kept = passing(parallel_rows(records, shown, figure), frame)
    rows = parallel_rows(records, shown, figure, kept)
    saved_chart(parallel_chart(rows, tick_rows(records, shown, figure), shown, figure), "runs_parallel",
                f"{', '.join(names)} and {figure.title}: a line for each run", f"{figure.title} by {', '.join(names)}", {},
                on_select="rerun", selection_mode=["brush"])
    _chosen_runs(records, kept, "Each line is a run, from the worst figure (orange) to the best (blue). ")


def _measured(comparison: Comparison) -> tuple[list[RunRecord], Figure, dict[str, Dimension]] | None:
    """The runs that have the chosen figure, that figure, and what differs between them; a sentence where that is nothing."""
    figures = shared_figures(comparison.pool)
    if not figures:
        st.caption("None of these runs has a final figure yet.")
        return None
    titles = {figure.name: figure.title for figure in figures}
    figure = FIGURES[_chosen("Figure", "runs_figure", titles, figures[0].name)]
    records = [record for record in comparison.pool if figure.value(record) is not None]
    dimensions = spec_dimensions(records)
    if not dimensions:
        st.caption("Nothing differs between these runs: train one with another learning rate, network or seed.")
        return None
    return records, figure, dimensions


def _chosen(title: str, key: str, options: Mapping[str, str], default: str) -> str:
    """A choice that is in the link, at its default where these runs do not have it."""
    remember(key, default, one_of(list(options)))
    if st.session_state[key] not in options:
        st.session_state[key] = default
    st.selectbox(title, list(options), format_func=options.__getitem__, key=key, width=280, persist_state="session")
    publish({key: st.session_state[key]}, {key: default})
    return st.session_state[key]


def _explained(comparison: Comparison, records: Sequence[RunRecord], figure: Figure) -> None:
    """How many runs there are, and what goes with the differences in the figure, each fact by itself."""
    found = list(explanations(records, figure).items())[:3]
    which = "ticked" if comparison.ticked else "listed"
    start = f"{count_text(len(records), f'{which} run')} with a {figure.title}."
    if not found:
        st.caption(start)
        return
    shares = ", ".join(f"{name} {'over 99' if share > 0.99 else f'{100 * share:.0f}'} %" for name, share in found)
    st.caption(as_text(f"{start} Share of the differences that goes with each choice taken by itself: {shares}."))


def _ranked(records: Sequence[RunRecord], figure: Figure, dimensions: Mapping[str, Dimension]) -> list[str]:
    """The names of the dimensions, those that explain most of the figure first, the seeds last."""
    shares = explanations(records, figure)
    return sorted(dimensions, key=lambda name: (name in ("seed", "split seed"), -shares.get(name, 0.0)))


def _axes(ranked: Sequence[str]) -> list[str]:
    """The axes that are drawn: the user's choice, at first and where nothing is left of it the most telling ones."""
    key = "runs_axes"
    default = [name for name in ranked if name not in ("seed", "split seed")][:_MOST_AXES] or list(ranked[:1])
    kept = [name for name in st.session_state.get(key, default) if name in ranked]
    put(key, kept or default)
    return st.pills("Axes", list(ranked), selection_mode="multi", key=key, persist_state="session")


def _frame(event: Any) -> Mapping[str, Any]:
    """What the browser says of the dragged frame; {} for none."""
    selection = event.get("selection") if isinstance(event, Mapping) else getattr(event, "selection", None)
    frame = selection.get("brush") if isinstance(selection, Mapping) else None
    return frame if isinstance(frame, Mapping) else {}


def _chosen_runs(records: Sequence[RunRecord], ids: frozenset[str] | None, about: str = "") -> None:
    """What the frame holds, and the button that ticks it."""
    if ids is None:
        st.caption(f"{about}Drag a frame to choose runs; the pointer names one.")
        return
    chosen = [record for record in records if record.id in ids]
    if not chosen:
        st.caption("No run is inside the frame.")
        return
    st.text(f"In the frame: {names_of(chosen)}")
    label = "Tick this run" if len(chosen) == 1 else f"Tick these {len(chosen)} runs"
    if st.button(label, icon=":material/select_check_box:", key="runs_tick_framed"):
        tick([record.id for record in chosen])
        st.rerun()
