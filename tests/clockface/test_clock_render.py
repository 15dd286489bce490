"""What the renderer draws, measured in its images."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.clockface import ClockTime, Hand, Pose, Style, random_clock, render, render_many
from lib.clockface.glyphs import FONTS, glyph
from lib.clockface.lens import expose
from lib.clockface.style import HAND_SHAPES, Lens
from lib.clockface.textures import TEXTURES, noise, texture
from tests.clockface.clock_cases import (
    BLANK,
    UNLIT,
    dark_direction,
    families,
    only_minute_hand,
    poses,
    seeds,
    times,
    turned,
    whole_times,
)


def _apart(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


@given(st.floats(0, 59.99), st.floats(-180, 180), st.sampled_from(HAND_SHAPES))
def test_the_minute_hand_is_drawn_at_six_degrees_a_minute(minute: float, rotation: float, shape: str) -> None:
    style = only_minute_hand(BLANK)
    style = replace(style, hands=replace(style.hands, minute=Hand(shape, 0.9, 0.06, 0.0, 0.0)))
    image = render(ClockTime(0, minute), Pose(rotation=rotation), style, 150)
    assert _apart(dark_direction(image), 6 * minute + rotation) < 0.7


@given(whole_times)
def test_the_hour_hand_moves_continuously(time: ClockTime) -> None:
    style = replace(BLANK, hands=replace(BLANK.hands, minute=Hand(length=1e-4, width=1e-4, tail=0.0, tone=240.0)))
    assert _apart(dark_direction(render(time, Pose(), style, 150)), time.hour_angle) < 0.7


@given(families, seeds, times)
@settings(max_examples=60)
def test_the_same_clock_gives_the_same_bytes(family: str, seed: int, time: ClockTime) -> None:
    first = random_clock(np.random.default_rng(seed), family)
    second = random_clock(np.random.default_rng(seed), family)
    assert first == second and hash(first) == hash(second)
    image = render(time, *first, 75, seed=3)
    assert image.tobytes() == render(time, *second, 75, seed=3).tobytes()
    assert image.shape == (75, 75) and image.dtype == np.uint8
    assert image.std() > 2, "the image is empty"


def test_the_seed_changes_the_noise_and_nothing_else() -> None:
    noisy = replace(UNLIT, lens=Lens(noise=2.0))
    a, b = (render(ClockTime(3), Pose(), noisy, 100, seed).astype(float) for seed in (1, 2))
    assert 1.5 < (a - b).std() < 4.5
    assert np.array_equal(render(ClockTime(3), Pose(), UNLIT, 100, 1), render(ClockTime(3), Pose(), UNLIT, 100, 2))


@given(times, poses, st.integers(1, 3))
@settings(max_examples=40)
def test_turning_the_pose_turns_the_image(time: ClockTime, pose: Pose, quarters: int) -> None:
    style = replace(UNLIT, face=replace(UNLIT.face, upright=False))
    straight, moved = render(time, pose, style, 100), render(time, turned(pose, quarters), style, 100)
    difference = np.abs(np.rot90(straight, -quarters).astype(int) - moved)
    assert difference.mean() < 0.5


@given(times, st.floats(-180, 180))
@settings(max_examples=30)
def test_turning_the_dial_by_any_angle_turns_the_image(time: ClockTime, angle: float) -> None:
    from PIL import Image

    upright, moved = (render(time, Pose(rotation=r, scale=0.75), UNLIT, 150) for r in (0.0, angle))
    turned_image = np.asarray(Image.fromarray(upright).rotate(-angle, Image.Resampling.BICUBIC)).astype(int)
    steps = np.arange(150) - 74.5
    disc = np.hypot(steps, steps[:, None]) < 72
    assert np.abs(turned_image - moved)[disc].mean() < 3.0


@given(times, poses)
@settings(max_examples=20)
def test_printed_marks_look_like_drawn_ones(time: ClockTime, pose: Pose) -> None:
    drawn = render(time, pose, UNLIT, 150).astype(int)
    printed = render(time, pose, replace(UNLIT, face=replace(UNLIT.face, printed=True)), 150)
    assert np.abs(drawn - printed).mean() < 2.5


def test_a_size_shows_the_same_clock() -> None:
    large = render(ClockTime(10, 10), Pose(), UNLIT, 150)
    small = render(ClockTime(10, 10), Pose(), UNLIT, 75).astype(float)
    reduced = large.reshape(75, 2, 75, 2).mean(axis=(1, 3))
    assert np.abs(reduced - small).mean() < 4


def test_render_many_is_render_for_each() -> None:
    clocks = [random_clock(np.random.default_rng(seed), "varied") for seed in range(3)]
    moments = [ClockTime(seed) for seed in range(3)]
    images = render_many(moments, *zip(*clocks, strict=True), 50)
    assert images.shape == (3, 50, 50)
    for index, (pose, style) in enumerate(clocks):
        assert np.array_equal(images[index], render(moments[index], pose, style, 50, index))
    with pytest.raises(SpecError, match="as many of each"):
        render_many(moments, [Pose()], [Style()])


@pytest.mark.parametrize("font", sorted(FONTS))
def test_every_font_draws_every_numeral_differently(font: str) -> None:
    images = [glyph(font, text, 28)[1] for text in ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "V", "X")]
    assert len({(p.size, p.tobytes()) for p in images}) == len(images)
    assert all(p.getextrema()[1] > 150 for p in images)


@pytest.mark.parametrize("kind", sorted(TEXTURES))
def test_textures_are_the_same_every_time_and_differ_by_seed(kind: str) -> None:
    first = texture(kind, 0).tobytes()
    texture.cache_clear()
    assert texture(kind, 0).tobytes() == first
    assert texture(kind, 1).tobytes() != first


def test_noise_is_normal_and_cannot_be_written_to() -> None:
    sample = noise(5, (150, 150))
    assert abs(sample.mean()) < 0.05 and abs(sample.std() - 1) < 0.05
    assert not sample.flags.writeable


@given(st.builds(
    Lens, blur=st.floats(0, 3), motion=st.floats(0, 6), motion_angle=st.floats(-180, 180), gain=st.floats(0.1, 3),
    bias=st.floats(-99, 99), gamma=st.floats(0.3, 3), vignette=st.floats(0, 1), noise=st.floats(0, 40),
    quality=st.sampled_from([0, 10, 90]), resolution=st.floats(0.2, 1), sharpen=st.floats(0, 2), invert=st.booleans()))
def test_every_lens_keeps_the_form_of_the_image(lens: Lens) -> None:
    image = expose(np.random.default_rng(0).uniform(-50, 300, (40, 40)).astype(np.float32), lens, 1)
    assert image.shape == (40, 40) and image.dtype == np.uint8
