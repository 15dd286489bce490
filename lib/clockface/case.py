"""The case: shadow, side, rim, the face's plain surface, and what is fixed to the outside."""

from __future__ import annotations

import numpy as np

from lib.clockface import textures
from lib.clockface.canvas import Canvas, direction, reach
from lib.clockface.marks import draw_ring_of_ticks
from lib.clockface.style import Case, Face

_F = np.float32


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


def draw_extras(canvas: Canvas, case: Case) -> None:
    """Straps, bells, feet, crowns, rays: bars, boxes and balls fixed to the case, drawn before it."""
    turn = canvas.camera.rotation
    if case.rays:
        draw_ring_of_ticks(canvas, Face(), case.ray, case.rays)
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
    """Tiny highlights on the rim: (angle in the image, size in dial units)."""
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
