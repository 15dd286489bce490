"""Colours, sizes and words that every chart shares; readable on light and on dark backgrounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.catalog.permuted import CONTESTANTS
from lib.spec.metrics import is_share

#: Colour-blind safe (Okabe and Ito, "Color Universal Design", 2008), without its yellow and black.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#8C8C8C")
#: The four networks of the permutation lens: dark for original pixels, light for permuted ones; blue MLP, orange CNN.
CONTESTANT_COLORS = dict(zip([c.key for c in CONTESTANTS], (PALETTE[0], PALETTE[5], PALETTE[4], PALETTE[1]), strict=True))
TRAIN_COLOR, VALIDATION_COLOR, STEP_COLOR = PALETTE[0], PALETTE[4], PALETTE[5]
CHART_HEIGHT = 280
#: What axes, titles and margins take of a chart's height: Streamlit's height is that of all of it.
AROUND_PLOT = 90


def height_with(legend_rows: int = 0) -> int:
    """The height of a chart whose plot is `CHART_HEIGHT` high below a legend of so many rows."""
    return CHART_HEIGHT + AROUND_PLOT + 22 * legend_rows


# --- many series ----------------------------------------------------------------------------

#: At least 3:1 against the light and against the dark background, as WCAG asks of marks.
SERIES_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#7E57C2", "#8A8D00", "#C2185B", "#00889B", "#A0652A",
                 "#808080")
#: One fewer than colours would repeat with them: as many as share no factor with their number.
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")


@dataclass(frozen=True, slots=True)
class SeriesStyle:
    """How one series of a chart is drawn: colour and shape together, so that colours alone need not tell it apart."""

    color: str
    shape: str = "circle"


def series_style(index: int) -> SeriesStyle:
    """The style of series `index`; the first seventy are all different."""
    return SeriesStyle(SERIES_COLORS[index % len(SERIES_COLORS)], SHAPES[index % len(SHAPES)])


def crossed_styles(pairs: Sequence[tuple[int, int]]) -> list[SeriesStyle]:
    """A style for each pair of two choices' positions: the first decides the colour, the second the shape.

    Where that would repeat, every pair gets one of its own.
    """
    styles = [SeriesStyle(SERIES_COLORS[a % len(SERIES_COLORS)], SHAPES[b % len(SHAPES)]) for a, b in pairs]
    return styles if len(set(styles)) == len(set(pairs)) else [series_style(index) for index in range(len(pairs))]


def style_scale(styles: Mapping[str, SeriesStyle], what: str) -> Any:
    """The Altair scale that gives each of `styles` its "color" or its "shape"."""
    import altair as alt  # here, since pages without a chart take their colours from this module

    return alt.Scale(domain=list(styles), range=[getattr(style, what) for style in styles.values()])


#: With more points than this a mark for each hides the line.
MARKED_POINTS = 30
#: So many of them are marked then, where marks tell the lines apart.
_FEW_MARKS = 12


def shaped(rows: Any, line: Sequence[str]) -> Any:
    """Which rows of a table of points have the shape of their line: all of a short line, some of a long one.

    `line` are the columns that tell the lines apart; the points of each stand in their order.
    """
    lines = rows.groupby(list(line), dropna=False)
    count = lines[line[0]].transform("size")
    step = (-(-count // _FEW_MARKS)).where(count > MARKED_POINTS, 1)
    return lines.cumcount() % step.astype(int) == 0


def shape_size(size: int) -> Any:
    """The Altair size of a point's shape by its field `shaped`; a point without one still answers the pointer."""
    import altair as alt  # as above

    return alt.condition("datum.shaped", alt.value(size), alt.value(0))


# --- text -----------------------------------------------------------------------------------

#: Charts are SVG in the page: their text takes the page's colour, on both backgrounds more than 4.5:1.
TEXT_COLOR = "currentColor"
_TEXT = {"labelColor": TEXT_COLOR, "titleColor": TEXT_COLOR}
_CONFIG = {
    "axis": _TEXT, "axisX": _TEXT, "axisY": _TEXT, "header": _TEXT, "legend": {**_TEXT, "labelLimit": 0},
    "axisBand": {"labelFlush": False},  # the label of a row stands in its middle, that of the first too
}


