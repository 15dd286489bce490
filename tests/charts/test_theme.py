"""What all charts share: series that can be told apart, text that can be read on both backgrounds."""

import inspect

import pytest

from lib.charts import curves, experiments, hyperparameters, overlay, reports
from lib.charts.theme import CELL_COLORS, SERIES_COLORS, readable, series_style, text_on
from tests.conftest import ROOT

BACKGROUNDS = ("#ffffff", "#0f141b")


def luminance(color: str) -> float:
    parts = [int(color.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def mixed(tone: float) -> str:
    ends = [[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in CELL_COLORS]
    return "#" + "".join(f"{round(a + (b - a) * tone):02x}" for a, b in zip(*ends, strict=True))


def test_the_backgrounds_are_those_of_the_themes():
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    assert all(f'backgroundColor = "{color}"' in config for color in BACKGROUNDS)


@pytest.mark.parametrize("color", SERIES_COLORS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_marks_stand_out_from_both_backgrounds(color, background):
    assert contrast(color, background) >= 3


@pytest.mark.parametrize("tone", [n / 50 for n in range(51)])
def test_numbers_in_cells_can_be_read(tone):
    words = {"white": "#ffffff", "black": "#000000"}
    assert contrast(words[text_on(tone)], mixed(tone)) >= 4.5


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
