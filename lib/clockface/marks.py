"""Ticks, numerals, words and small dials."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
from PIL import Image

from lib.clockface.canvas import Canvas, direction, reach
from lib.clockface.glyphs import glyph
from lib.clockface.pose import Pose
from lib.clockface.style import Face, Scene, Style, Tick

_F = np.float32
_ROMAN = ("XII", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
#: Face radii in pixels at which printed marks are kept.
_PRINT_RADII = (24, 32, 42, 56, 75, 100, 133, 177, 236, 315)
_BLANK = 200.0


def draw_marks(canvas: Canvas, face: Face) -> None:
    """What shows through the dial, ticks, small dials, numerals and words."""
    draw_wheels(canvas, face)
    draw_ticks(canvas, face)
    draw_subdials(canvas, face)
    draw_plates(canvas, face)
    draw_numerals(canvas, face)


def draw_ticks(canvas: Canvas, face: Face) -> None:
    """Minute and hour marks and the mark at 12."""
    if face.minute_tick is not None:
        skip = face.hour_tick is not None and len(face.hour_tick_at) == 12
        draw_ring_of_ticks(canvas, face, face.minute_tick, 60, skip_hours=skip)
    if face.hour_tick is not None:
        if len(face.hour_tick_at) == 12:
            draw_ring_of_ticks(canvas, face, face.hour_tick, 12)
        else:
            for hour in face.hour_tick_at:
                _one_tick(canvas, face, face.hour_tick, 30.0 * hour, 0.0)
    if face.twelve is not None:
        for k in range(face.twelve_count):
            shift = (k - 0.5 * (face.twelve_count - 1)) * 2.2 * face.twelve.width
            _one_tick(canvas, face, face.twelve, 0.0, shift)


def draw_ring_of_ticks(canvas: Canvas, face: Face, tick: Tick, count: int, skip_hours: bool = False) -> None:
    """`count` equal marks all round, evaluated on the pixels of their ring only."""
    u, v = canvas.u, canvas.v
    distance = reach(face, u, v, canvas.camera.rotation)
    low, high = _span(tick, canvas.soft)
    flat = np.flatnonzero((distance > low) & (distance < high))
    if flat.size == 0:
        return
    u, v, distance = u.ravel()[flat], v.ravel()[flat], distance.ravel()[flat]
    step = 2 * math.pi / count
    angle = np.arctan2(u, -v)
    angle -= _F(math.radians(canvas.camera.rotation))
    angle *= _F(1 / step)
    index = np.rint(angle)
    angle -= index
    angle *= _F(step)
    true_distance = np.hypot(u, v)
    across = np.abs(np.sin(angle) * true_distance)
    coverage = _tick_coverage(canvas, tick, distance, across)
    if skip_hours:
        coverage *= index % 5 != 0
    frame = canvas.frame.reshape(-1)
    values = frame[flat]
    values += (_F(tick.tone) - values) * coverage
    frame[flat] = values


def _span(tick: Tick, soft: float) -> tuple[float, float]:
    if tick.shape == "dot":
        middle = 0.5 * (tick.inner + tick.outer)
        return middle - 0.5 * tick.width - soft, middle + 0.5 * tick.width + soft
    return tick.inner - soft, tick.outer + soft


def _tick_coverage(canvas: Canvas, tick: Tick, along: np.ndarray, across: np.ndarray) -> np.ndarray:
    scale = _F(1 / canvas.soft)
    if tick.shape == "dot":
        middle = 0.5 * (tick.inner + tick.outer)
        out = (_F(0.5 * tick.width) - np.hypot(along - _F(middle), across)) * scale
        # Dots and bars thinner than a pixel get fainter, not wider.
        return np.clip(out + _F(0.5), 0, 1) * _F(min(1.0, tick.width * float(scale)))
    half = 0.5 * tick.width
    width: np.ndarray | float = half
    if tick.shape == "wedge":
        width = (along - _F(tick.inner)) * _F(half / max(tick.outer - tick.inner, 1e-6))
    out = np.clip((width - across) * scale + _F(0.5), 0, 1)
    faint = min(1.0, tick.width * float(scale))
    if faint < 1:
        out = np.clip((_F(0.5 * canvas.soft) - across) * scale + _F(0.5), 0, 1) * _F(faint)
    out *= np.clip((along - _F(tick.inner)) * scale + _F(0.5), 0, 1)
    out *= np.clip((_F(tick.outer) - along) * scale + _F(0.5), 0, 1)
    return out


def _one_tick(canvas: Canvas, face: Face, tick: Tick, angle: float, shift: float) -> None:
    """One mark at `angle` on the dial, moved sideways by `shift`."""
    x, y = direction(angle + canvas.camera.rotation)
    stretch = edge_factor(face, angle)
    half = 0.5 * tick.width
    inner, outer = tick.inner, tick.outer
    if tick.shape == "dot":
        inner, outer = 0.5 * (inner + outer) - half, 0.5 * (inner + outer) + half
    offset = (stretch - 1) * outer
    corners = [(r + offset, s + shift) for r in (inner, outer) for s in (-half, half)]
    points = [canvas.camera.project_point(r * x - s * y, r * y + s * x) for r, s in corners]
    region = canvas.region(points)
    if region is None:
        return
    u, v = canvas.u[region], canvas.v[region]
    along = u * _F(x) + v * _F(y) - _F(offset)
    across = np.abs(v * _F(x) - u * _F(y) - _F(shift))
    canvas.blend(_tick_coverage(canvas, tick, along, across), tick.tone, region)


def edge_factor(face: Face, angle: float) -> float:
    """How much farther out the face's edge is at `angle` than on a round face."""
    if face.shape == "round":
        return 1.0
    x, y = (abs(c) for c in direction(angle))
    if face.shape == "octagon":
        return 1 / max(x, y, (x + y) * math.sqrt(0.5))
    # Bisection on the rounded square's distance; a handful of calls per image.
    low, high = 1.0, 1.5
    for _ in range(12):
        middle = 0.5 * (low + high)
        value = reach(face, np.array([middle * x], np.float32), np.array([middle * y], np.float32), 0.0)[0]
        low, high = (middle, high) if value < 1 else (low, middle)
    return low


