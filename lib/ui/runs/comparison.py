"""The selected runs over each other: their curves, what differs between them, and which was better."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from lib.catalog.tasks import TASKS
from lib.charts.theme import SeriesStyle
from lib.measures.comparison import FIGURES, best_words, figure_words, group_labels, run_labels, shared_figures
from lib.spec.runs import RunRecord
from lib.spec.specs import to_dict
from lib.spec.words import differences
from lib.ui.resources import runner
from lib.ui.widgets.legend import legend, swatch
from lib.ui.words import as_text, state_badge


def comparison(records: Sequence[RunRecord]) -> None:
    """Curves of the runs over each other, coloured by what differs, and a table of the differences."""
    from lib.charts.curves import overlay_styles

    labels, groups = run_labels(records), group_labels(records)
    styles = overlay_styles(groups)
    words = best_words(records)
    if words:
        st.html(f"<p>{html.escape(words)}</p>")
    _curves(records, dict(zip(labels, groups, strict=True)), styles)
    if len(records) == 1:
        st.markdown(f"{state_badge(records[0].state)} {as_text(records[0].message)}")
        with st.expander("Specification"):
            st.json(to_dict(records[0].spec))
        return
    st.markdown("**What differs**")
    st.html(difference_table(records, styles))


def _curves(records: Sequence[RunRecord], groups: Mapping[str, str], styles: Mapping[str, SeriesStyle]) -> None:
    """An image for each figure that the runs have at every epoch; none for one that they do not have."""
    from lib.charts.curves import overlay_chart, overlay_rows

    curves = {label: runner().store.epochs(record.id) for label, record in zip(groups, records, strict=True)}
    axis = st.segmented_control("Horizontal axis", ["epoch", "step", "time"], default="epoch", key="runs_axis",
                                required=True, persist_state="session")
    tasks = [TASKS[record.spec.task] for record in records if record.spec.task in TASKS]
    # What all of them draw, the loss last: it compares least.
    metrics = [name for name in reversed(tasks[0].curves) if all(name in task.curves for task in tasks)] if tasks else []
    pictures = {metric: rows for metric in metrics if not (
        rows := overlay_rows(curves, metric, axis, groups)).empty}
    if not pictures:
        st.caption("No epoch of these runs has ended yet.")
        return
    legend(styles, splits=True)
    for metric, rows in pictures.items():
        words = metric.replace("_", " ")
        st.altair_chart(overlay_chart(rows, styles, metric, axis), key=f"runs_{metric}", alt=f"{words} of the selected runs")


def difference_table(records: Sequence[RunRecord], styles: Mapping[str, SeriesStyle]) -> str:
    """HTML: a row for each run with its colour, its figures, and its value of everything that differs; words wrap."""
    figures, different = shared_figures(records), differences([record.spec for record in records])
    heads = ["", "run", *different, *(FIGURES[name] for name in figures)]
    lines = []
    for index, (record, label, group) in enumerate(zip(records, run_labels(records), group_labels(records), strict=True)):
        values = [figure_words(name, record.metrics[name]) if name in record.metrics else "–" for name in figures]
        cells = [label, *(column[index] for column in different.values()), *values]
        lines.append(f"<td>{swatch(styles[group])}</td>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    note = "" if different else "<p>These runs are the same training: nothing differs, not even the seed.</p>"
    return ("<style>.runs-differ td,.runs-differ th{padding:0.3rem 0.7rem;text-align:left;vertical-align:top;"
            "border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}"
            ".runs-differ td{white-space:nowrap}.runs-differ td:nth-child(2){white-space:normal;min-width:8rem}</style>"
            f'<div style="overflow-x:auto"><table class="runs-differ" style="border-collapse:collapse;font-size:0.9rem">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}")
