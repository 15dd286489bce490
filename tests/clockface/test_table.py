"""The course's scene against its published pictures: what was read from them by eye, picture by picture."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lib.clockface import ClockTime, Pose, random_clock, render
from lib.clockface.table import LAMP_AT, PLANKS, mirror_point, on_table, table_style

#: Degrees clockwise: the direction of 12 from up, and of the planks from level; one of thirteen pictures shows no planks.
TURNS_AND_PLANKS = ((146, 30), (-57, 62), (-50, 0), (-77, -28), (-50, 0), (-50, 0), (115, -5), (-52, 0), (180, 35),
                    (-146, 78), (119, -8), (0, 35))
#: Direction of 12, axis ratio, then where the glare is: degrees clockwise from up and radii of the face.
GLARES = ((-52, 0.76, -40, 0.37), (0, 0.88, 87, 0.75), (-77, 0.94, -53, 0.8), (-57, 0.8, -42, 0.35), (-50, 0.85, -33, 0.45))
#: Direction of 12 and axis ratio of pictures without glare.
NO_GLARES = ((146, 0.9), (180, 0.92), (-146, 0.93), (117, 0.76), (119, 0.78))


def test_planks_turn_with_the_dial_as_in_the_published_pictures() -> None:
    # A plank looks the same after half a turn.
    away = [(planks - turn - PLANKS + 90) % 180 - 90 for turn, planks in TURNS_AND_PLANKS]
    fitting = [degrees for degrees in away if abs(degrees) < 20]
    assert len(fitting) == len(away) - 1
    assert abs(np.mean(fitting)) < 2
    assert np.std(fitting, ddof=1) < 10


@pytest.mark.parametrize(("turn", "ratio", "at", "away"), GLARES)
def test_one_lamp_puts_the_glare_where_the_pictures_have_it(turn: float, ratio: float, at: float, away: float) -> None:
    x, y = mirror_point(Pose(rotation=turn, axis_ratio=ratio, distance=4.0))
    assert math.dist((x, y), (away * math.sin(math.radians(at)), -away * math.cos(math.radians(at)))) < 0.4


@pytest.mark.parametrize(("turn", "ratio"), NO_GLARES)
def test_pictures_without_glare_have_none(turn: float, ratio: float) -> None:
    pose = Pose(rotation=turn, axis_ratio=ratio, distance=4.0)
    assert math.hypot(*mirror_point(pose)) > 1.0
    assert on_table(table_style(np.random.default_rng(0)), pose).glares == ()


def test_a_camera_that_walks_round_sees_the_whole_scene_turn() -> None:
    style = table_style(np.random.default_rng(1))
    for turn in (-120.0, 0.0, 75.0):
        seen = on_table(style, Pose(rotation=turn))
        assert seen.scene.angle == turn + PLANKS
        assert seen.case.light_angle == seen.face.gradient_angle == turn + LAMP_AT


def test_a_share_of_the_pictures_has_glare_and_everything_else_is_one_clock() -> None:
    clocks = [random_clock(np.random.default_rng([seed]), "table") for seed in range(300)]
    styles = [style for _, style in clocks]
    assert 0.15 < np.mean([bool(style.glares) for style in styles]) < 0.4
    assert len({(style.hands.hour.length, style.hands.minute.width, style.face.font, style.scene.seed)
                for style in styles}) == 1
    means = [render(ClockTime(4, 20), *clock, 75).mean() for clock in clocks[:60]]
    assert 115 < np.mean(means) < 165