def stamp(canvas: Canvas, font: str, text: str, at: tuple[float, float], up: float, height: float,
          tone: float) -> None:
    """Print `text` with its middle at dial point `at` (in the image's directions), its top towards angle `up`."""
    project = canvas.camera.project_point
    ux, uy = direction(up)
    half = 0.5 * height
    px, py = project(*at)
    (x0, y0), (x1, y1) = project(at[0] + half * ux, at[1] + half * uy), project(at[0] - half * ux, at[1] - half * uy)
    (x2, y2), (x3, y3) = project(at[0] + half * uy, at[1] - half * ux), project(at[0] - half * uy, at[1] + half * ux)
    # Where one cap height rightwards (a, c) and downwards (b, d) on the dial leads in the image.
    a, b, c, d = x3 - x2, x1 - x0, y3 - y2, y1 - y0
    area = a * d - b * c
    pixels = math.sqrt(abs(area))
    if pixels < 1.5:
        return
    cap, image = glyph(font, text, pixels)
    reach_x = 0.5 * (abs(a) * image.width + abs(b) * image.height) / cap
    reach_y = 0.5 * (abs(c) * image.width + abs(d) * image.height) / cap
    region = canvas.region(((px - reach_x, py - reach_y), (px + reach_x, py + reach_y)), margin=0.0)
    if region is None:
        return
    rows, columns = region
    a, b, c, d = d * cap / area, -b * cap / area, -c * cap / area, a * cap / area
    left, top = columns.start - px, rows.start - py
    word = image.transform(
        (columns.stop - columns.start, rows.stop - rows.start), Image.Transform.AFFINE,
        (a, b, a * left + b * top + 0.5 * image.width, c, d, c * left + d * top + 0.5 * image.height),
        Image.Resampling.BILINEAR)
    coverage = np.asarray(word, dtype=np.float32)
    coverage *= _F(1 / 255)
    canvas.blend(coverage, float(tone), region)


