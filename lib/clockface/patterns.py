"""Kinds of clocks with a pattern of their own; each takes a style put together at random and makes it one of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.clockface.chances import between, chance, pick
from lib.clockface.style import ALL_HOURS, Face, Hand, Lens, Scene, Style, Tick


def station(rng: np.random.Generator, style: Style) -> Style:
    """A station clock: bold bars, no numerals or bold ones, black tapered bars for hands."""
    tone, ink = between(rng, 215, 255), between(rng, 0, 40)
    outer = between(rng, 0.93, 0.98)
    hour_tick = Tick("bar", outer - between(rng, 0.2, 0.26), outer, between(rng, 0.06, 0.085), ink)
    face = replace(style.face, shape="round", tone=tone, rings=(), numeral_tone=ink,
                   numerals="none" if chance(rng, 0.7) else "arabic", hours=ALL_HOURS, font="sans_bold", upright=True,
                   numeral_radius=0.56, numeral_height=between(rng, 0.16, 0.22), twelve=None, subdials=(),
                   minute_tick=Tick("bar", outer - between(rng, 0.06, 0.1), outer, between(rng, 0.02, 0.03), ink),
                   hour_tick=hour_tick, texts=())
    shape = str(rng.choice(["bar", "taper"]))
    width = between(rng, 0.07, 0.11)
    hour = Hand(shape, between(rng, 0.58, 0.68), width * 1.2, between(rng, 0.1, 0.24), ink)
    minute = Hand(shape, between(rng, 0.86, 0.96), width, between(rng, 0.1, 0.24), ink)
    second = Hand("lollipop", 0.62, 0.03, 0.2, between(rng, 70, 120)) if chance(rng, 0.6) else None
    hands = replace(style.hands, hour=hour, minute=minute, second=second, alarm=None, hub=0.5 * width, hub_tone=ink)
    return replace(style, face=face, hands=hands)


def drawing(rng: np.random.Generator, style: Style) -> Style:
    """A line drawing, cartoon or icon: flat tones, contours, uneven lines."""
    paper, ink = (between(rng, 225, 255), between(rng, 0, 60))
    face_tone = paper if chance(rng, 0.6) else between(rng, 170, 255)
    line = between(rng, 0.015, 0.07)
    width = 0.0 if chance(rng, 0.5) else between(rng, 0.05, 0.2)
    case = replace(style.case, width=width, lip=0.0, depth=0.0, tone=between(rng, 0, 255), shading=0.0, bevel=0.0,
                   inner_width=0.0, shadow=0.0, line=line, line_tone=ink)
    face = inked(replace(style.face, tone=face_tone, gradient=0.0, texture=0.0, rings=()), ink)
    stroke = between(rng, 0.03, 0.09)
    shape = str(pick(rng, ["bar", "round", "arrow", "taper", style.hands.minute.shape], [0.2, 0.35, 0.25, 0.1, 0.1]))
    hour = replace(style.hands.hour, shape=shape, width=stroke * between(rng, 1.0, 1.5), tone=ink, edge=0.0,
                   hollow=0.0)
    minute = replace(style.hands.minute, shape=shape, width=stroke, tone=ink, edge=0.0, hollow=0.0)
    hands = replace(style.hands, hour=hour, minute=minute, hub=stroke * between(rng, 0.4, 1.2), hub_tone=ink,
                    shadow=0.0, alarm=None)
    scene = Scene("plain", 0, low=paper, high=paper) if chance(rng, 0.75) else style.scene
    lens = Lens(softness=between(rng, 0.5, 1.5), noise=between(rng, 0, 3),
                wobble=between(rng, 0.004, 0.018) if chance(rng, 0.5) else 0.0, wobble_seed=int(rng.integers(40)),
                quality=style.lens.quality, blur=min(style.lens.blur, 0.8), invert=chance(rng, 0.06))
    return replace(style, face=face, hands=hands, case=case, scene=scene, lens=lens, glares=(), streaks=())


def inked(face: Face, ink: float) -> Face:
    """The face with all its marks in one tone."""
    def in_ink(tick: Tick | None) -> Tick | None:
        return None if tick is None else replace(tick, tone=ink)

    return replace(face, numeral_tone=ink, minute_tick=in_ink(face.minute_tick), hour_tick=in_ink(face.hour_tick),
                   twelve=in_ink(face.twelve), texts=tuple(replace(text, tone=ink) for text in face.texts),
                   subdials=tuple(replace(dial, ink=ink, tone=face.tone) for dial in face.subdials))


def minimal(rng: np.random.Generator, style: Style) -> Style:
    """Few marks or none."""
    ticks = pick(rng, ["none", "quarters", "hours", "twelve"], [0.3, 0.25, 0.25, 0.2])
    mark = Tick(str(pick(rng, ["bar", "dot"], [0.7, 0.3])), between(rng, 0.75, 0.85), 0.95,
                between(rng, 0.02, 0.05), style.face.numeral_tone)
    face = replace(style.face, numerals="none", twelve=None, minute_tick=None, hour_tick=None, subdials=())
    if ticks in ("quarters", "hours"):
        face = replace(face, hour_tick=mark, hour_tick_at=(0, 3, 6, 9) if ticks == "quarters" else ALL_HOURS)
    elif ticks == "twelve":
        face = replace(face, twelve=mark, twelve_count=1)
    return replace(style, face=face)


def watch(rng: np.random.Generator, style: Style) -> Style:
    """A wristwatch: strap, crown, small marks."""
    strap = ("strap", 0.0, between(rng, 0.5, 0.75))
    case = replace(style.case, width=between(rng, 0.06, 0.22), side_tone=between(rng, 10, 230),
                   extras=(strap, ("strap", 180.0, strap[2]), ("crown", 90.0, between(rng, 0.08, 0.16))))
    return replace(style, case=case)


def tower(rng: np.random.Generator, style: Style) -> Style:
    """A tower or mantel clock: Roman numerals in a band, ornate hands."""
    height = between(rng, 0.16, 0.24)
    radius = between(rng, 0.72, 0.78)
    face = replace(style.face, shape="round", numerals="roman", hours=ALL_HOURS, upright=False, twelve=None,
                   font=str(rng.choice(["contrast", "contrast_bold", "line_bold"])), numeral_height=height,
                   numeral_radius=radius, subdials=())
    shape = str(rng.choice(["spade", "cathedral", "leaf", "sword", "arrow"]))
    hour = replace(style.hands.hour, shape=shape, edge=0.0)
    return replace(style, face=face, hands=replace(style.hands, hour=hour,
                                                   minute=replace(style.hands.minute, shape=shape, edge=0.0)))
