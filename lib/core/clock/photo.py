"""A user's photograph of a clock as a picture for the readers."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lib.core.errors import DataError

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000


def open_photo(content: bytes, mode: str = "L") -> Image.Image:
    """The picture in `content`, upright as its camera meant it; raises DataError for anything else.

    `mode` is Pillow's: "L" for grey, "RGB" for colours.
    """
    if len(content) > MAX_BYTES:
        raise DataError("The file is too large.", expected=f"at most {MAX_BYTES / 1e6:.0f} MB",
                        received=f"{len(content) / 1e6:.0f} MB", remedy="Make the picture smaller and try again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise DataError("The picture has too many pixels.", expected=f"at most {MAX_PIXELS / 1e6:.0f} megapixels",
                            received=f"{width} x {height}", remedy="Make the picture smaller and try again.")
        picture.draft(mode, (2000, 2000))
        return ImageOps.exif_transpose(picture).convert(mode)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError("This file is no picture that can be read.", expected="a complete JPEG, PNG, WebP or GIF file",
                        received=str(error)[:100] or type(error).__name__) from error


def cut_out(picture: Image.Image, size: int, center_x: float = 0.5, center_y: float = 0.5, share: float = 1.0,
            turn: float = 0.0) -> np.ndarray:
    """A square of `picture`, uint8 (size, size): `share` of its shorter side around (x, y), turned clockwise.

    `center_x`, `center_y` are fractions of width and height; what lies outside repeats the border's mean tone.
    """
    side = share * min(picture.size)
    x, y = center_x * picture.width, center_y * picture.height
    fill = int(np.asarray(picture.resize((16, 16)))[[0, -1]].mean())
    radians = np.radians(turn)
    cos, sin, step = np.cos(radians), np.sin(radians), side / size
    # Output pixel (i, j) shows the input at the centre plus the back-turned, scaled offset.
    matrix = (step * cos, step * sin, x - step * (cos + sin) * size / 2,
              -step * sin, step * cos, y - step * (cos - sin) * size / 2)
    reduced = max(1, int(step))
    if reduced > 1:
        picture = picture.reduce(reduced)
        matrix = tuple(value / reduced for value in matrix)
    square = picture.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=fill)
    return np.asarray(square)
