"""Digits for testing the reader, by other means than those that it learned from.

The shapes are arcs and straight lines with measures of their own (`lib.images.skeletons`, which the reader learned from,
bends splines between drawn extremes). They become pointer events of a mouse, which the pad's own arithmetic turns into ink,
or photographs of paper with shadows, lines and grain. Nothing here is used for training or for any choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lib.images.drawing import PAD_SIDE, as_digit
from lib.images.paper import photo_as_ink

Points = np.ndarray
#: The pad's canvas and pens, as in lib/ui/widgets/draw_pad.js.
CANVAS, PENS = 280, (14, 22, 32)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Points of an ellipse's arc, angles in degrees, clockwise from three o'clock."""
    angle = np.radians(np.linspace(start, end, 24))
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)


def line(*points: tuple[float, float]) -> Points:
    """A broken line."""
    return np.array(points, float)


def joined(*parts: Points) -> Points:
    """Parts drawn without lifting the pen."""
    return np.concatenate(parts)


def _one(rng: np.random.Generator, flag: tuple[float, float], foot: bool = False) -> list[Points]:
    length, angle = rng.uniform(*flag), math.radians(rng.uniform(28, 52))
    top = (0.5, 0.0)
    start = (0.5 - length * math.sin(angle), length * math.cos(angle))
    lean = rng.uniform(-0.04, 0.04)
    strokes = [line(start, top, (0.5 + lean, 1.0)) if length else line(top, (0.5 + lean, 1.0))]
    if foot:
        half = rng.uniform(0.15, 0.35)
        strokes.append(line((0.5 + lean - half, 1.0), (0.5 + lean + half, 1.0)))
    return strokes


def _seven(rng: np.random.Generator, bar: bool, hook: bool = False) -> list[Points]:
    width, foot = rng.uniform(0.5, 0.8), rng.uniform(0.1, 0.35)
    top = line((0.0, rng.uniform(-0.03, 0.05)), (width, 0.0))
    if hook:
        top = joined(line((0.02, rng.uniform(0.1, 0.22))), top)
    strokes = [joined(top, line((foot, 1.0)))]
    if bar:
        height = rng.uniform(0.4, 0.6)
        middle = width + (foot - width) * height
        half = rng.uniform(0.15, 0.3)
        strokes.append(line((middle - half, height + rng.uniform(-0.05, 0.05)), (middle + half, height)))
    return strokes


def _four(rng: np.random.Generator, closed: bool) -> list[Points]:
    bar, right, stem = rng.uniform(0.52, 0.72), rng.uniform(0.65, 0.9), rng.uniform(0.42, 0.6)
    if closed:
        return [line((stem, 1.0), (stem, 0.0), (0.0, bar), (right, bar))]
    left = rng.uniform(0.02, 0.25)
    return [line((left, 0.0), (rng.uniform(0, 0.1), bar), (right, bar)), line((stem, rng.uniform(0.0, 0.3)), (stem, 1.0))]


def _nine(rng: np.random.Generator, curled: bool) -> list[Points]:
    r, height = rng.uniform(0.24, 0.32), rng.uniform(0.22, 0.3)
    loop = arc(0.3, height, r, height, -20, -380)
    right = 0.3 + r
    if curled:
        depth = rng.uniform(0.18, 0.3)
        return [joined(loop, line((right, 1 - depth)), arc(right - 0.26, 1 - depth, 0.26, depth, 0, rng.uniform(120, 170)))]
    return [joined(loop, line((right - rng.uniform(0, 0.2), 1.0)))]


def _zero(rng: np.random.Generator, crossed: bool) -> list[Points]:
    rx, gap = rng.uniform(0.26, 0.42), rng.uniform(-10, 20)
    strokes = [arc(0.4, 0.5, rx, 0.5, -80, -440 + gap)]
    if crossed:
        reach = rng.uniform(0.6, 1.25)
        strokes.append(line((0.4 + rx * reach * 0.8, 0.5 - 0.42 * reach), (0.4 - rx * reach * 0.8, 0.5 + 0.42 * reach)))
    return strokes


def _two(rng: np.random.Generator, looped: bool) -> list[Points]:
    r = rng.uniform(0.26, 0.34)
    head = arc(0.32, r, r, r, rng.uniform(170, 200), 380)
    if looped:
        return [joined(head, line((0.14, 0.88)), arc(0.1, 0.9, 0.1, 0.09, 30, 300), line((0.7, rng.uniform(0.9, 1.02))))]
    return [joined(head, line((0.0, 1.0), (rng.uniform(0.6, 0.8), rng.uniform(0.95, 1.02))))]


