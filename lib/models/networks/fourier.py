"""Convolutions by the convolution theorem: on a CPU, a layer with large kernels in a half to a quarter of the time.

M. Mathieu, M. Henaff, Y. LeCun, "Fast Training of Convolutional Networks through FFTs", ICLR 2014: a convolution is a
product, frequency by frequency, of the spectra of its maps and its kernels. The sums are those of `keras.ops.conv` in
another order, so the results differ by rounding alone. Maps of at most MOST_PIXELS pixels a side have so few
frequencies that the transforms are matrix products here, which a processor does better than a fast Fourier transform.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Larger maps have spectra that fill the memory; they would have to be cut into tiles first.
MOST_PIXELS = 32
#: The direct way must take so many times the multiplications: each of them runs at twice the speed of these.
FEWEST_TIMES = 3.0
#: Images of a batch that share the transform of the kernels, in counting the multiplications.
_BATCH = 32


def with_fourier(layer: Any) -> Any:
    """The Keras Conv2D `layer`, which from now on takes the way through the spectra wherever that pays.

    Its class, weights and configuration stay what they are, so that a file of the network says nothing of it.
    """
    direct = layer.convolution_op

    def convolution_op(inputs: Any, kernel: Any) -> Any:
        plain = {*layer.strides, *layer.dilation_rate, layer.groups} == {1} and layer.data_format == "channels_last"
        if plain and layer.compute_dtype == "float32" and _is_on_cpu():
            sides = tuple(inputs.shape[1:3])
            if pays(sides, tuple(kernel.shape), layer.padding):
                return convolve(inputs, kernel, layer.padding)
        return direct(inputs, kernel)

    layer.convolution_op = convolution_op
    return layer


def _is_on_cpu() -> bool:
    from lib.models.runtime import device_names

    return device_names() == ("cpu:0",)


def pays(sides: tuple[int, int], kernel: tuple[int, int, int, int], padding: str) -> bool:
    """Whether maps of `sides` (height, width) are convolved faster through their spectra; `kernel` (h, w, in, out)."""
    if max(sides) > MOST_PIXELS:
        return False
    rows, columns = (_axis(side, size, padding) for side, size in zip(sides, kernel[:2], strict=True))
    height, width, channels, filters = kernel
    direct = rows.outputs * columns.outputs * height * width * channels * filters
    products = 3 * rows.period * columns.half * channels * filters
    transforms = (channels * _transform(sides[0], sides[1], rows, columns)
                  + filters * _transform(rows.outputs, columns.outputs, rows, columns)
                  + channels * filters * _transform(height, width, rows, columns) / _BATCH)
    return direct >= FEWEST_TIMES * (products + transforms)


def _transform(height: int, width: int, rows: _Axis, columns: _Axis) -> int:
    """Multiplications from (height, width) numbers to three numbers a frequency, or back."""
    return height * 2 * columns.half * width + 3 * rows.period * 2 * height * columns.half


def convolve(inputs: Any, kernel: Any, padding: str = "same") -> Any:
    """What `keras.ops.conv(inputs, kernel, 1, padding)` returns, float32 (N, rows, columns, F).

    `inputs` (N, H, W, C) and `kernel` (h, w, C, F) are float32; `padding` is "same" or "valid".
    """
    from keras import ops

    side_h, side_w, channels = inputs.shape[1:]
    size_h, size_w, _, filters = kernel.shape
    rows, columns = _axis(side_h, size_h, padding), _axis(side_w, size_w, padding)
    frequencies = 3 * rows.period * columns.half

    # Pixels first and images last: every transform is then one product with a matrix from the left, and nothing is moved.
    maps = ops.transpose(ops.reshape(inputs, (-1, side_h * side_w, channels)), (1, 0, 2))
    maps = ops.matmul(columns.maps_real, ops.reshape(maps, (side_h, side_w, -1)))
    maps = ops.matmul(rows.maps, ops.reshape(maps, (2 * side_h, -1)))
    kernels = ops.matmul(columns.kernels_real, ops.reshape(kernel, (size_h, size_w, -1)))
    kernels = ops.matmul(rows.kernels, ops.reshape(kernels, (2 * size_h, -1)))
    maps, kernels = ops.reshape(maps, (frequencies, -1, channels)), ops.reshape(kernels, (frequencies, channels, filters))
    products = ops.matmul(maps, kernels)
    result = ops.matmul(rows.back, ops.reshape(products, (3 * rows.period, -1)))
    result = ops.matmul(columns.back_real, ops.reshape(result, (rows.outputs, 2 * columns.half, -1)))
    result = ops.transpose(ops.reshape(result, (rows.outputs * columns.outputs, -1, filters)), (1, 0, 2))
    return ops.reshape(result, (-1, rows.outputs, columns.outputs, filters))


@dataclass(frozen=True)
class _Axis:
    """The transforms along one axis of `period` frequencies, as float32 matrices.

    Along columns real numbers become the real, then the imaginary parts of the first `half` frequencies (`*_real`); the
    others are their conjugates. Along rows pairs (real, imaginary) of each pixel become the real parts, the imaginary
    parts and the sums of both: three real products instead of four multiply two complex numbers (Gauss), and `back`
    takes the three products.
    """

    period: int
    half: int
    outputs: int
    maps: np.ndarray
    maps_real: np.ndarray
    kernels: np.ndarray
    kernels_real: np.ndarray
    back: np.ndarray
    back_real: np.ndarray


@functools.lru_cache(maxsize=256)
def _axis(side: int, size: int, padding: str) -> _Axis:
    before = (size - 1) // 2 if padding == "same" else 0
    outputs = side if padding == "same" else side - size + 1
    # What a kernel that sticks out at one end reads at the other must be the zeros of the padding.
    period = side + (size - 1 - before if padding == "same" else 0)
    half = period // 2 + 1
    pixels, taps = np.arange(side), before - np.arange(size)
    weights = np.full(half, 2.0)
    weights[0] = 1.0
    if period % 2 == 0:
        weights[-1] = 1.0
    real = _waves(np.arange(outputs), half, period).conj() * weights[:, None] / period
    return _Axis(period, half, outputs, _three(_waves(pixels, period, period)), _parts(_waves(pixels, half, period)),
                 _three(_waves(taps, period, period)), _parts(_waves(taps, half, period)),
                 _back(_waves(np.arange(outputs), period, period).conj() / period),
                 np.concatenate([real.real, -real.imag]).T.astype(np.float32))


def _waves(places: np.ndarray, frequencies: int, period: int) -> np.ndarray:
    """exp(-2 pi i frequency place / period), complex (frequencies, places)."""
    return np.exp(-2j * np.pi * np.outer(np.arange(frequencies), places) / period)


def _parts(waves: np.ndarray) -> np.ndarray:
    """From real numbers to real, then imaginary parts."""
    return np.concatenate([waves.real, waves.imag]).astype(np.float32)


def _three(waves: np.ndarray) -> np.ndarray:
    """From pairs (real, imaginary) to real parts, imaginary parts and their sums."""
    real = np.stack([waves.real, -waves.imag], axis=-1).reshape(len(waves), -1)
    imaginary = np.stack([waves.imag, waves.real], axis=-1).reshape(len(waves), -1)
    return np.concatenate([real, imaginary, real + imaginary]).astype(np.float32)


def _back(waves: np.ndarray) -> np.ndarray:
    """From the products of real parts, of imaginary parts and of the sums to pairs (real, imaginary).

    With products p, q and s, the product of the spectra is (p - q) + i (s - p - q).
    """
    re, im = waves.real.T, waves.imag.T
    real = np.concatenate([re + im, im - re, -im], axis=1)
    imaginary = np.concatenate([im - re, -im - re, re], axis=1)
    return np.stack([real, imaginary], axis=1).reshape(2 * len(re), -1).astype(np.float32)
