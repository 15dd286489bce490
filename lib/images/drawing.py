"""A drawing, photograph or file as the image a network expects.

Sets of drawn things on black (`CENTRED_SETS`) get what is drawn cut out, scaled and centred as MNIST was made. All
others get a drawing as it lies on the pad, and the middle of a photograph, scaled.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageOps

from lib.base.messages import sent_numbers

#: Pixels a side of what the browser sends.
PAD_SIDE = 56
#: MNIST's digits fit a box of 20 pixels in the middle of 28, their centre of mass in its centre.
SIDE, BOX = 28, 20
_INK = 24
#: Sets whose images were made so: ink on black, the thing in a box of its own in the middle.
CENTRED_SETS = ("mnist", "fashion_mnist", "digits")


def parse_drawing(payload: object) -> tuple[np.ndarray, int] | None:
    """Ink, uint8 (56, 56), and message number in what the browser sent; None for anything else."""
    numbers = sent_numbers(payload, ("seq",))
    text = payload.get("ink") if isinstance(payload, Mapping) else None
    if numbers is None or not isinstance(text, str) or type(numbers[0]) is not int or numbers[0] < 0:
        return None
    try:
        ink = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (ValueError, binascii.Error):
        return None
    return (ink.reshape(PAD_SIDE, PAD_SIDE), numbers[0]) if ink.size == PAD_SIDE * PAD_SIDE else None


def as_digit(ink: np.ndarray) -> np.ndarray | None:
    """`ink`, uint8 (H, W), as MNIST prepared its digits, uint8 (28, 28); None when nothing is drawn."""
    rows, columns = (np.flatnonzero((ink > _INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(part.shape)
    size = [max(1, round(side * scale)) for side in part.shape[::-1]]
    small = np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC))
    return _centred(small)


def as_ink(image: np.ndarray) -> np.ndarray:
    """A 28x28 image, uint8 (28, 28, 1), as ink for the pad, uint8 (56, 56)."""
    factor = PAD_SIDE // SIDE
    return image[..., 0].repeat(factor, axis=0).repeat(factor, axis=1)


def ink_as_image(ink: np.ndarray, shape: tuple[int, int, int], paper: int = 0) -> np.ndarray | None:
    """`ink`, uint8 (H, W), where it lies on the pad, as uint8 `shape`; None when nothing is drawn.

    `paper` is the tone behind the things in the set's images: on a bright one the ink is dark.
    """
    if not (ink > _INK).any():
        return None
    small = np.asarray(Image.fromarray(ink).resize(shape[1::-1], Image.Resampling.BOX), np.float32) / 255
    far = 255 if paper < 128 else 0
    tones = np.rint(paper + small * (far - paper)).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(tones[..., None], shape))


def photo_as_image(image: Image.Image, shape: tuple[int, int, int]) -> np.ndarray:
    """The middle of `image` in the proportions of `shape` (H, W, 1 or 3), scaled to it, uint8."""
    fitted = ImageOps.fit(image.convert("L" if shape[2] == 1 else "RGB"), shape[1::-1], Image.Resampling.BOX)
    return np.asarray(fitted).reshape(shape)


def paper_of(images: np.ndarray) -> int:
    """The usual tone of the border of uint8 images (N, H, W, C)."""
    border = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return int(np.median(np.concatenate([part.ravel() for part in border]))) if len(images) else 0


def _centred(small: np.ndarray) -> np.ndarray:
    """`small`, at most 20 pixels a side, in a 28x28 image with its centre of mass in the middle."""
    mass = max(float(small.sum(dtype=np.float64)), 1.0)
    place = []
    for axis, side in enumerate(small.shape):
        along = small.sum(axis=1 - axis, dtype=np.float64)
        centre = float((along * np.arange(side)).sum() / mass)
        place.append(int(np.clip(round((SIDE - 1) / 2 - centre), 0, SIDE - side)))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[place[0] : place[0] + small.shape[0], place[1] : place[1] + small.shape[1]] = small
    return image
