"""A user's photograph of a clock as an image for the readers."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lib.base.errors import DataError
from lib.images.decoding import FORMATS, MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, Unusable, decoded

#: Pixels that are enough: a shorter side that a JPEG may be decoded to, and the longer side of what is kept. A dial of a
#: tenth of the width then has 150 to 200 pixels, more than the readers see, and 12 megapixels are opened in a blink.
ENOUGH, LONGEST = 1200, 2000
#: Side of the images that the readers see, and the dial's share of it in most that they learned from.
SIDE, FILLED = 150, 0.72


def open_photo(content: bytes, mode: str = "L") -> Image.Image:
    """The image in `content`, upright as its camera meant it; raises DataError for anything else.

    `mode` is Pillow's: "L" for grey, "RGB" for colours. The longer side has `LONGEST` pixels at most.
    """
    try:
        photo = decoded(content, mode, ENOUGH)
    except Unusable as reason:
        raise DataError(
            "This image cannot be used.", received=f"a file that is {reason}",
            expected=f"a complete {', '.join(FORMATS[:-1])} or {FORMATS[-1]} file of at most {MAX_BYTES >> 20} MB and "
                     f"{MAX_PIXELS // 10**6} megapixels, {MIN_SIDE} to {MAX_SIDE:,} pixels a side",
            remedy="Choose another image, or save this one again as a JPEG of such a size.") from reason
    photo.thumbnail((LONGEST, LONGEST))
    return photo


def cut_out(photo: Image.Image, size: int, center_x: float = 0.5, center_y: float = 0.5, share: float = 1.0,
            turn: float = 0.0) -> np.ndarray:
    """A square of `photo`, uint8 (size, size): `share` of its shorter side around (x, y), turned clockwise.

    `center_x`, `center_y` are fractions of width and height; what lies outside repeats the border's mean tone.
    """
    side = share * min(photo.size)
    x, y = center_x * photo.width, center_y * photo.height
    fill = int(np.asarray(photo.resize((16, 16)))[[0, -1]].mean())
    radians = np.radians(turn)
    cos, sin, step = np.cos(radians), np.sin(radians), side / size
    # Output pixel (i, j) shows the input at the centre plus the back-turned, scaled offset.
    matrix = (step * cos, step * sin, x - step * (cos + sin) * size / 2,
              -step * sin, step * cos, y - step * (cos - sin) * size / 2)
    reduced = max(1, int(step))
    if reduced > 1:
        photo = photo.reduce(reduced)
        matrix = tuple(value / reduced for value in matrix)
    square = photo.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=fill)
    return np.asarray(square)


def cut_at(photo: Image.Image, x: float, y: float, diameter: float) -> tuple[np.ndarray, float]:
    """The square in which a dial of `diameter` at (x, y), shares of the width, has its usual size: uint8 (150, 150), and
    half its side as a share of the width."""
    side = min(max(diameter, 0.01) / FILLED, 4.0)
    share = side * photo.width / min(photo.size)
    return cut_out(photo, SIDE, x, y * photo.width / photo.height, share), 0.5 * side
