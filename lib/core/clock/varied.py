"""Clocks of every other kind: wall clocks, watches, station clocks, drawings, film frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.core.clock.glyphs import FONTS
from lib.core.clock.pose import Pose
from lib.core.clock.style import (
    ALL_HOURS,
    HAND_SHAPES,
    Case,
    Face,
    Glare,
    Hand,
    Hands,
    Lens,
    Ring,
    Scene,
    Streak,
    Style,
    Subdial,
    Text,
    Tick,
)

#: Least difference between hands and face in grey values, so that a reader has a chance.
MIN_CONTRAST = 55.0
_WORDS = ("QUARTZ", "AUTOMATIC", "London", "PARIS", "Made in", "STATION", "Kitchen", "Acme", "SINCE 1884", "Nord",
          "TIME", "WATER RESISTANT", "Co.", "Cafe", "DAY", "Stockholm", "ALPHA", "Regulator", "31", "7", "MON 14")


def _chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _pick(rng: np.random.Generator, choices: list, weights: list[float]) -> object:
    return choices[int(rng.choice(len(choices), p=np.array(weights) / sum(weights)))]


def varied_pose(rng: np.random.Generator, max_turn: float = 180.0) -> Pose:
    """Mostly upright and from the front, sometimes tilted, small, cropped or turned (never beyond `max_turn`)."""
    turn = float(_pick(rng, [0.0, rng.normal(0, 4), rng.normal(0, 18), rng.uniform(-180, 180)], [0.3, 0.25, 0.2, 0.25]))
    if abs(turn) > max_turn:
        turn = _between(rng, -max_turn, max_turn) if max_turn > 5 else 0.0
    tilt = _pick(rng, [1.0, rng.uniform(0.93, 1.0), rng.uniform(0.72, 0.95), rng.uniform(0.6, 0.75)],
                 [0.35, 0.35, 0.25, 0.05])
    scale = float(_pick(rng, [rng.uniform(0.6, 0.95), rng.uniform(0.42, 0.66), rng.uniform(0.9, 1.08)],
                        [0.62, 0.28, 0.1]))
    loose = 0.5 * max(0.03, 1.0 - scale)
    off = (rng.uniform(-loose, loose, 2) if _chance(rng, 0.3) else rng.normal(0, 0.03, 2)).tolist()
    return Pose(rotation=turn, axis_ratio=float(tilt), tilt_direction=_between(rng, -180, 180), scale=scale,
                offset_x=off[0], offset_y=off[1], distance=_between(rng, 4, 20))


def varied_style(rng: np.random.Generator) -> Style:
    """A clock of any kind; some kinds are drawn after a pattern (station, drawing, watch), most put together."""
    kind = _pick(rng, ["mixed", "station", "drawing", "minimal", "watch", "tower"],
                 [0.56, 0.08, 0.13, 0.08, 0.09, 0.06])
    dark = _chance(rng, 0.12 if kind == "drawing" else 0.3)
    tone = _between(rng, 10, 95) if dark else _between(rng, 165, 254)
    ink = _ink(rng, tone)
    face = _face(rng, tone, ink)
    hands = _hands(rng, tone, ink)
    case, scene, lens = _case(rng), _scene(rng), _lens(rng)
    glares, streaks = _reflections(rng)
    style = Style(face=face, hands=hands, case=case, scene=scene, glares=glares, streaks=streaks, lens=lens)
    if kind == "station":
        style = _station(rng, style)
    elif kind == "drawing":
        style = _drawing(rng, style)
    elif kind == "minimal":
        style = _minimal(rng, style)
    elif kind == "watch":
        style = _watch(rng, style)
    elif kind == "tower":
        style = _tower(rng, style)
    return _readable(rng, style)


def _ink(rng: np.random.Generator, tone: float) -> float:
    """A tone that stands out from `tone`."""
    if tone < 120:
        return _between(rng, min(tone + 90, 250), 255)
    return _between(rng, 0, max(tone - 100, 20))


# --- face ---------------------------------------------------------------------------------


def _face(rng: np.random.Generator, tone: float, ink: float) -> Face:
    shape = str(_pick(rng, ["round", "square", "octagon"], [0.84, 0.13, 0.03]))
    numerals = str(_pick(rng, ["arabic", "roman", "none", "twenty_four"], [0.56, 0.18, 0.23, 0.03]))
    outer = _between(rng, 0.9, 0.99)
    length = _between(rng, 0.05, 0.17)
    inside = _chance(rng, 0.75)
    height = _between(rng, 0.12, 0.3) if numerals != "roman" else _between(rng, 0.12, 0.22)
    radius = outer - length - 0.5 * height - _between(rng, 0.0, 0.08)
    minute_tick, hour_tick = _ticks(rng, outer, length, ink)
    if not inside:
        # Numerals outside, marks on an inner ring.
        radius = 0.97 - 0.55 * height
        minute_tick, hour_tick = _ticks(rng, radius - 0.6 * height, min(length, 0.1), ink)
    hours = ALL_HOURS
    if _chance(rng, 0.15):
        hours = tuple(_pick(rng, [(0, 3, 6, 9), (0, 6), (0, 2, 4, 6, 8, 10), (0,)], [0.6, 0.15, 0.2, 0.05]))
    return Face(
        shape=shape, corner=_between(rng, 0.05, 0.7), tone=tone,
        gradient=_between(rng, 0, 30) if _chance(rng, 0.6) else 0.0, gradient_angle=_between(rng, -180, 180),
        texture=_between(rng, 2, 16) if _chance(rng, 0.15) else 0.0, texture_seed=int(rng.integers(16)),
        rings=_rings(rng, tone), numerals=numerals, hours=hours, font=_font(rng, numerals),
        numeral_height=height, numeral_radius=radius, numeral_tone=ink,
        upright=_chance(rng, 0.75 if numerals != "roman" else 0.3),
        minute_tick=minute_tick, hour_tick=hour_tick, hour_tick_at=ALL_HOURS,
        twelve=_twelve(rng, outer, ink) if numerals == "none" and _chance(rng, 0.5) else None,
        twelve_count=int(rng.choice([1, 2])), texts=_texts(rng, ink), subdials=_subdials(rng, tone, ink),
    )


def _font(rng: np.random.Generator, numerals: str) -> str:
    if numerals == "roman":
        return str(_pick(rng, ["contrast", "contrast_light", "contrast_bold", "line", "line_bold", "line_narrow"],
                         [0.3, 0.15, 0.25, 0.1, 0.1, 0.1]))
    return str(rng.choice(sorted(FONTS)))


def _ticks(rng: np.random.Generator, outer: float, length: float, ink: float) -> tuple[Tick | None, Tick | None]:
    kind = _pick(rng, ["both", "hours", "none", "same"], [0.68, 0.2, 0.05, 0.07])
    if kind == "none":
        return None, None
    shape = str(_pick(rng, ["bar", "dot", "wedge"], [0.78, 0.15, 0.07]))
    width = _between(rng, 0.015, 0.07) if shape != "dot" else _between(rng, 0.03, 0.09)
    hour = Tick(shape, outer - length, outer, width, ink)
    if kind == "hours":
        return None, hour
    if kind == "same":
        hour = Tick("bar", outer - length, outer, _between(rng, 0.01, 0.025), ink)
        return replace(hour), hour
    short = length * _between(rng, 0.25, 0.9)
    inner = outer - short if _chance(rng, 0.7) else outer - length
    minute_shape = str(_pick(rng, ["bar", "dot"], [0.85, 0.15]))
    return Tick(minute_shape, inner, inner + short, _between(rng, 0.006, 0.022), ink), hour


def _twelve(rng: np.random.Generator, outer: float, ink: float) -> Tick:
    shape = str(_pick(rng, ["bar", "dot", "wedge"], [0.5, 0.2, 0.3]))
    width = _between(rng, 0.06, 0.1) if shape == "bar" else _between(rng, 0.11, 0.2)
    return Tick(shape, outer - _between(rng, 0.2, 0.3), outer, width, ink)


def _rings(rng: np.random.Generator, tone: float) -> tuple[Ring, ...]:
    rings = []
    if _chance(rng, 0.15):
        rings.append(Ring(_between(rng, 0.7, 0.9), 1.0, _shifted(rng, tone, 50)))
    if _chance(rng, 0.12):
        rings.append(Ring(0.0, _between(rng, 0.3, 0.7), _shifted(rng, tone, 45)))
    if _chance(rng, 0.15):
        middle = _between(rng, 0.5, 0.97)
        rings.append(Ring(middle - 0.01, middle + 0.01, _ink(rng, tone), _between(rng, 0.4, 1.0)))
    return tuple(rings)


def _shifted(rng: np.random.Generator, tone: float, most: float) -> float:
    """A tone up to `most` away that stays on the same side of the ink."""
    return float(np.clip(tone + rng.uniform(-most, most), 5, 95) if tone < 120 else
                 np.clip(tone + rng.uniform(-most, most), 160, 255))


def _texts(rng: np.random.Generator, ink: float) -> tuple[Text, ...]:
    if not _chance(rng, 0.45):
        return ()
    texts = []
    for _ in range(int(rng.integers(1, 4))):
        word = str(rng.choice(_WORDS))
        y = _between(rng, 0.22, 0.5) * (1 if _chance(rng, 0.5) else -1)
        height = min(_between(rng, 0.05, 0.12), 0.9 / max(len(word), 5))
        texts.append(Text(word, str(rng.choice(["sans", "sans_bold", "sans_italic", "sans_wide"])),
                          _between(rng, -0.05, 0.05), y, height, ink))
    return tuple(texts)


def _subdials(rng: np.random.Generator, tone: float, ink: float) -> tuple[Subdial, ...]:
    if not _chance(rng, 0.07):
        return ()
    count = int(rng.choice([1, 1, 2, 3]))
    places = [(0.0, 0.42), (-0.42, 0.0), (0.42, 0.0)][:count]
    radius, surface = _between(rng, 0.16, 0.26), _shifted(rng, tone, 40)
    return tuple(Subdial(x, y, radius, surface, ink, _between(rng, 0, 360)) for x, y in places)


# --- hands --------------------------------------------------------------------------------


def _hands(rng: np.random.Generator, face_tone: float, ink: float) -> Hands:
    shape = str(rng.choice(HAND_SHAPES))
    hour_shape = shape if _chance(rng, 0.85) else str(rng.choice(HAND_SHAPES))
    minute_length, ratio = _between(rng, 0.62, 0.97), _between(rng, 0.45, 0.82)
    if _chance(rng, 0.08):
        ratio = _between(rng, 0.8, 0.9)
    width = float(np.exp(rng.uniform(np.log(0.025), np.log(0.11))))
    thicker = _between(rng, 1.0, 1.7) if ratio < 0.8 else _between(rng, 1.35, 1.9)
    tone = ink if _chance(rng, 0.6) else _ink(rng, face_tone)
    tail = _pick(rng, [0.0, rng.uniform(0.02, 0.12), rng.uniform(0.12, 0.28)], [0.2, 0.45, 0.35])
    edge = width * _between(rng, 0.12, 0.3) if _chance(rng, 0.2) and width > 0.05 else 0.0
    hollow = _between(rng, 0.3, 0.6) if not edge and width > 0.06 and _chance(rng, 0.1) else 0.0
    # An outlined hand is filled with nearly the face's own tone as often as with another.
    fill = tone if not edge or _chance(rng, 0.4) else _between(rng, 0, 255)
    base = Hand(shape, minute_length, width, float(tail), fill, edge, tone, hollow)
    second, alarm = _second(rng, face_tone, ink), None
    if _chance(rng, 0.1):
        alarm = Hand(str(rng.choice(["bar", "arrow", "taper"])), _between(rng, 0.25, 0.6), _between(rng, 0.012, 0.022),
                     0.0, _ink(rng, face_tone))
    return Hands(
        hour=replace(base, shape=hour_shape, length=ratio * minute_length, width=width * thicker,
                     tail=float(tail) * _between(rng, 0.6, 1.0)),
        minute=base, second=second, second_angle=_between(rng, 0, 360), alarm=alarm,
        alarm_angle=_between(rng, 0, 360), hub=max(0.5 * width, _between(rng, 0.02, 0.09)), hub_tone=tone,
        pin=_between(rng, 0.01, 0.025) if _chance(rng, 0.4) else 0.0, pin_tone=_between(rng, 0, 255),
        height=_between(rng, 0.0, 0.08), shadow=_between(rng, 0.1, 0.5) if _chance(rng, 0.45) else 0.0,
        shadow_x=_between(rng, -0.05, 0.05), shadow_y=_between(rng, -0.02, 0.07), hour_on_top=_chance(rng, 0.1),
    )


def _second(rng: np.random.Generator, face_tone: float, ink: float) -> Hand | None:
    """A thin second hand, often red: in grey, a middle tone."""
    if not _chance(rng, 0.45):
        return None
    tone = ink if _chance(rng, 0.4) else float(np.clip(face_tone + rng.choice([-1, 1]) * rng.uniform(40, 140), 0, 255))
    shape = str(_pick(rng, ["bar", "taper", "lollipop", "arrow"], [0.6, 0.2, 0.12, 0.08]))
    return Hand(shape, _between(rng, 0.55, 0.95), _between(rng, 0.008, 0.02), _between(rng, 0.0, 0.3), tone)


# --- case, scene, light, lens -------------------------------------------------------------


def _case(rng: np.random.Generator) -> Case:
    tone = _between(rng, 5, 250)
    width = float(_pick(rng, [0.0, rng.uniform(0.02, 0.08), rng.uniform(0.08, 0.2), rng.uniform(0.2, 0.4)],
                        [0.08, 0.32, 0.45, 0.15]))
    drop = _chance(rng, 0.65)
    lines = _chance(rng, 0.2)
    extras: tuple[tuple[str, float, float], ...] = ()
    if _chance(rng, 0.05):
        extras = (("ball", -28.0, 0.28), ("ball", 28.0, 0.28), ("foot", 150.0, 0.16), ("foot", -150.0, 0.16))
    return Case(
        width=width, lip=_between(rng, 0.0, 0.06), depth=_between(rng, 0.0, 0.2), tone=tone,
        side_tone=tone * _between(rng, 0.5, 1.0), inner_tone=_between(rng, 10, 240),
        inner_width=_between(rng, 0.005, 0.05) if _chance(rng, 0.6) else 0.0,
        bevel=_between(rng, -50, 50) if _chance(rng, 0.5) else 0.0,
        shading=_between(rng, 0, 45) if _chance(rng, 0.7) else 0.0, light_angle=_between(rng, -180, 180),
        line=_between(rng, 0.01, 0.035) if lines or width == 0 else 0.0, line_tone=_between(rng, 0, 120),
        shadow=_between(rng, 0.15, 0.7) if drop else 0.0, shadow_x=_between(rng, -0.15, 0.15),
        shadow_y=_between(rng, -0.05, 0.2), shadow_blur=_between(rng, 0.05, 0.5), extras=extras,
        rays=int(rng.choice([12, 24, 36, 60])) if _chance(rng, 0.04) else 0,
        ray=Tick(str(rng.choice(["bar", "wedge"])), 1.0, _between(rng, 1.3, 2.0), _between(rng, 0.02, 0.12),
                 _between(rng, 0, 255)),
    )


def _scene(rng: np.random.Generator) -> Scene:
    kind = str(_pick(rng, ["white", "plain", "plaster", "brick", "wood", "tiles", "stripes", "checks", "clutter",
                           "foliage", "bokeh", "page"],
                     [0.2, 0.22, 0.1, 0.05, 0.09, 0.03, 0.03, 0.02, 0.16, 0.04, 0.04, 0.02]))
    if kind == "white":
        level = _between(rng, 240, 255)
        return Scene("plain", 0, low=level, high=level, gradient=float(_pick(rng, [0.0, 20.0], [0.7, 0.3])))
    middle = _between(rng, 15, 240)
    spread = _between(rng, 4, 40) if kind in ("plain", "plaster") else _between(rng, 30, 230)
    on_plane = kind in ("wood", "brick", "tiles", "plaster") and _chance(rng, 0.7)
    zoom = _between(rng, 60, 130) if on_plane else _between(rng, 150, 520)
    return Scene(
        kind, int(rng.integers(0, 12)), angle=float(rng.normal(0, 8) if _chance(rng, 0.6) else rng.uniform(-180, 180)),
        zoom=zoom, low=middle - spread / 2, high=middle + spread / 2,
        gradient=_between(rng, 0, 90) if _chance(rng, 0.5) else 0.0, gradient_angle=_between(rng, -180, 180),
        on_plane=on_plane,
    )


def _reflections(rng: np.random.Generator) -> tuple[tuple[Glare, ...], tuple[Streak, ...]]:
    glares, streaks = [], []
    if _chance(rng, 0.16):
        x, y = rng.uniform(-0.8, 0.8, 2).tolist()
        glares.append(Glare(x, y, _between(rng, 0.05, 0.16), _between(rng, 0.3, 1.0), _between(rng, 0.1, 0.4),
                            _between(rng, 0.2, 0.6)))
    if _chance(rng, 0.1):
        streaks.append(Streak(_between(rng, -180, 180), _between(rng, -0.35, 0.35), _between(rng, 0.05, 0.3),
                              _between(rng, 0.05, 0.35)))
    if _chance(rng, 0.1):
        # The edge of a shadow that falls across the clock.
        streaks.append(Streak(_between(rng, -180, 180), _between(rng, 0.4, 1.0), 1.2, _between(rng, 0.15, 0.5), 0.0,
                              _between(rng, 0.01, 0.2)))
    if _chance(rng, 0.08):
        # Something in front, at the picture's edge.
        streaks.append(Streak(_between(rng, -180, 180), _between(rng, 0.55, 0.75), 0.4, 1.0, _between(rng, 0, 255),
                              _between(rng, 0.01, 0.05)))
    if _chance(rng, 0.03):
        # The black bars of a wide film.
        streaks += [Streak(angle, 0.5, _between(rng, 0.1, 0.24), 1.0, 0.0, 0.0) for angle in (0.0, 180.0)]
    return tuple(glares), tuple(streaks)


def _lens(rng: np.random.Generator) -> Lens:
    clean = _chance(rng, 0.3)
    if clean:
        return Lens(softness=_between(rng, 0.4, 1.5), noise=_between(rng, 0, 1.5))
    return Lens(
        softness=_between(rng, 0.5, 1.6),
        blur=float(_pick(rng, [0.0, rng.uniform(0.3, 1.0), rng.uniform(1.0, 1.8)], [0.5, 0.38, 0.12])),
        motion=_between(rng, 1.5, 4.0) if _chance(rng, 0.05) else 0.0, motion_angle=_between(rng, -180, 180),
        gain=_between(rng, 0.65, 1.12), bias=_between(rng, -10, 25), gamma=float(np.exp(rng.uniform(-0.45, 0.45))),
        vignette=_between(rng, 0.1, 0.6) if _chance(rng, 0.25) else 0.0,
        noise=float(_pick(rng, [rng.uniform(0, 4), rng.uniform(4, 14)], [0.7, 0.3])),
        quality=int(rng.integers(25, 90)) if _chance(rng, 0.25) else 0,
        resolution=_between(rng, 0.5, 0.9) if _chance(rng, 0.15) else 1.0,
        sharpen=_between(rng, 0.3, 1.5) if _chance(rng, 0.15) else 0.0,
        invert=_chance(rng, 0.02),
    )


# --- patterns -----------------------------------------------------------------------------


def _station(rng: np.random.Generator, style: Style) -> Style:
    """A station clock: bold bars, no numerals or bold ones, black tapered bars for hands."""
    tone, ink = _between(rng, 215, 255), _between(rng, 0, 40)
    outer = _between(rng, 0.93, 0.98)
    hour_tick = Tick("bar", outer - _between(rng, 0.2, 0.26), outer, _between(rng, 0.06, 0.085), ink)
    face = replace(style.face, shape="round", tone=tone, rings=(), numeral_tone=ink,
                   numerals="none" if _chance(rng, 0.7) else "arabic", hours=ALL_HOURS, font="sans_bold", upright=True,
                   numeral_radius=0.56, numeral_height=_between(rng, 0.16, 0.22), twelve=None, subdials=(),
                   minute_tick=Tick("bar", outer - _between(rng, 0.06, 0.1), outer, _between(rng, 0.02, 0.03), ink),
                   hour_tick=hour_tick, texts=())
    shape = str(rng.choice(["bar", "taper"]))
    width = _between(rng, 0.07, 0.11)
    hour = Hand(shape, _between(rng, 0.58, 0.68), width * 1.2, _between(rng, 0.1, 0.24), ink)
    minute = Hand(shape, _between(rng, 0.86, 0.96), width, _between(rng, 0.1, 0.24), ink)
    second = Hand("lollipop", 0.62, 0.03, 0.2, _between(rng, 70, 120)) if _chance(rng, 0.6) else None
    hands = replace(style.hands, hour=hour, minute=minute, second=second, alarm=None, hub=0.5 * width, hub_tone=ink)
    return replace(style, face=face, hands=hands)


def _drawing(rng: np.random.Generator, style: Style) -> Style:
    """A line drawing, cartoon or icon: flat tones, contours, uneven lines."""
    paper, ink = (_between(rng, 225, 255), _between(rng, 0, 60))
    face_tone = paper if _chance(rng, 0.6) else _between(rng, 170, 255)
    line = _between(rng, 0.015, 0.07)
    width = 0.0 if _chance(rng, 0.5) else _between(rng, 0.05, 0.2)
    case = replace(style.case, width=width, lip=0.0, depth=0.0, tone=_between(rng, 0, 255), shading=0.0, bevel=0.0,
                   inner_width=0.0, shadow=0.0, line=line, line_tone=ink)
    face = _inked(replace(style.face, tone=face_tone, gradient=0.0, texture=0.0, rings=()), ink)
    stroke = _between(rng, 0.03, 0.09)
    shape = str(_pick(rng, ["bar", "round", "arrow", "taper", style.hands.minute.shape], [0.2, 0.35, 0.25, 0.1, 0.1]))
    hour = replace(style.hands.hour, shape=shape, width=stroke * _between(rng, 1.0, 1.5), tone=ink, edge=0.0,
                   hollow=0.0)
    minute = replace(style.hands.minute, shape=shape, width=stroke, tone=ink, edge=0.0, hollow=0.0)
    hands = replace(style.hands, hour=hour, minute=minute, hub=stroke * _between(rng, 0.4, 1.2), hub_tone=ink,
                    shadow=0.0, alarm=None)
    scene = Scene("plain", 0, low=paper, high=paper) if _chance(rng, 0.75) else style.scene
    lens = Lens(softness=_between(rng, 0.5, 1.5), noise=_between(rng, 0, 3),
                wobble=_between(rng, 0.004, 0.018) if _chance(rng, 0.5) else 0.0, wobble_seed=int(rng.integers(40)),
                quality=style.lens.quality, blur=min(style.lens.blur, 0.8), invert=_chance(rng, 0.06))
    return replace(style, face=face, hands=hands, case=case, scene=scene, lens=lens, glares=(), streaks=())


def _inked(face: Face, ink: float) -> Face:
    """The face with all its marks in one tone."""
    def inked(tick: Tick | None) -> Tick | None:
        return None if tick is None else replace(tick, tone=ink)

    return replace(face, numeral_tone=ink, minute_tick=inked(face.minute_tick), hour_tick=inked(face.hour_tick),
                   twelve=inked(face.twelve), texts=tuple(replace(text, tone=ink) for text in face.texts),
                   subdials=tuple(replace(dial, ink=ink, tone=face.tone) for dial in face.subdials))


def _minimal(rng: np.random.Generator, style: Style) -> Style:
    """Few marks or none."""
    ticks = _pick(rng, ["none", "quarters", "hours", "twelve"], [0.3, 0.25, 0.25, 0.2])
    mark = Tick(str(_pick(rng, ["bar", "dot"], [0.7, 0.3])), _between(rng, 0.75, 0.85), 0.95,
                _between(rng, 0.02, 0.05), style.face.numeral_tone)
    face = replace(style.face, numerals="none", twelve=None, minute_tick=None, hour_tick=None, subdials=())
    if ticks in ("quarters", "hours"):
        face = replace(face, hour_tick=mark, hour_tick_at=(0, 3, 6, 9) if ticks == "quarters" else ALL_HOURS)
    elif ticks == "twelve":
        face = replace(face, twelve=mark, twelve_count=1)
    return replace(style, face=face)


def _watch(rng: np.random.Generator, style: Style) -> Style:
    """A wristwatch: strap, crown, small marks."""
    strap = ("strap", 0.0, _between(rng, 0.5, 0.75))
    case = replace(style.case, width=_between(rng, 0.06, 0.22), side_tone=_between(rng, 10, 230),
                   extras=(strap, ("strap", 180.0, strap[2]), ("crown", 90.0, _between(rng, 0.08, 0.16))))
    return replace(style, case=case)


def _tower(rng: np.random.Generator, style: Style) -> Style:
    """A tower or mantel clock: Roman numerals in a band, ornate hands."""
    height = _between(rng, 0.16, 0.24)
    radius = _between(rng, 0.72, 0.78)
    face = replace(style.face, shape="round", numerals="roman", hours=ALL_HOURS, upright=False, twelve=None,
                   font=str(rng.choice(["contrast", "contrast_bold", "line_bold"])), numeral_height=height,
                   numeral_radius=radius, subdials=())
    shape = str(rng.choice(["spade", "cathedral", "leaf", "sword", "arrow"]))
    hour = replace(style.hands.hour, shape=shape, edge=0.0)
    return replace(style, face=face, hands=replace(style.hands, hour=hour,
                                                   minute=replace(style.hands.minute, shape=shape, edge=0.0)))


def _readable(rng: np.random.Generator, style: Style) -> Style:
    """The style with hands that stand out from the face and can be told apart."""
    hands, tone = style.hands, style.face.tone
    away = 255.0 if tone < 120 else 0.0

    def visible(hand: Hand) -> Hand:
        shown = hand.edge_tone if hand.edge else hand.tone
        if abs(shown - tone) >= MIN_CONTRAST:
            return hand
        shown = tone + (MIN_CONTRAST + 20) * (1 if away > tone else -1)
        return replace(hand, edge_tone=shown) if hand.edge else replace(hand, tone=shown)

    hour, minute = visible(hands.hour), visible(hands.minute)
    hands = replace(hands, hour=hour, minute=minute)
    if not hands.are_distinct:
        hands = replace(hands, hour=replace(hour, length=minute.length * _between(rng, 0.5, 0.8)))
    return replace(style, hands=hands)
