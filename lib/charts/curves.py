"""Learning curves of one run while it trains.

Two steps, as everywhere in this package: rows (plain columns, tested for values), then drawing.
The drawing's specification does not depend on the rows, so that Streamlit sends new data to the
chart that is already on the page instead of embedding a new one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from lib.charts.theme import (
    MARKED_POINTS,
    STEP_COLOR,
    TEXT_COLOR,
    TRAIN_COLOR,
    VALIDATION_COLOR,
    readable,
    value_axis,
    without_rows,
    words_of,
)
from lib.measures.rate_reading import smoothed
from lib.measures.record_lines import RecordLine
from lib.spec.metrics import figure_title
from lib.spec.runs import EpochLog, RunSnapshot, StepLog
from lib.spec.steering import change_texts
from lib.spec.step_plan import StepPlan

STEP_SERIES, TRAIN_SERIES, VALIDATION_SERIES = "step", "training", "validation"
SERIES = (STEP_SERIES, TRAIN_SERIES, VALIDATION_SERIES)
#: Rows that are lines across the chart, not curves: the best epoch, in either half of the chart, and record lines. The
#: words of a best epoch stand on the side where there is room.
BEST_SERIES, LATE_BEST_SERIES, CHANGE_SERIES = "best", "late best", "change"
#: The words of changes, and how much of the axis they take across their lines.
CHANGE_WORDS, _CHANGE_WIDTH = "words of changes", 0.04
#: Record line -> where along it its words stand: lines may lie close to each other.
_LINE_WORDS: dict[str, tuple[float, Any]] = {"report": (0.0, "left"), "best_here": (0.5, "center"),
                                             "best_known": (1.0, "right")}
#: Half a plot below this width, a phone's, has no room for what the best epoch was judged by.
_NARROW_PLOT = 350
_COLUMNS = ("x", "value", "series", "label", "marked", "below")
#: Epochs that are drawn of a long run; more cost every refresh and show nothing.
MOST_EPOCHS = 400
#: Of the whole chart: axis and legend take 110 of it.
CURVE_HEIGHT = 390
#: Name of an x axis -> its title.
X_AXES = {"epoch": "epoch", "step": "step", "time": "training time (s)"}


def _epochs_of(snapshot: RunSnapshot) -> Callable[[int], float]:
    """How many epochs so many steps of the run are."""
    started, spec = snapshot.started, snapshot.record.spec
    if started is not None and any(change.batch_size is not None for change in spec.changes):
        return StepPlan(spec, started.train_images).epochs_done
    steps_per_epoch = started.steps_per_epoch if started else 1
    return lambda steps: steps / steps_per_epoch


def _step_positions(log: StepLog, epochs_of: Callable[[int], float], x_axis: str, started: float) -> list[float]:
    numbers = range(log.first_step + 1, log.first_step + log.count + 1)
    if x_axis == "step":
        return [float(number) for number in numbers]
    if x_axis == "epoch":
        return [epochs_of(number) for number in numbers]
    return [started + (log.seconds - started) * (i + 1) / len(numbers) for i in range(len(numbers))]


def epoch_position(log: EpochLog, x_axis: str) -> float:
    """Where the end of an epoch stands on an axis of X_AXES."""
    return {"step": float(log.step), "epoch": log.epoch + 1.0, "time": log.seconds}[x_axis]


def curve_rows(
    snapshot: RunSnapshot, metric: str, x_axis: str = "epoch", smoothing: float = 0.0, as_error: bool = False,
    best_epoch: int | None = None, best_by: str = "", lines: Sequence[RecordLine] = (),
) -> pd.DataFrame:
    """Columns x, value, series, label, marked, below: `metric` per step (smoothed), per epoch, and of the validation split.

    `as_error` turns accuracy into 1 - accuracy, for a logarithmic axis. `best_epoch` (0-based), the best one by the figure
    that `best_by` names, and `lines` (figures of `metric`) become a line each, and so does each place where the run was
    changed. Accuracies of steps below the lowest of any epoch leave a gap, or the first steps of a run would decide the
    axis. Epochs are marked while there are few; of more than `MOST_EPOCHS` not all are drawn. Words of a record line stand
    `below` it where another line is above it and there is room: they would lie on those of the other.
    """
    steps, epochs = _step_curve(snapshot, metric, x_axis, smoothing), _epoch_curves(snapshot, metric, x_axis)
    if metric == "accuracy":
        steps = _with_gaps(steps, min((y for _x, y, _series in epochs), default=-math.inf))
    curves = [*steps, *epochs]
    if as_error:
        curves = [(x, 1 - y, series) for x, y, series in curves if not y >= 1]
    marked = len(snapshot.epochs) <= MARKED_POINTS
    rows = [(x, y, series, "", marked and series != STEP_SERIES, False) for x, y, series in curves]
    if best_epoch is not None and best_epoch < len(snapshot.epochs):
        x = epoch_position(snapshot.epochs[best_epoch], x_axis)
        late = x > 0.5 * epoch_position(snapshot.epochs[-1], x_axis)
        words = f"best epoch {best_epoch + 1}" + (f", by {best_by}" if best_by else "")
        rows.append((x, math.nan, LATE_BEST_SERIES if late else BEST_SERIES, words, False, False))
    changes = change_marks(snapshot, x_axis)
    end = max((x for x, _y, _series in curves), default=0.0)
    for series, marks in ((CHANGE_SERIES, changes), (CHANGE_WORDS, _apart(changes, _CHANGE_WIDTH * end))):
        rows += [(x, math.nan, series, label, False, False) for x, label in marks]
    drawn = [(1 - line.value if as_error else line.value, line) for line in lines if not (as_error and line.value >= 1)]
    highest = max((y for y, _ in drawn), default=math.inf)
    lowest = min((y for _, y, _ in curves if not math.isnan(y)), default=math.inf)
    rows += [(math.nan, y, line.name, line.label, False, lowest < y < highest)
             for y, line in (drawn if snapshot.epochs else ())]
    # By columns: pandas takes several times as long to find out what is in rows.
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS)
    return pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))


def change_marks(snapshot: RunSnapshot, x_axis: str) -> list[tuple[float, str]]:
    """Where on the axis the run was changed so far, and to what; what was changed at one place in one label."""
    record, started, epochs_of = snapshot.record, snapshot.started, _epochs_of(snapshot)
    if started is None:
        return []
    found: dict[int, list[str]] = {}
    forked = [log.step for log in snapshot.epochs if record.parent and log.epoch + 1 == record.forked_epoch]
    for step in forked:
        found.setdefault(step, []).append("forked")
    for change, words in change_texts(record.spec, started.train_images):
        if change.step <= snapshot.step:
            found.setdefault(change.step, []).append(words)
    return [(_place(snapshot, step, x_axis, epochs_of), ", ".join(words)) for step, words in sorted(found.items())]


def _apart(marks: Sequence[tuple[float, str]], least: float) -> list[tuple[float, str]]:
    """The marks with the words of those that lie nearer to the one before than `least` said in one with its."""
    found: list[tuple[float, str]] = []
    for x, words in marks:
        if found and x - found[-1][0] < least:
            found[-1] = found[-1][0], f"{found[-1][1]}; {words}"
        else:
            found.append((x, words))
    return found


def _place(snapshot: RunSnapshot, step: int, x_axis: str, epochs_of: Callable[[int], float]) -> float:
    if x_axis == "time":
        return max((log.seconds for log in snapshot.steps if log.first_step + log.count <= step), default=0.0)
    return float(step) if x_axis == "step" else epochs_of(step)


def _step_curve(snapshot: RunSnapshot, metric: str, x_axis: str, smoothing: float) -> list[tuple[float, float, str]]:
    epochs_of = _epochs_of(snapshot)
    positions: list[float] = []
    values: list[float] = []
    before = 0.0
    for log in snapshot.steps:
        if metric in log.metrics:
            positions += _step_positions(log, epochs_of, x_axis, before)
            values += log.metrics[metric]
        before = log.seconds
    return [(x, y, STEP_SERIES) for x, y in zip(positions, smoothed(values, smoothing).tolist(), strict=True)]


def _with_gaps(curve: list[tuple[float, float, str]], lowest: float) -> list[tuple[float, float, str]]:
    """The curve with one NaN, at which a line breaks, for all neighbours below `lowest`."""
    found: list[tuple[float, float, str]] = []
    for x, y, series in curve:
        if y >= lowest:
            found.append((x, y, series))
        elif not found or not math.isnan(found[-1][1]):
            found.append((x, math.nan, series))
    return found


def _epoch_curves(snapshot: RunSnapshot, metric: str, x_axis: str) -> list[tuple[float, float, str]]:
    return [
        (epoch_position(log, x_axis), log.metrics[name], series)
        for name, series in ((metric, TRAIN_SERIES), (f"val_{metric}", VALIDATION_SERIES))
        for log in _drawn(snapshot.epochs) if name in log.metrics
    ]


def _drawn(epochs: Sequence[EpochLog]) -> list[EpochLog]:
    """The first, the last, and every epoch whose number is a multiple of a power of two: they stay while the run goes on."""
    stride = 1
    while len(epochs) // stride > MOST_EPOCHS:
        stride *= 2
    return [log for place, log in enumerate(epochs, 1) if place % stride == 0 or place in (1, len(epochs))]


def curve_chart(
    rows: pd.DataFrame, metric: str, x_axis: str = "epoch", log_scale: bool = False,
) -> alt.Chart:
    """Lines of `curve_rows`: steps thin, epochs and validation thick."""
    title = "error (1 - accuracy)" if log_scale and metric == "accuracy" else figure_title(metric, with_unit=True)
    color = alt.Color(
        "series:N", title=None, legend=alt.Legend(orient="top", columnPadding=8, symbolSize=50, labelLimit=200,
                                                  symbolOpacity=1, values=list(SERIES)),
        scale=alt.Scale(domain=list(SERIES), range=[STEP_COLOR, TRAIN_COLOR, VALIDATION_COLOR]),
    )
    everything = alt.Chart(rows, height=CURVE_HEIGHT).transform_calculate(figure=words_of("value", metric)).encode(
        x=alt.X("x:Q", title=X_AXES[x_axis], scale=alt.Scale(nice=False, zero=True),
                axis=alt.Axis() if x_axis == "time" else alt.Axis(tickMinStep=1)),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(**value_axis(metric)),
                scale=alt.Scale(type="log", nice=False) if log_scale else alt.Scale(zero=False)),
    )
    base = everything.encode(
        color=color,
        tooltip=[
            alt.Tooltip("series:N", title="curve"), alt.Tooltip("x:Q", title=X_AXES[x_axis], format=".4~g"),
            alt.Tooltip("figure:N", title=title),
        ],
    )
    steps = base.transform_filter(alt.datum.series == STEP_SERIES).mark_line(strokeWidth=1, opacity=0.55)
    epochs = base.transform_filter(f"datum.series == '{TRAIN_SERIES}' || datum.series == '{VALIDATION_SERIES}'")
    points = base.transform_filter(alt.datum.marked).mark_point(size=28, filled=True)
    rule: dict[str, Any] = {"strokeDash": [4, 4], "color": TEXT_COLOR, "opacity": 0.6, "strokeWidth": 1}
    label: dict[str, Any] = {"color": TEXT_COLOR, "fontSize": 11}
    best = everything.transform_filter(f"datum.series == '{BEST_SERIES}' || datum.series == '{LATE_BEST_SERIES}'")
    layers = [steps, epochs.mark_line(strokeWidth=2), points,
              best.encode(y=alt.value(0), y2=alt.value("height")).mark_rule(**rule)]
    sides: tuple[tuple[str, Any, int], ...] = ((BEST_SERIES, "left", 4), (LATE_BEST_SERIES, "right", -4))
    for series, align, dx in sides:
        # Below where record lines are above.
        height, dy = (alt.value("height"), -6) if metric == "accuracy" else (alt.value(0), -8)
        layers.append(everything.transform_filter(alt.datum.series == series).transform_calculate(
            label=f"width < {_NARROW_PLOT} ? split(datum.label, ', ')[0] : datum.label").encode(
            y=height, text="label:N").mark_text(dy=dy, dx=dx, align=align, **label))
    for name, (place, align) in _LINE_WORDS.items():
        line = everything.transform_filter(alt.datum.series == name)
        x = alt.value({"expr": f"width * {place}"})
        layers.append(line.encode(x=alt.value(0), x2=alt.value("width")).mark_rule(**rule))
        places: tuple[tuple[Any, int, Any], ...] = ((alt.datum.below, 6, "top"), (~alt.datum.below, -6, "alphabetic"))
        for there, dy, baseline in places:
            layers.append(line.transform_filter(there).encode(x=x, text="label:N").mark_text(
                align=align, dy=dy, baseline=baseline, dx={"left": 4, "right": -4}.get(align, 0), **label))
    rises = metric == "accuracy" and not log_scale
    change, words = (everything.transform_filter(alt.datum.series == name) for name in (CHANGE_SERIES, CHANGE_WORDS))
    change = change.encode(
        y=alt.value(0), tooltip=[alt.Tooltip("label:N", title="changed"),
                                 alt.Tooltip("x:Q", title=X_AXES[x_axis], format=".4~g")])
    layers.append(change.encode(y2=alt.value("height")).mark_rule(**rule | {"strokeDash": [2, 2], "opacity": 0.9}))
    # Along its line: beside it, the label of the next change would lie upon it. Where curves seldom are.
    layers.append(words.encode(text="label:N", y=alt.value("height" if rises else 0)).mark_text(
        angle=270, align="left" if rises else "right", dx=18 if rises else -4, dy=-6, **label))
    return readable(alt.layer(*layers))


@functools.cache
def curve_spec(metric: str, x_axis: str = "epoch", log_scale: bool = False) -> dict[str, Any]:
    """`curve_chart` as a Vega-Lite specification without its rows: to be built once, while rows come every second."""
    empty = pd.DataFrame(columns=[*_COLUMNS])
    return without_rows(curve_chart(empty, metric, x_axis, log_scale))
