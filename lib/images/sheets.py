"""Arrays as images: many small images on one sheet, signed values as colours."""

from __future__ import annotations

import numpy as np


def contact_sheet(images: np.ndarray, columns: int, scale: int = 2, gap: int = 2, background: int = 128) -> np.ndarray:
    """`images` (N, H, W, C in {1, 3}) uint8 side by side, `columns` a row, each pixel `scale` wide.

    Returns uint8 (rows * (H * scale + gap), ..., 3); the gap and unused places are `background` grey.
    """
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(f"images must have shape (N, H, W, 1 or 3), got {images.shape}")
    count, height, width, channels = images.shape
    columns = max(1, min(columns, count or 1))
    rows = max(1, -(-count // columns))
    cell_h, cell_w = height * scale + gap, width * scale + gap
    sheet = np.full((rows * cell_h, columns * cell_w, 3), background, np.uint8)
    for index, image in enumerate(images):
        top, left = (index // columns) * cell_h, (index % columns) * cell_w
        big = image.repeat(scale, axis=0).repeat(scale, axis=1)
        sheet[top : top + height * scale, left : left + width * scale] = (
            big if channels == 3 else big.repeat(3, axis=2)
        )
    return sheet


def signed_colors(values: np.ndarray, limit: float | None = None) -> np.ndarray:
    """`values` (...) as colours, uint8 (..., 3): 0 white, `limit` vermilion, -`limit` blue; beyond it no stronger.

    Without a `limit` it is the largest absolute value.
    """
    limit = float(np.abs(values).max(initial=0.0)) if limit is None else limit
    share = np.clip(values / (limit or 1.0), -1.0, 1.0)[..., None]
    ends = np.where(share > 0, np.array([213.0, 94.0, 0.0]), np.array([0.0, 114.0, 178.0]))
    return np.rint(255.0 + np.abs(share) * (ends - 255.0)).astype(np.uint8)


def filter_sheet(filters: np.ndarray, columns: int, scale: int) -> np.ndarray:
    """Weights (N, H, W) or (N, H, W, 3) side by side, uint8 (..., 3): orange adds and blue subtracts; or in their colours.

    The strongest half percent of all weights is cut off, or it would make the others pale.
    """
    limit = float(np.quantile(np.abs(filters), 0.995)) if filters.size else 0.0
    if filters.ndim == 3:
        images = signed_colors(filters, limit)
    else:
        images = np.rint(255 * np.clip(0.5 + filters / (2 * limit or 1.0), 0, 1)).astype(np.uint8)
    return contact_sheet(images, columns, scale=scale, gap=max(1, scale // 2))


def grey_levels(values: np.ndarray, quantile: float = 0.995) -> np.ndarray:
    """`values` (N, H, W), not negative, as uint8: in each image 0 is black, its `quantile` and more white."""
    top = np.quantile(values, quantile, axis=(1, 2), keepdims=True)
    return np.rint(255 * np.clip(values / np.maximum(top, 1e-12), 0, 1)).astype(np.uint8)


def heat_over(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """`image`, uint8 (H, W, 1 or 3), in grey with `heat` (H, W), not negative, laid over it in orange: uint8 (H, W, 3).

    The hottest place is orange all over, a place without heat is the image at half its brightness.
    """
    share = (heat / max(float(heat.max(initial=0.0)), 1e-12))[..., None]
    grey = 0.55 * image.astype(np.float64).mean(axis=-1, keepdims=True)
    return np.rint(grey + share * 0.85 * (np.array([255.0, 140.0, 20.0]) - grey)).astype(np.uint8)
