"""Draws a clock: time, pose and style to a grey picture.

Every layer is a function of dial coordinates on the picture's own grid, with edges softened over about a
pixel; no layer is drawn larger and reduced. That is what makes it fast: some seventy passes over one small
float32 array instead of drawing at four times the size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from PIL import Image

from lib.core.clock import textures
from lib.core.clock.geometry import ClockTime
from lib.core.clock.glyphs import glyph
from lib.core.clock.hands import draw_hands
from lib.core.clock.lens import expose
from lib.core.clock.pose import Camera, Pose
from lib.core.clock.style import Case, Face, Glare, Scene, Streak, Style, Tick

_ROMAN = ("XII", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")
_F = np.float32
#: Below this softness pictures are sampled without smoothing, as by a coarse camera.
CRISP = 0.6


def direction(angle: float) -> tuple[float, float]:
    """Unit vector (x right, y down) at `angle` degrees clockwise from up."""
    turn = math.radians(angle)
    return math.sin(turn), -math.cos(turn)


class Canvas:
    """The picture in the making: `frame` float32 (size, size) grey values and the grids that layers share."""

    def __init__(self, pose: Pose, style: Style, size: int) -> None:
        self.size = size
        self.camera = Camera(pose, size)
        self.u, self.v = self.camera.plane()
        if style.lens.wobble:
            self._wobble(style.lens.wobble, style.lens.wobble_seed)
        #: Width in dial units over which an edge goes from 0 to 1.
        self.soft = max(0.15, style.lens.softness) * self.camera.pixel
        self.frame = background(style.scene, self.camera, crisp=style.lens.softness < CRISP)

    def _wobble(self, amount: float, seed: int) -> None:
        """Bend all lines a little, as a hand-drawn clock's are."""
        bend = _bends(seed, self.size)
        self.u = self.u + _F(amount) * bend[0]
        self.v = self.v + _F(amount) * bend[1]

    def lifted(self, height: float, region: tuple[slice, slice] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Dial coordinates seen at `height` above the face, for the whole picture or a region of it."""
        u, v = (self.u, self.v) if region is None else (self.u[region], self.v[region])
        if height == 0.0:
            return u, v
        factor, x, y = self.camera.lift(height)
        return u * _F(factor) + _F(x), v * _F(factor) + _F(y)

    def inside(self, distance: np.ndarray, limit: float) -> np.ndarray:
        """Coverage 0-1 of the set where `distance` (dial units) is below `limit`."""
        scale = 1.0 / self.soft
        out = distance * _F(-scale)
        out += _F(limit * scale + 0.5)
        return np.clip(out, 0, 1, out=out)

    def blend(self, coverage: np.ndarray, tone: np.ndarray | float, region: tuple[slice, slice] | None = None) -> None:
        """Lay `tone` over the frame where `coverage` is 1; `coverage` is used up as working memory."""
        frame = self.frame if region is None else self.frame[region]
        change = _F(tone) - frame if isinstance(tone, int | float) else tone - frame
        change *= coverage
        frame += change

    def region(self, points: Iterable[Sequence[float]], margin: float = 2.0) -> tuple[slice, slice] | None:
        """The rows and columns that hold these pixel positions (x, y), or None if they lie outside."""
        xs, ys = zip(*points, strict=True)
        x0, y0 = max(math.floor(min(xs) - margin), 0), max(math.floor(min(ys) - margin), 0)
        x1, y1 = min(math.ceil(max(xs) + margin) + 1, self.size), min(math.ceil(max(ys) + margin) + 1, self.size)
        return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None


@lru_cache(maxsize=64)
def _bends(seed: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([textures.smooth_noise(rng, size, (7, 7)) for _ in range(2)])


def background(scene: Scene, camera: Camera, crisp: bool = False) -> np.ndarray:
    """The scene without the clock, float32 (size, size); `crisp` shows the texture's own pixels."""
    size = camera.size
    if scene.high - scene.low < 0.5:
        frame = np.full((size, size), 0.5 * (scene.low + scene.high), np.float32)
    else:
        turn = math.radians(scene.angle)
        cos, sin = math.cos(turn) * scene.zoom, math.sin(turn) * scene.zoom
        texture = textures.texture(scene.kind, scene.seed)
        middle = texture.width / 2
        to_texture = np.array([[cos, sin, middle], [-sin, cos, middle], [0, 0, 1]])
        if scene.on_plane:
            matrix = to_texture @ camera.homography()
        else:
            matrix = to_texture @ np.array([[1 / size, 0, -0.5], [0, 1 / size, -0.5], [0, 0, 1]])
        matrix = matrix / matrix[2, 2]
        image = texture.transform(
            (size, size), Image.Transform.PERSPECTIVE, tuple(matrix.ravel()[:8].tolist()),
            Image.Resampling.NEAREST if crisp else Image.Resampling.BILINEAR, fillcolor=110)
        frame = np.asarray(image, dtype=np.float32)
        frame *= _F((scene.high - scene.low) / 255)
        frame += _F(scene.low)
    if scene.gradient:
        frame += ramp(size, scene.gradient, scene.gradient_angle)
    return frame


def ramp(size: int, amount: float, angle: float) -> np.ndarray:
    """A linear gradient over the picture, float32 (size, size), from -amount / 2 to amount / 2 along `angle`."""
    x, y = direction(angle)
    steps = (np.arange(size, dtype=np.float32) + _F(0.5)) / _F(size) - _F(0.5)
    return (steps * _F(amount * x)) + (steps * _F(amount * y))[:, None]


def reach(face: Face, u: np.ndarray, v: np.ndarray, rotation: float) -> np.ndarray:
    """Distance from the centre in the face's own measure: 1 on its edge, growing by true distance outside."""
    if face.shape == "round":
        out = u * u
        out += v * v
        return np.sqrt(out, out=out)
    x, y = direction(rotation + 90)
    right, down = np.abs(u * _F(x) + v * _F(y)), np.abs(u * _F(-y) + v * _F(x))
    if face.shape == "octagon":
        return np.maximum(np.maximum(right, down), (right + down) * _F(math.sqrt(0.5)))
    right -= _F(1 - face.corner)
    down -= _F(1 - face.corner)
    inner = np.minimum(np.maximum(right, down), 0)
    return np.hypot(np.maximum(right, 0), np.maximum(down, 0)) + inner + _F(1 - face.corner)


def draw_case(canvas: Canvas, case: Case, face: Face) -> None:
    """Shadow, side, rim and the wall inside the rim, and the face's plain surface."""
    camera, turn = canvas.camera, canvas.camera.rotation
    outer = 1.0 + case.width
    if case.shadow:
        _draw_shadow(canvas, case, face, outer)
    if case.width > 0:
        if case.depth > 0 and camera.sin > 0.02:
            _draw_side(canvas, case, face, outer)
        u, v = canvas.lifted(case.lip)
        distance = reach(face, u, v, turn)
        tone: np.ndarray | float = case.tone
        if case.shading or case.bevel:
            x, y = direction(case.light_angle)
            tone = u * _F(x * case.shading)
            tone += v * _F(y * case.shading)
            tone += _F(case.tone)
            if case.bevel:
                tone -= np.abs(distance - _F(1 + 0.5 * case.width)) * _F(2 * case.bevel / case.width)
        canvas.blend(canvas.inside(distance, outer), tone)
        if case.line:
            _contour(canvas, distance, outer, case)
        opening = canvas.inside(distance, 1.0 + case.inner_width)
        canvas.blend(opening.copy(), case.inner_tone)
    else:
        opening = None
    distance = reach(face, canvas.u, canvas.v, turn)
    coverage = canvas.inside(distance, 1.0)
    if opening is not None and (case.lip > 0 or case.inner_width <= 0):
        coverage = np.minimum(coverage, opening, out=coverage)
    canvas.blend(coverage, _surface(canvas, face))
    for ring in face.rings:
        band = canvas.inside(distance, ring.outer)
        if ring.inner > 0:
            band -= canvas.inside(distance, ring.inner)
        band *= _F(ring.opacity)
        canvas.blend(band, ring.tone)
    if case.line:
        _contour(canvas, distance, 1.0, case)


def _contour(canvas: Canvas, distance: np.ndarray, radius: float, case: Case) -> None:
    canvas.blend(canvas.inside(np.abs(distance - _F(radius)), 0.5 * case.line), case.line_tone)


def _draw_shadow(canvas: Canvas, case: Case, face: Face, outer: float) -> None:
    u, v = canvas.lifted(-case.depth)
    distance = reach(face, u - _F(case.shadow_x), v - _F(case.shadow_y), canvas.camera.rotation)
    blur = max(case.shadow_blur, canvas.soft)
    distance -= _F(outer + 0.5 * blur)
    distance *= _F(-1 / blur)
    np.clip(distance, 0, 1, out=distance)
    distance *= distance * _F(-case.shadow)
    distance += _F(1)
    canvas.frame *= distance


def _draw_side(canvas: Canvas, case: Case, face: Face, outer: float) -> None:
    """The outside of the rim between the wall and its front: the shape swept along the way heights shift it."""
    camera = canvas.camera
    u, v = canvas.lifted(-case.depth)
    _, x0, y0 = camera.lift(-case.depth)
    _, x1, y1 = camera.lift(case.lip)
    # Seen at the wall, the front lies shifted by (x, y): nearest point of the sweep, then the shape around it.
    x, y = x0 - x1, y0 - y1
    along = u * _F(x)
    along += v * _F(y)
    along *= _F(1 / (x * x + y * y))
    np.clip(along, 0, 1, out=along)
    distance = reach(face, u - along * _F(x), v - along * _F(y), camera.rotation)
    coverage = canvas.inside(distance, outer)
    tone = along * _F(case.tone - case.side_tone)
    tone += _F(case.side_tone)
    canvas.blend(coverage, tone)


def _surface(canvas: Canvas, face: Face) -> np.ndarray | float:
    if not face.gradient and not face.texture:
        return face.tone
    x, y = direction(face.gradient_angle)
    tone = canvas.u * _F(x * face.gradient)
    tone += canvas.v * _F(y * face.gradient)
    tone += _F(face.tone)
    if face.texture:
        side = canvas.size
        patch = textures.texture("plaster", face.texture_seed % 16).crop((0, 0, 3 * side, 3 * side))
        tone += (np.asarray(patch.resize((side, side)), np.float32) - 128) * _F(face.texture / 55)
    return tone


def draw_ticks(canvas: Canvas, face: Face) -> None:
    """Minute and hour marks and the mark at 12."""
    if face.minute_tick is not None:
        skip = face.hour_tick is not None and len(face.hour_tick_at) == 12
        _ring_of_ticks(canvas, face, face.minute_tick, 60, skip_hours=skip)
    if face.hour_tick is not None:
        if len(face.hour_tick_at) == 12:
            _ring_of_ticks(canvas, face, face.hour_tick, 12)
        else:
            for hour in face.hour_tick_at:
                _one_tick(canvas, face, face.hour_tick, 30.0 * hour, 0.0)
    if face.twelve is not None:
        for k in range(face.twelve_count):
            shift = (k - 0.5 * (face.twelve_count - 1)) * 2.2 * face.twelve.width
            _one_tick(canvas, face, face.twelve, 0.0, shift)


def _ring_of_ticks(canvas: Canvas, face: Face, tick: Tick, count: int, skip_hours: bool = False) -> None:
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


#: Face radii in pixels at which printed marks are kept.
_PRINT_RADII = (24, 32, 42, 56, 75, 100, 133, 177, 236, 315)
_BLANK = 200.0


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
    """The marks of a `printed` face, warped from the picture kept of them; `crisp` shows its pixels."""
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


def draw_marks(canvas: Canvas, face: Face) -> None:
    """Ticks, small dials, numerals and words."""
    draw_ticks(canvas, face)
    draw_subdials(canvas, face)
    draw_numerals(canvas, face)


def edge_factor(face: Face, angle: float) -> float:
    """How much farther out the face's edge is at `angle` than on a round face."""
    if face.shape == "round":
        return 1.0
    x, y = (abs(c) for c in direction(angle))
    if face.shape == "octagon":
        return 1 / max(x, y, (x + y) * math.sqrt(0.5))
    # Bisection on the rounded square's distance; a handful of calls per picture.
    low, high = 1.0, 1.5
    for _ in range(12):
        middle = 0.5 * (low + high)
        value = reach(face, np.array([middle * x], np.float32), np.array([middle * y], np.float32), 0.0)[0]
        low, high = (middle, high) if value < 1 else (low, middle)
    return low


def stamp(canvas: Canvas, font: str, text: str, at: tuple[float, float], up: float, height: float,
          tone: float) -> None:
    """Print `text` with its middle at dial point `at` (in the picture's directions), its top towards angle `up`."""
    project = canvas.camera.project_point
    ux, uy = direction(up)
    half = 0.5 * height
    px, py = project(*at)
    (x0, y0), (x1, y1) = project(at[0] + half * ux, at[1] + half * uy), project(at[0] - half * ux, at[1] - half * uy)
    (x2, y2), (x3, y3) = project(at[0] + half * uy, at[1] - half * ux), project(at[0] - half * uy, at[1] + half * ux)
    # Where one cap height rightwards (a, c) and downwards (b, d) on the dial leads in the picture.
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


def draw_extras(canvas: Canvas, case: Case) -> None:
    """Straps, bells, feet, crowns, rays: bars, boxes and balls fixed to the case, drawn before it."""
    turn = canvas.camera.rotation
    if case.rays:
        _ring_of_ticks(canvas, Face(), case.ray, case.rays)
    for kind, angle, amount in case.extras:
        x, y = direction(angle + turn)
        along, across = canvas.u * _F(x) + canvas.v * _F(y), canvas.v * _F(x) - canvas.u * _F(y)
        outer = 1 + case.width
        if kind == "strap":
            coverage = canvas.inside(np.abs(across), amount) * canvas.inside(-along, 0.0)
        elif kind == "ball":
            coverage = canvas.inside(np.hypot(along - _F(outer + 0.6 * amount), across), amount)
        else:
            coverage = canvas.inside(np.abs(across), 0.5 * amount)
            coverage *= canvas.inside(np.abs(along - _F(outer)), amount)
        canvas.blend(coverage, case.side_tone)
        if case.line and kind == "ball":
            _contour(canvas, np.hypot(along - _F(outer + 0.6 * amount), across), amount, case)


def draw_sparkles(canvas: Canvas, case: Case) -> None:
    """Tiny highlights on the rim: (angle in the picture, size in dial units)."""
    for angle, size in case.sparkles:
        x, y = direction(angle)
        radius = 1 + 0.55 * case.width
        at_x, at_y = canvas.camera.project_point(radius * x, radius * y, case.lip)
        spread = size * canvas.camera.radius
        region = canvas.region(((at_x - spread, at_y - spread), (at_x + spread, at_y + spread)), margin=1.0)
        if region is None:
            continue
        u, v = canvas.lifted(case.lip, region)
        canvas.blend(canvas.inside(np.hypot(u - _F(radius * x), v - _F(radius * y)), 0.5 * size), 250.0, region)


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


def render(time: ClockTime, pose: Pose, style: Style, size: int = 150, seed: int = 0) -> np.ndarray:
    """The picture of a clock: uint8 (size, size), grey. `seed` decides the noise and nothing else."""
    canvas = Canvas(pose, style, size)
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
