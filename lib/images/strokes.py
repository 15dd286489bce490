"""Strokes of a pen: paths in text, the curves they stand for, hands that draw them unlike each other, and ink.

Coordinates are (x, y), y downwards; a letter or digit is one unit high. Ink has the form that the pad's browser side
sends: uint8 (56, 56), the mean of a finer drawing, so that everything drawn here goes through the pad's own path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from lib.images.drawing import PAD_SIDE

#: A stroke's points, float (K, 2).
Stroke = np.ndarray
#: Pixels of the drawing for each pixel of ink, in both directions.
_FINE = 4
#: Points of a curve between two points that it passes.
_STEPS = 8


@cache
def parse_path(text: str) -> tuple[tuple[Stroke, ...], ...]:
    """Strokes of smooth parts of points, from text like ".1,.4 .5,0 / .5,1 | .2,1 .8,1".

    "/" makes a corner: the next part goes on where the last one ended. "|" lifts the pen.
    """
    strokes = []
    for stroke in text.split("|"):
        parts: list[Stroke] = []
        for part in stroke.split("/"):
            points = np.array([[float(v) for v in pair.split(",")] for pair in part.split()])
            parts.append(np.concatenate([parts[-1][-1:], points]) if parts else points)
        strokes.append(tuple(parts))
    return tuple(strokes)


def between(first: str, second: str, share: float) -> list[list[Stroke]]:
    """The path that lies `share` (0-1) of the way from path `first` to path `second`, which have the same points."""
    pairs = zip(parse_path(first), parse_path(second), strict=True)
    return [[(1 - share) * a + share * b for a, b in zip(one, other, strict=True)] for one, other in pairs]


def curve(points: Stroke, steps: int = _STEPS) -> Stroke:
    """A smooth line (Catmull-Rom spline) through `points` (K, 2); two points make a straight one."""
    if len(points) < 3:
        return points
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    p0, p1, p2, p3 = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    line = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    return np.concatenate([line.transpose(1, 0, 2).reshape(-1, 2), points[-1:]])


def evenly(stroke: Stroke, count: int) -> Stroke:
    """`count` points at equal distances along `stroke`, as a mouse that reports now and then."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    places = np.linspace(0, lengths[-1], count)
    return np.stack([np.interp(places, lengths, stroke[:, axis]) for axis in (0, 1)], axis=1)


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody draws: `wobble` moves a path's points (units of height), `tremor` the finished line.

    `slant` is a shear to the right, `turn` in radians, `aspect` width over the path's own, `height` and `pen` in pixels of
    the pad (56 a side), `points` how many straight pieces a stroke has (0: smooth).
    """

    wobble: float
    tremor: float
    slant: float
    turn: float
    aspect: float
    height: float
    pen: float
    points: int


def random_hand(rng: np.random.Generator) -> Hand:
    """A hand of any habit: upright or slanted, fine or broad pen, steady or with a mouse's corners."""
    height = float(rng.uniform(18, 48))
    # The pad's three pens, and what a photograph brings: ink from a fortieth to a fifth of the height.
    pen = float(rng.choice([2.8, 4.4, 6.4])) if rng.random() < 0.5 else height * float(np.exp(rng.uniform(-3.4, -1.6)))
    return Hand(
        wobble=float(rng.uniform(0.0, 0.05)), tremor=float(rng.uniform(0, 0.012)) if rng.random() < 0.4 else 0.0,
        slant=float(np.clip(rng.normal(0.08, 0.32), -0.6, 0.8)), turn=float(np.clip(rng.normal(0, 0.09), -0.22, 0.22)),
        aspect=float(np.exp(rng.normal(0, 0.2))), height=height, pen=min(pen, 0.24 * height) if height > 24 else pen * 0.7,
        points=int(rng.integers(6, 21)) if rng.random() < 0.35 else 0,
    )


def write(path: Sequence[Sequence[Stroke]], hand: Hand, rng: np.random.Generator) -> list[Stroke]:
    """`path`, strokes of smooth parts, as `hand` draws it: lines in pixels of the pad, somewhere on it."""
    lines = [_line(_wobbled(parts, hand, rng), hand, rng) for parts in path]
    return _placed([_turned(line, hand) for line in lines], hand, rng)


def _wobbled(parts: Sequence[Stroke], hand: Hand, rng: np.random.Generator) -> list[Stroke]:
    """Each point moved a little; where two parts meet they still meet."""
    moved = [part + rng.normal(0, hand.wobble, part.shape) for part in parts]
    for before, after in pairwise(moved):
        after[0] = before[-1]
    return moved


def _line(parts: Sequence[Stroke], hand: Hand, rng: np.random.Generator) -> Stroke:
    line = np.concatenate([curve(part) for part in parts])
    if hand.points and len(line) > 2:
        line = evenly(line, max(hand.points, len(parts) + 2))
    if hand.tremor:
        line = line + rng.normal(0, hand.tremor, line.shape)
    return line


def _turned(line: Stroke, hand: Hand) -> Stroke:
    x, y = (line[:, 0] - 0.5) * hand.aspect, line[:, 1] - 0.5
    x = x - hand.slant * y
    cos, sin = np.cos(hand.turn), np.sin(hand.turn)
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)


def _placed(lines: list[Stroke], hand: Hand, rng: np.random.Generator) -> list[Stroke]:
    """Lines scaled to the hand's height (narrower where the pad is too narrow), at a random place on the pad."""
    every = np.concatenate(lines)
    low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-3)
    room = PAD_SIDE - hand.pen - 1
    scale = min(hand.height / max(extent[1], 0.5), room / extent.max())
    free = np.maximum(PAD_SIDE - hand.pen - scale * extent, 0)
    corner = hand.pen / 2 + rng.random(2) * free
    return [(line - low) * scale + corner for line in lines]


def ink_of(lines: Sequence[Stroke], pen: float) -> np.ndarray:
    """Lines in pixels of the pad, drawn with a round pen `pen` pixels wide, as ink uint8 (56, 56)."""
    canvas = Image.new("L", (PAD_SIDE * _FINE, PAD_SIDE * _FINE))
    draw, width = ImageDraw.Draw(canvas), max(pen * _FINE, 1.0)
    for line in lines:
        points = [(float(x), float(y)) for x, y in line * _FINE]
        draw.line(points, fill=255, width=round(width), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return np.asarray(canvas.reduce(_FINE))
