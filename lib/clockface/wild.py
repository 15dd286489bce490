"""Clocks as designers, icon makers and watchmakers draw them: what the varied family leaves out. For training only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.clockface.canvas import direction
from lib.clockface.chances import between, chance, pick, tone_against
from lib.clockface.patterns import inked
from lib.clockface.style import ALL_HOURS, Case, Face, Hand, Hands, Lens, Plate, Ring, Scene, Style, Tick, Wheel
from lib.clockface.varied import readable, varied_style

#: Least difference between hands and face: thin grey on white is still read by people.
FAINTEST = 40.0


def wild_style(rng: np.random.Generator) -> Style:
    """A clock put together at random that is made into one of several kinds, and seen at any resolution."""
    make = pick(rng, [icon, balanced, banded, numbered, faint, floating, open_worked],
                [0.24, 0.22, 0.16, 0.12, 0.1, 0.08, 0.08])
    style = readable(rng, make(rng, varied_style(rng)), FAINTEST)
    if chance(rng, 0.25):
        style = replace(style, lens=replace(style.lens, resolution=between(rng, 0.25, 0.6)))
    return style


def icon(rng: np.random.Generator, style: Style) -> Style:
    """Two bold strokes in a ring, few marks or none; the hour hand may stand on its full hour until half past."""
    tone = between(rng, 200, 255) if chance(rng, 0.6) else between(rng, 0, 120)
    ink, width = tone_against(rng, tone), between(rng, 0.07, 0.2)
    hand = Hand(str(pick(rng, ["round", "bar"], [0.7, 0.3])), between(rng, 0.55, 0.86), width,
                0.5 * width if chance(rng, 0.8) else between(rng, 0.0, 0.2), ink)
    hour = replace(hand, length=hand.length * between(rng, 0.55, 0.83), width=width * between(rng, 1.0, 1.3),
                   tone=tone_against(rng, tone) if chance(rng, 0.25) else ink)
    hub = float(pick(rng, [0.5 * width, 0.6 * width, rng.uniform(0.6, 1.3) * width], [0.5, 0.2, 0.3]))
    hands = Hands(hour, hand, hub=hub, hub_tone=ink, pin=between(rng, 0.3, 0.8) * hub if chance(rng, 0.2) else 0.0,
                  pin_tone=tone, stepping=chance(rng, 0.5))
    mark = Tick(str(pick(rng, ["bar", "dot"], [0.5, 0.5])), between(rng, 0.76, 0.85), between(rng, 0.86, 0.95),
                between(rng, 0.04, 0.12), ink)
    face = Face(shape="round", tone=tone, numerals="none", minute_tick=None, hour_tick=mark if chance(rng, 0.35) else None,
                hour_tick_at=ALL_HOURS if chance(rng, 0.5) else (0, 3, 6, 9))
    ring = between(rng, 0.05, 0.4) if chance(rng, 0.8) else 0.0
    case = Case(width=ring, lip=0.0, depth=0.0, tone=ink if chance(rng, 0.6) else between(rng, 0, 255), inner_width=0.0,
                shading=0.0, shadow=0.0)
    around = tone if chance(rng, 0.4) else between(rng, 225, 255) if chance(rng, 0.7) else between(rng, 0, 225)
    return Style(face, hands, case, Scene("plain", 0, low=around, high=around), lens=Lens(softness=between(rng, 0.5, 1.5)))


def balanced(rng: np.random.Generator, style: Style) -> Style:
    """Hands with long tails and discs that balance them; a second hand as long and as strong as the others."""
    hands = style.hands
    minute = _balanced(rng, hands.minute)
    hour = _balanced(rng, hands.hour)
    second = hands.second
    if chance(rng, 0.7):
        tone = tone_against(rng, style.face.tone) if chance(rng, 0.6) else hands.minute.tone
        thin = Hand("bar", minute.length * between(rng, 0.85, 1.2), between(rng, 0.008, 0.03), between(rng, 0.05, 0.4), tone)
        second = _balanced(rng, replace(thin, length=min(thin.length, 0.98)))
    return replace(style, hands=replace(hands, minute=minute, hour=hour, second=second))


def _balanced(rng: np.random.Generator, hand: Hand) -> Hand:
    """The hand with a tail of up to two thirds of its length, often a disc at its end."""
    tail = hand.length * between(rng, 0.15, 0.65)
    weight = min(between(rng, 0.6, 1.4) * max(hand.width, 0.05), 0.45 * tail)
    return replace(hand, tail=tail, weight=weight if chance(rng, 0.6) else 0.0, edge=0.0, hollow=0.0)


def banded(rng: np.random.Generator, style: Style) -> Style:
    """Numerals and marks on a band of a tone that contrasts with the middle's."""
    band, inner = tone_against(rng, style.face.tone), between(rng, 0.66, 0.82)
    ink, height = tone_against(rng, band), min(0.2, 0.75 * (1 - inner))
    numerals = "roman" if chance(rng, 0.4) else "arabic"
    face = replace(style.face, rings=(Ring(inner, 1.0, band),), numerals=numerals, hours=ALL_HOURS, numeral_tone=ink,
                   numeral_height=height, numeral_radius=0.5 * (1 + inner), upright=chance(rng, 0.5), twelve=None,
                   font=str(rng.choice(["contrast_bold", "line_bold", "sans", "sans_bold"] if numerals == "arabic" else
                                       ["contrast", "contrast_bold", "line"])))
    marks = tone_against(rng, face.tone)
    fine, bold = face.minute_tick, face.hour_tick
    face = replace(face, minute_tick=fine and Tick("bar", inner - between(rng, 0.04, 0.08), inner, fine.width, marks),
                   hour_tick=bold and Tick("bar", inner - 0.09, inner, min(bold.width, 0.04), marks))
    length = inner * between(rng, 0.85, 1.08)
    share = length / style.hands.minute.length
    hands = replace(style.hands, minute=replace(style.hands.minute, length=length),
                    hour=replace(style.hands.hour, length=style.hands.hour.length * share))
    return replace(style, face=face, hands=hands)


