"""Photographs from a phone: upright, small enough to be read at once, large enough for a clock of a tenth of their width."""

import io

import numpy as np
import pytest
from PIL import Image

from lib.clockface import photo
from lib.clockface.photo import ENOUGH, LONGEST, cut_at, open_photo

ORIENTATION = 0x0112


def phone_photo(size=(4000, 3000), orientation=1):
    """A JPEG with a dark disc of a tenth of its width at a quarter of its width and half of its height, as stored."""
    pixels = np.full((size[1], size[0]), 220, np.uint8)
    radius, x, y = size[0] // 20, size[0] // 4, size[1] // 2
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    pixels[y - radius : y + radius + 1, x - radius : x + radius + 1][rows**2 + columns**2 <= radius**2] = 30
    exif, file = Image.Exif(), io.BytesIO()
    exif[ORIENTATION] = orientation
    Image.fromarray(pixels).convert("RGB").save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


#: What is at (1/4, 1/2) of the stored image lies there once it is upright.
UPRIGHT = {1: (0.25, 0.5), 2: (0.75, 0.5), 3: (0.75, 0.5), 4: (0.25, 0.5), 5: (0.5, 0.25), 6: (0.5, 0.25),
           7: (0.5, 0.75), 8: (0.5, 0.75)}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_a_camera_may_be_held_any_way(orientation):
    upright = open_photo(phone_photo((400, 300), orientation))
    assert upright.size == ((400, 300) if orientation < 5 else (300, 400))
    rows, columns = np.nonzero(np.asarray(upright) < 100)
    middle = columns.mean() / upright.width, rows.mean() / upright.height
    assert middle == pytest.approx(UPRIGHT[orientation], abs=0.02)


def test_twelve_megapixels_are_decoded_reduced(monkeypatch):
    asked = []
    decoded = photo.decoded
    monkeypatch.setattr(photo, "decoded", lambda *arguments: asked.append(decoded(*arguments)) or asked[-1])
    upright = open_photo(phone_photo(orientation=6), "RGB")
    assert upright.size == (1500, 2000) and asked[0].size == upright.size  # by the decoder, not afterwards
    square, _ = cut_at(upright.convert("L"), 0.5, 0.25 * 4 / 3, 0.1 * 4 / 3)
    assert square[75, 75] < 60 and square[5, 5] > 200


@pytest.mark.parametrize("size", [(2400, 2300), (8000, 900), (LONGEST, 300)])
def test_what_is_kept_is_large_enough_and_no_larger(size):
    upright = open_photo(phone_photo(size))
    assert max(upright.size) <= LONGEST
    assert min(upright.size) >= min(ENOUGH, round(min(size) * min(1, LONGEST / max(size))))