def draw_numerals(canvas: Canvas, face: Face) -> None:
    """The hours as the face shows them, and its words."""
    turn = canvas.camera.rotation
    for hour in face.hours if face.numerals != "none" else ():
        radius = face.numeral_radius * edge_factor(face, 30.0 * hour)
        x, y = direction(30.0 * hour + turn)
        up = turn if face.upright else 30.0 * hour + turn
        stamp(canvas, face.font, numeral(face.numerals, hour), (radius * x, radius * y), up, face.numeral_height,
              face.numeral_tone)
        if face.numerals == "twenty_four":
            stamp(canvas, face.font, str(hour + 12 if hour else 24), (0.76 * radius * x, 0.76 * radius * y), up,
                  0.55 * face.numeral_height, face.numeral_tone)
    for minutes in range(5, 61, 5) if face.minutes_radius else ():
        x, y = direction(6.0 * minutes + turn)
        radius = face.minutes_radius * edge_factor(face, 6.0 * minutes)
        stamp(canvas, face.font, str(minutes), (radius * x, radius * y), turn if face.upright else 6.0 * minutes + turn,
              face.minutes_height, face.numeral_tone)
    (xx, xy), (yx, yy) = direction(turn + 90), direction(turn + 180)
    for text in face.texts:
        at = (text.x * xx + text.y * yx, text.x * xy + text.y * yy)
        stamp(canvas, text.font, text.text, at, turn, text.height, text.tone)


def numeral(kind: str, hour: int) -> str:
    """The word at `hour` (0 is 12)."""
    return _ROMAN[hour] if kind == "roman" else str(hour or 12)


def draw_subdials(canvas: Canvas, face: Face) -> None:
    """Small dials with a ring, a few marks and one thin hand."""
    turn = canvas.camera.rotation
    (xx, xy), (yx, yy) = direction(turn + 90), direction(turn + 180)
    for dial in face.subdials:
        cx, cy = dial.x * xx + dial.y * yx, dial.x * xy + dial.y * yy
        box = [(cx + i * 1.1 * dial.radius, cy + j * 1.1 * dial.radius) for i in (-1, 1) for j in (-1, 1)]
        region = canvas.region(canvas.camera.project(box))
        if region is None:
            continue
        u, v = canvas.u[region] - _F(cx), canvas.v[region] - _F(cy)
        distance = np.hypot(u, v)
        canvas.blend(canvas.inside(distance, dial.radius), dial.tone, region)
        rim = canvas.inside(np.abs(distance - _F(dial.radius)), 0.008)
        angle = np.arctan2(u, -v) - _F(math.radians(turn))
        step = math.pi / 6
        off = np.abs(np.sin(angle - np.rint(angle / _F(step)) * _F(step))) * distance
        marks = canvas.inside(off, 0.008) * canvas.inside(np.abs(distance - _F(0.85 * dial.radius)), 0.08 * dial.radius)
        x, y = direction(dial.angle + turn)
        along = u * _F(x) + v * _F(y)
        hand = canvas.inside(np.abs(v * _F(x) - u * _F(y)), 0.012)
        hand *= canvas.inside(np.abs(along - _F(0.3 * dial.radius)), 0.45 * dial.radius)
        canvas.blend(np.maximum(np.maximum(rim, marks), hand), dial.ink, region)


def draw_plates(canvas: Canvas, face: Face) -> None:
    """Discs and boxes beneath numerals and words."""
    for plate in face.plates:
        around = _around(canvas, plate.x, plate.y, 0.5 * math.hypot(plate.width, plate.height))
        if around is None:
            continue
        region, right, down = around
        if plate.shape == "disc":
            coverage = canvas.inside(np.hypot(right, down), 0.5 * plate.width)
        else:
            coverage = canvas.inside(np.abs(right), 0.5 * plate.width)
            coverage *= canvas.inside(np.abs(down), 0.5 * plate.height)
        canvas.blend(coverage, plate.tone, region)


