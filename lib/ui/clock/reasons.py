"""Why the ways of asking the time differ."""

from __future__ import annotations

import streamlit as st

from lib.clockface.lessons import constant_rows, regression_rows


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
**Why does plain regression fail at 12:00?** 11:59 and 12:01 are two minutes apart on the dial and 718 apart as numbers.
Suppose a clock shows about twelve, and the network cannot tell whether it is ten minutes before or after. The mean absolute
error is smallest at the *median*: half of the targets are near 10 and half near 710, so every number between costs the
same, and six o'clock is as good as twelve. Where the true time is more than six hours off as a number, the gradient points
the long way round. And an output that changes continuously with the image has to pass through all numbers between 719 and
0 while the hands pass 12:00.
"""
_CIRCLE = """
**Why does report 000's circular loss not train?** A network begins as nearly a constant. Over all 720 minutes the absolute
error of a constant has a slope that leads to the middle; the circular error is 180 minutes for every constant, with slope
zero: nothing says where to begin.
"""
_WHY = """
**Why do hours flip just before the full hour?** At 8:58 the hour hand all but touches the 9. A separate hour class
must decide which side it is on, and nothing makes it use the minute hand for that.

**What do 720 classes cost?** Every minute is a class of its own with a 720th of the examples, and the classes do not know
that they are neighbours: a miss may land anywhere. So they can have the most answers within a minute and a large mean
error at the same time; compare the two columns.

**Why do sine and cosine solve this?** They put the time on a circle: 11:59 and 12:01 are close again, and there
is no edge. What remains is that one circle for half a day makes a minute half a degree.

**What does our reader do?** It finds the dial, unrolls it so that turning the clock becomes shifting a strip, asks in
which directions the minute hand, the hour hand and the 12 point, and takes the time that fits all three best. An hour
hand near the 9 is corrected by a minute hand near the 12.
"""