def readable(chart: Any) -> Any:
    """The finished chart with its text in the page's colour."""
    return chart.configure(**_CONFIG)


def without_rows(chart: Any) -> dict[str, Any]:
    """The Vega-Lite specification of a finished chart, to be given rows later."""
    spec = chart.to_dict()
    spec.pop("datasets", None)
    spec.pop("data", None)
    return spec


#: Lengths of text and marks, and how much larger they are on a projector; areas grow with the square, heights by less.
_LENGTHS = frozenset({"strokeWidth", "fontSize", "labelFontSize", "titleFontSize", "labelPadding", "dx", "dy"})
_ENLARGED, _HIGHER = 1.7, 1.35
#: What charts leave to Vega and Streamlit, in pixels.
_USUAL_TEXT = {"labelFontSize": 11, "titleFontSize": 12}
_USUAL = {"axis": _USUAL_TEXT, "legend": _USUAL_TEXT, "header": _USUAL_TEXT, "text": {"fontSize": 11},
          "line": {"strokeWidth": 2}}


def enlarged(spec: dict[str, Any]) -> dict[str, Any]:
    """A Vega-Lite specification with larger text and thicker marks, for the last row of a class room."""
    usual = {part: {**sizes, **spec.get("config", {}).get(part, {})} for part, sizes in _USUAL.items()}
    return _larger({**spec, "config": {**spec.get("config", {}), **usual}})


def enlarged_chart(chart: Any) -> Any:
    """A finished Altair chart, enlarged likewise; its rows go with it, however many."""
    import altair as alt  # only here: the home page knows colours and draws no chart

    with alt.data_transformers.enable("default", max_rows=None):
        return type(chart).from_dict(enlarged(chart.to_dict()))


def _larger(part: Any, within: str = "") -> Any:
    """The same for a part of a specification, the value of `within`."""
    if isinstance(part, list):
        return [_larger(item, within) for item in part]
    if not isinstance(part, dict):
        return part
    found = {}
    for name, value in part.items():
        # A channel's own value, or that under a condition: {"strokeWidth": {"condition": {"value": 4}, "value": 1.5}}.
        what = within if name == "value" else name
        if type(value) in (int, float) and (factor := _growth(what, within)) is not None:
            found[name] = value * factor
        else:
            inner = within if name == "condition" else name
            found[name] = value if name in ("data", "datasets") else _larger(value, inner)
    return found


def _growth(what: str, within: str) -> float | None:
    """By how much a number called `what` grows in the part `within`; None where it stays."""
    if what == "size" and within in ("mark", "size"):
        return _ENLARGED**2
    return _HIGHER if what == "height" else _ENLARGED if what in _LENGTHS else None


#: Accuracies on an axis, as pages write them: "97.5 %".
_PERCENT = "format(100 * datum.value, '.1f') + ' %'"


def value_axis(metric: str, **more: Any) -> dict[str, Any]:
    """Properties of an axis of this metric's values."""
    return {"labelExpr": _PERCENT, "tickMinStep": 0.001, **more} if is_share(metric) else more


def words_of(field: str, metric: str) -> str:
    """A Vega expression for the value of `field` in words; "" where there is none."""
    text = f"format(100 * datum.{field}, '.1f') + ' %'" if is_share(metric) else f"format(datum.{field}, '.3~g')"
    return f"isValid(datum.{field}) ? {text} : ''"


def deviation_words(field: str, metric: str) -> str:
    """The same for a deviation: points where values are percent."""
    scaled = f"100 * datum.{field}" if is_share(metric) else f"datum.{field}"
    return f"isValid(datum.{field}) ? format({scaled}, '.2~f') + '{' points' if is_share(metric) else ''}' : ''"


# --- cells of numbers -----------------------------------------------------------------------

#: From the least to the most, each laid over the page, so that the least is next to its background in both themes; the
#: page's text has 4.5:1 on all of them.
CELL_COLORS = ("#0072B220", "#0072B2B8")
#: The same for what is wrong.
MISTAKE_COLORS = ("#D55E0030", "#D55E00B8")
