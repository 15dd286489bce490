"""What was measured about permuted pixels, beside what the report printed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import percent_text, points_text
from lib.catalog.permuted import SHIPPED_PRESETS
from lib.catalog.presets import PRESETS
from lib.catalog.reported import REPORTED
from lib.measures.figures import spread
from lib.measures.measured import device_text, stored_figures
from lib.measures.measured_words import words_of
from lib.measures.permuted_results import Summary, gaps, summaries
from lib.measures.results import reported_text
from lib.spec.summary import multiply_add_count, summarise
from lib.ui.widgets.layout import side_by_side


def measured_rows() -> list[dict[str, Any]]:
    """The stored runs, one dict each; none when there is no file."""
    return stored_figures("permuted", [])


def measured_panel(data: str) -> None:
    """Stored figures of this data set: a table, the gaps in words, what the report said."""
    rows = [row for row in measured_rows() if row["data"] == data]
    measured, reported = side_by_side("permuted_measured", kind="charts")
    with measured:
        st.markdown("**What we measured**")
        if rows:
            _table([_measured_row(summary) for summary in summaries(rows)])
            lines = ["What the permutation costs on the test images:", "", *(f"- {line}" for line in gap_lines(rows))]
            st.markdown("\n".join(lines))
            st.caption(_source(rows))
        else:
            st.caption("Nothing yet for these images: run scripts/train_permuted.py.")
    with reported:
        reported_table(data)
        st.caption("It names neither seeds nor epochs nor how many runs. The light CNN does one "
                   f"{_work_ratio():.0f}th of the multiply-adds of the report's CNN (B1 model 4); what was measured of that "
                   "one is on the Results page.")


def reported_table(data: str) -> None:
    """The report's figures for a data set."""
    st.markdown("**The report said** (report 000, table 2 and section 3)")
    rows: dict[str, dict[str, Any]] = {}
    for figure in REPORTED:
        if figure.system in ("C1", "C2") and figure.data == data and figure.value is not None:
            words, _, split = figure.what.partition(" pixels")
            row = rows.setdefault(words, {"network and pixels": words, "training": "–", "validation": "–", "test": "–"})
            row[split.removeprefix(", ") or "test"] = reported_text(figure)
    _table(list(rows.values()))
    contrary = [figure for figure in REPORTED if figure.system == "C3"]
    for figure in contrary:
        measured = words_of(figure.id)
        ours = f" Measured here: {measured.text}." if measured else ""
        st.caption(f"Report {figure.report} says of this: {figure.text}.{ours}")


def _work_ratio() -> float:
    shape = datasets.DATASETS["mnist"].image_shape
    full, light = (multiply_add_count(summarise(PRESETS[name].architecture, shape))
                   for name in ("b1_model4", SHIPPED_PRESETS["cnn"]))
    return full / light


def _table(rows: list[dict[str, Any]]) -> None:
    st.table(rows, hide_index=True)


def _measured_row(summary: Summary) -> dict[str, Any]:
    return {
        "network": PRESETS[summary.network].title, "pixels": summary.pixels, "training": _mean(summary.train),
        "validation": _mean(summary.validation), "test": _mean(summary.test), "seeds": summary.seeds,
    }


def _mean(values: tuple[float, ...]) -> str:
    s = spread(values)
    return percent_text(s.mean) + (f" ± {points_text(s.std)}" if s.count > 1 else "")


def gap_lines(rows: list[dict[str, Any]]) -> list[str]:
    """For each network its test accuracy on original minus on permuted images, in words."""
    lines = []
    for network, points in gaps(rows).items():
        mean = spread(points.values()).mean / 100
        each = ", ".join(points_text(value / 100, sign=True) for value in points.values())
        lines.append(f"{PRESETS[network].title}: **{points_text(mean)} points** (seed by seed {each})")
    return lines


def _source(rows: list[dict[str, Any]]) -> str:
    first = rows[0]
    dates = sorted({row["date"] for row in rows})
    seeds = ", ".join(str(seed) for seed in sorted({row["seed"] for row in rows}))
    epochs = ", ".join(dict.fromkeys(f"{r['epochs']} ({PRESETS[r['network']].title})" for r in rows))
    return (
        f"{datasets.DATASETS[first['data']].title}: {first['train_images']:,} training, "
        f"{first['validation_images']:,} validation, {first['test_images']:,} test images; all pixels permuted, permutation "
        f"seed 0; training seeds {seeds}; epochs: {epochs}, weights of the best validation epoch. Accuracy "
        "without dropout, mean ± standard deviation over seeds. "
        f"Measured {' to '.join(dict.fromkeys([dates[0], dates[-1]]))} on {device_text(first['device'])}."
    )