def _three(rng: np.random.Generator, flat: bool) -> list[Points]:
    r = rng.uniform(0.24, 0.3)
    belly = arc(0.28, 1 - r, r * rng.uniform(1.0, 1.3), r, -80, rng.uniform(130, 165))
    if flat:
        return [joined(line((0.02, 0.0), (0.55, 0.0), (0.28, 1 - 2 * r)), belly)]
    return [joined(arc(0.28, 0.23, r * 0.9, 0.23, rng.uniform(-160, -130), 90), belly)]


def _five(rng: np.random.Generator, hat: bool) -> list[Points]:
    r, shoulder = rng.uniform(0.26, 0.33), rng.uniform(0.02, 0.12)
    body = joined(line((shoulder, 0.0), (shoulder - 0.03, 0.45)), arc(0.28, 1 - r, r * 1.1, r, -130, rng.uniform(120, 160)))
    top = line((shoulder, rng.uniform(-0.03, 0.05)), (rng.uniform(0.5, 0.7), rng.uniform(-0.05, 0.03)))
    return [body, top] if hat else [joined(top[::-1], body)]


def _six(rng: np.random.Generator) -> list[Points]:
    r = rng.uniform(0.2, 0.28)
    return [joined(arc(0.62, 0.62, 0.58, 0.62, rng.uniform(-110, -95), -175), arc(0.3, 1 - r, 0.26, r, -180, -500))]


def _eight(rng: np.random.Generator, rings: bool) -> list[Points]:
    r, waist = rng.uniform(0.2, 0.26), rng.uniform(0.42, 0.5)
    upper, lower = waist / 2, (1 - waist) / 2
    if rings:
        return [arc(0.35, upper, r, upper, -80, 290), arc(0.35, waist + lower, r * 1.25, lower, -90, 275)]
    return [joined(arc(0.35, upper, r, upper, -40, -270), arc(0.35, waist + lower, r * 1.2, lower, -90, 270),
                   arc(0.35, upper, r, upper, 90, -30))]


#: Variant -> its digit and how it is drawn.
VARIANTS: dict[str, tuple[int, Callable[[np.random.Generator], list[Points]]]] = {
    "0": (0, lambda rng: _zero(rng, False)), "0 crossed": (0, lambda rng: _zero(rng, True)),
    "1 plain stroke": (1, lambda rng: _one(rng, (0, 0))), "1 short flag": (1, lambda rng: _one(rng, (0.12, 0.25))),
    "1 long flag (European)": (1, lambda rng: _one(rng, (0.35, 0.75))),
    "1 long flag and foot": (1, lambda rng: _one(rng, (0.35, 0.7), True)),
    "2": (2, lambda rng: _two(rng, False)), "2 looped": (2, lambda rng: _two(rng, True)),
    "3": (3, lambda rng: _three(rng, False)), "3 flat top": (3, lambda rng: _three(rng, True)),
    "4 open": (4, lambda rng: _four(rng, False)), "4 closed": (4, lambda rng: _four(rng, True)),
    "5": (5, lambda rng: _five(rng, False)), "5 with a hat": (5, lambda rng: _five(rng, True)),
    "6": (6, _six), "7": (7, lambda rng: _seven(rng, False)), "7 hooked": (7, lambda rng: _seven(rng, False, True)),
    "7 barred": (7, lambda rng: _seven(rng, True)), "8": (8, lambda rng: _eight(rng, False)),
    "8 two rings": (8, lambda rng: _eight(rng, True)), "9 straight foot": (9, lambda rng: _nine(rng, False)),
    "9 curled foot": (9, lambda rng: _nine(rng, True)),
}


