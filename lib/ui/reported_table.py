"""The Results page: every figure of the reports, ours beside it, and a button that trains it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from lib.core.errors import LabError
from lib.core.experiments import Experiment
from lib.core.measured import MEASURED, REPRODUCED, read_rows, source_text
from lib.core.measured_words import words_of
from lib.core.report_grids import EXPERIMENTS
from lib.core.results import (
    REPORTED,
    SECTIONS,
    Measured,
    Reported,
    difference,
    light_clock_rows,
    measured_of,
    reasons,
)
from lib.ui.controls import dataset_infos
from lib.ui.experiments_panel import show_sweep
from lib.ui.frame import PAGES, page_script
from lib.ui.resources import sweeps
from lib.ui.url_state import one_of, publish, remember
from lib.ui.words import count_text

_MANIFEST = Path(__file__).resolve().parents[2] / "checkpoints" / "manifest.json"
_NAMES = {"test_accuracy": "test accuracy", "val_accuracy": "validation accuracy", "test_loss": "test loss",
          "test_minutes": "test error (min)", "test_hour_accuracy": "hour right", "parameters": "parameters", "": ""}
_OLDER = ("classifiers.json", "permuted.json")


def stored_rows() -> list[dict[str, Any]]:
    """All stored measurements of classifiers: those of scripts/reproduce.py and of the older files."""
    rows = read_rows(REPRODUCED)
    for name in _OLDER:
        rows += read_rows(MEASURED / name)
    return rows


def light_rows() -> list[dict[str, Any]]:
    """The shipped light clock networks as rows."""
    if not _MANIFEST.exists():
        return []
    entries = json.loads(_MANIFEST.read_text(encoding="utf-8"))
    return light_clock_rows({entry["name"]: entry for entry in entries})


# --- values as people read them -----------------------------------------------------------


def value_text(value: float | None, metric: str) -> str:
    """A figure in its metric's own form: percent for accuracies, minutes, counts."""
    if value is None:
        return ""
    if metric.endswith("accuracy"):
        return f"{100 * value:.2f} %"
    if metric == "parameters":
        return f"{value:,.0f}"
    return f"{value:.2f} min" if metric.endswith("minutes") else f"{value:.3f}"


def reported_text(reported: Reported) -> str:
    """A report's figure with the digits that it printed."""
    if reported.value is None:
        return ""
    if reported.metric.endswith("accuracy"):
        return f"{100 * reported.value:.4g} %"
    return f"{reported.value:,.5g}" + (" min" if reported.metric.endswith("minutes") else "")


def table_row(reported: Reported, measured: Measured | None) -> dict[str, Any]:
    """One row of the table; "not measured" where nothing is stored."""
    row: dict[str, Any] = {
        "system": reported.system, "report": reported.report, "what": reported.what, "data": _data(reported, measured),
        "figure": _NAMES[reported.metric], "reported": reported.text or reported_text(reported),
    }
    if measured is None:
        ours, date = words_of(reported.id) or ("not measured", "")
        return {**row, "ours": ours, "difference": "", "scale": "", "seeds": "", "epochs": "", "date": date,
                "device": "", "why they may differ": ""}
    s = measured.spread
    ours = value_text(s.mean, reported.metric)
    if s.count > 1 and reported.metric != "parameters":
        ours += f" ± {100 * s.std:.2f}" if reported.metric.endswith("accuracy") else f" ± {s.std:.3f}"
    dates = sorted({str(r["date"]) for r in measured.rows})
    return {
        **row, "ours": ours, "difference": _difference(reported, measured), "scale": "full" if measured.is_full else
        "light network" if measured.light else "subset", "seeds": str(s.count),
        "epochs": _range([int(r["epochs"]) for r in measured.rows]), "date": dates[-1],
        "device": str(measured.rows[0]["device"]), "why they may differ": reasons(reported, measured),
    }


def _range(values: Sequence[int]) -> str:
    return str(min(values)) if min(values) == max(values) else f"{min(values)}-{max(values)}"


def _data(reported: Reported, measured: Measured | None) -> str:
    name = reported.data or (str(measured.rows[0]["data"]) if measured else "")
    infos = dataset_infos()
    return infos[name].title if name in infos else {"clocks_wall_75": "clocks, 75 px"}.get(name, name)


def _difference(reported: Reported, measured: Measured) -> str:
    value = difference(reported, measured)
    if value is None or measured.light:  # another network on other clocks: no difference to speak of
        return ""
    if reported.metric.endswith("accuracy"):
        return f"{100 * value:+.2f} points"
    return f"{value:+,.0f}" if reported.metric == "parameters" else f"{value:+.3f}"


