"""Digits and scribbles drawn stroke by stroke: paths, hands, ink."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.images.drawing import PAD_SIDE, as_digit
from lib.images.scribbles import LETTERS, OTHERS, draw_other
from lib.images.skeletons import DIGITS, draw_digit, skeleton
from lib.images.strokes import Hand, between, curve, evenly, ink_of, parse_path, random_hand, write

STEADY = Hand(wobble=0, tremor=0, slant=0, turn=0, aspect=1, height=40, pen=4, points=0)


def test_a_path_has_strokes_of_parts_that_meet():
    (flag, stem), (bar,) = parse_path(".1,.4 .5,0 / .5,1 | .2,1 .8,1")
    assert np.array_equal(flag, [[0.1, 0.4], [0.5, 0]]) and np.array_equal(stem, [[0.5, 0], [0.5, 1]])
    assert np.array_equal(bar, [[0.2, 1], [0.8, 1]])


@pytest.mark.parametrize("digit", range(10))
def test_both_extremes_of_a_variant_have_the_same_points(digit):
    for variant in DIGITS[digit]:
        half = between(variant.first, variant.second, 0.5)
        assert all(np.isfinite(part).all() for stroke in half for part in stroke)
        assert np.allclose(between(variant.first, variant.second, 0)[0][0], parse_path(variant.first)[0][0])


def test_a_curve_passes_its_points():
    points = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    line = curve(points)
    assert all(np.isclose(line, point).all(axis=1).any() for point in points)


@given(st.integers(2, 30))
def test_points_of_a_mouse_lie_evenly_from_end_to_end(count):
    line = evenly(np.array([[0.0, 0], [3, 0], [3, 1]]), count)
    assert len(line) == count and np.array_equal(line[[0, -1]], [[0, 0], [3, 1]])
    if count > 2:
        steps = np.abs(np.diff(line, axis=0)).sum(axis=1)  # along the two sides of the corner
        assert steps == pytest.approx(4 / (count - 1), rel=1e-6)


def test_a_slant_to_the_right_moves_the_top_to_the_right():
    lean = Hand(**{**{name: getattr(STEADY, name) for name in Hand.__slots__}, "slant": 0.5})
    (line,) = write(between("0.5,0 .5,1", "0.5,0 .5,1", 0), lean, np.random.default_rng(0))
    assert line[0, 0] > line[-1, 0] and line[0, 1] < line[-1, 1]


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 9))
def test_every_drawing_lies_on_the_pad_and_leaves_ink(seed, digit):
    rng = np.random.default_rng(seed)
    hand = random_hand(rng)
    lines = write(skeleton(digit, rng)[1], hand, rng)
    every = np.concatenate(lines)
    assert every.min() >= 0 and every.max() <= PAD_SIDE
    ink = ink_of(lines, hand.pen)
    assert ink.shape == (PAD_SIDE, PAD_SIDE) and ink.dtype == np.uint8 and ink.max() > 40
    assert as_digit(ink) is not None


def test_the_same_seed_draws_the_same_digit():
    draws = [draw_digit(7, np.random.default_rng(3)) for _ in range(2)]
    assert draws[0][0] == draws[1][0] and np.array_equal(draws[0][1], draws[1][1])


def test_a_broad_pen_leaves_more_ink():
    lines = write(between("0,0 .7,0 / .3,1", "0,0 .7,0 / .3,1", 0), STEADY, np.random.default_rng(0))
    assert ink_of(lines, 7).sum(dtype=int) > 2 * ink_of(lines, 3).sum(dtype=int)


@pytest.mark.parametrize("kind", list(OTHERS))
def test_everything_that_is_no_digit_leaves_ink(kind):
    for seed in range(5):
        ink = OTHERS[kind][1](np.random.default_rng(seed))
        assert ink.shape == (PAD_SIDE, PAD_SIDE) and ink.dtype == np.uint8 and ink.any()
    assert draw_other(np.random.default_rng(0))[0] in OTHERS


def test_no_letter_is_written_that_a_digit_looks_like():
    assert not set(LETTERS) & set("OoDQIliZzSsbGTJBgqyY")
