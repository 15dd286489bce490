"""What all charts share: series that can be told apart, text that can be read on both backgrounds."""

import inspect

import altair as alt
import pandas as pd
import pytest

from lib.charts import curves, experiments, hyperparameters, overlay, reports
from lib.charts.theme import (
    CELL_COLORS,
    MISTAKE_COLORS,
    SERIES_COLORS,
    TEXT_COLOR,
    enlarged_chart,
    readable,
    series_style,
)
from tests.conftest import ROOT

BACKGROUNDS = ("#ffffff", "#0f141b")
TEXTS = ("#1c2733", "#e4eaf1")


def luminance(color: str) -> float:
    parts = [int(color.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def laid_over(color: str, background: str) -> str:
    """The colour of a cell of "#rrggbbaa" on the page."""
    red, green, blue, alpha = (int(color[i : i + 2], 16) for i in (1, 3, 5, 7))
    below = [int(background[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(b + (c - b) * alpha / 255):02x}" for b, c in zip(below, (red, green, blue), strict=True))


def test_the_colours_are_those_of_the_themes():
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    assert all(f'backgroundColor = "{color}"' in config for color in BACKGROUNDS)
    assert all(f'textColor = "{color}"' in config for color in TEXTS)


@pytest.mark.parametrize("color", SERIES_COLORS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_marks_stand_out_from_both_backgrounds(color, background):
    assert contrast(color, background) >= 3


@pytest.mark.parametrize("colors", [CELL_COLORS, MISTAKE_COLORS])
@pytest.mark.parametrize("background, text", list(zip(BACKGROUNDS, TEXTS, strict=True)))
def test_numbers_in_cells_can_be_read_and_the_most_stands_out_most(colors, background, text):
    least, most = (laid_over(color, background) for color in colors)
    assert contrast(text, least) >= 4.5 and contrast(text, most) >= 4.5  # and so whatever lies between
    assert contrast(background, least) < 1.5 < 2 < contrast(background, most)


def test_seventy_series_are_all_different():
    assert len({series_style(index) for index in range(70)}) == 70


@pytest.mark.parametrize("module", [curves, experiments, hyperparameters, overlay, reports])
def test_every_chart_has_text_in_the_page_s_colour(module):
    charts = [value for name, value in vars(module).items() if name.endswith("_chart") and inspect.isfunction(value)]
    assert charts and all("readable(" in inspect.getsource(chart) for chart in charts)


def test_readable_text_is_the_page_s():
    import altair as alt

    config = readable(alt.Chart().mark_line()).to_dict()["config"]
    assert config["axis"]["labelColor"] == config["axis"]["titleColor"] == "currentColor"
    assert config["legend"]["labelLimit"] == 0, "words of a legend are never cut off"


def test_on_a_projector_every_chart_has_larger_text_and_thicker_marks():
    rows = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    chart = readable(alt.layer(
        alt.Chart(rows).mark_line(strokeWidth=2).encode(x="a", y="b"),
        alt.Chart(rows).mark_point(size=30).encode(x="a", y="b", size=alt.value(5)),
        alt.Chart(rows).mark_text(fontSize=11, dy=-8).encode(x="a", y="b", text="a")).properties(height=200))
    before, after = chart.to_dict(), enlarged_chart(chart).to_dict()
    line, point, text = (layer["mark"] for layer in after["layer"])
    assert line["strokeWidth"] > 3 and point["size"] > 80 and text["fontSize"] > 18 and text["dy"] < -13
    assert after["config"]["axis"]["labelFontSize"] > 18 and after["config"]["axis"]["labelColor"] == TEXT_COLOR
    assert after["datasets"] == before["datasets"] and after["height"] > before["height"]
    assert after["layer"][1]["encoding"]["size"] == {"value": pytest.approx(5 * 1.7**2)}
    assert all(before["layer"][i]["encoding"] == after["layer"][i]["encoding"] for i in (0, 2))


def test_marks_that_grow_under_the_pointer_do_so_on_a_projector():
    hover = alt.selection_point("hover", on="pointerover")
    chart = alt.Chart(pd.DataFrame({"a": [1.0]})).mark_line().encode(
        x=alt.value(3), strokeWidth=alt.condition(hover, alt.value(4), alt.value(2))).add_params(hover)
    encoding = enlarged_chart(chart).to_dict()["encoding"]
    assert encoding["strokeWidth"]["value"] > 3 and encoding["strokeWidth"]["condition"]["value"] > 6
    assert encoding["x"]["value"] == 3


def test_a_chart_of_many_rows_is_enlarged_too():
    rows = pd.DataFrame({"a": range(6000)})
    (kept,) = enlarged_chart(alt.Chart(rows).mark_point().encode(x="a:Q")).to_dict()["datasets"].values()
    assert len(kept) == 6000