def numbered(rng: np.random.Generator, style: Style) -> Style:
    """A dial to learn from: minutes numbered too, hours on discs, hands of different tones; or a window for the date."""
    face = replace(style.face, numerals="arabic", hours=ALL_HOURS, twelve=None, upright=chance(rng, 0.8))
    outer = chance(rng, 0.7)
    small = between(rng, 0.06, 0.1)
    radius = between(rng, 0.6, 0.72) if outer else face.numeral_radius
    face = replace(face, minutes_radius=between(rng, 0.88, 0.93) if outer else 0.0, minutes_height=small,
                   numeral_radius=radius, numeral_height=min(face.numeral_height, 0.2),
                   hour_tick=None if outer else face.hour_tick, minute_tick=None if outer else face.minute_tick)
    if chance(rng, 0.5):
        size = face.numeral_height * between(rng, 1.7, 2.1)
        tones = [tone_against(rng, face.tone) for _ in range(int(rng.integers(1, 7)))]
        places = [direction(30.0 * hour) for hour in ALL_HOURS]
        face = replace(face, plates=tuple(Plate("disc", radius * x, radius * y, size, size, tones[hour % len(tones)])
                                          for hour, (x, y) in zip(ALL_HOURS, places, strict=True)),
                       numeral_tone=255.0 if face.tone > 120 else 0.0, minutes_radius=0.0)
    elif chance(rng, 0.5):
        background = between(rng, 200, 255)
        face = replace(face, plates=(Plate("box", between(rng, 0.4, 0.65), 0.0, 0.2, 0.14, background),))
    hands = style.hands
    return replace(style, face=face, hands=replace(hands, hour=replace(hands.hour, tone=tone_against(rng, face.tone))))


def faint(rng: np.random.Generator, style: Style) -> Style:
    """Hands and marks little darker or lighter than the dial, a second hand that stands out."""
    tone = style.face.tone
    ink = tone + between(rng, FAINTEST, 80) * (1 if tone < 120 else -1)
    hour, minute = (replace(hand, tone=ink, edge_tone=ink) for hand in (style.hands.hour, style.hands.minute))
    second = style.hands.second and replace(style.hands.second, tone=tone_against(rng, tone))
    hands = replace(style.hands, hour=hour, minute=minute, second=second, hub_tone=ink)
    face = replace(inked(replace(style.face, texts=(), rings=()), ink), subdials=style.face.subdials)
    return replace(style, face=face, hands=hands, lens=Lens(softness=style.lens.softness, noise=min(style.lens.noise, 3.0)))


def floating(rng: np.random.Generator, style: Style) -> Style:
    """No dial and no case: hands and perhaps numerals straight on what is behind."""
    tone = style.face.tone
    spread = between(rng, 0, 20) if chance(rng, 0.5) else 0.0
    kind = str(pick(rng, ["plain", "plaster", "wood", "brick"], [0.5, 0.2, 0.2, 0.1]))
    scene = Scene(kind, int(rng.integers(0, 12)), low=tone - spread, high=tone + spread)
    case = Case(width=0.0, shadow=0.0, line=0.0)
    if kind == "plain" or not spread:
        return replace(style, case=case, scene=scene, face=replace(style.face, shape="round", gradient=0.0, texture=0.0))
    return replace(style, case=case, scene=scene, face=replace(style.face, shape="round", texture=spread))


def open_worked(rng: np.random.Generator, style: Style) -> Style:
    """Wheels show through the dial; the hands are outlined or hollow, numerals stand on a band."""
    style = banded(rng, style) if chance(rng, 0.7) else style
    tone = style.face.tone
    wheels = []
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(-0.4, 0.4, 2).tolist()
        brass = float(np.clip(tone + between(rng, 25, 110) * (1 if tone < 120 else -1), 0, 255))
        wheels.append(Wheel(x, y, between(rng, 0.12, 0.32), between(rng, 0.03, 0.06), int(rng.integers(12, 30)),
                            int(rng.integers(3, 7)), brass))
    edge_tone = 255.0 if tone < 120 else 0.0

    def outlined(hand: Hand) -> Hand:
        width = max(hand.width, 0.07)
        edge = between(rng, 0.15, 0.25) * width
        return replace(hand, width=width, tone=between(rng, 0, 255), edge=edge, edge_tone=edge_tone, hollow=0.0)

    hands = replace(style.hands, hour=outlined(style.hands.hour), minute=outlined(style.hands.minute))
    return replace(style, face=replace(style.face, wheels=tuple(wheels), subdials=(), texts=()), hands=hands)

