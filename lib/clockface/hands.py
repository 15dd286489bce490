"""Hands: a width along a length, for every shape."""

from __future__ import annotations

import math

import numpy as np

from lib.clockface.canvas import Canvas
from lib.clockface.geometry import ClockTime
from lib.clockface.style import Hand, Hands

_F = np.float32


def _disc(center: float, radius: float, floor: float, count: int = 13) -> list[tuple[float, float]]:
    """Profile points of a disc on the hand, never thinner than `floor`."""
    turns = np.linspace(0, math.pi, count)
    return [(center - radius * math.cos(t), max(floor, radius * math.sin(t))) for t in turns]


def profile(hand: Hand) -> tuple[np.ndarray, np.ndarray]:
    """Half widths (float64) at places along the hand (float64, ascending, from -tail to length)."""
    length, half, tail = hand.length, 0.5 * hand.width, hand.tail
    thin = 0.4 * half
    if hand.shape == "taper":
        points = [(-tail, half), (0.0, half), (length, 0.15 * half)]
    elif hand.shape == "sword":
        points = [(-tail, 0.5 * half), (0.0, 0.5 * half), (0.72 * length, half), (length, 0.0)]
    elif hand.shape == "dagger":
        points = [(-tail, thin), (0.0, thin), (0.25 * length, half), (length, 0.05 * half)]
    elif hand.shape == "leaf":
        along = np.linspace(0, 1, 15)
        widths = half * np.sin(math.pi * along**0.8) + 0.12 * half
        points = [(-tail, thin), *zip((along * length).tolist(), widths.tolist(), strict=True)]
    elif hand.shape == "spade":
        disc = 1.9 * half
        points = [(-tail, thin), *_disc(0.74 * length, disc, thin), (0.86 * length, 0.9 * half), (length, 0.0)]
    elif hand.shape == "lollipop":
        points = [(-tail, thin), *_disc(0.78 * length, 1.8 * half, thin), (length, 0.8 * thin)]
    elif hand.shape == "arrow":
        points = [(-tail, thin), (0.72 * length, thin), (0.7201 * length, 2.2 * half), (length, 0.0)]
    elif hand.shape == "baton":
        points = [(-tail, thin), (0.12 * length, thin), (0.1201 * length, half), (length, half)]
    elif hand.shape == "cathedral":
        points = [(-tail, thin), *_disc(0.3 * length, 1.4 * half, thin), *_disc(0.6 * length, 1.9 * half, thin),
                  (0.8 * length, thin), (length, 0.3 * thin)]
    elif hand.shape == "round":
        points = [(-tail, 0.0), *[(half * (1 - math.cos(t)) - tail, half * math.sin(t)) for t in
                                  np.linspace(0.2, math.pi / 2, 5).tolist()],
                  *[(length - half * (1 - math.sin(t)), half * math.cos(t)) for t in
                    np.linspace(0, math.pi / 2, 6).tolist()]]
    else:
        points = [(-tail, half), (length, half)]
    if hand.weight:
        balance = _disc(hand.weight - tail, hand.weight, thin)
        points = [*balance, *((place, width) for place, width in points if place > balance[-1][0])]
    along, widths = np.array(points, dtype=np.float64).T
    return np.maximum.accumulate(along), widths


def hand_coverage(canvas: Canvas, hand: Hand, along: np.ndarray, across: np.ndarray,
                  soft: float) -> tuple[np.ndarray, np.ndarray | None]:
    """Coverage of the whole hand, and of what lies inside its edge, where it has one."""
    places, widths = profile(hand)
    if widths.min() == widths.max():
        half: np.ndarray | np.float32 = _F(widths[0])
    else:
        half = np.interp(along, places, widths).astype(np.float32)
    scale = _F(1 / soft)
    # Where a hand is thinner than a pixel it gets fainter, not thinner.
    fade = np.minimum(half * (2 * scale), 1)
    half = np.maximum(half, _F(0.5 * soft))
    margin = np.minimum(half - across, np.minimum(along + _F(hand.tail), _F(hand.length) - along))
    whole = np.clip(margin * scale + _F(0.5), 0, 1) * fade
    inner = np.clip((margin - _F(hand.edge)) * scale + _F(0.5), 0, 1) if hand.edge else None
    if hand.hollow:
        slot = np.minimum(half * _F(hand.hollow) - across,
                          np.minimum(along - _F(0.2 * hand.length), _F(0.85 * hand.length) - along))
        whole *= 1 - np.clip(slot * scale + _F(0.5), 0, 1)
    return whole, inner


def _draw_hand(canvas: Canvas, hand: Hand, angle: float, hands: Hands, shadow: bool) -> None:
    turn = math.radians(angle + canvas.camera.rotation)
    x, y = math.sin(turn), -math.cos(turn)
    wide = max(1.2 * hand.width, hand.weight) + 0.02
    corners = [(r * x - s * y, r * y + s * x) for r in (-hand.tail, hand.length) for s in (-wide, wide)]
    height, dx, dy, soft = hands.height, 0.0, 0.0, canvas.soft
    if shadow:
        height, dx, dy, soft = 0.0, hands.shadow_x, hands.shadow_y, canvas.soft + 0.03
    spots = [canvas.camera.project_point(cx + dx, cy + dy, height) for cx, cy in corners]
    region = canvas.region(spots, margin=2 + 4 * shadow)
    if region is None:
        return
    u, v = canvas.lifted(height, region)
    if shadow:
        u, v = u - _F(dx), v - _F(dy)
    along = u * _F(x) + v * _F(y)
    across = np.abs(v * _F(x) - u * _F(y))
    whole, inner = hand_coverage(canvas, hand, along, across, soft)
    if shadow:
        whole *= _F(-hands.shadow)
        whole += _F(1)
        canvas.frame[region] *= whole
        return
    canvas.blend(whole, hand.tone if inner is None else hand.edge_tone, region)
    if inner is not None:
        canvas.blend(inner, hand.tone, region)


def _draw_disc(canvas: Canvas, radius: float, tone: float, height: float) -> None:
    box = [canvas.camera.project_point(i * radius, j * radius, height) for i in (-1, 1) for j in (-1, 1)]
    region = canvas.region(box)
    if region is None or radius <= 0:
        return
    u, v = canvas.lifted(height, region)
    canvas.blend(canvas.inside(np.hypot(u, v), radius), tone, region)


def draw_hands(canvas: Canvas, time: ClockTime, hands: Hands) -> None:
    """All hands with their shadows, and the hub."""
    hour_angle = 30.0 * time.hour if hands.stepping and time.minute <= 30 else time.hour_angle
    order = [(hands.alarm, hands.alarm_angle), (hands.hour, hour_angle), (hands.minute, time.minute_angle)]
    if hands.hour_on_top:
        order[1], order[2] = order[2], order[1]
    order.append((hands.second, hands.second_angle))
    present = [(hand, angle) for hand, angle in order if hand is not None]
    if hands.shadow:
        for hand, angle in present:
            _draw_hand(canvas, hand, angle, hands, shadow=True)
    for hand, angle in present:
        _draw_hand(canvas, hand, angle, hands, shadow=False)
    _draw_disc(canvas, hands.hub, hands.hub_tone, hands.height)
    _draw_disc(canvas, hands.pin, hands.pin_tone, hands.height)
