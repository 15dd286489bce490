"""The course's clock: one wall clock on wooden planks, seen by a moving camera, with and without glare."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from lib.clockface.pose import Pose
from lib.clockface.style import Case, Face, Glare, Hand, Hands, Lens, Scene, Style, Tick

#: Share of images with a reflection of the lamp, as in the course's set.
GLARE_SHARE = 1 / 3
#: Number of slightly different prints of the dial; more would be drawn anew too often.
FACES = 24


def course_pose(rng: np.random.Generator, max_turn: float = 180.0) -> Pose:
    """A pose as in the course's set: any turn, axis ratio 0.74-1, the face 64 % of the frame to cropped."""
    # The far side is mostly at the top: the camera walked round a clock that lay before it.
    sideways = rng.random() < 0.06
    scale = float(rng.triangular(0.64, 0.77, 1.05))
    loose = max(0.02, 0.5 * (1.0 - scale)) * 0.6
    return Pose(
        rotation=float(rng.uniform(-max_turn, max_turn)),
        axis_ratio=float(rng.uniform(0.74, 1.0)),
        tilt_direction=float(rng.uniform(-180, 180) if sideways else rng.normal(0, 16)),
        scale=scale,
        offset_x=float(rng.normal(0, loose / 2)),
        offset_y=float(rng.normal(0.01, loose / 2)),
        distance=float(rng.uniform(3.6, 9.0)),
    )


def course_style(rng: np.random.Generator) -> Style:
    """A look from the course's set: what differs there (light, camera, planks) at random, the rest nearly fixed."""
    glare = rng.random() < GLARE_SHARE
    softness = float(rng.choice([rng.uniform(0.2, 0.6), rng.uniform(0.6, 1.4)]))
    return Style(
        face=_face(rng),
        hands=_hands(rng, glare),
        case=_case(rng),
        scene=_scene(rng),
        glares=(_glare(rng),) if glare else (),
        lens=Lens(
            softness=softness,
            blur=float(rng.choice([0.0, rng.uniform(0.3, 0.6)], p=[0.85, 0.15])),
            gain=float(rng.uniform(0.94, 1.06)),
            noise=float(rng.uniform(0.0, 2.0)),
            sharpen=float(rng.choice([0.0, rng.uniform(0.2, 0.8)], p=[0.9, 0.1])),
        ),
    )


@lru_cache(maxsize=FACES)
def _printed_face(number: int) -> Face:
    """One of the `FACES` slightly different prints of the dial."""
    rng = np.random.default_rng([number, 1200])
    ink, outer = float(rng.uniform(45, 115)), float(rng.uniform(0.92, 0.955))
    return Face(
        font=str(rng.choice(["line", "bar_one", "sans_light", "hairline"], p=[0.3, 0.35, 0.15, 0.2])),
        numeral_height=float(rng.uniform(0.13, 0.165)),
        numeral_radius=float(rng.uniform(0.7, 0.76)),
        numeral_tone=ink,
        minute_tick=Tick(inner=outer - float(rng.uniform(0.02, 0.04)), outer=outer,
                         width=float(rng.uniform(0.006, 0.012)), tone=ink + 10),
        hour_tick=Tick(inner=outer - float(rng.uniform(0.06, 0.085)), outer=outer,
                       width=float(rng.uniform(0.016, 0.025)), tone=ink - 25),
        printed=True,
    )


def _face(rng: np.random.Generator) -> Face:
    return replace(_printed_face(int(rng.integers(FACES))), tone=float(rng.uniform(196, 226)),
                   gradient=float(rng.uniform(0, 20)), gradient_angle=float(rng.uniform(-180, 180)))


def _hands(rng: np.random.Generator, glare: bool) -> Hands:
    # The lamp that glares on the glass also lights the hands.
    tone = float(rng.uniform(60, 150) if glare and rng.random() < 0.7 else rng.uniform(34, 85))
    minute = float(rng.uniform(0.72, 0.83))
    width = float(rng.uniform(0.055, 0.078))
    tail = float(rng.uniform(0.03, 0.08))
    return Hands(
        hour=Hand("bar", length=minute * float(rng.uniform(0.72, 0.84)), width=width * float(rng.uniform(1.0, 1.15)),
                  tail=tail, tone=tone),
        minute=Hand("bar", length=minute, width=width, tail=tail, tone=tone + float(rng.uniform(-6, 6))),
        hub=width * float(rng.uniform(0.5, 0.8)), hub_tone=tone + float(rng.uniform(-8, 8)),
        height=float(rng.uniform(0.06, 0.2)),
        shadow=float(rng.choice([0.0, rng.uniform(0.02, 0.08)], p=[0.6, 0.4])),
        shadow_x=float(rng.uniform(-0.04, 0.04)), shadow_y=float(rng.uniform(-0.04, 0.05)),
    )


def _case(rng: np.random.Generator) -> Case:
    tone = float(rng.uniform(48, 82))
    sparkles = tuple((float(rng.uniform(-180, 180)), float(rng.uniform(0.025, 0.05)))
                     for _ in range(int(rng.integers(0, 4))))
    return Case(
        width=float(rng.uniform(0.13, 0.18)), lip=float(rng.uniform(0.01, 0.07)), depth=float(rng.uniform(0.06, 0.2)),
        tone=tone, side_tone=tone * float(rng.uniform(0.45, 0.95)), inner_tone=float(rng.uniform(18, 60)),
        inner_width=float(rng.uniform(0.01, 0.045)), bevel=float(rng.choice([0.0, rng.uniform(4, 22)])),
        shading=float(rng.uniform(4, 24)), light_angle=float(rng.uniform(-180, 180)),
        shadow=float(rng.uniform(0.3, 0.75)), shadow_x=float(rng.uniform(-0.12, 0.12)),
        shadow_y=float(rng.uniform(-0.04, 0.16)), shadow_blur=float(rng.uniform(0.1, 0.35)), sparkles=sparkles,
    )


def _scene(rng: np.random.Generator) -> Scene:
    middle, spread = float(rng.uniform(84, 114)), float(rng.uniform(80, 125))
    return Scene(
        kind="wood", seed=int(rng.integers(0, 12)), angle=float(rng.uniform(-180, 180)),
        zoom=float(rng.uniform(80, 120)), low=middle - spread / 2, high=middle + spread / 2,
        gradient=float(rng.uniform(0, 45)), gradient_angle=float(rng.normal(0, 50)),
    )


def _glare(rng: np.random.Generator) -> Glare:
    distance, angle = float(np.sqrt(rng.uniform(0, 1.1))), float(rng.uniform(0, 2 * np.pi))
    return Glare(
        x=distance * np.sin(angle).item(), y=-distance * np.cos(angle).item(),
        radius=float(rng.uniform(0.07, 0.15)), strength=float(rng.uniform(0.75, 1.2)),
        haze=float(rng.uniform(0.15, 0.6)), haze_radius=float(rng.uniform(0.25, 0.6)),
    )
