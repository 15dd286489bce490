"""Noise for images, and the measures of how much of it a denoiser took away."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from lib.base.errors import SpecError

#: Kind of noise -> what level 1 of it does.
NOISES = {
    "salt_pepper": "every pixel becomes black or white by chance",
    "gaussian": "normal noise with a standard deviation of the whole range is added",
    "blocks": "every block of 4x4 pixels is erased",
    "blur": "a Gaussian blur with a standard deviation of 4 pixels",
}
#: Pixels a side of an erased block; standard deviation in pixels of the strongest blur.
BLOCK, BLUR = 4, 4.0


def corrupt(images: np.ndarray, kind: str, level: float, seed: int = 0) -> np.ndarray:
    """`images`, uint8 (N, H, W, C), with noise of `kind` at `level` 0-1, uint8.

    The same seed at a higher level corrupts what it corrupted at a lower one and more, so that a slider moves smoothly.
    Salt-and-pepper is of report 004: a share `level` of the pixels becomes 0 or 255, here each as likely.
    """
    if kind not in NOISES:
        raise SpecError("Unknown noise.", expected=", ".join(NOISES), received=repr(kind))
    if not 0 <= level <= 1:
        raise SpecError("The noise level is out of range.", expected="a number from 0 to 1", received=repr(level))
    if level == 0:
        return images.copy()
    return _NOISE[kind](images, level, np.random.default_rng([seed, list(NOISES).index(kind)]))


def _salt_pepper(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    shape = (*images.shape[:3], 1)
    corrupted, white = rng.random(shape, np.float32) < level, rng.random(shape, np.float32) < 0.5
    return np.where(corrupted, np.where(white, np.uint8(255), np.uint8(0)), images)


def _gaussian(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(images.shape, np.float32) * (255 * level)
    return np.clip(images + noise + 0.5, 0, 255).astype(np.uint8)


def _blocks(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    count, height, width = images.shape[:3]
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    erased = rng.random((count, rows, columns), np.float32) < level
    mask = erased.repeat(BLOCK, axis=1).repeat(BLOCK, axis=2)[:, :height, :width]
    return np.where(mask[..., None], np.uint8(0), images)


def _blur(images: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    # Over the whole image, not SciPy's four standard deviations: as the noise of a training step (`RandomNoise`).
    blurred = ndimage.gaussian_filter(images.astype(np.float32), max(BLUR * level, 1e-3), axes=(1, 2),
                                      radius=images.shape[1:3], mode="constant")
    return np.clip(blurred + 0.5, 0, 255).astype(np.uint8)


_NOISE = {"salt_pepper": _salt_pepper, "gaussian": _gaussian, "blocks": _blocks, "blur": _blur}


def median_filter(images: np.ndarray, size: int) -> np.ndarray:
    """Each pixel of uint8 (N, H, W, C) becomes the median of the `size` x `size` pixels around it."""
    return ndimage.median_filter(images, size=(1, size, size, 1), mode="constant")


# --- measures -----------------------------------------------------------------------------

# scikit-image gives the same to the last digit, but one image at a time, in nearly twice the time, and is one package more.

def psnr(clean: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio in decibels of each image, float64 (N,), of uint8 (N, H, W, C); inf for equal ones."""
    error = np.mean((clean.astype(np.float64) - other.astype(np.float64)) ** 2, axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255.0**2 / error)


def ssim(clean: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Structural similarity of each image, float64 (N,), at most 1, of uint8 (N, H, W, C).

    After Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
    similarity", IEEE Transactions on Image Processing 13(4), 2004: a Gaussian window of 11x11 pixels with standard
    deviation 1.5, K1 = 0.01, K2 = 0.03, averaged where the window lies wholly inside the image.
    """
    x, y = clean.astype(np.float64), other.astype(np.float64)
    mean_x, mean_y = _window(x), _window(y)
    var_x, var_y = _window(x * x) - mean_x**2, _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    index = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    index /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    return index.mean(axis=(1, 2, 3))


def _window(images: np.ndarray) -> np.ndarray:
    """The windows' weighted means, where a window fits."""
    return ndimage.gaussian_filter(images, 1.5, axes=(1, 2), radius=5)[:, 5:-5, 5:-5]