def draw_wheels(canvas: Canvas, face: Face) -> None:
    """Toothed wheels of an open dial."""
    for wheel in face.wheels:
        around = _around(canvas, wheel.x, wheel.y, wheel.radius)
        if around is None:
            continue
        region, right, down = around
        distance, angle = np.hypot(right, down), np.arctan2(right, -down)
        rim = canvas.inside(np.abs(distance - _F(wheel.radius - wheel.width)), 0.5 * wheel.width)
        gaps = np.clip(_F(1) + _F(2) * np.cos(angle * _F(wheel.teeth)), 0, 1)
        teeth = canvas.inside(np.abs(distance - _F(wheel.radius - 0.25 * wheel.width)), 0.25 * wheel.width) * gaps
        step = 2 * math.pi / wheel.spokes
        across = np.abs(np.sin(angle - np.rint(angle / _F(step)) * _F(step))) * distance
        spokes = canvas.inside(across, 0.3 * wheel.width) * canvas.inside(distance, wheel.radius - wheel.width)
        canvas.blend(np.maximum(np.maximum(rim, teeth), spokes), wheel.tone, region)


def _around(canvas: Canvas, x: float, y: float,
            reach_: float) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray] | None:
    """The part of the image that holds a circle round (x, y) of the dial, and how far to the dial's right and down from
    there each of its pixels is; None outside the image."""
    (xx, xy), (yx, yy) = direction(canvas.camera.rotation + 90), direction(canvas.camera.rotation + 180)
    cx, cy = x * xx + y * yx, x * xy + y * yy
    box = [(cx + i * 1.1 * reach_, cy + j * 1.1 * reach_) for i in (-1, 1) for j in (-1, 1)]
    region = canvas.region(canvas.camera.project(box))
    if region is None:
        return None
    u, v = canvas.u[region] - _F(cx), canvas.v[region] - _F(cy)
    return region, u * _F(xx) + v * _F(xy), u * _F(yx) + v * _F(yy)


@lru_cache(maxsize=256)
def _print(face: Face, radius: int) -> Image.Image:
    """How much the marks darken a face, "L", seen from the front without turn; 255 is black."""
    size = 2 * radius + 4
    plain = Style(face=face, scene=Scene(low=_BLANK, high=_BLANK))
    canvas = Canvas(Pose(scale=2 * radius / size), plain, size)
    draw_marks(canvas, face)
    return Image.fromarray(np.clip(255 * (1 - canvas.frame / _F(_BLANK)), 0, 255).astype(np.uint8))


def _marks_only(face: Face) -> Face:
    """The face with nothing that leaves its marks as they are, so that like prints are kept once."""
    return replace(face, tone=_BLANK, gradient=0.0, gradient_angle=0.0, texture=0.0, texture_seed=0, rings=())


def draw_printed(canvas: Canvas, face: Face, crisp: bool) -> None:
    """The marks of a `printed` face, warped from the image kept of them; `crisp` shows its pixels."""
    camera = canvas.camera
    radius = next((r for r in _PRINT_RADII if r >= camera.radius), _PRINT_RADII[-1])
    marks = _print(_marks_only(face), radius)
    turn = math.radians(camera.rotation)
    cos, sin = math.cos(turn) * radius, math.sin(turn) * radius
    middle = marks.width / 2
    matrix = np.array([[cos, sin, middle], [-sin, cos, middle], [0, 0, 1]]) @ camera.homography()
    matrix /= matrix[2, 2]
    corners = [camera.project_point(x, y) for x in (-0.98, 0.0, 0.98) for y in (-0.98, 0.0, 0.98)]
    region = canvas.region(corners)
    if region is None:
        return
    rows, columns = region
    # The same map from the region's own corner.
    matrix = matrix @ np.array([[1, 0, columns.start], [0, 1, rows.start], [0, 0, 1]])
    matrix /= matrix[2, 2]
    ink = np.asarray(marks.transform(
        (columns.stop - columns.start, rows.stop - rows.start), Image.Transform.PERSPECTIVE,
        tuple(matrix.ravel()[:8].tolist()),
        Image.Resampling.NEAREST if crisp else Image.Resampling.BILINEAR), dtype=np.float32)
    ink *= _F(-1 / 255)
    ink += _F(1)
    canvas.frame[region] *= ink
