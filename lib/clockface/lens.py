"""What the camera does to a finished image: blur, exposure, noise, artefacts."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image, ImageFilter

from lib.clockface.style import Lens
from lib.clockface.textures import noise

_F = np.float32


def expose(frame: np.ndarray, lens: Lens, seed: int) -> np.ndarray:
    """A float32 image (size, size) as uint8 through `lens`; the image is used up as working memory."""
    size = frame.shape[0]
    if lens.motion > 0:
        frame = _moved(frame, lens.motion * size / 150, lens.motion_angle)
    if lens.gain != 1.0:
        frame *= _F(lens.gain)
    if lens.bias:
        frame += _F(lens.bias)
    if lens.vignette:
        frame *= _corners(size, lens.vignette)
    if lens.blur > 0 or lens.resolution < 1 or lens.sharpen > 0:
        frame = _filtered(frame, lens)
    if lens.gamma != 1.0:
        np.clip(frame, 0, 255, out=frame)
        frame *= _F(1 / 255)
        frame **= _F(lens.gamma)
        frame *= _F(255)
    if lens.invert:
        frame = 255 - frame
    if lens.noise > 0:
        frame += noise(seed, frame.shape) * _F(lens.noise)
    frame += _F(0.5)
    image = np.clip(frame, 0, 255, out=frame).astype(np.uint8)
    return _compressed(image, lens.quality) if lens.quality else image


def _corners(size: int, amount: float) -> np.ndarray:
    steps = np.linspace(-1, 1, size, dtype=np.float32) ** 2 * _F(0.5 * amount)
    return 1 - steps - steps[:, None]


def _moved(frame: np.ndarray, length: float, angle: float) -> np.ndarray:
    """Mean of the image along a short straight path."""
    steps = max(2, math.ceil(length) + 1)
    dx, dy = math.sin(math.radians(angle)) * length, -math.cos(math.radians(angle)) * length
    size = frame.shape[0]
    pad = math.ceil(length / 2) + 1
    padded = np.pad(frame, pad, mode="edge")
    total = np.zeros_like(frame)
    for share in np.linspace(-0.5, 0.5, steps):
        x, y = pad + round(dx * float(share)), pad + round(dy * float(share))
        total += padded[y : y + size, x : x + size]
    return total / _F(steps)


def _filtered(frame: np.ndarray, lens: Lens) -> np.ndarray:
    size = frame.shape[0]
    image = Image.fromarray(np.clip(frame, 0, 255, out=frame).astype(np.uint8))
    if lens.blur > 0:
        image = image.filter(ImageFilter.GaussianBlur(lens.blur * size / 150))
    if lens.resolution < 1:
        small = max(8, round(size * lens.resolution))
        image = image.resize((small, small), Image.Resampling.BOX).resize((size, size), Image.Resampling.BICUBIC)
    if lens.sharpen > 0:
        image = image.filter(ImageFilter.UnsharpMask(1.2, round(100 * lens.sharpen), 0))
    return np.asarray(image, dtype=np.float32)


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """The image after a JPEG of `quality`."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    buffer.seek(0)
    return np.asarray(Image.open(buffer))
