"""Surfaces behind and on clocks, made from seeds, and a pool of noise. Made once per process and kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

#: Side of a texture in pixels; planks reach as far as a tilted camera sees.
_SIDE, _WOOD_SIDE = 768, 1024
_POOL = 1 << 19


@lru_cache(maxsize=1)
def _noise_pool() -> np.ndarray:
    pool = np.random.default_rng(20).standard_normal(_POOL, dtype=np.float32)
    pool.flags.writeable = False
    return pool


def noise(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """Standard normal noise, float32 of `shape`, read-only; drawn from a pool, ten times faster than fresh numbers."""
    count = shape[0] * shape[1]
    pool = _noise_pool()
    if count > pool.size:
        return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
    start = int(np.random.SeedSequence(seed).generate_state(1)[0]) % (pool.size - count + 1)
    return pool[start : start + count].reshape(shape)


def smooth_noise(rng: np.random.Generator, side: int, cells: tuple[float, float]) -> np.ndarray:
    """Smooth noise, float32 (side, side) of unit size: `cells` of (rows, columns) are interpolated."""
    rows, columns = max(2, round(cells[0])), max(2, round(cells[1]))
    coarse = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))


def _octaves(rng: np.random.Generator, side: int, first: float, count: int, fall: float = 0.6) -> np.ndarray:
    field = np.zeros((side, side), np.float32)
    for k in range(count):
        field += fall**k * smooth_noise(rng, side, (first * 2**k, first * 2**k))
    return field


def _wood(rng: np.random.Generator, side: int) -> np.ndarray:
    """Weathered planks along x: fine streaks, long waves, knots, dark gaps."""
    field = np.zeros((side, side), np.float32)
    fine = 0.75 * smooth_noise(rng, side, (side, 22)) + 0.55 * smooth_noise(rng, side, (side / 2, 60))
    fine += 0.35 * rng.standard_normal((side, side), dtype=np.float32)
    # The grain's strength itself varies: parts of a board are smooth, others furrowed.
    fine *= np.clip(0.75 + 0.35 * smooth_noise(rng, side, (20, 6)), 0.25, 1.5)
    top = -int(rng.integers(0, 100))
    while top < side:
        height = int(rng.integers(100, 150))
        rows = slice(max(top, 0), min(top + height, side))
        count = rows.stop - rows.start
        if count > 0:
            field[rows] = 0.45 * smooth_noise(rng, side, (side / 12, 4))[:count] + 0.4 * float(rng.standard_normal())
            field[rows] += np.roll(fine, int(rng.integers(side)), axis=1)[rows]
            edge = np.minimum(np.arange(count), np.arange(count)[::-1]).astype(np.float32)[:, None]
            ragged = 1.6 + 0.9 * np.abs(smooth_noise(rng, side, (2, 40))[0])
            field[rows] -= 4.0 * np.clip(ragged[None] - edge, 0, 1)
        top += height
    return field


def _plain(rng: np.random.Generator, side: int) -> np.ndarray:
    return 0.15 * smooth_noise(rng, side, (3, 3)) + 0.03 * rng.standard_normal((side, side), dtype=np.float32)


def _plaster(rng: np.random.Generator, side: int) -> np.ndarray:
    return _octaves(rng, side, rng.uniform(3, 12), 6, rng.uniform(0.5, 0.9))


def _brick(rng: np.random.Generator, side: int) -> np.ndarray:
    field = 0.4 * _octaves(rng, side, 24, 4)
    height, width = int(rng.integers(24, 60)), int(rng.integers(60, 140))
    for row, top in enumerate(range(0, side, height)):
        for left in range(-(row % 2) * width // 2, side, width):
            tone = 0.6 * float(rng.standard_normal())
            field[top : top + height - 4, max(left, 0) : max(left + width - 4, 0)] += tone + 1.6
    return field


def _tiles(rng: np.random.Generator, side: int) -> np.ndarray:
    step = int(rng.integers(40, 160))
    field = 0.2 * _octaves(rng, side, 6, 4)
    field[::step] -= 2
    field[1::step] -= 2
    field[:, ::step] -= 2
    field[:, 1::step] -= 2
    return field


def _stripes(rng: np.random.Generator, side: int) -> np.ndarray:
    period = rng.uniform(12, 90)
    wave = np.sin(2 * math.pi * np.arange(side) / period)
    if rng.random() < 0.5:
        wave = np.sign(wave)
    return np.tile(wave.astype(np.float32), (side, 1)) + 0.1 * _octaves(rng, side, 8, 3)


def _checks(rng: np.random.Generator, side: int) -> np.ndarray:
    step = int(rng.integers(20, 90))
    index = np.arange(side) // step
    return ((index[:, None] + index[None]) % 2).astype(np.float32) * 2 + 0.1 * _octaves(rng, side, 8, 3)


def _clutter(rng: np.random.Generator, side: int) -> np.ndarray:
    """Overlapping shapes of all sizes, as in an untidy room."""
    image = Image.fromarray((128 + 50 * np.tanh(_octaves(rng, side, 2, 3))).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(20, 90))):
        x, y = rng.uniform(0, side, 2)
        w, h = np.exp(rng.uniform(np.log(10), np.log(350), 2))
        tone = int(rng.integers(0, 256))
        kind = rng.integers(4)
        if kind == 0:
            draw.rectangle((x, y, x + w, y + h), fill=tone)
        elif kind == 1:
            draw.ellipse((x, y, x + w, y + h), fill=tone)
        elif kind == 2:
            points = rng.uniform(-0.5, 0.5, (4, 2)) * (w, h) + (x, y)
            draw.polygon([tuple(p) for p in points.tolist()], fill=tone)
        else:
            draw.line((x, y, x + w * rng.choice([-1, 1]), y + h), fill=tone, width=int(rng.integers(1, 12)))
    image = image.filter(ImageFilter.GaussianBlur(float(rng.choice([0.5, 2, 6, 15]))))
    return np.asarray(image, dtype=np.float32) / 64 + 0.08 * rng.standard_normal((side, side), dtype=np.float32)


def _foliage(rng: np.random.Generator, side: int) -> np.ndarray:
    return np.tanh(2 * _octaves(rng, side, rng.uniform(10, 30), 5, 0.8))


def _bokeh(rng: np.random.Generator, side: int) -> np.ndarray:
    image = Image.new("L", (side, side), 60)
    draw = ImageDraw.Draw(image, "L")
    for _ in range(60):
        x, y = rng.uniform(0, side, 2)
        r = rng.uniform(10, 60)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.integers(40, 255)))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(8)), dtype=np.float32) / 64


def _page(rng: np.random.Generator, side: int) -> np.ndarray:
    """Lines of print."""
    field = np.full((side, side), 1.0, np.float32)
    line = int(rng.integers(10, 30))
    for top in range(0, side, line):
        left = 0
        while left < side:
            width = int(rng.integers(1, 6) * line // 3)
            field[top : top + line // 2, left : left + width] = rng.uniform(-1, 0)
            left += width + line // 3
    return field


TEXTURES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "plain": _plain, "wood": _wood, "plaster": _plaster, "brick": _brick, "tiles": _tiles, "stripes": _stripes,
    "checks": _checks, "clutter": _clutter, "foliage": _foliage, "bokeh": _bokeh, "page": _page,
}


@lru_cache(maxsize=256)
def texture(kind: str, seed: int) -> Image.Image:
    """A square grey texture "L": mean about 128, two standard deviations to either end."""
    rng = np.random.default_rng([seed, sorted(TEXTURES).index(kind)])
    field = TEXTURES[kind](rng, _WOOD_SIDE if kind == "wood" else _SIDE)
    field = (field - field.mean()) / max(float(field.std()), 1e-3)
    return Image.fromarray(np.clip(128 + 55 * field, 0, 255).astype(np.uint8))
