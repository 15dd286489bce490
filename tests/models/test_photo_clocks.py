"""Whole images through the shipped finder and reader."""

import numpy as np
import pytest
from PIL import Image

from lib.clockface import circular_error
from lib.clockface.photo import cut_at
from lib.clockface.scenes import draw_scene, frame_box, overlap
from lib.models.clock_reader import shipped_reader
from lib.models.photo_clocks import MOST_CLOCKS, shipped_photo_reader


@pytest.fixture(scope="module")
def photos():
    return shipped_photo_reader(shipped_reader())


def test_clocks_of_a_scene_are_found_and_read(photos):
    found = right = total = 0
    for seed in range(4):
        image, placed = draw_scene(np.random.default_rng([seed, 5]), 480, [0.3, 0.18], things=2, aspect=0.75)
        clocks = photos.clocks(Image.fromarray(image))
        for dial in placed:
            total += 1
            near = [c for c in clocks if overlap(frame_box([480 * v for v in c.frame]), dial.box) > 0.5]
            found += bool(near)
            right += bool(near) and circular_error(dial.minutes, near[0].scores.argmax()) <= 1
    assert found >= 0.75 * total and right >= 0.6 * total


@pytest.mark.parametrize("size", [(16, 16), (3000, 40), (40, 900)])
def test_images_of_any_shape_are_looked_at(photos, size):
    assert len(photos.clocks(Image.new("L", size, 128))) <= MOST_CLOCKS


def test_a_frame_drawn_by_hand_is_read(photos):
    image, (dial,) = draw_scene(np.random.default_rng(8), 400, [0.4], things=0)
    x, y, a, _, d = dial.frame
    clock = photos.at(Image.fromarray(image), x / 400, y / 400, (a + d) / 400)
    assert circular_error(dial.minutes, clock.scores.argmax()) <= 1
    assert overlap(frame_box([400 * v for v in clock.frame]), dial.box) > 0.7


def test_the_middle_holds_a_clock_only_where_it_can_be_read(photos):
    image, (dial,) = draw_scene(np.random.default_rng([889, 3]), 300, [0.75], things=0)
    clocks = photos.middle(Image.fromarray(image))
    assert len(clocks) <= 1 and all(circular_error(dial.minutes, c.scores.argmax()) <= 1 for c in clocks)
    empty, _ = draw_scene(np.random.default_rng(14), 300, [], things=4)
    assert photos.middle(Image.fromarray(empty)) == []


def test_a_cut_out_dial_has_its_usual_size():
    image = np.full((300, 400), 255, np.uint8)
    ys, xs = np.mgrid[:300, :400]
    image[(xs - 120) ** 2 + (ys - 200) ** 2 < 40**2] = 0
    square, half = cut_at(Image.fromarray(image), 120 / 400, 200 / 400, 80 / 400)
    dark = np.flatnonzero(square[75] < 128)
    assert square.shape == (150, 150) and dark[-1] - dark[0] == pytest.approx(0.72 * 150, abs=3)
    assert half == pytest.approx(0.5 * 0.2 / 0.72)