# --- on the page --------------------------------------------------------------------------


def results_table() -> Reported | None:
    """Draw the table of a section; the selected row."""
    options = ["all", *SECTIONS]
    remember("section", "all", one_of(options))
    section = st.segmented_control("Systems", options, key="section", required=True, persist_state="session",
                                   format_func=lambda s: "All" if s == "all" else f"{s} · {SECTIONS[s]}")
    publish({"section": section}, {"section": "all"})
    shown = [r for r in REPORTED if section in ("all", r.system[0])]
    stored, lights = stored_rows(), light_rows()
    found = [measured_of(reported, stored, lights) for reported in shown]
    st.caption(_summary(shown, found))
    rows = [table_row(reported, measured) for reported, measured in zip(shown, found, strict=True)]
    event = st.dataframe(rows, key="results_table", on_select="rerun", selection_mode="single-row", hide_index=True,
                         height=min(36 * len(rows) + 40, 900), column_config={
                             "why they may differ": st.column_config.TextColumn(width="large"),
                             "what": st.column_config.TextColumn(width="medium")})
    chosen = event.selection.rows
    return shown[chosen[0]] if chosen and chosen[0] < len(shown) else None


def _summary(shown: Sequence[Reported], found: Sequence[Measured | None]) -> str:
    full = sum(m is not None and m.is_full for m in found)
    words = sum(m is None and words_of(r.id) is not None for r, m in zip(shown, found, strict=True))
    subset = sum(m is not None and not m.is_full for m in found)
    return (f"{len(shown)} figures: {full} measured as the report trained them, {subset} on a subset or with a light "
            f"network, {words} told in words, {len(shown) - full - subset - words} not measured. Ours are means over seeds "
            "± one standard deviation.")


def row_actions(reported: Reported) -> None:
    """Buttons that train the selected figure, or lead to where it can be seen."""
    st.markdown(f"**{reported.system} · {reported.what}** (report {reported.report})")
    _details(reported)
    with st.container(horizontal=True, vertical_alignment="center"):
        if reported.experiment:
            experiment = figure_experiment(reported)
            small = experiment.reduced()
            _launch_button(small, f"Launch {count_text(small.trial_count, 'run')}, laptop scale", "results_laptop")
            words = f"Launch {count_text(experiment.trial_count, 'run')} as the report did"
            _launch_button(experiment, words, "results_full")
            st.page_link(page_script("experiments"), label="Open in Experiments", icon=":material/grid_on:",
                         query_params={"exp": reported.experiment})
        known = {page.name: page for page in PAGES}
        if reported.page in known:
            st.page_link(page_script(reported.page), label=f"Open {known[reported.page].title}",
                         icon=known[reported.page].icon)
        elif not reported.experiment:
            st.caption("This figure is a picture or a sentence; it has no page of its own yet.")


def _details(reported: Reported) -> None:
    """Both figures and where ours comes from, as sentences: the table cuts long cells off."""
    measured = measured_of(reported, stored_rows(), light_rows())
    row = table_row(reported, measured)
    words = f"The report said {row['reported']}; "
    if measured is None:
        st.caption(words + "it has not been measured here.")
        return
    why = f" Why they may differ: {row['why they may differ']}." if row["why they may differ"] else ""
    st.caption(f"{words}we measured {row['ours']}. {source_text(measured.rows)}{why}")


def figure_experiment(reported: Reported) -> Experiment:
    """The part of the experiment that this figure needs: its cells and its data set only."""
    experiment = EXPERIMENTS[reported.experiment]
    wanted = dict(reported.cell)
    if reported.data and experiment.axis("dataset") is not None:
        wanted["dataset"] = reported.data
    axes = []
    for axis in experiment.axes:
        allowed = wanted.get(axis.field)
        values = axis.values if allowed is None else tuple(
            v for v in axis.values if v in (allowed if isinstance(allowed, tuple) else (allowed,)))
        axes.append(replace(axis, values=values))
    return replace(experiment, axes=tuple(axes))


def _launch_button(experiment: Experiment, label: str, key: str) -> None:
    if not st.button(label, icon=":material/rocket_launch:", key=key):
        return
    try:
        show_sweep(sweeps().launch(experiment))
    except LabError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state["exp"] = experiment.name
    st.switch_page(page_script("experiments"))
