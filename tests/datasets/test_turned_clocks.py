"""Clocks of the curriculum: turned no further than asked, the same from the same seed, kept."""

import numpy as np
import pytest

from lib.datasets import turned_clocks
from lib.datasets.turned_clocks import TurnedClocks, draw_on_turned_background, draw_turned, kept_turned, turned_file


@pytest.mark.parametrize("turn", [25, 180])
def test_dials_turn_no_further_than_asked(turn):
    clocks = draw_turned(40, turn, (1, 2), 24)
    assert clocks.images.shape == (40, 24, 24, 1) and clocks.images.dtype == np.uint8
    assert np.abs(clocks.turns).max() <= turn and np.abs(clocks.turns).max() > 0.7 * turn
    assert clocks.minutes.min() >= 0 and clocks.minutes.max() < 720


def test_a_seed_decides_the_images_and_they_are_kept(tmp_path):
    drawn = draw_turned(5, 90, (3,), 24)
    kept = kept_turned(tmp_path, 5, 90, (3,), 24)
    assert turned_file(tmp_path, 5, 90, (3,), 24).exists()
    again = kept_turned(tmp_path, 5, 90, (3,), 24)
    for clocks in (kept, again):
        assert np.array_equal(clocks.images, drawn.images) and np.array_equal(clocks.minutes, drawn.minutes)
    assert not np.array_equal(draw_turned(5, 90, (4,), 24).minutes, drawn.minutes)


def test_another_renderer_draws_anew(tmp_path, monkeypatch):
    kept_turned(tmp_path, 5, 90, (3,), 24)
    monkeypatch.setattr(turned_clocks, "RENDERER_VERSION", 999)
    blank = TurnedClocks(np.zeros((5, 24, 24, 1), np.uint8), np.zeros(5, np.int32), np.zeros(5, np.float32))
    monkeypatch.setattr(turned_clocks, "draw_turned", lambda *_: blank)
    assert not kept_turned(tmp_path, 5, 90, (3,), 24).images.any()
    monkeypatch.undo()
    assert kept_turned(tmp_path, 5, 90, (3,), 24).images.any()


def test_a_background_turned_by_itself_leaves_the_clocks_as_they_are(monkeypatch):
    clocks = draw_on_turned_background(24)
    assert clocks.images.shape == (720, 24, 24, 1)
    assert clocks.minutes.tolist() == list(range(720))
    # With the dial's own turn for the background, the same clocks hang on their table.
    monkeypatch.setattr(turned_clocks, "replace", lambda pose, **_: pose)
    together = draw_on_turned_background(24)
    np.testing.assert_array_equal(together.turns, clocks.turns)
    inside = np.s_[:, 10:14, 10:14]
    background = np.abs(together.images.astype(int) - clocks.images)
    assert background[:, :3, :3].mean() > 2 * background[inside].mean()
