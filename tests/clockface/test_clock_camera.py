"""Poses: where dial points lie in the image, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.clockface import Camera, Pose
from tests.clockface.clock_cases import poses

places = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


@given(poses, places)
def test_the_map_to_the_dial_undoes_the_projection(pose: Pose, place: tuple[float, float]) -> None:
    camera = Camera(pose, 150)
    x, y = camera.project_point(*place)
    u, v, w = camera.homography() @ (x, y, 1)
    assert (u / w, v / w) == pytest.approx(place, abs=1e-6)


@given(poses, places, st.floats(-0.3, 0.3))
def test_lifting_agrees_with_projecting_at_a_height(pose: Pose, place: tuple[float, float], height: float) -> None:
    camera = Camera(pose, 150)
    u, v, w = camera.homography() @ (*camera.project_point(*place, height), 1)
    factor, x, y = camera.lift(height)
    assert (factor * u / w + x, factor * v / w + y) == pytest.approx(place, abs=1e-6)


@given(poses)
def test_the_plane_holds_the_dial_coordinates_of_pixel_centres(pose: Pose) -> None:
    camera = Camera(pose, 20)
    u, v = camera.plane()
    points = camera.project(np.stack([u.ravel(), v.ravel()], axis=1))
    inside = np.hypot(u, v).ravel() < 1.2
    columns, rows = np.meshgrid(np.arange(20) + 0.5, np.arange(20) + 0.5)
    np.testing.assert_allclose(points[inside], np.stack([columns.ravel(), rows.ravel()], axis=1)[inside], atol=1e-3)


def test_the_axes_of_a_face_seen_from_afar_have_the_ratio_asked_for() -> None:
    camera = Camera(Pose(axis_ratio=0.8, scale=0.5, distance=1e5), 100)
    wide = camera.project([(1, 0), (-1, 0)])
    high = camera.project([(0, 1), (0, -1)])
    assert wide[0, 0] - wide[1, 0] == pytest.approx(50, abs=0.01)
    assert high[0, 1] - high[1, 1] == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize("wrong", [{"axis_ratio": 0.0}, {"axis_ratio": 1.1}, {"scale": 0.0}, {"distance": 1.0}])
def test_poses_that_no_camera_has_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError, match="out of range"):
        Pose(**wrong)
