"""Clocks drawn afresh from a seed: course clocks turned by at most so many degrees, which the clock curriculum learns from,
and the table's clocks with a background that is turned by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lib.base.drafts import draft_of
from lib.clockface import PERIOD, RENDERER_VERSION, ClockTime, render
from lib.clockface.course import course_pose, course_style
from lib.clockface.table import on_table, table_style


@dataclass(frozen=True, slots=True)
class TurnedClocks:
    """`images` uint8 (N, size, size, 1); `minutes` after 12:00, int32 (N,); `turns` of the dial, float32 (N,) degrees."""

    images: np.ndarray
    minutes: np.ndarray
    turns: np.ndarray


def draw_turned(count: int, turn: float, seed: Sequence[int], size: int = 75) -> TurnedClocks:
    """`count` tilted course clocks of any whole minute, turned evenly between -`turn` and `turn` degrees."""
    rng = np.random.default_rng(list(seed))
    images, turns = np.empty((count, size, size, 1), np.uint8), np.empty(count, np.float32)
    minutes = rng.integers(PERIOD, size=count).astype(np.int32)
    for index, minute in enumerate(minutes.tolist()):
        pose, style = course_pose(rng, turn), course_style(rng)
        images[index, ..., 0] = render(ClockTime.from_minutes(minute), pose, style, size, int(rng.integers(2**31)))
        turns[index] = pose.rotation
    return TurnedClocks(images, minutes, turns)


def draw_on_turned_background(size: int = 150, seed: int = 0) -> TurnedClocks:
    """Every minute of twelve hours once, on the table; but the background is rotated by any angle of its own.

    `turns` are those of the dials. Whoever reads the dial reads these as well as the table's clocks, and whoever takes from
    the background how the dial is turned is lost.
    """
    rng = np.random.default_rng([seed, 9012])
    images, turns = np.empty((PERIOD, size, size, 1), np.uint8), np.empty(PERIOD, np.float32)
    minutes = np.arange(PERIOD, dtype=np.int32)
    for minute in range(PERIOD):
        style, pose = table_style(rng), course_pose(rng)
        elsewhere = replace(pose, rotation=float(rng.uniform(-180, 180)))
        images[minute, ..., 0] = render(ClockTime.from_minutes(minute), pose, on_table(style, elsewhere), size,
                                        int(rng.integers(2**31)))
        turns[minute] = pose.rotation
    return TurnedClocks(images, minutes, turns)


def turned_file(folder: Path, count: int, turn: float, seed: Sequence[int], size: int = 75) -> Path:
    """Where `kept_turned` keeps these images, as this version of the renderer draws them."""
    return folder / f"turned-{size}-{count}-{turn:g}-{'-'.join(map(str, seed))}-v{RENDERER_VERSION}.npz"


def kept_turned(folder: Path, count: int, turn: float, seed: Sequence[int], size: int = 75) -> TurnedClocks:
    """What `draw_turned` returns, kept in `folder`: several networks learn from the same images."""
    path = turned_file(folder, count, turn, seed, size)
    if path.exists():
        with np.load(path, allow_pickle=False) as arrays:
            return TurnedClocks(arrays["images"], arrays["minutes"], arrays["turns"])
    clocks = draw_turned(count, turn, seed, size)
    folder.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft, open(draft, "wb") as file:
        np.savez(file, images=clocks.images, minutes=clocks.minutes, turns=clocks.turns)
    return clocks
