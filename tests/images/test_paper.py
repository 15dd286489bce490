"""From photographed paper to ink."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lib.images.drawing import as_digit
from lib.images.paper import ENOUGH, photo_as_ink

SIDE = 300


def page(paper=215, ink=40, rules=(), size=(SIDE, SIDE)):
    """A page with an upright stroke in its middle, 20 pixels wide, and thin lines across at `rules`."""
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    for place in rules:
        draw.line([(0, place), (size[0], place + 6)], fill=paper // 2, width=2)
    draw.line([(SIDE // 2, 80), (SIDE // 2, 220)], fill=ink, width=20)
    return np.asarray(image, np.float64)


def photographed(values, grain=4.0):
    noisy = values + np.random.default_rng(0).normal(0, grain, values.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def assert_is_the_stroke(ink):
    rows, columns = (np.flatnonzero((ink > 60).any(axis=axis)) for axis in (1, 0))
    assert (rows[0], rows[-1]) == (pytest.approx(80, abs=5), pytest.approx(220, abs=5))
    assert (columns[0], columns[-1]) == (pytest.approx(140, abs=5), pytest.approx(160, abs=5))
    assert (ink[100:200, 145:155] > 200).all()


@pytest.mark.parametrize(("paper", "ink"), [(215, 40), (30, 220), (240, 150)])
def test_dark_ink_on_light_paper_and_light_ink_on_dark(paper, ink):
    assert_is_the_stroke(photo_as_ink(photographed(page(paper, ink))))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("edge", [110, 150, 230])
def test_the_edge_of_a_shadow_is_no_ink(edge, turned):
    light = np.where(np.arange(SIDE) < edge, 1.0, 0.5)[:, None] if turned else np.where(np.arange(SIDE) < edge, 1.0, 0.5)
    assert_is_the_stroke(photo_as_ink(photographed(page() * light)))


def test_a_page_that_grows_dark_towards_a_corner_is_no_ink():
    across = np.add.outer(np.arange(SIDE), np.arange(SIDE)) / (2 * SIDE)
    assert_is_the_stroke(photo_as_ink(photographed(page() * (1 - 0.7 * across))))


def test_lines_that_cross_the_page_are_no_ink_and_the_stroke_stays_whole():
    assert_is_the_stroke(photo_as_ink(photographed(page(rules=range(10, 290, 30)))))
    turned = photographed(page(rules=range(10, 290, 30))).rotate(90)
    rows = np.flatnonzero((photo_as_ink(turned) > 60).any(axis=1))
    assert rows[-1] - rows[0] < 30


def test_specks_and_what_lies_far_away_are_left_out():
    values = page()
    values[20:24, 20:24] = 0
    values[260:290, 270:274] = 60
    assert_is_the_stroke(photo_as_ink(photographed(values)))


def test_an_empty_page_has_no_digit():
    assert as_digit(photo_as_ink(Image.new("L", (300, 300), 230))) is None
    assert as_digit(photo_as_ink(photographed(np.full((300, 300), 200.0)))) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (2, 2), (3, 700), (900, 600), (28, 28)])
def test_images_of_any_size_are_scaled(size):
    ink = photo_as_ink(Image.new("L", size, 128))
    assert max(ink.shape) <= ENOUGH and not ink.any()


def test_a_small_image_of_a_digit_keeps_its_thin_strokes():
    small = np.zeros((28, 28), np.uint8)
    small[4:24, 13] = 255
    digit = as_digit(photo_as_ink(Image.fromarray(small)))
    assert digit is not None and digit[4:24, 12:16].max() > 150
    assert (digit[:, :8] < 30).all() and (digit[:, 20:] < 30).all()
