"""The clocks of designers and icon makers, and what only they show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.clockface import ClockTime, Face, Hand, Pose, render
from lib.clockface.families import random_style
from lib.clockface.hands import profile
from lib.clockface.style import HAND_SHAPES, Plate, Wheel
from lib.datasets.clock_sets import CLOCK_SETS
from tests.clockface.clock_cases import BLANK, UNLIT, dark_direction, times, turned

#: A face with everything that only wild clocks have.
ORNATE = Face(
    tone=220.0, minutes_radius=0.86, numeral_radius=0.6, minute_tick=None, hour_tick=None,
    plates=(Plate("disc", 0.0, -0.6, 0.3, 0.3, 120.0), Plate("box", 0.5, 0.1, 0.25, 0.15, 250.0)),
    wheels=(Wheel(0.2, 0.3, 0.3, 0.05, 17, 5, 150.0),),
)


def test_wild_clocks_show_what_others_do_not() -> None:
    styles = [random_style(np.random.default_rng(seed), "wild") for seed in range(400)]
    hands = [hand for style in styles for hand in (style.hands.hour, style.hands.minute)]
    assert any(hand.weight for hand in hands) and any(hand.width > 0.15 for hand in hands)
    assert any(style.hands.stepping for style in styles) and not all(style.hands.stepping for style in styles)
    assert {plate.shape for style in styles for plate in style.face.plates} == {"disc", "box"}
    assert any(style.face.wheels for style in styles) and any(style.face.minutes_radius for style in styles)
    assert any(ring.tone < 120 < style.face.tone for style in styles for ring in style.face.rings)
    assert any(style.lens.resolution < 0.4 for style in styles)


def test_wild_clocks_are_no_data_set() -> None:
    assert not any("wild" in source.info.name for source in CLOCK_SETS)


@given(st.integers(0, 11), st.integers(0, 59))
def test_a_stepping_hour_hand_stands_until_half_past(hour: int, minute: int) -> None:
    hands = replace(BLANK.hands, minute=Hand(length=1e-4, width=1e-4, tail=0.0, tone=240.0), stepping=True)
    shown = dark_direction(render(ClockTime(hour, minute), Pose(), replace(BLANK, hands=hands), 150))
    wanted = 30 * hour + (minute / 2 if minute > 30 else 0)
    assert abs((shown - wanted + 180) % 360 - 180) < 0.7


@pytest.mark.parametrize("shape", HAND_SHAPES)
def test_a_weight_is_a_disc_at_the_end_of_the_tail(shape: str) -> None:
    hand = Hand(shape, 0.8, 0.05, 0.4)
    along, widths = profile(replace(hand, weight=0.1))
    assert along[0] == pytest.approx(-0.4) and (np.diff(along) >= 0).all()
    assert np.interp(-0.3, along, widths) == pytest.approx(0.1)
    plain = np.interp(np.linspace(0.0, 0.8, 30), *profile(hand))
    np.testing.assert_allclose(np.interp(np.linspace(0.0, 0.8, 30), along, widths)[1:], plain[1:], atol=0.03)


@given(times, st.integers(1, 3))
def test_ornaments_turn_with_the_dial(time: ClockTime, quarters: int) -> None:
    style = replace(UNLIT, face=ORNATE)
    straight, moved = (render(time, pose, style, 100) for pose in (Pose(), turned(Pose(), quarters)))
    assert np.abs(np.rot90(straight, -quarters).astype(int) - moved).mean() < 0.5


@pytest.mark.parametrize("gone", [{"plates": ()}, {"wheels": ()}, {"minutes_radius": 0.0}])
def test_every_ornament_is_drawn(gone: dict[str, object]) -> None:
    whole = render(ClockTime(10, 9), Pose(), replace(UNLIT, face=ORNATE), 150)
    without = render(ClockTime(10, 9), Pose(), replace(UNLIT, face=replace(ORNATE, **gone)), 150)
    assert np.abs(whole.astype(int) - without).max() > 40


def test_ornaments_outside_the_image_are_left_out() -> None:
    render(ClockTime(1), Pose(scale=2.0, offset_x=0.9), replace(UNLIT, face=ORNATE), 60)
