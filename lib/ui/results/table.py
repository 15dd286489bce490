"""The Results page: every figure of the reports, ours beside it, and a button that trains it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import count_text, points_text
from lib.catalog.experiments import Experiment
from lib.catalog.reported import REPORTED, SECTIONS, Reported
from lib.charts.theme import SeriesStyle
from lib.measures.measured import row_device, source_text
from lib.measures.measured_words import words_of
from lib.measures.results import (
    Measured,
    Scale,
    assumptions_about,
    cost_hours,
    counted,
    difference,
    figure_experiment,
    is_notable,
    light_rows,
    measured_of,
    measured_of_all,
    reasons,
    reported_text,
    stored_rows,
    value_text,
    what_text,
)
from lib.spec.metrics import figure_title, is_minutes, is_share
from lib.ui.experiments.controls import experiment_query, take_experiment
from lib.ui.experiments.launch import launch
from lib.ui.experiments.words import training_words
from lib.ui.fragments import chosen_rows
from lib.ui.frame import PAGES, page_script
from lib.ui.results.images import report_image
from lib.ui.screen import few_columns, is_narrow
from lib.ui.train.controls import assumptions_panel
from lib.ui.url_state import one_of, publish, remember
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.legend import legend
from lib.ui.words import duration_text

_COLUMNS = ("system", "what", "the report", "ours", "difference", "scale", "data", "figure", "seeds", "epochs", "report",
            "date", "device", "why they may differ")
#: In pixels: the first five columns have room in a window of 1024. The words of a selected row say what they cut off.
_WIDTHS: dict[str, Any] = {"system": 57, "what": 190, "the report": 138, "ours": 137, "difference": 96, "data": 110,
                           "figure": 120, "why they may differ": "large"}
#: Fewer dots make no chart.
_FEWEST_DOTS = 5


def table_row(reported: Reported, measured: Measured | None) -> dict[str, Any]:
    """One row of the table; "not measured" and what that would take where nothing is stored."""
    row: dict[str, Any] = {
        "system": reported.system, "report": reported.report, "what": what_text(reported), "data": _data(reported, measured),
        "figure": figure_title(reported.metric), "the report": _report_cell(reported),
    }
    if measured is None:
        told = words_of(reported.id)
        if told is not None:
            return {**row, "ours": told.text, "difference": "", "scale": told.scale, "seeds": "", "epochs": "",
                    "date": told.date, "device": "", "why they may differ": ""}
        hours = cost_hours(reported)
        cost = f"takes at most {duration_text(3600 * hours)} a seed on the two reference cores" if hours else ""
        return {**row, "ours": "not measured", "difference": "", "scale": str(Scale.NONE), "seeds": "", "epochs": "",
                "date": "", "device": "", "why they may differ": cost}
    dates = sorted({str(r["date"]) for r in measured.rows})
    return {
        **row, "ours": _ours(reported, measured), "difference": _difference(reported, measured),
        "scale": str(measured.scale), "seeds": str(measured.spread.count),
        "epochs": _range([int(r["epochs"]) for r in measured.rows]), "date": dates[-1],
        "device": row_device(measured.rows[0]), "why they may differ": reasons(reported, measured),
    }


def _report_cell(reported: Reported) -> str:
    return reported_text(reported) + (f" ({reported.winner})" if reported.winner else "")


def _ours(reported: Reported, measured: Measured) -> str:
    """Mean and spread; of clocks also the median and the 95th percentile; of the best of several, which it was."""
    s = measured.spread
    words = value_text(s.mean, reported.metric)
    if s.count > 1 and reported.metric not in ("parameters", "best_epoch"):
        words += f" ± {points_text(s.std)}" if is_share(reported.metric) else f" ± {s.std:.3f}"
    if is_minutes(reported.metric):
        words += _percentiles(reported.metric.removesuffix("minutes"), measured)
    return words + (f" ({measured.winner})" if measured.winner else "")


def _percentiles(prefix: str, measured: Measured) -> str:
    names = {"median": f"{prefix}median_minutes", "p95": f"{prefix}p95_minutes"}
    found = {word: [row[name] for row in measured.rows if row.get(name) is not None] for word, name in names.items()}
    return "".join(f", {word} {fmean(values):.1f}" for word, values in found.items() if values)


def _range(values: Sequence[int]) -> str:
    return str(min(values)) if min(values) == max(values) else f"{min(values)}-{max(values)}"


def _data(reported: Reported, measured: Measured | None) -> str:
    name = reported.data or (str(measured.rows[0]["data"]) if measured else "")
    short = {"clocks_wall_75": "upright clocks, 75 px", "clocks_table_75": "clocks, 75 px",
             "clocks_table_150": "clocks, 150 px", "clocks_course_75": "clocks on any background, 75 px",
             "clocks_course_150": "clocks on any background, 150 px"}
    info = datasets.DATASETS.get(name)
    return info.title if info is not None and info.kind == "classes" else short.get(name, name)


def _difference(reported: Reported, measured: Measured) -> str:
    """Ours minus theirs where ours was trained as theirs; with an asterisk when it is more than our spread explains."""
    value = difference(reported, measured)
    if value is None:
        return ""
    star = " *" if is_notable(reported, measured) else ""
    if is_share(reported.metric):
        return f"{points_text(value, sign=True)} points{star}"
    if is_minutes(reported.metric):
        return f"{value:+.2f} min{star}"
    digits = 0 if reported.metric in ("parameters", "best_epoch") else 3
    return f"{round(value, digits) + 0.0:+,.{digits}f}{star}"  # + 0.0: no "-0.000"


# --- on the page --------------------------------------------------------------------------


def results_table() -> None:
    """Draw the table of a section, below it what belongs to the selected row, and the chart."""
    options = ["all", *SECTIONS]
    remember("section", "all", one_of(options))
    section = str(st.segmented_control("Systems", options, key="section", required=True, persist_state="session",
                                   format_func=lambda s: "All" if s == "all" else f"{s} · {SECTIONS[s]}"))
    publish({"section": section}, {"section": "all"})
    shown = _figures_of(section)
    found, rows = _measured_rows(section)
    st.caption(_summary(shown, found))
    widths, height = ({"what": 150, "the report": 96}, 260) if is_narrow() else (_WIDTHS, 400)
    event = st.dataframe(rows, key="results_table", on_select="rerun", selection_mode="single-row", hide_index=True,
                         height=min(36 * len(rows) + 40, height),
                         column_config={name: st.column_config.TextColumn(width=width) for name, width in widths.items()},
                         column_order=few_columns("what", "the report", "ours") or filled_columns(rows))
    chosen = chosen_rows(event, len(shown))
    if chosen:
        _row_actions(shown[chosen[0]])
    else:
        st.caption("Select a row for both figures in words, what the report leaves open, its image, and buttons that train "
                   "it. Reduced: the report's network with fewer images, epochs or seeds. Other network: a light one that "
                   "was asked the same question.")
    _agreement(shown, found)


def _figures_of(section: str) -> list[Reported]:
    return [reported for reported in REPORTED if section in ("all", reported.system[0])]


@st.cache_data(ttl=60, show_spinner=False)
def _measured_rows(section: str) -> tuple[list[Measured | None], list[dict[str, Any]]]:
    """What is stored of the figures of a section, and their rows of the table; the same for everybody for a minute."""
    shown = _figures_of(section)
    found = measured_of_all(shown, stored_rows(), light_rows())
    return found, [table_row(reported, measured) for reported, measured in zip(shown, found, strict=True)]


def filled_columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns in which any of these rows says something: empty ones would take the others' room."""
    return [column for column in _COLUMNS if any(row[column] for row in rows)]


