"""Clocks of every other kind: wall clocks, watches, station clocks, drawings, film frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.clockface.chances import between, chance, pick, tone_against
from lib.clockface.glyphs import FONTS
from lib.clockface.patterns import drawing, minimal, station, tower, watch
from lib.clockface.pose import Pose
from lib.clockface.style import (
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


def varied_pose(rng: np.random.Generator, max_turn: float = 180.0) -> Pose:
    """Mostly upright and from the front, sometimes tilted, small, cropped or turned (never beyond `max_turn`)."""
    turn = float(pick(rng, [0.0, rng.normal(0, 4), rng.normal(0, 18), rng.uniform(-180, 180)], [0.3, 0.25, 0.2, 0.25]))
    if abs(turn) > max_turn:
        turn = between(rng, -max_turn, max_turn) if max_turn > 5 else 0.0
    tilt = pick(rng, [1.0, rng.uniform(0.93, 1.0), rng.uniform(0.72, 0.95), rng.uniform(0.6, 0.75)],
                 [0.35, 0.35, 0.25, 0.05])
    scale = float(pick(rng, [rng.uniform(0.6, 0.95), rng.uniform(0.42, 0.66), rng.uniform(0.9, 1.08)],
                        [0.62, 0.28, 0.1]))
    loose = 0.5 * max(0.03, 1.0 - scale)
    off = (rng.uniform(-loose, loose, 2) if chance(rng, 0.3) else rng.normal(0, 0.03, 2)).tolist()
    return Pose(rotation=turn, axis_ratio=float(tilt), tilt_direction=between(rng, -180, 180), scale=scale,
                offset_x=off[0], offset_y=off[1], distance=between(rng, 4, 20))


def varied_style(rng: np.random.Generator) -> Style:
    """A clock of any kind; some kinds are drawn after a pattern (station, drawing, watch), most put together."""
    kind = pick(rng, ["mixed", "station", "drawing", "minimal", "watch", "tower"],
                 [0.56, 0.08, 0.13, 0.08, 0.09, 0.06])
    dark = chance(rng, 0.12 if kind == "drawing" else 0.3)
    tone = between(rng, 10, 95) if dark else between(rng, 165, 254)
    ink = tone_against(rng, tone)
    face = _face(rng, tone, ink)
    hands = _hands(rng, tone, ink)
    case, scene, lens = _case(rng), _scene(rng), _lens(rng)
    glares, streaks = _reflections(rng)
    style = Style(face=face, hands=hands, case=case, scene=scene, glares=glares, streaks=streaks, lens=lens)
    if kind == "station":
        style = station(rng, style)
    elif kind == "drawing":
        style = drawing(rng, style)
    elif kind == "minimal":
        style = minimal(rng, style)
    elif kind == "watch":
        style = watch(rng, style)
    elif kind == "tower":
        style = tower(rng, style)
    return readable(rng, style)


# --- face ---------------------------------------------------------------------------------


def _face(rng: np.random.Generator, tone: float, ink: float) -> Face:
    shape = str(pick(rng, ["round", "square", "octagon"], [0.84, 0.13, 0.03]))
    numerals = str(pick(rng, ["arabic", "roman", "none", "twenty_four"], [0.56, 0.18, 0.23, 0.03]))
    outer = between(rng, 0.9, 0.99)
    length = between(rng, 0.05, 0.17)
    inside = chance(rng, 0.75)
    height = between(rng, 0.12, 0.3) if numerals != "roman" else between(rng, 0.12, 0.22)
    radius = outer - length - 0.5 * height - between(rng, 0.0, 0.08)
    minute_tick, hour_tick = _ticks(rng, outer, length, ink)
    if not inside:
        # Numerals outside, marks on an inner ring.
        radius = 0.97 - 0.55 * height
        minute_tick, hour_tick = _ticks(rng, radius - 0.6 * height, min(length, 0.1), ink)
    hours = ALL_HOURS
    if chance(rng, 0.15):
        hours = tuple(pick(rng, [(0, 3, 6, 9), (0, 6), (0, 2, 4, 6, 8, 10), (0,)], [0.6, 0.15, 0.2, 0.05]))
    return Face(
        shape=shape, corner=between(rng, 0.05, 0.7), tone=tone,
        gradient=between(rng, 0, 30) if chance(rng, 0.6) else 0.0, gradient_angle=between(rng, -180, 180),
        texture=between(rng, 2, 16) if chance(rng, 0.15) else 0.0, texture_seed=int(rng.integers(16)),
        rings=_rings(rng, tone), numerals=numerals, hours=hours, font=_font(rng, numerals),
        numeral_height=height, numeral_radius=radius, numeral_tone=ink,
        upright=chance(rng, 0.75 if numerals != "roman" else 0.3),
        minute_tick=minute_tick, hour_tick=hour_tick, hour_tick_at=ALL_HOURS,
        twelve=_twelve(rng, outer, ink) if numerals == "none" and chance(rng, 0.5) else None,
        twelve_count=int(rng.choice([1, 2])), texts=_texts(rng, ink), subdials=_subdials(rng, tone, ink),
    )


def _font(rng: np.random.Generator, numerals: str) -> str:
    if numerals == "roman":
        return str(pick(rng, ["contrast", "contrast_light", "contrast_bold", "line", "line_bold", "line_narrow"],
                         [0.3, 0.15, 0.25, 0.1, 0.1, 0.1]))
    return str(rng.choice(sorted(FONTS)))


def _ticks(rng: np.random.Generator, outer: float, length: float, ink: float) -> tuple[Tick | None, Tick | None]:
    kind = pick(rng, ["both", "hours", "none", "same"], [0.68, 0.2, 0.05, 0.07])
    if kind == "none":
        return None, None
    shape = str(pick(rng, ["bar", "dot", "wedge"], [0.78, 0.15, 0.07]))
    width = between(rng, 0.015, 0.07) if shape != "dot" else between(rng, 0.03, 0.09)
    hour = Tick(shape, outer - length, outer, width, ink)
    if kind == "hours":
        return None, hour
    if kind == "same":
        hour = Tick("bar", outer - length, outer, between(rng, 0.01, 0.025), ink)
        return replace(hour), hour
    short = length * between(rng, 0.25, 0.9)
    inner = outer - short if chance(rng, 0.7) else outer - length
    minute_shape = str(pick(rng, ["bar", "dot"], [0.85, 0.15]))
    return Tick(minute_shape, inner, inner + short, between(rng, 0.006, 0.022), ink), hour


def _twelve(rng: np.random.Generator, outer: float, ink: float) -> Tick:
    shape = str(pick(rng, ["bar", "dot", "wedge"], [0.5, 0.2, 0.3]))
    width = between(rng, 0.06, 0.1) if shape == "bar" else between(rng, 0.11, 0.2)
    return Tick(shape, outer - between(rng, 0.2, 0.3), outer, width, ink)


def _rings(rng: np.random.Generator, tone: float) -> tuple[Ring, ...]:
    rings = []
    if chance(rng, 0.15):
        rings.append(Ring(between(rng, 0.7, 0.9), 1.0, _shifted(rng, tone, 50)))
    if chance(rng, 0.12):
        rings.append(Ring(0.0, between(rng, 0.3, 0.7), _shifted(rng, tone, 45)))
    if chance(rng, 0.15):
        middle = between(rng, 0.5, 0.97)
        rings.append(Ring(middle - 0.01, middle + 0.01, tone_against(rng, tone), between(rng, 0.4, 1.0)))
    return tuple(rings)


def _shifted(rng: np.random.Generator, tone: float, most: float) -> float:
    """A tone up to `most` away that stays on the same side of the ink."""
    return float(np.clip(tone + rng.uniform(-most, most), 5, 95) if tone < 120 else
                 np.clip(tone + rng.uniform(-most, most), 160, 255))


def _texts(rng: np.random.Generator, ink: float) -> tuple[Text, ...]:
    if not chance(rng, 0.45):
        return ()
    texts = []
    for _ in range(int(rng.integers(1, 4))):
        word = str(rng.choice(_WORDS))
        y = between(rng, 0.22, 0.5) * (1 if chance(rng, 0.5) else -1)
        height = min(between(rng, 0.05, 0.12), 0.9 / max(len(word), 5))
        texts.append(Text(word, str(rng.choice(["sans", "sans_bold", "sans_italic", "sans_wide"])),
                          between(rng, -0.05, 0.05), y, height, ink))
    return tuple(texts)


def _subdials(rng: np.random.Generator, tone: float, ink: float) -> tuple[Subdial, ...]:
    if not chance(rng, 0.07):
        return ()
    count = int(rng.choice([1, 1, 2, 3]))
    places = [(0.0, 0.42), (-0.42, 0.0), (0.42, 0.0)][:count]
    radius, surface = between(rng, 0.16, 0.26), _shifted(rng, tone, 40)
    return tuple(Subdial(x, y, radius, surface, ink, between(rng, 0, 360)) for x, y in places)


# --- hands --------------------------------------------------------------------------------


def _hands(rng: np.random.Generator, face_tone: float, ink: float) -> Hands:
    shape = str(rng.choice(HAND_SHAPES))
    hour_shape = shape if chance(rng, 0.85) else str(rng.choice(HAND_SHAPES))
    minute_length, ratio = between(rng, 0.62, 0.97), between(rng, 0.45, 0.82)
    if chance(rng, 0.08):
        ratio = between(rng, 0.8, 0.9)
    width = float(np.exp(rng.uniform(np.log(0.025), np.log(0.11))))
    thicker = between(rng, 1.0, 1.7) if ratio < 0.8 else between(rng, 1.35, 1.9)
    tone = ink if chance(rng, 0.6) else tone_against(rng, face_tone)
    tail = pick(rng, [0.0, rng.uniform(0.02, 0.12), rng.uniform(0.12, 0.28)], [0.2, 0.45, 0.35])
    edge = width * between(rng, 0.12, 0.3) if chance(rng, 0.2) and width > 0.05 else 0.0
    hollow = between(rng, 0.3, 0.6) if not edge and width > 0.06 and chance(rng, 0.1) else 0.0
    # An outlined hand is filled with nearly the face's own tone as often as with another.
    fill = tone if not edge or chance(rng, 0.4) else between(rng, 0, 255)
    base = Hand(shape, minute_length, width, float(tail), fill, edge, tone, hollow)
    second, alarm = _second(rng, face_tone, ink), None
    if chance(rng, 0.1):
        alarm = Hand(str(rng.choice(["bar", "arrow", "taper"])), between(rng, 0.25, 0.6), between(rng, 0.012, 0.022),
                     0.0, tone_against(rng, face_tone))
    return Hands(
        hour=replace(base, shape=hour_shape, length=ratio * minute_length, width=width * thicker,
                     tail=float(tail) * between(rng, 0.6, 1.0)),
        minute=base, second=second, second_angle=between(rng, 0, 360), alarm=alarm,
        alarm_angle=between(rng, 0, 360), hub=max(0.5 * width, between(rng, 0.02, 0.09)), hub_tone=tone,
        pin=between(rng, 0.01, 0.025) if chance(rng, 0.4) else 0.0, pin_tone=between(rng, 0, 255),
        height=between(rng, 0.0, 0.08), shadow=between(rng, 0.1, 0.5) if chance(rng, 0.45) else 0.0,
        shadow_x=between(rng, -0.05, 0.05), shadow_y=between(rng, -0.02, 0.07), hour_on_top=chance(rng, 0.1),
    )


def _second(rng: np.random.Generator, face_tone: float, ink: float) -> Hand | None:
    """A thin second hand, often red: in grey, a middle tone."""
    if not chance(rng, 0.45):
        return None
    tone = ink if chance(rng, 0.4) else float(np.clip(face_tone + rng.choice([-1, 1]) * rng.uniform(40, 140), 0, 255))
    shape = str(pick(rng, ["bar", "taper", "lollipop", "arrow"], [0.6, 0.2, 0.12, 0.08]))
    return Hand(shape, between(rng, 0.55, 0.95), between(rng, 0.008, 0.02), between(rng, 0.0, 0.3), tone)


# --- case, scene, light, lens -------------------------------------------------------------


def _case(rng: np.random.Generator) -> Case:
    tone = between(rng, 5, 250)
    width = float(pick(rng, [0.0, rng.uniform(0.02, 0.08), rng.uniform(0.08, 0.2), rng.uniform(0.2, 0.4)],
                        [0.08, 0.32, 0.45, 0.15]))
    drop = chance(rng, 0.65)
    lines = chance(rng, 0.2)
    extras: tuple[tuple[str, float, float], ...] = ()
    if chance(rng, 0.05):
        extras = (("ball", -28.0, 0.28), ("ball", 28.0, 0.28), ("foot", 150.0, 0.16), ("foot", -150.0, 0.16))
    return Case(
        width=width, lip=between(rng, 0.0, 0.06), depth=between(rng, 0.0, 0.2), tone=tone,
        side_tone=tone * between(rng, 0.5, 1.0), inner_tone=between(rng, 10, 240),
        inner_width=between(rng, 0.005, 0.05) if chance(rng, 0.6) else 0.0,
        bevel=between(rng, -50, 50) if chance(rng, 0.5) else 0.0,
        shading=between(rng, 0, 45) if chance(rng, 0.7) else 0.0, light_angle=between(rng, -180, 180),
        line=between(rng, 0.01, 0.035) if lines or width == 0 else 0.0, line_tone=between(rng, 0, 120),
        shadow=between(rng, 0.15, 0.7) if drop else 0.0, shadow_x=between(rng, -0.15, 0.15),
        shadow_y=between(rng, -0.05, 0.2), shadow_blur=between(rng, 0.05, 0.5), extras=extras,
        rays=int(rng.choice([12, 24, 36, 60])) if chance(rng, 0.04) else 0,
        ray=Tick(str(rng.choice(["bar", "wedge"])), 1.0, between(rng, 1.3, 2.0), between(rng, 0.02, 0.12),
                 between(rng, 0, 255)),
    )


def _scene(rng: np.random.Generator) -> Scene:
    kind = str(pick(rng, ["white", "plain", "plaster", "brick", "wood", "tiles", "stripes", "checks", "clutter",
                           "foliage", "bokeh", "page"],
                     [0.2, 0.22, 0.1, 0.05, 0.09, 0.03, 0.03, 0.02, 0.16, 0.04, 0.04, 0.02]))
    if kind == "white":
        level = between(rng, 240, 255)
        return Scene("plain", 0, low=level, high=level, gradient=float(pick(rng, [0.0, 20.0], [0.7, 0.3])))
    middle = between(rng, 15, 240)
    spread = between(rng, 4, 40) if kind in ("plain", "plaster") else between(rng, 30, 230)
    on_plane = kind in ("wood", "brick", "tiles", "plaster") and chance(rng, 0.7)
    zoom = between(rng, 60, 130) if on_plane else between(rng, 150, 520)
    return Scene(
        kind, int(rng.integers(0, 12)), angle=float(rng.normal(0, 8) if chance(rng, 0.6) else rng.uniform(-180, 180)),
        zoom=zoom, low=middle - spread / 2, high=middle + spread / 2,
        gradient=between(rng, 0, 90) if chance(rng, 0.5) else 0.0, gradient_angle=between(rng, -180, 180),
        on_plane=on_plane,
    )


def _reflections(rng: np.random.Generator) -> tuple[tuple[Glare, ...], tuple[Streak, ...]]:
    glares, streaks = [], []
    if chance(rng, 0.16):
        x, y = rng.uniform(-0.8, 0.8, 2).tolist()
        glares.append(Glare(x, y, between(rng, 0.05, 0.16), between(rng, 0.3, 1.0), between(rng, 0.1, 0.4),
                            between(rng, 0.2, 0.6)))
    if chance(rng, 0.1):
        streaks.append(Streak(between(rng, -180, 180), between(rng, -0.35, 0.35), between(rng, 0.05, 0.3),
                              between(rng, 0.05, 0.35)))
    if chance(rng, 0.1):
        # The edge of a shadow that falls across the clock.
        streaks.append(Streak(between(rng, -180, 180), between(rng, 0.4, 1.0), 1.2, between(rng, 0.15, 0.5), 0.0,
                              between(rng, 0.01, 0.2)))
    if chance(rng, 0.08):
        # Something in front, at the image's edge.
        streaks.append(Streak(between(rng, -180, 180), between(rng, 0.55, 0.75), 0.4, 1.0, between(rng, 0, 255),
                              between(rng, 0.01, 0.05)))
    if chance(rng, 0.03):
        # The black bars of a wide film.
        streaks += [Streak(angle, 0.5, between(rng, 0.1, 0.24), 1.0, 0.0, 0.0) for angle in (0.0, 180.0)]
    return tuple(glares), tuple(streaks)


def _lens(rng: np.random.Generator) -> Lens:
    clean = chance(rng, 0.3)
    if clean:
        return Lens(softness=between(rng, 0.4, 1.5), noise=between(rng, 0, 1.5))
    return Lens(
        softness=between(rng, 0.5, 1.6),
        blur=float(pick(rng, [0.0, rng.uniform(0.3, 1.0), rng.uniform(1.0, 1.8)], [0.5, 0.38, 0.12])),
        motion=between(rng, 1.5, 4.0) if chance(rng, 0.05) else 0.0, motion_angle=between(rng, -180, 180),
        gain=between(rng, 0.65, 1.12), bias=between(rng, -10, 25), gamma=float(np.exp(rng.uniform(-0.45, 0.45))),
        vignette=between(rng, 0.1, 0.6) if chance(rng, 0.25) else 0.0,
        noise=float(pick(rng, [rng.uniform(0, 4), rng.uniform(4, 14)], [0.7, 0.3])),
        quality=int(rng.integers(25, 90)) if chance(rng, 0.25) else 0,
        resolution=between(rng, 0.5, 0.9) if chance(rng, 0.15) else 1.0,
        sharpen=between(rng, 0.3, 1.5) if chance(rng, 0.15) else 0.0,
        invert=chance(rng, 0.02),
    )


def readable(rng: np.random.Generator, style: Style, contrast: float = MIN_CONTRAST) -> Style:
    """The style with hands that stand out from the face by `contrast` and can be told apart."""
    hands, tone = style.hands, style.face.tone
    away = 255.0 if tone < 120 else 0.0

    def visible(hand: Hand) -> Hand:
        shown = hand.edge_tone if hand.edge else hand.tone
        if abs(shown - tone) >= contrast:
            return hand
        shown = tone + (contrast + 20) * (1 if away > tone else -1)
        return replace(hand, edge_tone=shown) if hand.edge else replace(hand, tone=shown)

    hour, minute = visible(hands.hour), visible(hands.minute)
    hands = replace(hands, hour=hour, minute=minute)
    if not hands.are_distinct:
        hands = replace(hands, hour=replace(hour, length=minute.length * between(rng, 0.5, 0.8)))
    return replace(style, hands=hands)
