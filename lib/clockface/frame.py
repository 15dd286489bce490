"""Where the dial lies in the image, as a reader needs it: the hub and the dial's two axes there.

A frame is five numbers (x, y, a, b, d): the hub in image coordinates that run from -1 (left, top) to 1,
and the symmetric matrix [[a, b], [b, d]] that takes the unit circle of the dial to the image. Lines
through the hub stay lines under any perspective, so with the matrix of the hub hand directions are exact.
"""

from __future__ import annotations

import math

import numpy as np

from lib.clockface.pose import Camera, Pose

_STEP = 1e-4


def frame_of(pose: Pose) -> tuple[np.ndarray, float]:
    """The frame, float64 (5,), and the direction of the 12 in it, degrees clockwise from up."""
    camera = Camera(pose, 2)  # an image of side 2: pixels are image coordinates, shifted by one
    hub = np.array(camera.project_point(0.0, 0.0))
    columns = [
        (np.array(camera.project_point(*(_STEP * unit))) - np.array(camera.project_point(*(-_STEP * unit)))) / (2 * _STEP)
        for unit in np.eye(2)
    ]
    jacobian = np.stack(columns, axis=1)
    values, vectors = np.linalg.eigh(jacobian @ jacobian.T)
    stretch = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    turn = np.linalg.solve(stretch, jacobian)
    angle = pose.rotation + math.degrees(math.atan2(turn[1, 0], turn[0, 0]))
    return np.array([*(hub - 1.0), stretch[0, 0], stretch[0, 1], stretch[1, 1]]), angle % 360.0
