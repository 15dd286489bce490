"""The digit classifier's own tab: other hands, photographed paper, honesty, what is no digit, and what it gets wrong."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from lib.base.folders import MEASURED
from lib.base.percent import percent_text
from lib.catalog.digits import CLASSIFIERS, FIRST_STAGE
from lib.measures.measured import stored_figures
from lib.ui.digits.networks import measured
from lib.ui.widgets.charts import show_chart
from lib.ui.widgets.images import image_html
from lib.ui.widgets.layout import figures, side_by_side
from lib.ui.widgets.legend import legend

NAME = CLASSIFIERS["mnist"]
#: What the two stages of the training are called.
_STAGES = {FIRST_STAGE: "learned MNIST alone", NAME: "learned drawn digits too"}
Row = Mapping[str, Any]


def classifier_panel() -> None:
    """Everything that was measured of the classifier that reads drawn digits."""
    sections = stored_figures("digit_classifier", {})
    if not sections:
        st.info("Not measured yet: run `python scripts/measure_digit_classifier.py --calibrate --test`.",
                icon=":material/straighten:")
        return
    _summary(sections)
    _hands(sections["hands"])
    _paper(sections["paper"])
    _honesty(sections)
    _no_digits(sections)
    _mistakes()


def _of(rows: Sequence[Row], name: str, **wanted: Any) -> Row:
    """The row of the network `name` whose values are the `wanted` ones."""
    return next(row for row in rows if row["name"] == name and all(row[key] == value for key, value in wanted.items()))


def _summary(sections: Mapping[str, Sequence[Row]]) -> None:
    accuracies = [row["metrics"]["test_accuracy"] for row in measured("trained") if row["name"] == NAME]
    elsewhere = {row["name"]: row for row in measured("elsewhere")}
    shown = {"MNIST's test images": float(np.mean(accuracies)),
             "digits drawn with a mouse": _of(sections["hands"], NAME, variant="all")["accuracy"],
             "photographs of paper": _of(sections["paper"], NAME, paper="all", ink="local")["accuracy"],
             "printed digits": sections["fonts"][-1]["accuracy"]}
    if NAME in elsewhere:
        shown["scikit-learn's digits"] = elsewhere[NAME]["accuracy"]
    with figures():
        for title, share in shown.items():
            st.metric(title, percent_text(share), width="content")
    seeds = "one run" if len(accuracies) == 1 else f"{len(accuracies)} runs"
    each = ", ".join(percent_text(share, 2) for share in accuracies)
    st.caption(f"MNIST: mean of {seeds} ({each}). All others: the shipped network, on digits made by other means than "
               "those that it learned from, read once.")


def _hands(rows: Sequence[Row]) -> None:
    st.markdown("**Every handwriting?** Right answers by the way a digit is written:")
    lines = []
    for row in (row for row in rows if row["name"] == NAME):
        before = _of(rows, FIRST_STAGE, variant=row["variant"])
        lines.append({"digit": row["variant"], "drawings": row["images"],
                      _STAGES[FIRST_STAGE]: percent_text(before["accuracy"]),
                      _STAGES[NAME]: percent_text(row["accuracy"]), "called no digit": percent_text(row["refused"])})
    st.table(lines, hide_index=True)
    st.caption("Drawn as pointer events of a mouse, 10 to 20 a stroke, slanted by -25 to 35 degrees, at any place and size, "
               f"with the pad's three pens; seed {rows[0]['seed']}, measured {rows[0]['date']}.")


def _paper(rows: Sequence[Row]) -> None:
    st.markdown("**Paper with shadows and lines?** Right answers by paper, and by how ink is told from paper:")
    lines = []
    for row in (row for row in rows if (row["name"], row["ink"]) == (NAME, "local")):
        place = {"paper": row["paper"]}
        lines.append({
            "paper": row["paper"], "photographs": row["images"],
            "one threshold, MNIST alone":
                percent_text(_of(rows, FIRST_STAGE, ink="one threshold", **place)["accuracy"]),
            "paper's own tone, MNIST alone": percent_text(_of(rows, FIRST_STAGE, ink="local", **place)["accuracy"]),
            "paper's own tone, drawn digits too": percent_text(row["accuracy"])})
    st.table(lines, hide_index=True)
    st.caption("Photographs made by this project's own renderer, tilted by up to 3 degrees, with blur and grain: no camera "
               "took them.")


def _honesty(sections: Mapping[str, Sequence[Row]]) -> None:
    from lib.charts.reliability import RELIABILITY_STYLES, reliability_chart, reliability_rows

    row = _of(sections["mnist"], NAME)
    st.markdown("**Is it as sure as it should be?**")
    left, right = side_by_side("reliability", kind="charts")
    stages = {f"{stage} calibration": row[f"reliability_{stage}"] for stage in ("before", "after")}
    with left:
        legend(RELIABILITY_STYLES)
        show_chart(st, reliability_chart(reliability_rows(stages)), key="chart_reliability",
                   alt="Share of right answers against the probability of the answer")
    drawn = _of(sections["hands"], NAME, variant="all")
    with right, figures():
        st.metric("ECE before", f"{100 * row['ece_before']:.2f} points", width="content",
                  help="Expected calibration error: how far probabilities and right answers lie apart, on average.")
        st.metric("ECE after", f"{100 * row['ece_after']:.2f} points", width="content")
    right.caption(f"Over MNIST's {row['images']:,} test images. Logarithms of probabilities are divided by a temperature of "
                  f"{row['temperature']:.2f}, fitted on validation images of MNIST and of our drawings together. On digits "
                  f"drawn with a mouse the error after it is {100 * drawn['ece_after']:.2f} points.")


def _no_digits(sections: Mapping[str, Sequence[Row]]) -> None:
    mnist, drawn = _of(sections["mnist"], NAME), _of(sections["hands"], NAME, variant="all")
    st.markdown("**Does it reject images that show no digit?** A second, linear output says *not a digit*. Of MNIST's "
                f"test images, all of them digits, it rejects {percent_text(mnist['refused'], 2)}; of digits drawn with a "
                f"mouse {percent_text(drawn['refused'], 2)}. Rejected of other images, by kind:")
    st.table([{"what": row["kind"], "images": row["images"], "called no digit": percent_text(row["refused"])}
              for row in sections["others"]], hide_index=True)
    st.caption("It learned from letters, signs and scribbles that this app draws, not from those above. Its threshold was "
               "chosen on validation images. An empty pad is never asked about.")


def _mistakes() -> None:
    path = MEASURED / "digit_mistakes.npz"
    if not path.exists():
        return
    with np.load(path, allow_pickle=False) as archive:
        images, true, said, sure, groups = (archive[name] for name in ("images", "true", "said", "sure", "group"))
    st.markdown("**What it gets wrong**")
    for group in dict.fromkeys(groups.tolist()):
        mine = np.flatnonzero(groups == group)
        cells = "".join(
            f'<div style="text-align:center">{image_html(images[i], _words(true[i], said[i]))}'
            f'<span>{_words(true[i], said[i])}<br>{percent_text(float(sure[i]), 0)}</span></div>' for i in mine)
        st.html(f'<div style="font-size:.85rem;font-weight:600;margin:.4rem 0 .2rem">{html.escape(group)}</div>'
                '<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(64px,72px));gap:.5rem;'
                f'font-size:.75rem;line-height:1.3">{cells}</div>')
    st.caption("Below each: what it is, what the classifier says, and how sure it is of that. At most 30 of each group.")


def _words(true: int, said: int) -> str:
    """For instance "7 as 1"; -1 is no digit."""
    return f"{'none' if true < 0 else true} as {'none' if said < 0 else said}"
