"""Draws a clock: time, pose and style to a grey image.

Every layer is a function of dial coordinates on the image's own grid, with edges softened over about a
pixel; no layer is drawn larger and reduced. That is what makes it fast: some seventy passes over one small
float32 array instead of drawing at four times the size.
"""

from __future__ import annotations

import numpy as np

from lib.clockface.canvas import CRISP, Canvas, ramp
from lib.clockface.case import draw_case, draw_extras, draw_sparkles
from lib.clockface.geometry import ClockTime
from lib.clockface.hands import draw_hands
from lib.clockface.lens import expose
from lib.clockface.marks import draw_marks, draw_printed
from lib.clockface.pose import Pose
from lib.clockface.style import Glare, Streak, Style

_F = np.float32


def draw_glare(canvas: Canvas, glare: Glare) -> None:
    """Light reflected by the glass: brightens towards white, dark things more than light ones."""
    at = canvas.camera.project_point(glare.x, glare.y, 0.05)
    centers = np.arange(canvas.size, dtype=np.float32) + _F(0.5)

    def bell(radius: float, squash: float) -> np.ndarray:
        reach_ = max(radius * canvas.camera.radius, 0.3)
        across = np.exp(-0.5 * ((centers - _F(at[0])) / _F(reach_)) ** 2)
        return across * np.exp(-0.5 * ((centers - _F(at[1])) / _F(reach_ * squash)) ** 2)[:, None]

    dark = bell(glare.haze_radius, canvas.camera.cos)
    dark *= _F(-glare.haze)
    dark += _F(1)
    # Twice the bell, cut at 1: a saturated middle with a soft edge.
    spot = np.minimum(bell(glare.radius, canvas.camera.cos) * _F(2 * glare.strength), 1)
    dark *= 1 - spot
    canvas.frame -= _F(255)
    canvas.frame *= dark
    canvas.frame += _F(255)


def draw_streak(canvas: Canvas, streak: Streak) -> None:
    """A band with soft edges."""
    distance = np.abs(ramp(canvas.size, 1.0, streak.angle) - _F(streak.offset))
    edge = max(streak.blur, 1 / canvas.size)
    light = np.clip((_F(0.5 * streak.width) - distance) * _F(1 / edge) + _F(0.5), 0, 1)
    light *= _F(streak.strength)
    canvas.blend(light, streak.tone)


def render(time: ClockTime, pose: Pose, style: Style, size: int = 150, seed: int = 0,
           background: np.ndarray | None = None) -> np.ndarray:
    """The image of a clock: uint8 (size, size), grey. `seed` decides the noise and nothing else.

    It hangs before the style's scene, or before `background`, an image (size, size) of grey values.
    """
    canvas = Canvas(pose, style, size, background)
    draw_extras(canvas, style.case)
    draw_case(canvas, style.case, style.face)
    if style.face.printed:
        draw_printed(canvas, style.face, crisp=style.lens.softness < CRISP)
    else:
        draw_marks(canvas, style.face)
    draw_hands(canvas, time, style.hands)
    draw_sparkles(canvas, style.case)
    for glare in style.glares:
        draw_glare(canvas, glare)
    for streak in style.streaks:
        draw_streak(canvas, streak)
    return expose(canvas.frame, style.lens, seed)
