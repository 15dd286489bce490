"""The chart that a report drew of a system, from what was measured here; nothing where nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from lib.base.folders import MEASURED
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.digits import REPORT_CLASSIFIER
from lib.catalog.reported import Reported
from lib.datasets import DATASETS
from lib.measures.measured import Row
from lib.measures.results import is_as_report, stored_rows
from lib.ui.inside.link import look_inside
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.images import sheet_html
from lib.ui.widgets.legend import legend


def report_image(reported: Reported) -> None:
    """Draw the report's figure of this system, if the trainings that it needs are stored."""
    draw = _IMAGES.get(reported.system)
    rows = [row for row in stored_rows() if is_as_report(row)]
    if draw is not None:
        draw(reported, rows)


def _of(rows: Sequence[Row], *experiments: str) -> list[Row]:
    return [row for row in rows if row["experiment"] in experiments]


def _arrays(row: Row) -> dict[str, np.ndarray] | None:
    """The stored test results of a clock network: labels, predicted, for narrow heads outputs."""
    path = MEASURED / "clocks" / f"{row['digest']}.npz"
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _title(row: Row) -> str:
    return CLOCK_PRESETS[row["cell"]["network"]].title


def _heatmap(_: Reported, rows: Sequence[Row]) -> None:
    from lib.charts.reports import network_chart, network_rows

    found = _of(rows, "a1", "b1")
    if found:
        st.markdown("**Test accuracy of every network of report 000 that was trained as in the report** (its figure 2)")
        titles = {name: info.title for name, info in DATASETS.items()}
        show_chart(st, network_chart(network_rows(found), titles), width="stretch",
                   alt="Heatmap of test accuracy by network and data set")


def _residuals(_: Reported, rows: Sequence[Row]) -> None:
    import pandas as pd

    from lib.charts.reports import network_styles, residual_chart, residual_rows

    tables = [residual_rows(arrays["labels"], arrays["predicted"], _title(row))
              for row in _of(rows, "d1", "d2", "d3") if (arrays := _arrays(row)) is not None]
    if tables:
        st.markdown("**Smoothed error against the time shown** (figures 7 and 8 of report 000)")
        legend(network_styles(pd.concat(tables)))
        show_chart(st, residual_chart(pd.concat(tables)), width="stretch", alt="Error by time of day, smoothed")


def _classes(reported: Reported, rows: Sequence[Row]) -> None:
    from lib.charts.reports import class_chart, class_rows

    found = [(row, arrays) for row in _of(rows, "d5") if (arrays := _arrays(row)) is not None]
    if found:
        st.markdown("**Confusion matrix** (figure 1 of report 001)")
        for place, (row, arrays) in zip(st.columns(max(2, len(found))), found, strict=False):
            classes = int(CLOCK_PRESETS[row["cell"]["network"]].head_kind.rpartition("_")[2])
            place.caption(f"{classes} classes")
            show_chart(place, class_chart(class_rows(arrays["labels"], arrays["predicted"], classes), classes),
                       width="stretch", alt=f"Confusion of {classes} classes")


def _circle(_: Reported, rows: Sequence[Row]) -> None:
    from lib.charts.reports import circle_chart, circle_rows

    for row in _of(rows, "d7"):
        arrays = _arrays(row)
        outputs = np.empty((0, 0)) if arrays is None else arrays.get("outputs", np.empty((0, 0)))
        if arrays is None or outputs.shape[1:] not in ((2,), (4,)):
            continue
        labels = arrays["labels"]
        circles = [(labels, "half a day", "figure 3")]
        if outputs.shape[1] == 4:  # an hour has a twelfth of the circle, a minute a sixtieth
            circles = [(labels // 60 * 60, "the hours", "figure 4"), (labels % 60 * 12, "the minutes", "figure 5")]
        for index, (shown, words, figure) in enumerate(circles):
            st.markdown(f"**True and predicted points on the circle of {words}** ({figure} of report 001)")
            show_chart(st, circle_chart(circle_rows(shown, outputs[:, 2 * index : 2 * index + 2])), width="content",
                       alt=f"Cosine and sine, true and predicted, on the circle of {words}")


def _histogram(_: Reported, rows: Sequence[Row]) -> None:
    from lib.charts.reports import histogram_chart, histogram_rows

    for row in _of(rows, "d9"):
        arrays = _arrays(row)
        if arrays is not None:
            st.markdown("**How errors are spread** (figure 6 of report 002)")
            show_chart(st, histogram_chart(histogram_rows(arrays["labels"], arrays["predicted"])), width="stretch",
                       alt="Histogram of circular errors")


def _ways(_: Reported, rows: Sequence[Row]) -> None:
    from lib.charts.reports import network_styles, way_chart, way_rows

    found = _of(rows, "d11")
    if found:
        st.markdown("**How networks with different outputs learn**, by their validation error (from figures 8 to 10 of "
                    "report 003)")
        titles = {name: preset.title for name, preset in CLOCK_PRESETS.items()}
        ways = way_rows(found, titles)
        legend(network_styles(ways))
        show_chart(st, way_chart(ways), width="stretch", alt="Validation error by epoch and network")


def _feature_maps(_: Reported, __: Sequence[Row]) -> None:
    from lib.images.sheets import contact_sheet

    path = MEASURED / "b4_maps.npz"
    if not path.exists():
        return
    with np.load(path, allow_pickle=False) as stored:
        st.markdown("**Feature maps of the first convolution, of the pooling and of the dropout** (section 3 of report "
                    "004), of one test digit")
        for name, words in (("conv", "First convolution"), ("pool", "Pooling"), ("dropout", "Dropout, as in training")):
            st.caption(f"{words}: {stored[name].shape[0]} maps of {stored[name].shape[1]}x{stored[name].shape[2]}")
            st.html(sheet_html(contact_sheet(stored[name][..., None], 16, scale=2), f"{words}: feature maps"))
        look_inside(f"shipped:{REPORT_CLASSIFIER}", "The same digit inside this network: click its maps", image="0",
                    layer="1", dropout="1")


_IMAGES: dict[str, Callable[[Reported, Sequence[Any]], None]] = {
    "A1": _heatmap, "B1": _heatmap, "B4": _feature_maps, "D1": _residuals, "D2": _residuals, "D3": _residuals,
    "D5": _classes, "D7": _circle, "D9": _histogram, "D11": _ways,
}
