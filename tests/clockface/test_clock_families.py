"""Clocks chosen at random."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from lib.base.errors import SpecError
from lib.clockface import FAMILIES, Face, Pose, Style, is_ambiguous, random_clock, random_pose, random_style, render
from lib.clockface.geometry import ClockTime
from tests.clockface.clock_cases import UNLIT, families, seeds


@given(families, seeds)
@settings(max_examples=300)
def test_a_clock_chosen_at_random_can_be_read(family: str, seed: int) -> None:
    pose, style = random_clock(np.random.default_rng(seed), family)
    assert not is_ambiguous(pose, style)
    assert style.hands.are_distinct
    shown = [hand.edge_tone if hand.edge else hand.tone for hand in (style.hands.hour, style.hands.minute)]
    assert all(abs(tone - style.face.tone) >= 40 for tone in shown)


@given(seeds)
@settings(max_examples=200)
def test_a_turned_dial_marks_its_twelve(seed: int) -> None:
    pose, style = random_clock(np.random.default_rng(seed), "varied")
    face = style.face
    if abs(pose.rotation) > 10:
        assert (face.numerals != "none" and face.hours) or face.twelve is not None


def test_an_unmarked_dial_is_ambiguous_once_turned() -> None:
    bare = replace(UNLIT, face=Face(numerals="none"))
    assert not is_ambiguous(Pose(), bare)
    assert is_ambiguous(Pose(rotation=30), bare)
    assert not is_ambiguous(Pose(rotation=359), bare)
    assert not is_ambiguous(Pose(rotation=30), UNLIT)
    assert is_ambiguous(Pose(rotation=3), replace(UNLIT, face=Face(numerals="none", minute_tick=None, hour_tick=None)))


def test_equal_hands_are_ambiguous() -> None:
    hands = UNLIT.hands
    assert is_ambiguous(Pose(), replace(UNLIT, hands=replace(hands, hour=hands.minute)))


def test_the_varied_family_holds_what_it_promises() -> None:
    styles = [random_style(np.random.default_rng(seed), "varied") for seed in range(600)]
    assert {style.face.shape for style in styles} == {"round", "square", "octagon"}
    assert {style.face.numerals for style in styles} == {"arabic", "roman", "none", "twenty_four"}
    assert {style.face.upright for style in styles} == {True, False}
    assert len({style.hands.minute.shape for style in styles}) >= 9
    assert any(style.hands.second for style in styles) and any(style.hands.alarm for style in styles)
    assert any(style.face.tone < 100 for style in styles) and any(style.face.tone > 200 for style in styles)
    assert len({style.scene.kind for style in styles}) >= 10
    assert any(style.face.texts for style in styles) and any(style.lens.quality for style in styles)


def test_course_images_are_as_bright_as_the_reports() -> None:
    rng = np.random.default_rng(0)
    means = [render(ClockTime(4, 20), *random_clock(rng, "course"), 75).mean() for _ in range(120)]
    assert 130 < np.mean(means) < 155


@pytest.mark.parametrize("choose", [random_pose, random_style, random_clock])
def test_an_unknown_family_is_refused(choose: object) -> None:
    with pytest.raises(SpecError, match="course, varied"):
        choose(np.random.default_rng(0), "sundial")


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_styles_do_not_depend_on_poses(family: str) -> None:
    style, again = (random_style(np.random.default_rng(4), family) for _ in range(2))
    assert isinstance(style, Style) and style == again
    assert isinstance(random_pose(np.random.default_rng(4), family), Pose)
    limited = [random_pose(np.random.default_rng(seed), family, max_turn=1.5).rotation for seed in range(50)]
    assert max(map(abs, limited)) <= 1.5
