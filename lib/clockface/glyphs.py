"""Numerals and words as small grey images, in the fonts that come with Pillow or are drawn here as strokes."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

#: Cap height in pixels at which glyphs are drawn before they are reduced, and the margin around them.
_DRAWN = 144
_MARGIN = 0.08
#: Cap heights in pixels that are kept; a stamp samples the smallest that is not coarser than itself.
_HEIGHTS = (5, 7, 10, 14, 20, 28, 40, 56, 80, 112)

Path = list[tuple[float, float]]


def _arc(cx: float, cy: float, rx: float, ry: float, start: float = 0.0, stop: float = 360.0) -> Path:
    angles = np.radians(np.linspace(start, stop, 40))
    return list(zip((cx + rx * np.sin(angles)).tolist(), (cy - ry * np.cos(angles)).tolist(), strict=True))


def _bend(start: tuple[float, float], control: tuple[float, float], stop: tuple[float, float]) -> Path:
    t = np.linspace(0, 1, 24)[:, None]
    points = (1 - t) ** 2 * np.array(start) + 2 * t * (1 - t) * np.array(control) + t**2 * np.array(stop)
    return [(float(x), float(y)) for x, y in points]


def _half_turn(paths: list[Path]) -> list[Path]:
    return [[(0.6 - x, 1 - y) for x, y in path] for path in paths]


_SIX = [_arc(0.3, 0.68, 0.28, 0.32), _bend((0.48, 0.0), (0.04, 0.28), (0.02, 0.68))]
#: Strokes of each character in a cell of height 1 (y downwards); the width of the cell is the second item.
_STROKES: dict[str, tuple[list[Path], float]] = {
    "0": ([_arc(0.3, 0.5, 0.28, 0.5)], 0.6),
    "1": ([[(0.06, 0.22), (0.26, 0.0), (0.26, 1.0)]], 0.34),
    "2": ([[*_arc(0.3, 0.28, 0.27, 0.28, -75, 118), (0.03, 1.0), (0.58, 1.0)]], 0.6),
    "3": ([_arc(0.28, 0.26, 0.25, 0.26, -70, 180), _arc(0.28, 0.75, 0.29, 0.25, 0, 255)], 0.6),
    "4": ([[(0.43, 1.0), (0.43, 0.0), (0.0, 0.7), (0.6, 0.7)]], 0.6),
    "5": ([[(0.52, 0.0), (0.12, 0.0), (0.08, 0.44), *_arc(0.28, 0.68, 0.29, 0.32, -42, 235)]], 0.6),
    "6": (_SIX, 0.6),
    "7": ([[(0.02, 0.0), (0.58, 0.0), (0.2, 1.0)]], 0.58),
    "8": ([_arc(0.3, 0.25, 0.23, 0.25), _arc(0.3, 0.74, 0.28, 0.26)], 0.6),
    "9": (_half_turn(_SIX), 0.6),
    "I": ([[(0.1, 0.0), (0.1, 1.0)]], 0.2),
    "V": ([[(0.0, 0.0), (0.28, 1.0), (0.56, 0.0)]], 0.56),
    "X": ([[(0.0, 0.0), (0.56, 1.0)], [(0.56, 0.0), (0.0, 1.0)]], 0.56),
}
#: A plain bar for 1, as on many modern dials.
_BAR_ONE = ([[(0.1, 0.0), (0.1, 1.0)]], 0.2)
_SEGMENTS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "gfabcd",
}
_SEGMENT_LINES = {
    "a": [(0.0, 0.0), (0.55, 0.0)], "b": [(0.55, 0.0), (0.55, 0.5)], "c": [(0.55, 0.5), (0.55, 1.0)],
    "d": [(0.0, 1.0), (0.55, 1.0)], "e": [(0.0, 0.5), (0.0, 1.0)], "f": [(0.0, 0.0), (0.0, 0.5)],
    "g": [(0.0, 0.5), (0.55, 0.5)],
}

#: name -> (kind, pen across, pen along, slant, stretch). A pen's sizes are fractions of the cap height.
FONTS: dict[str, tuple[str, float, float, float, float]] = {
    "sans": ("aileron", 0.0, 0.0, 0.0, 1.0),
    "sans_light": ("aileron", -0.02, 0.0, 0.0, 1.0),
    "sans_bold": ("aileron", 0.035, 0.0, 0.0, 1.05),
    "sans_black": ("aileron", 0.06, 0.0, 0.0, 1.1),
    "sans_wide": ("aileron", 0.01, 0.0, 0.0, 1.35),
    "sans_narrow": ("aileron", 0.015, 0.0, 0.0, 0.72),
    "sans_italic": ("aileron", 0.0, 0.0, 0.22, 1.0),
    "line": ("stroke", 0.085, 0.085, 0.0, 1.0),
    "hairline": ("stroke", 0.055, 0.055, 0.0, 1.0),
    "line_bold": ("stroke", 0.17, 0.17, 0.0, 1.05),
    "line_wide": ("stroke", 0.09, 0.09, 0.0, 1.4),
    "line_narrow": ("stroke", 0.1, 0.1, 0.0, 0.75),
    "bar_one": ("bar_one", 0.085, 0.085, 0.0, 1.0),
    "bar_one_bold": ("bar_one", 0.15, 0.15, 0.0, 1.0),
    "contrast": ("serif", 0.16, 0.05, 0.0, 1.0),
    "contrast_light": ("serif", 0.1, 0.035, 0.0, 0.95),
    "contrast_bold": ("serif", 0.22, 0.06, 0.0, 1.1),
    "contrast_italic": ("serif", 0.14, 0.045, 0.2, 1.0),
    "segments": ("segments", 0.1, 0.1, 0.1, 1.0),
    "hand_drawn": ("wobbly", 0.09, 0.09, 0.08, 1.1),
    "hand_drawn_bold": ("wobbly", 0.15, 0.15, 0.0, 1.15),
}


def _pen_paths(canvas: Image.Image, paths: list[Path], across: float, along: float) -> None:
    """Draw paths (pixels) with an upright elliptical pen `across` wide and `along` high, in place."""
    draw = ImageDraw.Draw(canvas)
    for path in paths:
        for (x0, y0), (x1, y1) in pairwise(path):
            steps = max(1, int(math.hypot(x1 - x0, y1 - y0) / 2))
            for k in range(steps + 1):
                x, y = x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps
                draw.ellipse((x - across / 2, y - along / 2, x + across / 2, y + along / 2), fill=255)


def _serifs(paths: list[Path], character: str) -> list[Path]:
    if character not in "IVX1":
        return []
    ends = [point for path in paths for point in (path[0], path[-1])]
    ends = [(x, y) for x, y in ends if y in (0.0, 1.0) and not (character == "1" and y == 0.0)]
    return [[(x - 0.13, y), (x + 0.13, y)] for x, y in ends]


def _stroke_word(text: str, kind: str, across: float, along: float, stretch: float) -> Image.Image:
    cells = []
    for character in text:
        if kind == "segments" and character in _SEGMENTS:
            cells.append(([_SEGMENT_LINES[s] for s in _SEGMENTS[character]], 0.55))
            continue
        paths, width = _BAR_ONE if kind == "bar_one" and character == "1" else _STROKES[character]
        if kind == "serif":
            paths = paths + _serifs(paths, character)
        if kind == "wobbly":
            # Fixed per character: a style must draw the same bytes every time.
            rng = np.random.default_rng(ord(character))
            paths = [[(x + float(rng.normal(0, 0.012)), y + float(rng.normal(0, 0.012))) for x, y in path]
                     for path in paths]
        cells.append((paths, width))
    gap = 0.16 + 0.6 * across
    total = sum(width for _, width in cells) * stretch + gap * (len(cells) - 1)
    margin = 0.2 + across
    canvas = Image.new("L", (math.ceil((total + 2 * margin) * _DRAWN), math.ceil(1.6 * _DRAWN)))
    left = margin
    for paths, width in cells:
        # The pen's own thickness is inside the cap height, as in type.
        inner = 1 - along
        moved = [[((left + x * stretch) * _DRAWN, (0.3 + along / 2 + y * inner) * _DRAWN) for x, y in p] for p in paths]
        _pen_paths(canvas, moved, across * _DRAWN, along * _DRAWN)
        left += width * stretch + gap
    return canvas


def _aileron_word(text: str, weight: float, stretch: float) -> Image.Image:
    font = ImageFont.load_default(_DRAWN / 0.7)
    thicken = max(0, round(weight * _DRAWN))
    left, _, right, _ = font.getbbox(text)
    pad = _DRAWN // 4
    canvas = Image.new("L", (math.ceil(right - left) + 2 * pad, 2 * _DRAWN))
    ImageDraw.Draw(canvas).text((pad - left, 1.6 * _DRAWN), text, font=font, fill=255, anchor="ls",
                                stroke_width=thicken)
    if weight < 0:
        canvas = canvas.filter(ImageFilter.MinFilter(2 * round(-weight * _DRAWN) + 1))
    if stretch != 1.0:
        canvas = canvas.resize((round(canvas.width * stretch), canvas.height), Image.Resampling.BILINEAR)
    return canvas


def _drawn(font: str, text: str) -> Image.Image:
    """The word at full size, cropped to its ink, with a margin that samples may run into."""
    kind, across, along, slant, stretch = FONTS[font]
    if kind == "aileron" or any(character not in _STROKES for character in text):
        canvas = _aileron_word(text, across if kind == "aileron" else 0.0, stretch)
    else:
        canvas = _stroke_word(text, kind, across, along, stretch)
    if slant:
        extra = round(slant * canvas.height)
        canvas = canvas.transform((canvas.width + extra, canvas.height), Image.Transform.AFFINE,
                                  (1, slant, -extra, 0, 1, 0), Image.Resampling.BILINEAR)
    canvas = canvas.crop(canvas.getbbox())
    margin = round(_MARGIN * _DRAWN)
    framed = Image.new("L", (canvas.width + 2 * margin, canvas.height + 2 * margin))
    framed.paste(canvas, (margin, margin))
    return framed


@lru_cache(maxsize=4096)
def _levels(font: str, text: str) -> tuple[tuple[float, Image.Image], ...]:
    full = _drawn(font, text)
    cap = full.height / (1 + 2 * _MARGIN)
    levels = []
    for height in _HEIGHTS:
        factor = height / cap
        # One empty pixel all round, so that bilinear sampling fades out instead of smearing the border.
        size = (max(1, round(full.width * factor)), max(1, round(full.height * factor)))
        small = Image.new("L", (size[0] + 2, size[1] + 2))
        small.paste(full.resize(size, Image.Resampling.BOX), (1, 1))
        levels.append((size[1] / full.height * cap, small))
    return tuple(levels)


def glyph(font: str, text: str, pixels: float) -> tuple[float, Image.Image]:
    """(pixels per cap height, coverage image "L") of `text`, no coarser than `pixels` where there is such a one."""
    levels = _levels(font, text)
    for height, image in levels:
        if height >= pixels:
            return height, image
    return levels[-1]
