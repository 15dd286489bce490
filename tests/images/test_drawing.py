"""From a drawing or a photograph to a digit as MNIST made them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lib.images.drawing import PAD_SIDE, as_digit, as_ink, parse_drawing
from lib.images.paper import ENOUGH, photo_as_ink


def stroke(side=PAD_SIDE, x0=20, x1=26, y0=10, y1=46):
    ink = np.zeros((side, side), np.uint8)
    ink[y0:y1, x0:x1] = 255
    return ink


@given(st.integers(0, 40), st.integers(0, 20), st.integers(6, 16), st.integers(12, 36))
def test_a_digit_fills_twenty_pixels_and_has_its_mass_in_the_middle(left, top, width, height):
    digit = as_digit(stroke(PAD_SIDE, left, left + width, top, top + height))
    assert (digit.shape, digit.dtype) == ((28, 28), np.uint8)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    assert max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 == 20
    mass = digit.sum(dtype=float)
    centre = [(digit.sum(axis=1 - axis) * np.arange(28)).sum() / mass for axis in (0, 1)]
    assert centre == pytest.approx([13.5, 13.5], abs=0.75)


def test_the_place_and_size_of_a_drawing_do_not_matter():
    small, large = stroke(x0=4, x1=8, y0=2, y1=22), stroke(x0=30, x1=38, y0=10, y1=50)
    assert np.abs(as_digit(small).astype(int) - as_digit(large)).mean() < 3


def test_nothing_drawn_is_no_digit():
    assert as_digit(np.zeros((56, 56), np.uint8)) is None
    assert as_digit(np.full((56, 56), 10, np.uint8)) is None


def test_an_image_on_the_pad_comes_back_as_it_was():
    image = as_digit(stroke())[..., None]
    again = as_digit(as_ink(image))
    assert np.abs(again.astype(int) - image[..., 0]).max() < 30


@pytest.mark.parametrize("dark_on_light", [True, False])
def test_a_photograph_becomes_bright_ink_on_black(dark_on_light):
    paper, ink = (215, 40) if dark_on_light else (30, 220)
    image = Image.new("L", (900, 600), paper)
    ImageDraw.Draw(image).line([(450, 120), (450, 480)], fill=ink, width=40)
    noisy = np.asarray(image) + np.random.default_rng(0).normal(0, 6, (600, 900))
    strokes = photo_as_ink(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)))
    assert max(strokes.shape) <= ENOUGH
    assert (strokes > 200).mean() == pytest.approx(360 * 40 / (900 * 600), rel=0.25)
    assert (strokes[:, : strokes.shape[1] // 3] == 0).all()
    digit = as_digit(strokes)
    assert digit[14, 13:15].max() > 200
    assert (digit[:, :9] < 30).all()


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.binary(max_size=4),
                    lambda inner: st.dictionaries(st.sampled_from(["ink", "seq"]), inner, max_size=2))


@given(JSON)
def test_whatever_a_browser_sends_is_a_drawing_or_ignored(payload):
    parsed = parse_drawing(payload)
    assert parsed is None or parsed[0].shape == (PAD_SIDE, PAD_SIDE)