def _leaning(strokes: Sequence[Points], rng: np.random.Generator) -> list[Points]:
    """Strokes with somebody's slant (-25 to 35 degrees), turn (12 degrees at most) and width."""
    slant, turn = math.tan(math.radians(rng.uniform(-25, 35))), math.radians(rng.uniform(-12, 12))
    wide = rng.uniform(0.75, 1.3)
    shear = np.array([[wide, 0.0], [-slant, 1.0]]) @ np.array([
        [math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return [stroke @ shear for stroke in strokes]


def _fitted(strokes: Sequence[Points], height: float, room: float, margin: float, rng: np.random.Generator) -> list[Points]:
    """Strokes `height` high, or as high as a square of side `room` allows, anywhere in it."""
    every = np.concatenate(strokes)
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    scale = min(height / extent[1], (room - 2 * margin) / extent.max())
    corner = margin + rng.random(2) * (room - 2 * margin - scale * extent)
    return [(stroke - low) * scale + corner for stroke in strokes]


def pointer_events(stroke: Points, rng: np.random.Generator) -> Points:
    """10 to 20 places where a mouse reported itself along `stroke`: whole pixels, unevenly spaced, a little off.

    A scribble of many turns has more.
    """
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    places = np.linspace(0, 1, max(int(rng.integers(10, 21)), int(lengths[-1] / 40)))
    places = places + rng.uniform(-0.3, 0.3) * np.sin(2 * np.pi * places) / (2 * np.pi)
    spots = np.stack([np.interp(places * lengths[-1], lengths, stroke[:, axis]) for axis in (0, 1)], axis=1)
    return np.rint(spots + rng.normal(0, 1.2, spots.shape))


def pad_ink(strokes: Sequence[Points], pen: int) -> np.ndarray:
    """What the pad sends for strokes of pointer events: the arithmetic of draw_pad.js, ink uint8 (56, 56)."""
    canvas = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(canvas)
    for events in strokes:
        at = middle = events[0]
        path = [at]
        for to in events[1:]:
            following = (at + to) / 2
            t = np.linspace(0, 1, 7)[1:, None]
            path.extend((1 - t) ** 2 * middle + 2 * t * (1 - t) * at + t**2 * following)
            at, middle = to, following
        path.append(at)
        draw.line([tuple(p) for p in path], fill=255, width=pen, joint="curve")
        for x, y in path:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(canvas.reduce(CANVAS // PAD_SIDE))


def drawn_with_a_mouse(variant: str, rng: np.random.Generator) -> np.ndarray:
    """Ink uint8 (56, 56) of one digit, or one of `SCRIBBLES`, drawn on the pad with a mouse."""
    pen = int(rng.choice(PENS))
    strokes = _leaning((VARIANTS[variant][1] if variant in VARIANTS else SCRIBBLES[variant])(rng), rng)
    height = rng.uniform(0.35 if pen < 20 else 0.55, 0.92) * CANVAS
    placed = _fitted(strokes, height, CANVAS, pen / 2 + 2, rng)
    return pad_ink([pointer_events(stroke, rng) for stroke in placed], pen)


def _waves(rng: np.random.Generator) -> list[Points]:
    x = np.linspace(0, 1.6, 80)
    return [np.stack([x, 0.5 + rng.uniform(0.15, 0.5) * np.sin(x * rng.uniform(9, 30))], axis=1)]


def _loops(rng: np.random.Generator) -> list[Points]:
    t = np.linspace(0, 2 * np.pi * rng.integers(3, 7), 150)
    return [np.stack([t / 14 + 0.25 * np.sin(t), 0.5 + 0.3 * np.cos(t)], axis=1)]


def _hatching(rng: np.random.Generator) -> list[Points]:
    lean = rng.uniform(-0.3, 0.3)
    return [line((x, 0.0), (x + lean, 1.0)) for x in np.linspace(0, 1, int(rng.integers(4, 9)))]


def _rings(rng: np.random.Generator) -> list[Points]:
    return [arc(*rng.uniform(0.2, 0.8, 2), *rng.uniform(0.15, 0.4, 2), 0, 360) for _ in range(int(rng.integers(3, 6)))]


def _corners(rng: np.random.Generator) -> list[Points]:
    return [line(*rng.uniform(0, 1, (int(rng.integers(7, 16)), 2)).tolist())]


#: Scribbles that are no digits, by name.
SCRIBBLES: dict[str, Callable[[np.random.Generator], list[Points]]] = {
    "waves": _waves, "loops": _loops, "hatching": _hatching, "rings": _rings, "corners": _corners,
}


# --- paper --------------------------------------------------------------------------------

#: What the paper is like -> whether it is ruled ("lines", "squares", ""), shadowed, dark with light ink.
PAPERS: dict[str, tuple[str, str, bool]] = {
    "plain": ("", "", False), "soft shadow": ("", "soft", False), "hard shadow": ("", "hard", False),
    "ruled": ("lines", "", False), "squared": ("squares", "", False), "squared, soft shadow": ("squares", "soft", False),
    "chalk on a board": ("", "soft", True),
}


def photograph(variant: str, paper: str, rng: np.random.Generator) -> Image.Image:
    """A grey photograph of one digit on paper, 500 to 900 pixels a side, by a phone that was not held straight."""
    ruling, shadow, is_board = PAPERS[paper]
    side = int(rng.integers(500, 901))
    tone, ink_tone = (rng.uniform(*bounds) for bounds in (((30, 70), (190, 240)) if is_board else ((175, 245), (25, 95))))
    sheet = Image.new("L", (side, side), int(tone))
    draw = ImageDraw.Draw(sheet)
    _rule(draw, ruling, side, tone, rng)
    height = rng.uniform(0.2, 0.7) * side
    pen = height * rng.uniform(0.03, 0.12)
    placed = _fitted(_leaning(VARIANTS[variant][1](rng), rng), height, side, pen + 0.12 * side, rng)
    for stroke in placed:
        steady = stroke + rng.normal(0, 0.004 * height, stroke.shape)
        draw.line([tuple(p) for p in steady], fill=int(ink_tone), width=max(2, round(pen)), joint="curve")
        for x, y in steady[[0, -1]]:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=int(ink_tone))
    tilted = sheet.rotate(rng.uniform(-3, 3), Image.Resampling.BICUBIC, fillcolor=int(tone))
    soft = np.asarray(tilted.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.8))), np.float64)
    lit = soft * _light(shadow, side, rng)
    return Image.fromarray(np.clip(lit + rng.normal(0, rng.uniform(2, 7), lit.shape), 0, 255).astype(np.uint8))


def _rule(draw: ImageDraw.ImageDraw, ruling: str, side: int, tone: float, rng: np.random.Generator) -> None:
    step, shade = side * rng.uniform(0.045, 0.1), int(tone * rng.uniform(0.6, 0.85))
    for place in np.arange(rng.uniform(0, step), side, step) if ruling else ():
        draw.line([(0, place), (side, place)], fill=shade, width=2)
        if ruling == "squares":
            draw.line([(place, 0), (place, side)], fill=shade, width=2)


def _light(shadow: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """How much light reaches every place, float64 (side, side), at most 1."""
    angle = rng.uniform(0, 2 * np.pi)
    across = np.subtract.outer(np.arange(side) * np.sin(angle), -np.arange(side) * np.cos(angle))
    across = (across - across.min()) / np.ptp(across)
    if shadow == "soft":
        return 1 - rng.uniform(0.3, 0.65) * across
    if shadow == "hard":
        edge, blur = rng.uniform(0.3, 0.7), rng.uniform(0.004, 0.03)
        return 1 - rng.uniform(0.25, 0.55) / (1 + np.exp(-(across - edge) / blur))
    return 1 - rng.uniform(0, 0.12) * across


# --- prepared -----------------------------------------------------------------------------


def mouse_digits(each: int, seed: int) -> Iterator[tuple[str, int, np.ndarray | None]]:
    """Variant, digit and image (None where no ink was found) of `each` drawings of every variant."""
    for number, (variant, (digit, _)) in enumerate(VARIANTS.items()):
        for copy in range(each):
            yield variant, digit, as_digit(drawn_with_a_mouse(variant, np.random.default_rng([seed, 21, number, copy])))


def mouse_scribbles(each: int, seed: int) -> Iterator[tuple[str, np.ndarray | None]]:
    """Name and image of `each` scribbles of every kind."""
    for number, name in enumerate(SCRIBBLES):
        for copy in range(each):
            yield name, as_digit(drawn_with_a_mouse(name, np.random.default_rng([seed, 23, number, copy])))


def photographed_digits(each: int, seed: int) -> Iterator[tuple[str, str, int, Image.Image]]:
    """Paper, variant, digit and photograph of `each` photographs of every variant on every paper."""
    for place, paper in enumerate(PAPERS):
        for number, (variant, (digit, _)) in enumerate(VARIANTS.items()):
            for copy in range(each):
                rng = np.random.default_rng([seed, 22, place, number, copy])
                yield paper, variant, digit, photograph(variant, paper, rng)


def by_one_threshold(image: Image.Image) -> np.ndarray:
    """A photograph as ink by one threshold for all of it: what local paper tones are compared with."""
    small = image.copy()
    small.thumbnail((224, 224), Image.Resampling.BOX)
    values = np.asarray(small, np.float32)
    paper = float(np.median(np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])))
    strength = np.maximum(values - paper if paper < 128 else paper - values, 0)
    top = max(float(np.quantile(strength, 0.995)), 1.0)
    return np.clip(255 * (strength / top - 0.35) / 0.4, 0, 255).astype(np.uint8)


def prepared(photo: Image.Image) -> np.ndarray | None:
    """A photograph as the app prepares it, uint8 (28, 28); None where it finds no ink."""
    return as_digit(photo_as_ink(photo))


def typeset(text: str, font: str, size: int = 160) -> np.ndarray | None:
    """One character of a font as the app prepares a drawing, uint8 (28, 28)."""
    image = Image.new("L", (2 * size, 2 * size))
    ImageDraw.Draw(image).text((size, size), text, fill=255, font=ImageFont.truetype(font, size), anchor="mm")
    return as_digit(np.asarray(image))
