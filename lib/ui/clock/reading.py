"""What was measured about reading the time, and why the ways of asking differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib import datasets
from lib.base.percent import percent_text
from lib.catalog.heads import HEADS
from lib.catalog.reported import REPORTED
from lib.clockface.lessons import constant_rows, regression_rows
from lib.measures.results import FIGURE_NAMES, reported_text
from lib.ui.clock.networks import READER


def measured_table() -> None:
    """Stored figures of every shipped network beside what the reports printed."""
    from lib.models.checkpoints import manifest

    rows: list[dict[str, Any]] = []
    sources: dict[str, list[str]] = {}
    for name, entry in manifest().items():
        if not name.startswith("clocks/") or "test_minutes" not in entry["metrics"]:
            continue
        kind = entry.get("spec", {}).get("head", {}).get("kind")
        metrics, title = entry["metrics"], HEADS[kind].title if kind else READER
        sources.setdefault(_source(entry), []).append(title)
        rows.append({
            "asked as": title, "mean error (min)": metrics["test_minutes"],
            "median (min)": f"{metrics['test_median_minutes']:.1f}",
            "95th percentile (min)": f"{metrics['test_p95_minutes']:.0f}",
            "within 1 min": percent_text(metrics["test_within_1"]),
            "hour right": percent_text(metrics["test_hour_accuracy"]),
        })
    rows.sort(key=lambda row: row["mean error (min)"])
    st.table([row | {"mean error (min)": f"{row['mean error (min)']:.1f}"} for row in rows], hide_index=True)
    learned = [f"{titles[0] if len(titles) == 1 else f'{len(titles)} networks'}: {source}" for source, titles in
               sorted(sources.items(), key=lambda item: len(item[1]))]
    st.caption("Errors go the shorter way round the dial; guessing gives 180. Every row is one stored training.  \n"
               + "  \n".join(learned))
    st.markdown("**The reports said**, for larger networks and freely turned clocks; what was measured of these is on the "
                "Results page:")
    st.table([{"system": r.system, "report": r.report, "asked as": r.what, "figure": FIGURE_NAMES[r.metric],
               "printed": reported_text(r, as_printed=False)} for r in REPORTED if r.system[0] == "D"], hide_index=True)


def _source(entry: Mapping[str, Any]) -> str:
    """What a network learned from and was tested on, in words."""
    data, epochs = entry["data"], entry.get("epochs")
    length = "" if epochs is None else f", {epochs} epochs"
    return (f"{data['train']:,} images ({_set_titles(data['set'])}){length}, seed {entry['seed']}; tested on "
            f"{entry['metrics']['test_images']:,.0f}; {entry['date']}.")


def _set_titles(names: str) -> str:
    """"a and b" of data sets' names as their titles."""
    known = datasets.DATASETS
    return " and ".join(known[name].title if name in known else name for name in names.split(" and "))


def why_text() -> None:
    """A short reading, with the numbers it rests on."""
    st.markdown(_TWELVE)
    st.table([{"prediction": words, "mean absolute error (min)": f"{mae:.1f}", "circular error (min)": f"{circle:.1f}",
               "the absolute error pulls it": pull} for words, mae, circle, pull in regression_rows()], hide_index=True)
    st.markdown(_CIRCLE)
    st.table([{"constant prediction": words, "mean absolute error (min)": f"{mae:.1f}", "its slope": f"{slope:.2f}",
               "circular error (min)": f"{circle:.1f}", "slope of that": f"{flat:.2f}"}
              for words, mae, slope, circle, flat in constant_rows()], hide_index=True)
    st.markdown(_WHY)


_TWELVE = """
**Why does plain regression fail at 12:00?** 11:59 and 12:01 are two minutes apart on the dial and 718 apart as numbers. Take
a clock that shows twelve give or take ten minutes, and a network that cannot tell on which side. The absolute error is least
at the *median*, and between two equal halves every number is one: six o'clock costs as little as twelve. Where the true
time is more than six hours off as a number, the pull points the long way round. And an output that changes
continuously with the image has to pass through all numbers between 719 and 0 while the hands pass 12:00.
"""
_CIRCLE = """
**Why does report 000's circular loss not train?** A network begins as nearly a constant. Over all 720 minutes the absolute
error of a constant has a slope that leads to the middle; the circular error is 180 minutes for every constant, with slope
zero: nothing says where to begin.
"""
_WHY = """
**Why do hours flip just before the full hour?** At 8:58 the hour hand all but touches the 9. A separate hour class
must decide which side it is on, and does not look at the minute hand to do so.

**What do 720 classes cost?** Every minute is a class of its own with a handful of examples, and the classes do not know that
they are neighbours: a miss may land anywhere. So they can have the most answers within a minute and a large mean error at
the same time; compare the two columns.

**Why does sine and cosine mend the wrap?** It puts the time on a circle: 11:59 and 12:01 are close again, and there
is no edge. What remains is that one circle for half a day makes a minute half a degree.

**What does our reader do?** It finds the dial, unrolls it so that turning the clock becomes shifting a strip, asks in
which directions the minute hand, the hour hand and the 12 point, and takes the time that fits all three best. An hour
hand near the 9 is corrected by a minute hand near the 12.
"""
