"""Scenes: what is said of their clocks is what is drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.clockface import ClockTime, Pose, Style, render
from lib.clockface.scenes import draw_scene, frame_box, frame_diameter, overlap

SIDES = st.floats(0.5, 50)


def test_a_seed_decides_a_scene():
    one, other = (draw_scene(np.random.default_rng(4), 160, [0.3, 0.2], aspect=0.75) for _ in range(2))
    assert np.array_equal(one[0], other[0]) and one[1] == other[1]
    assert one[0].shape == (120, 160) and one[0].dtype == np.uint8


@pytest.mark.parametrize("seed", range(6))
def test_clocks_lie_where_their_frames_say(seed):
    rng = np.random.default_rng(seed)
    _, placed = draw_scene(rng, 200, [0.35, 0.2, 0.15], things=0)
    for dial in placed:
        assert 0.1 * 200 < frame_diameter(dial.frame) < 0.5 * 200
        assert 0 <= dial.frame[0] <= 200 and 0 <= dial.frame[1] <= 200
    for number, dial in enumerate(placed):
        assert all(overlap(dial.box, other.box) < 0.1 for other in placed[:number])


def test_a_dial_stands_out_from_its_background():
    background = np.full((120, 120), 90.0, np.float32)
    image = render(ClockTime(3), Pose(scale=0.5), Style(), 120, background=background)
    corners = image[[0, 0, -1, -1], [0, -1, 0, -1]].astype(float)
    assert np.abs(corners - 90).max() < 12  # the background stays
    assert abs(float(np.median(image[45:75, 45:75])) - 90) > 60


def test_a_scene_of_nothing_holds_no_clock():
    assert draw_scene(np.random.default_rng(0), 96, [])[1] == []


def test_photographs_are_taken_as_backgrounds():
    photos = np.full((3, 32, 32), 200, np.uint8)
    images = [draw_scene(np.random.default_rng(seed), 64, [], photos, things=0)[0] for seed in range(8)]
    assert any(image.std() < 20 for image in images)


def test_a_scene_may_be_higher_than_wide():
    image, (dial,) = draw_scene(np.random.default_rng(3), 120, [0.6], aspect=1.5, things=0)
    assert image.shape == (180, 120)
    x, y = (round(value) for value in dial.frame[:2])
    assert 0 <= x < 120 and 0 <= y < 180
    assert image[max(y - 25, 0) : y + 25, max(x - 25, 0) : x + 25].std() > 5


@given(st.tuples(*[st.floats(-50, 50)] * 2, SIDES, SIDES), st.tuples(*[st.floats(-50, 50)] * 2, SIDES, SIDES))
def test_overlap_is_a_share_and_the_same_both_ways(one, other):
    boxes = [(x, y, x + w, y + h) for x, y, w, h in (one, other)]
    share = overlap(*boxes)
    assert 0 <= share <= 1.000001
    assert share == pytest.approx(overlap(*reversed(boxes)))
    assert overlap(boxes[0], boxes[0]) == pytest.approx(1)


def test_the_box_of_a_round_frame():
    assert frame_box((10, 20, 5, 0, 5)) == (5, 15, 15, 25)
    assert frame_diameter((10, 20, 5, 0, 5)) == 10
