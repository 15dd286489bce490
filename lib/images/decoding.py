"""Opening an image file that may come from anybody: few formats, bounded pixels, bounded time."""

from __future__ import annotations

import io
import time
import warnings

import numpy as np
from PIL import Image, ImageOps

#: What the app offers to open. Pillow knows forty more, some of which start other programs (EPS: Ghostscript).
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
#: File names that images of these formats have.
EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")
#: A 48-megapixel photograph fits; anything larger is refused before it is decoded.
MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000
#: One row of fifty million pixels is within the area, and nothing can be done with it.
MAX_SIDE = 20_000
MIN_SIDE = 16
#: Decoding a large photograph takes about one; a progressive JPEG of thousands of passes would take hours.
MAX_SECONDS = 8.0
#: Bytes that a decoder is given at a time; between two pieces the clock is looked at.
_PIECE = 4096
TOO_SLOW = "too slow to decode"


class Unusable(Exception):  # noqa: N818 - carries a reason to count, not an error to show
    """This image cannot be used; the argument is the reason in words that follow "a file that is"."""


class _Timed(io.BytesIO):
    """A file in memory that can be read until `deadline`."""

    deadline = float("inf")

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes; raises Unusable when it is too late."""
        if time.monotonic() >= self.deadline:
            raise Unusable(TOO_SLOW)
        return super().read(size)


def decoded(content: bytes, mode: str, enough: int) -> Image.Image:
    """The image in `content`, turned upright, in Pillow's `mode` ("L", "RGB").

    A side may come smaller, but not below `enough` pixels where it has them. Raises Unusable for everything else.
    """
    if len(content) > MAX_BYTES:
        raise Unusable("too large")
    file = _Timed(content)
    file.deadline = time.monotonic() + MAX_SECONDS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about large images; ours is the stricter limit
            with Image.open(file, formats=FORMATS) as image:
                _check_size(image)
                image.decodermaxblock = _PIECE
                image.draft(mode, (enough, enough))
                return _on_paper(ImageOps.exif_transpose(image)).convert(mode)
    except Unusable:
        raise
    except Exception as error:  # Pillow's decoders raise anything for damaged files
        raise Unusable("broken") from error


def _on_paper(image: Image.Image) -> Image.Image:
    """The image in 8 bits, and white where it is transparent: Pillow cuts 16 bits off at 255 and forgets transparency."""
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))
    if not image.has_transparency_data:
        return image
    drawn = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn)


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Unusable("too large")
    if min(width, height) < MIN_SIDE:
        raise Unusable("too small")
