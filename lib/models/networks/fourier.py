"""Convolutions by the convolution theorem: on a CPU, a layer with large kernels in a half to a quarter of the time.

M. Mathieu, M. Henaff, Y. LeCun, "Fast Training of Convolutional Networks through FFTs", ICLR 2014: a convolution is a
product, frequency by frequency, of the spectra of its maps and its kernels. The sums are those of `keras.ops.conv` in
another order, so the results differ by rounding alone. Small maps have so few frequencies that the transforms are matrix
products here, which a processor does better than a fast Fourier transform.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.spec.spectra import Axis, Spectra


def with_fourier(layer: Any) -> Any:
    """The Keras Conv2D `layer`, which from now on takes the way through the spectra wherever that pays.

    Its class, weights and configuration stay what they are, so that a file of the network says nothing of it.
    """
    direct = layer.convolution_op

    def convolution_op(inputs: Any, kernel: Any) -> Any:
        plain = {*layer.strides, *layer.dilation_rate, layer.groups} == {1} and layer.data_format == "channels_last"
        pays = plain and Spectra(tuple(inputs.shape[1:]), layer.kernel_size, layer.filters, layer.padding).pays
        if pays and layer.compute_dtype == "float32" and _is_on_cpu():
            return convolve(inputs, kernel, layer.padding)
        return direct(inputs, kernel)

    layer.convolution_op = convolution_op
    return layer


def _is_on_cpu() -> bool:
    from lib.models.runtime import device_names

    return device_names() == ("cpu:0",)


def convolve(inputs: Any, kernel: Any, padding: str = "same") -> Any:
    """What `keras.ops.conv(inputs, kernel, 1, padding)` returns, float32 (N, rows, columns, F).

    `inputs` (N, H, W, C) and `kernel` (h, w, C, F) are float32; `padding` is "same" or "valid".
    """
    from keras import ops

    side_h, side_w, channels = inputs.shape[1:]
    size_h, size_w, _, filters = kernel.shape
    spectra = Spectra((side_h, side_w, channels), (size_h, size_w), filters, padding)
    axes, frequencies = spectra.axes, spectra.frequencies
    rows, columns = _transforms(axes[0], side_h, size_h), _transforms(axes[1], side_w, size_w)

    # Pixels first and images last: every transform is then one product with a matrix from the left, and nothing is moved.
    maps = ops.transpose(ops.reshape(inputs, (-1, side_h * side_w, channels)), (1, 0, 2))
    maps = ops.matmul(columns.maps_real, ops.reshape(maps, (side_h, side_w, -1)))
    maps = ops.matmul(rows.maps, ops.reshape(maps, (2 * side_h, -1)))
    kernels = ops.matmul(columns.kernels_real, ops.reshape(kernel, (size_h, size_w, -1)))
    kernels = ops.matmul(rows.kernels, ops.reshape(kernels, (2 * size_h, -1)))
    maps, kernels = ops.reshape(maps, (frequencies, -1, channels)), ops.reshape(kernels, (frequencies, channels, filters))
    products = ops.matmul(maps, kernels)
    result = ops.matmul(rows.back, ops.reshape(products, (3 * axes[0].period, -1)))
    result = ops.matmul(columns.back_real, ops.reshape(result, (axes[0].outputs, 2 * axes[1].half, -1)))
    result = ops.transpose(ops.reshape(result, (axes[0].outputs * axes[1].outputs, -1, filters)), (1, 0, 2))
    return ops.reshape(result, (-1, axes[0].outputs, axes[1].outputs, filters))


@dataclass(frozen=True)
class _Transforms:
    """The transforms along one axis, as float32 matrices.

    Across, real numbers become the real, then the imaginary parts of half the frequencies (`*_real`); the others are
    their conjugates. Downwards, pairs (real, imaginary) of each pixel become the real parts, the imaginary parts and the
    sums of both: three real products instead of four multiply two complex numbers (Gauss), and `back` takes the three.
    """

    maps: np.ndarray
    maps_real: np.ndarray
    kernels: np.ndarray
    kernels_real: np.ndarray
    back: np.ndarray
    back_real: np.ndarray


@functools.lru_cache(maxsize=256)
def _transforms(axis: Axis, side: int, size: int) -> _Transforms:
    period, half = axis.period, axis.half
    pixels, taps, outputs = np.arange(side), axis.before - np.arange(size), np.arange(axis.outputs)
    weights = np.full(half, 2.0)
    weights[0] = 1.0
    if period % 2 == 0:
        weights[-1] = 1.0
    real = _waves(outputs, half, period).conj() * weights[:, None] / period
    return _Transforms(
        _three(_waves(pixels, period, period)), _parts(_waves(pixels, half, period)),
        _three(_waves(taps, period, period)), _parts(_waves(taps, half, period)),
        _back(_waves(outputs, period, period).conj() / period),
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
