"""Small images that stand in the page itself.

`st.image` serves files, which Streamlit drops at the next run, also for a browser that has not fetched them yet.
"""

from __future__ import annotations

import base64
import functools
import html
import io

import numpy as np
from PIL import Image

#: Bytes of an image that is not turned into a PNG once more when it is shown again: a page that watches a run shows the same
#: test images at every refresh.
_SMALL = 4096


def data_uri(image: np.ndarray) -> str:
    """An image, uint8 (H, W) or (H, W, 3) or (H, W, 1), as a data: URI of a PNG."""
    image = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    if image.dtype != np.uint8 or image.nbytes > _SMALL:
        return _png_uri(image)
    return _known_uri(image.tobytes(), image.shape)


@functools.lru_cache(maxsize=1024)
def _known_uri(pixels: bytes, shape: tuple[int, ...]) -> str:
    return _png_uri(np.frombuffer(pixels, np.uint8).reshape(shape))


def _png_uri(image: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def photo_uri(image: Image.Image, longer: int = 1000) -> str:
    """A photograph as a data: URI of a JPEG whose longer side has at most `longer` pixels."""
    small = image.copy()
    small.thumbnail((longer, longer))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def image_html(image: np.ndarray, alt: str, width: str = "100%") -> str:
    """An <img> with sharp pixels."""
    style = f"width:{width};image-rendering:pixelated;display:block;border-radius:4px"
    return f'<img src="{data_uri(image)}" alt="{html.escape(alt, quote=True)}" style="{style}">'


def sheet_html(image: np.ndarray, alt: str) -> str:
    """An <img> with sharp pixels at its own size, smaller only where there is no room for it."""
    return image_html(image, alt, f"min(100%, {image.shape[1]}px)")
