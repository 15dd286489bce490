"""Where the clock stands in the image: a pose, and the camera that follows from it.

Dial coordinates: the centre is (0, 0), the face ends at distance 1, x to the right and y downwards as
in the image, heights towards the viewer. The dial's own turn is added to angles; it is not part of the
camera, so that light and background do not turn with the dial.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.base.errors import SpecError

_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Pose:
    """How the dial stands before the camera.

    `rotation` turns the dial (degrees clockwise). `axis_ratio` is the ratio of the face's short to its
    long axis, 1 for a view from the front; `tilt_direction` is where the far side of a tilted dial lies
    (degrees clockwise from up). `scale` is the face's diameter and `offset_x`, `offset_y` the place of its
    centre, as fractions of the image's side, the offset from the middle. `distance` of the camera in
    dial radii decides how strong the perspective is.
    """

    rotation: float = 0.0
    axis_ratio: float = 1.0
    tilt_direction: float = 0.0
    scale: float = 0.8
    offset_x: float = 0.0
    offset_y: float = 0.0
    distance: float = 6.0

    def __post_init__(self) -> None:
        for name, low, high in (("axis_ratio", 0.3, 1.0), ("scale", 0.05, 4.0), ("distance", 2.5, 1e6)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SpecError(f"{name} is out of range.", expected=f"a number from {low:g} to {high:g}",
                                received=repr(value))


class Camera:
    """Maps pixels of a `size` x `size` image to the dial plane of `pose`, and points back to pixels."""

    def __init__(self, pose: Pose, size: int) -> None:
        self.size = size
        self.rotation = pose.rotation
        self.radius = 0.5 * pose.scale * size
        self.center = (size * (0.5 + pose.offset_x), size * (0.5 + pose.offset_y))
        self.distance = pose.distance
        self.cos = pose.axis_ratio
        self.sin = math.sqrt(max(0.0, 1.0 - self.cos * self.cos))
        turn = math.radians(pose.tilt_direction)
        # `far` points to the far side, `side` is perpendicular to it (clockwise).
        self.far = (math.sin(turn), -math.cos(turn))
        self.side = (math.cos(turn), math.sin(turn))
        self.foot = (-self.distance * self.sin * self.far[0], -self.distance * self.sin * self.far[1])
        #: Side of a pixel in dial units, the mean of both axes.
        self.pixel = 1.0 / (self.radius * math.sqrt(self.cos))

    def homography(self) -> np.ndarray:
        """3x3 float64 matrix from pixel coordinates (x, y, 1) to homogeneous dial-plane coordinates."""
        (fx, fy), (sx, sy), distance = self.far, self.side, self.distance
        to_axes = np.array([[fx, fy, 0.0], [sx, sy, 0.0], [0.0, 0.0, 1.0]])
        # An image point X (units of the radius) shows the plane point a = D X_far / w, b = D cos X_side / w.
        lift = np.array([[distance, 0, 0], [0, distance * self.cos, 0], [-self.sin, 0, distance * self.cos]])
        from_axes = np.array([[fx, sx, 0.0], [fy, sy, 0.0], [0.0, 0.0, 1.0]])
        scale = 1.0 / self.radius
        to_units = np.array([[scale, 0, -self.center[0] * scale], [0, scale, -self.center[1] * scale], [0, 0, 1.0]])
        matrix = from_axes @ lift @ to_axes @ to_units
        return matrix / (distance * self.cos)

    def plane(self) -> tuple[np.ndarray, np.ndarray]:
        """Dial-plane x and y of every pixel centre, float32 (size, size) each."""
        h = self.homography().astype(np.float32)
        centers = np.arange(self.size, dtype=np.float32) + np.float32(0.5)
        column = centers[:, None]
        u = (h[0, 0] * centers + h[0, 2]) + h[0, 1] * column
        v = (h[1, 0] * centers + h[1, 2]) + h[1, 1] * column
        if self.sin > 1e-6:
            w = (h[2, 0] * centers + h[2, 2]) + h[2, 1] * column
            # Beyond the horizon of a strongly tilted plane there is nothing; keep the numbers finite.
            np.maximum(w, np.float32(0.05), out=w)
            np.reciprocal(w, out=w)
            u *= w
            v *= w
        return u, v

    def lift(self, height: float) -> tuple[float, float, float]:
        """(factor, x, y): a pixel that shows (u, v) on the dial shows factor * (u, v) + (x, y) at `height`."""
        share = height / (self.distance * self.cos)
        return 1.0 - share, self.foot[0] * share, self.foot[1] * share

    def project(self, points: np.ndarray | Sequence[tuple[float, float]], height: float = 0.0) -> np.ndarray:
        """Pixel coordinates, float64 (N, 2), of dial points (N, 2) at `height` above the dial."""
        return np.array([self.project_point(x, y, height) for x, y in points])

    def project_point(self, x: float, y: float, height: float = 0.0) -> tuple[float, float]:
        """Pixel coordinates of one dial point; for a few points plain floats are much faster than arrays."""
        far, side = x * self.far[0] + y * self.far[1], x * self.side[0] + y * self.side[1]
        scale = self.radius * self.distance / (self.distance + far * self.sin - height * self.cos)
        along, across = scale * (far * self.cos + height * self.sin), scale * side
        return (self.center[0] + along * self.far[0] + across * self.side[0],
                self.center[1] + along * self.far[1] + across * self.side[1])

def frame_of(pose: Pose) -> tuple[np.ndarray, float]:
    """Where the dial lies in the image, as a reader needs it: the frame, float64 (5,), and the direction of the 12 in it,
    degrees clockwise from up.

    A frame is five numbers (x, y, a, b, d): the hub in image coordinates that run from -1 (left, top) to 1,
    and the symmetric matrix [[a, b], [b, d]] that takes the unit circle of the dial to the image. Lines
    through the hub stay lines under any perspective, so with the matrix of the hub hand directions are exact.
    """
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