def _agreement(shown: Sequence[Reported], found: Sequence[Measured | None]) -> None:
    """A dot for every accuracy, ours against the report's; equal ones lie on the diagonal."""
    from lib.charts.reports import agreement_chart, agreement_rows

    pairs = [(f"{reported.system}: {reported.what}", reported.value, measured.spread.mean, str(measured.scale))
             for reported, measured in zip(shown, found, strict=True)
             if measured is not None and reported.value is not None and is_share(reported.metric)]
    if len(pairs) < _FEWEST_DOTS:
        return
    rows = agreement_rows(pairs)
    styles = scale_styles(set(rows["scale"]))
    st.markdown("**Ours against the reports'**: a mark for each accuracy; on the dashed line both are equal.")
    legend(styles)
    show_chart(st, agreement_chart(rows, styles), width="stretch",
               alt="Accuracies measured here against those of the reports")


def scale_styles(shown: Collection[str]) -> dict[str, SeriesStyle]:
    """How the dots of the scales are drawn that are `shown`: of each alike in every section."""
    from lib.charts.reports import agreement_styles

    return {scale: style for scale, style in agreement_styles([*map(str, Scale)]).items() if scale in shown}


def _summary(shown: Sequence[Reported], found: Sequence[Measured | None]) -> str:
    counts = ", ".join(f"**{scale} {count}**" for scale, count in counted(zip(shown, found, strict=True)).items())
    return (f"{len(shown)} figures: {counts}. Ours are means over seeds ± one standard deviation; a difference is shown "
            "where the network was trained as the report trained it, with an asterisk (*) when it is more than two standard "
            "deviations.")


