"""The image in the making: its grids, its background and the operations that layers share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from PIL import Image

from lib.clockface import textures
from lib.clockface.pose import Camera, Pose
from lib.clockface.style import Face, Scene, Style

_F = np.float32
#: Below this softness images are sampled without smoothing, as by a coarse camera.
CRISP = 0.6


def direction(angle: float) -> tuple[float, float]:
    """Unit vector (x right, y down) at `angle` degrees clockwise from up."""
    turn = math.radians(angle)
    return math.sin(turn), -math.cos(turn)


class Canvas:
    """The image in the making: `frame` float32 (size, size) grey values and the grids that layers share."""

    def __init__(self, pose: Pose, style: Style, size: int, background: np.ndarray | None = None) -> None:
        self.size = size
        self.camera = Camera(pose, size)
        self.u, self.v = self.camera.plane()
        if style.lens.wobble:
            self._wobble(style.lens.wobble, style.lens.wobble_seed)
        #: Width in dial units over which an edge goes from 0 to 1.
        self.soft = max(0.15, style.lens.softness) * self.camera.pixel
        self.frame = (scene_pixels(style.scene, self.camera, crisp=style.lens.softness < CRISP) if background is None
                      else background.astype(np.float32))

    def _wobble(self, amount: float, seed: int) -> None:
        """Bend all lines a little, as a hand-drawn clock's are."""
        bend = _bends(seed, self.size)
        self.u = self.u + _F(amount) * bend[0]
        self.v = self.v + _F(amount) * bend[1]

    def lifted(self, height: float, region: tuple[slice, slice] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Dial coordinates seen at `height` above the face, for the whole image or a region of it."""
        u, v = (self.u, self.v) if region is None else (self.u[region], self.v[region])
        if height == 0.0:
            return u, v
        factor, x, y = self.camera.lift(height)
        return u * _F(factor) + _F(x), v * _F(factor) + _F(y)

    def inside(self, distance: np.ndarray, limit: float) -> np.ndarray:
        """Coverage 0-1 of the set where `distance` (dial units) is below `limit`."""
        scale = 1.0 / self.soft
        out = distance * _F(-scale)
        out += _F(limit * scale + 0.5)
        return np.clip(out, 0, 1, out=out)

    def blend(self, coverage: np.ndarray, tone: np.ndarray | float, region: tuple[slice, slice] | None = None) -> None:
        """Lay `tone` over the frame where `coverage` is 1; `coverage` is used up as working memory."""
        frame = self.frame if region is None else self.frame[region]
        change = _F(tone) - frame if isinstance(tone, int | float) else tone - frame
        change *= coverage
        frame += change

    def region(self, points: Iterable[Sequence[float]], margin: float = 2.0) -> tuple[slice, slice] | None:
        """The rows and columns that hold these pixel positions (x, y), or None if they lie outside."""
        xs, ys = zip(*points, strict=True)
        x0, y0 = max(math.floor(min(xs) - margin), 0), max(math.floor(min(ys) - margin), 0)
        x1, y1 = min(math.ceil(max(xs) + margin) + 1, self.size), min(math.ceil(max(ys) + margin) + 1, self.size)
        return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None


@lru_cache(maxsize=64)
def _bends(seed: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([textures.smooth_noise(rng, size, (7, 7)) for _ in range(2)])


def scene_pixels(scene: Scene, camera: Camera, crisp: bool = False) -> np.ndarray:
    """The scene without the clock, float32 (size, size); `crisp` shows the texture's own pixels."""
    size = camera.size
    if scene.high - scene.low < 0.5:
        frame = np.full((size, size), 0.5 * (scene.low + scene.high), np.float32)
    else:
        turn = math.radians(scene.angle)
        cos, sin = math.cos(turn) * scene.zoom, math.sin(turn) * scene.zoom
        texture = textures.texture(scene.kind, scene.seed)
        middle = texture.width / 2
        to_texture = np.array([[cos, sin, middle], [-sin, cos, middle], [0, 0, 1]])
        if scene.on_plane:
            matrix = to_texture @ camera.homography()
        else:
            matrix = to_texture @ np.array([[1 / size, 0, -0.5], [0, 1 / size, -0.5], [0, 0, 1]])
        matrix = matrix / matrix[2, 2]
        image = texture.transform(
            (size, size), Image.Transform.PERSPECTIVE, tuple(matrix.ravel()[:8].tolist()),
            Image.Resampling.NEAREST if crisp else Image.Resampling.BILINEAR, fillcolor=110)
        frame = np.asarray(image, dtype=np.float32)
        frame *= _F((scene.high - scene.low) / 255)
        frame += _F(scene.low)
    if scene.gradient:
        frame += ramp(size, scene.gradient, scene.gradient_angle)
    return frame


def ramp(size: int, amount: float, angle: float) -> np.ndarray:
    """A linear gradient over the image, float32 (size, size), from -amount / 2 to amount / 2 along `angle`."""
    x, y = direction(angle)
    steps = (np.arange(size, dtype=np.float32) + _F(0.5)) / _F(size) - _F(0.5)
    return (steps * _F(amount * x)) + (steps * _F(amount * y))[:, None]


def reach(face: Face, u: np.ndarray, v: np.ndarray, rotation: float) -> np.ndarray:
    """Distance from the centre in the face's own measure: 1 on its edge, growing by true distance outside."""
    if face.shape == "round":
        out = u * u
        out += v * v
        return np.sqrt(out, out=out)
    x, y = direction(rotation + 90)
    right, down = np.abs(u * _F(x) + v * _F(y)), np.abs(u * _F(-y) + v * _F(x))
    if face.shape == "octagon":
        return np.maximum(np.maximum(right, down), (right + down) * _F(math.sqrt(0.5)))
    right -= _F(1 - face.corner)
    down -= _F(1 - face.corner)
    inner = np.minimum(np.maximum(right, down), 0)
    return np.hypot(np.maximum(right, 0), np.maximum(down, 0)) + inner + _F(1 - face.corner)
