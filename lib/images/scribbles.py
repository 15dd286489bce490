"""What people draw on a pad for digits that is no digit: letters, signs, scribbles, filled shapes, two digits at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from lib.images.drawing import PAD_SIDE
from lib.images.skeletons import skeleton
from lib.images.strokes import Stroke, curve, ink_of, parse_path, random_hand, write

#: Letters that no digit looks like. Left out: O D Q o (0), I l i (1), Z z (2), S s (5), b G (6), T J (7), B (8), g q (9),
#: y Y (4, 9), and a c C e r u, which hasty digits can look like.
LETTERS = {
    "A": "0,1 / .35,0 / .7,1 | .12,.62 .58,.62", "E": ".6,0 / .05,0 / .05,1 / .62,1 | .05,.5 .5,.5",
    "F": ".6,0 / .05,0 / .05,1 | .05,.48 .5,.48", "H": ".05,0 .05,1 | .65,0 .65,1 | .05,.5 .65,.5",
    "K": ".05,0 .05,1 | .6,0 / .05,.55 / .65,1", "M": "0,1 / .08,0 / .4,.6 / .72,0 / .8,1",
    "N": ".05,1 / .05,0 / .65,1 / .65,0", "P": ".05,1 / .05,0 / .4,.0 .62,.22 .4,.5 .05,.52",
    "R": ".05,1 / .05,0 / .4,.0 .62,.22 .4,.48 .05,.5 / .65,1", "U": ".05,0 .05,.6 .35,1 .65,.6 .65,0",
    "V": "0,0 / .35,1 / .7,0", "W": "0,0 / .2,1 / .42,.3 / .64,1 / .85,0", "X": "0,0 .65,1 | .65,0 0,1",
    "L": ".05,0 / .05,1 / .6,1", "h": ".05,0 .05,1 | .05,.6 .3,.42 .52,.6 .52,1",
    "k": ".05,0 .05,1 | .5,.4 / .08,.68 / .55,1",
    "m": ".02,.4 .02,1 | .02,.55 .2,.4 .38,.55 .38,1 | .38,.55 .56,.4 .74,.55 .74,1",
    "n": ".05,.2 .05,1 | .05,.42 .35,.2 .6,.42 .6,1", "p": ".05,.2 .05,1 | .05,.3 .35,.2 .55,.42 .32,.66 .05,.56",
    "w": "0,.2 .15,1 .35,.4 .55,1 .72,.2", "d": ".55,0 .55,1 | .55,.6 .28,.45 .05,.75 .28,1 .55,.8",
    "f": ".5,.08 .3,0 .22,.3 .2,1 | .02,.42 .48,.42", "t": ".25,0 .25,.8 .4,1 .55,.9 | .0,.3 .52,.3",
    "v": "0,.2 / .3,1 / .6,.2", "x": ".0,.2 .6,1 | .6,.2 .0,1", "+": ".35,.1 .35,.9 | 0,.5 .7,.5",
    "#": ".2,0 .15,1 | .5,0 .45,1 | 0,.33 .7,.3 | 0,.68 .7,.66", "?": ".05,.2 .3,0 .6,.2 .35,.5 .3,.75 | .3,.95 .3,1",
    "check": "0,.6 / .25,1 / .8,0", "&": ".7,1 .2,.3 .3,0 .45,.2 .05,.7 .3,1 .65,.55",
    "heart": ".4,.3 .2,0 .0,.3 / .4,1 / .8,.3 .6,0 .4,.3", "star": ".1,1 / .4,0 / .7,1 / .0,.38 / .8,.38 / .1,1",
    "house": ".1,1 / .1,.4 / .4,0 / .7,.4 / .7,1 / .1,1",
    "smile": ".5,0 .05,.25 .05,.8 .5,1 .95,.8 .95,.25 .5,0 | .33,.3 .33,.4 | .66,.3 .66,.4 | .28,.7 .5,.82 .72,.7",
    "arrow": "0,.5 .9,.5 | .6,.25 / .9,.5 / .6,.75", "=": "0,.3 .7,.3 | 0,.65 .7,.65",
}


def draw_letter(rng: np.random.Generator) -> np.ndarray:
    """One of `LETTERS` by some hand, ink uint8 (56, 56)."""
    path = parse_path(list(LETTERS.values())[int(rng.integers(len(LETTERS)))])
    hand = random_hand(rng)
    return ink_of(write(path, hand, rng), hand.pen)


def _lines(lines: list[Stroke], rng: np.random.Generator) -> np.ndarray:
    """Lines in units of the pad, drawn with some pen."""
    return ink_of([line * PAD_SIDE for line in lines], float(rng.choice([1.5, 2.8, 4.4, 6.4])))


def draw_wander(rng: np.random.Generator) -> np.ndarray:
    """A line that wanders, now tight, now wide."""
    steps = rng.normal(0, rng.uniform(0.1, 0.35), (int(rng.integers(9, 26)), 2))
    points = np.clip(0.5 + np.cumsum(steps, axis=0) - steps.cumsum(axis=0).mean(axis=0), 0.06, 0.94)
    return _lines([curve(points) if rng.random() < 0.7 else points], rng)


def draw_zigzag(rng: np.random.Generator) -> np.ndarray:
    """A line to and fro, as one crosses something out."""
    count = int(rng.integers(5, 18))
    along, across = np.linspace(0.1, 0.9, count), np.where(np.arange(count) % 2, 0.15, 0.85)
    points = np.stack([along, across], axis=1) + rng.normal(0, 0.05, (count, 2))
    points = points if rng.random() < 0.5 else points[:, ::-1]
    return _lines([curve(points) if rng.random() < 0.5 else points], rng)


def draw_spiral(rng: np.random.Generator) -> np.ndarray:
    """A spiral of one and a half to five turns."""
    turns = rng.uniform(1.5, 5)
    angle = np.linspace(0, 2 * np.pi * turns, 90) * rng.choice([-1, 1]) + rng.uniform(0, 6.3)
    radius = np.linspace(rng.uniform(0.0, 0.1), rng.uniform(0.3, 0.45), 90)[:, None]
    return _lines([0.5 + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)], rng)


def draw_pieces(rng: np.random.Generator) -> np.ndarray:
    """Several straight or bent pieces that lie anywhere."""
    count = int(rng.integers(3, 8))
    return _lines([curve(rng.uniform(0.08, 0.92, (int(rng.integers(2, 5)), 2))) for _ in range(count)], rng)


def draw_dots(rng: np.random.Generator) -> np.ndarray:
    """A few dots."""
    places = rng.uniform(0.1, 0.9, (int(rng.integers(2, 9)), 1, 2))
    return _lines([np.concatenate([place, place + 0.005]) for place in places], rng)


def draw_filled(rng: np.random.Generator) -> np.ndarray:
    """Filled shapes: a blob, a polygon, or two of them, not always of full strength."""
    canvas = Image.new("L", (PAD_SIDE * 2, PAD_SIDE * 2))
    for _ in range(int(rng.integers(1, 4))):
        count = int(rng.integers(3, 9))
        angle = np.sort(rng.uniform(0, 2 * np.pi, count))
        radius = rng.uniform(0.12, 0.45, (count, 1))
        points = (rng.uniform(0.35, 0.65, 2) + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)) * PAD_SIDE * 2
        if rng.random() < 0.5:
            points = curve(np.concatenate([points, points[:1]]))
        ImageDraw.Draw(canvas).polygon([tuple(point) for point in points.tolist()], fill=int(rng.integers(90, 256)))
    return np.asarray(canvas.reduce(2))


def draw_two_digits(rng: np.random.Generator) -> np.ndarray:
    """Two digits side by side: no digit of ten."""
    hand = random_hand(rng)
    lines = []
    for place in (0.08, 0.54):
        every = write(skeleton(int(rng.integers(10)), rng)[1], hand, rng)
        whole = np.concatenate(every)
        scale = min(0.36 * PAD_SIDE / max(np.ptp(whole[:, 0]), 1.0), 0.8 * PAD_SIDE / max(np.ptp(whole[:, 1]), 1.0))
        lines += [(line - whole.min(axis=0)) * scale + [place * PAD_SIDE, 0.1 * PAD_SIDE] for line in every]
    return ink_of(lines, float(rng.uniform(1.5, 4.4)))


#: What is drawn -> its share and how.
OTHERS: dict[str, tuple[float, Callable[[np.random.Generator], np.ndarray]]] = {
    "letters and signs": (4.5, draw_letter), "wandering lines": (1.5, draw_wander), "zigzags": (1, draw_zigzag),
    "spirals": (0.7, draw_spiral), "pieces": (1, draw_pieces), "dots": (0.4, draw_dots), "filled shapes": (1.5, draw_filled),
    "two digits": (1.2, draw_two_digits),
}


def draw_other(rng: np.random.Generator) -> tuple[str, np.ndarray]:
    """What is drawn, and a drawing of it, ink uint8 (56, 56)."""
    weights = np.array([weight for weight, _ in OTHERS.values()])
    name = list(OTHERS)[int(rng.choice(len(OTHERS), p=weights / weights.sum()))]
    return name, OTHERS[name][1](rng)