def _row_actions(reported: Reported) -> None:
    """Buttons that train the selected figure, or lead to where it can be seen."""
    figure = f": {figure_title(reported.metric)}" if reported.metric else ""
    st.markdown(f"**{reported.system} · {what_text(reported)}{figure}** (report {reported.report})")
    _details(reported)
    if reported.experiment:
        experiment = figure_experiment(reported)
        small = experiment.reduced()
        st.markdown(f"- Laptop scale: {training_words(small)}\n- As the report: {training_words(experiment)}")
    pressed = None
    with st.container(horizontal=True, vertical_alignment="center", key="links_results"):
        if reported.experiment:
            for grid, scale in ((small, "laptop scale"), (experiment, "as the report")):
                if st.button(f"Launch {count_text(grid.trial_count, 'run')}, {scale}", icon=":material/rocket_launch:",
                             key="results_laptop" if grid is small else "results_full"):
                    pressed = grid
            if st.button("Open in Experiments", icon=":material/grid_on:", key="results_open",
                         help="The same runs, to change before you launch them."):
                _open(experiment)
        known = {page.name: page for page in PAGES}
        if reported.page in known:
            st.page_link(page_script(reported.page), label=f"Open {known[reported.page].title}",
                         icon=known[reported.page].icon)
        elif not reported.experiment:
            st.caption("The report gives this result as a chart or a sentence. No page shows it yet.")
    if pressed is not None and launch(pressed):  # below the buttons, where a refusal has room
        _open(pressed)


def _details(reported: Reported) -> None:
    """Both figures and where ours comes from, as sentences: the table cuts long cells off."""
    measured = measured_of(reported, stored_rows(), light_rows())
    row = table_row(reported, measured)
    said = f"The report said{':' if reported.value is None else ''} {row['the report']}; "
    if measured is None:
        why = f" ({row['why they may differ']})" if row["why they may differ"] else ""
        st.caption(said + ("it has not been measured here" + why + "." if row["ours"] == "not measured" else
                           f"we measured: {row['ours']}."))
        assumptions_panel(assumptions_about(reported))
        return
    why = f" Why they may differ: {row['why they may differ']}." if row["why they may differ"] else ""
    st.caption(f"{said}we measured {row['ours']}, {row['scale']}. {source_text(measured.rows)}{why}")
    assumptions_panel(assumptions_about(reported))
    report_image(reported)


def _open(experiment: Experiment) -> None:
    """Go to the Experiments page, its controls set to exactly this experiment."""
    take_experiment(experiment)
    st.switch_page(page_script("experiments"), query_params=experiment_query(experiment))
