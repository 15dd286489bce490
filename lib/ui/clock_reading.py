"""What was measured about reading the time, and why the ways of asking differ."""

from __future__ import annotations

import streamlit as st

from lib.core.clock_presets import CLOCK_PRESETS
from lib.core.heads import HEADS


def measured_table() -> None:
    """Stored figures of every shipped network beside what the reports printed."""
    from lib.models.checkpoints import manifest

    rows = []
    for name, entry in manifest().items():
        if not name.startswith("clocks/") or "test_minutes" not in entry["metrics"]:
            continue
        kind = entry.get("spec", {}).get("head", {}).get("kind")
        metrics = entry["metrics"]
        rows.append({
            "asked as": HEADS[kind].title if kind else "Our reader", "mean error (min)": metrics["test_minutes"],
            "median": metrics["test_median_minutes"], "95th percentile": metrics["test_p95_minutes"],
            "within 1 min": metrics["test_within_1"], "hour right": metrics["test_hour_accuracy"],
            "test pictures": int(metrics["test_images"]), "data": entry["data"]["set"],
            "trained on": entry["data"]["train"], "epochs": entry.get("epochs"), "seed": entry["seed"],
            "date": entry["date"],
        })
    rows.sort(key=lambda row: row["mean error (min)"])
    percent = st.column_config.NumberColumn(format="percent")
    decimals = st.column_config.NumberColumn(format="%.2f")
    st.dataframe(rows, hide_index=True, height="content", column_config={
        "within 1 min": percent, "hour right": percent, "mean error (min)": decimals, "median": decimals,
        "95th percentile": decimals,
    })
    st.caption("Errors go the shorter way round the dial; guessing gives 180. Every row is one stored training.")
    st.markdown("**The reports said**, for networks ten to fifty times as large:")
    reported = [{"system": p.system, "asked as": p.title, "report": p.report, "figure": p.reported}
                for p in CLOCK_PRESETS.values() if p.system]
    st.dataframe(reported, hide_index=True)


def why_text() -> None:
    """A short reading."""
    st.markdown(_WHY)


_WHY = """
**Why does plain regression fail at 12:00?** 11:59 and 12:01 are two minutes apart on the dial and 718 apart as
numbers. Where the network is unsure between them, the average of the two is six o'clock.

**Why does the circular loss not train?** It measures the right thing: the prediction's remainder, the shorter way
round. But its slope has the same size everywhere and changes sign every six hours, so over a spread of predictions
the pulls cancel: there is no direction to go.

**Why do hours flip just before the full hour?** At 8:58 the hour hand all but touches the 9. A separate hour class
must decide which side it is on, and does not look at the minute hand to do so.

**Why do 720 classes need more data?** Every minute is a class of its own with a handful of examples, and a miss by
one minute costs as much as a miss by six hours. The classes do not know that they are neighbours.

**Why does sine and cosine mend the wrap?** It puts the time on a circle: 11:59 and 12:01 are close again, and there
is no edge. What remains is that one circle for half a day makes a minute half a degree.

**What does our reader do?** It finds the dial, unrolls it so that turning the clock becomes shifting a strip, asks in
which directions the minute hand, the hour hand and the 12 point, and takes the time that fits all three best. An hour
hand near the 9 is corrected by a minute hand near the 12.
"""
