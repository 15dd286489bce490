"""Clocks for tests: strategies, and plain styles in which single properties can be measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from lib.clockface import FAMILIES, Case, ClockTime, Face, Hand, Hands, Lens, Pose, Scene, Style, Tick
from lib.clockface.style import Plate, Wheel

families = st.sampled_from(sorted(FAMILIES))
seeds = st.integers(0, 2**32 - 1)
whole_times = st.builds(ClockTime, st.integers(0, 11), st.integers(0, 59))
times = st.builds(ClockTime, st.integers(0, 11), st.floats(0, 59.999))
poses = st.builds(
    Pose, rotation=st.floats(-180, 180), axis_ratio=st.floats(0.7, 1.0), tilt_direction=st.floats(-180, 180),
    scale=st.floats(0.4, 1.0), offset_x=st.floats(-0.15, 0.15), offset_y=st.floats(-0.15, 0.15),
    distance=st.floats(3.5, 20),
)

#: Nothing but a white face in a grey image.
BLANK = Style(
    face=Face(tone=240.0, numerals="none", minute_tick=None, hour_tick=None),
    hands=Hands(hour=Hand(length=0.45, width=0.1, tail=0.0, tone=0.0), minute=Hand(width=0.05, tail=0.0, tone=0.0),
                hub=0.0),
    case=Case(width=0.0, shadow=0.0), scene=Scene(low=240.0, high=240.0), lens=Lens(),
)
#: A clock without anything that has a direction of its own in the image: no light, no planks, no noise.
UNLIT = Style(
    face=Face(tone=220.0), hands=Hands(height=0.1), case=Case(shading=0.0, shadow_x=0.0, shadow_y=0.0),
    scene=Scene(low=120.0, high=120.0),
)


def only_minute_hand(style: Style) -> Style:
    """The style with an hour hand too small to see."""
    return replace(style, hands=replace(style.hands, hour=Hand(length=1e-4, width=1e-4, tail=0.0, tone=240.0)))


def dark_direction(image: np.ndarray) -> float:
    """Direction of the dark pixels' middle from the image's, in degrees clockwise from up."""
    weight = 240.0 - image.astype(np.float64)
    steps = np.arange(len(image)) + 0.5 - len(image) / 2
    x, y = (weight * steps).sum(), (weight * steps[:, None]).sum()
    return float(np.degrees(np.arctan2(x, -y)) % 360)


def turned(pose: Pose, quarters: int) -> Pose:
    """The pose of the image turned clockwise by quarter turns."""
    x, y = pose.offset_x, pose.offset_y
    for _ in range(quarters):
        x, y = -y, x
    return replace(pose, rotation=pose.rotation + 90 * quarters, tilt_direction=pose.tilt_direction + 90 * quarters,
                   offset_x=x, offset_y=y)


#: A small gallery for golden images, each name one (time, pose, style).
GALLERY = {
    "plain": (ClockTime(10, 9), Pose(), UNLIT),
    "tilted": (ClockTime(4, 40), Pose(rotation=50, axis_ratio=0.75, tilt_direction=20, scale=0.7), UNLIT),
    "cropped": (ClockTime(0, 0), Pose(rotation=-100, scale=1.1, offset_x=0.1), UNLIT),
    "roman": (ClockTime(7, 25), Pose(), replace(UNLIT, face=Face(numerals="roman", font="contrast"))),
    "square": (ClockTime(1, 50), Pose(rotation=10), replace(UNLIT, face=Face(shape="square", upright=True, font="line"))),
    "octagon": (ClockTime(11, 35), Pose(), replace(UNLIT, face=Face(shape="octagon", font="segments"))),
    "marker": (ClockTime(2, 5), Pose(rotation=120), replace(UNLIT, face=Face(
        numerals="none", twelve=Tick("wedge", 0.7, 0.95, 0.2)))),
    "dots": (ClockTime(8, 17), Pose(), replace(UNLIT, face=Face(
        tone=30.0, numerals="none", minute_tick=None, hour_tick=Tick("dot", 0.8, 0.9, 0.08, 240.0)),
        hands=Hands(hour=Hand("leaf", 0.5, 0.1, 0.1, 230.0), minute=Hand("leaf", 0.8, 0.08, 0.1, 230.0)))),
    "spades": (ClockTime(5, 52), Pose(), replace(UNLIT, hands=Hands(
        hour=Hand("spade", 0.5, 0.08), minute=Hand("sword", 0.8, 0.08), second=Hand("lollipop", 0.7, 0.02, 0.2),
        second_angle=200, alarm=Hand("arrow", 0.4, 0.02), alarm_angle=90, shadow=0.4))),
    "numbered": (ClockTime(2, 47), Pose(rotation=20), replace(UNLIT, face=Face(
        tone=220.0, minutes_radius=0.88, numeral_radius=0.62, minute_tick=None, hour_tick=None,
        plates=(Plate("disc", 0.0, -0.62, 0.3, 0.3, 120.0), Plate("box", 0.4, 0.0, 0.2, 0.14, 255.0))))),
    "balanced": (ClockTime(7, 5), Pose(), replace(UNLIT, hands=Hands(
        hour=Hand("bar", 0.5, 0.06, 0.3, weight=0.08), minute=Hand("taper", 0.8, 0.05, 0.35, weight=0.06)))),
    "wheels": (ClockTime(4, 30), Pose(axis_ratio=0.8), replace(UNLIT, face=Face(
        tone=40.0, numerals="none",
        wheels=(Wheel(-0.3, 0.2, 0.35, 0.06, 20, 5, 140.0), Wheel(0.2, -0.1, 0.25, 0.04, 14, 4, 170.0))),
        hands=Hands(hour=Hand(length=0.63, width=0.08, edge=0.02, edge_tone=255.0),
                    minute=Hand(width=0.08, edge=0.02, edge_tone=255.0)))),
    "planks": (ClockTime(9, 30), Pose(axis_ratio=0.85, scale=0.6), replace(UNLIT, scene=Scene("wood", 3, 30.0))),
    "outlined": (ClockTime(6, 10), Pose(), replace(
        BLANK, face=replace(BLANK.face, numerals="arabic", font="hand_drawn", minute_tick=None),
        case=Case(width=0.0, shadow=0.0, line=0.04), lens=Lens(wobble=0.01),
        hands=Hands(hour=Hand("bar", 0.5, 0.12, 0.05, 255.0, 0.03, 0.0), minute=Hand("bar", 0.8, 0.12, 0.05, 255.0, 0.03)),
    )),
    "film": (ClockTime(3, 3), Pose(scale=0.5), replace(UNLIT, lens=Lens(
        blur=0.8, gain=0.8, gamma=1.2, vignette=0.4, noise=6.0, resolution=0.7))),
}
