"""The course's scene as its published pictures show it: one clock on one table, one lamp, a camera that walks round it.

Of the course's set thirteen pictures are published. In eleven of the twelve that show planks these lie 49 degrees
(standard deviation 9) clockwise of the dial's line from 9 to 3, however the dial is turned; and where glare can be placed,
in five of them, it lies within 0.4 radii of where one lamp between 1 and 2 o'clock puts it (tests/clockface/test_table.py).
Table and light turn with the dial: they tell how it is turned, and a network that learns from the set need not find the
numerals.
In the family "course" they tell nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lib.clockface.course import course_style
from lib.clockface.pose import Pose
from lib.clockface.style import Case, Face, Glare, Hand, Hands, Style, Tick

#: Degrees clockwise from the dial's 9-3 line to the planks.
PLANKS = 50.0
#: Where the lamp hangs: degrees clockwise from 12, distance beside the clock and height above it in radii of the face.
LAMP_AT, LAMP_BESIDE, LAMP_ABOVE = 45.0, 2.0, 2.5
#: The table's texture: one, since it is one table.
_TABLE, _ZOOM = 3, 95.0

_FACE = Face(
    font="bar_one", numeral_height=0.15, numeral_radius=0.735, numeral_tone=60.0, tone=212.0, gradient=10.0,
    minute_tick=Tick(inner=0.905, outer=0.935, width=0.009, tone=70.0),
    hour_tick=Tick(inner=0.86, outer=0.935, width=0.02, tone=40.0), printed=True)
_HANDS = Hands(
    hour=Hand("bar", length=0.62, width=0.072, tail=0.05, tone=50.0),
    minute=Hand("bar", length=0.785, width=0.066, tail=0.05, tone=50.0), hub=0.045, hub_tone=50.0, height=0.1)
_CASE = Case(width=0.155, lip=0.04, depth=0.14, tone=64.0, side_tone=44.0, inner_tone=36.0, inner_width=0.025,
             bevel=8.0, shading=16.0, shadow=0.5, shadow_blur=0.2)


def table_style(rng: np.random.Generator) -> Style:
    """What differs from picture to picture: exposure, noise, how sharp it is. The dial is upright; see `on_table`."""
    drawn = course_style(rng)
    exposure = float(rng.normal(0, 5))
    return replace(
        drawn, hands=_HANDS, case=_CASE, glares=(), face=replace(_FACE, tone=_FACE.tone + exposure),
        scene=replace(drawn.scene, seed=_TABLE, zoom=_ZOOM, angle=0.0, low=48.0 + exposure, high=150.0 + exposure,
                      gradient=15.0))


def on_table(style: Style, pose: Pose) -> Style:
    """`style` as the camera sees it from `pose`: planks, light, shadow and glare belong to the table, as the dial does."""
    turn = pose.rotation
    lamp = turn + LAMP_AT
    shadow = math.radians(lamp + 180)
    case = replace(style.case, light_angle=lamp, shadow_x=0.1 * math.sin(shadow), shadow_y=-0.1 * math.cos(shadow),
                   sparkles=tuple((angle, 0.035) for angle in _sparkles(lamp, pose.tilt_direction + 180)))
    style = replace(style, face=replace(style.face, gradient_angle=lamp), case=case,
                    scene=replace(style.scene, angle=turn + PLANKS, gradient_angle=lamp))
    x, y = mirror_point(pose)
    away = math.hypot(x, y)
    if away >= 1.0:
        return style
    # What shines in the glass shines on the hands too, the more the nearer it is.
    tone = _HANDS.hub_tone + 80.0 * (1.0 - away)
    hands = replace(style.hands, hour=replace(style.hands.hour, tone=tone), minute=replace(style.hands.minute, tone=tone),
                    hub_tone=tone)
    return replace(style, hands=hands, glares=(*style.glares, Glare(x, y, radius=0.11, haze=0.4, haze_radius=0.45)))


def mirror_point(pose: Pose) -> tuple[float, float]:
    """Where in the plane of the glass the camera sees the lamp: dial units from the centre, right and down in the image."""
    lamp = pose.rotation + LAMP_AT
    sine = math.sqrt(max(0.0, 1.0 - pose.axis_ratio**2))
    near = math.radians(pose.tilt_direction + 180)
    beside, above = pose.distance * sine, pose.distance * pose.axis_ratio
    camera = (beside * math.sin(near), -beside * math.cos(near))
    there = (LAMP_BESIDE * math.sin(math.radians(lamp)), -LAMP_BESIDE * math.cos(math.radians(lamp)))
    share = above / (above + LAMP_ABOVE)
    return (1 - share) * camera[0] + share * there[0], (1 - share) * camera[1] + share * there[1]


def _sparkles(lamp: float, camera: float) -> tuple[float, float]:
    """Degrees from up at which the round rim mirrors the lamp to the camera: half-way between both, on either side."""
    half = camera + ((lamp - camera + 180) % 360 - 180) / 2
    return half, half + 180
