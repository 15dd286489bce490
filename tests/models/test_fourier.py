"""Convolutions through spectra: the numbers and gradients of Keras' own, taken where they pay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.models.build import build_model
from lib.models.files import save_model
from lib.models.networks import fourier
from lib.models.networks.fourier import convolve, with_fourier
from lib.models.runtime import prepare
from lib.spec.specs import ArchitectureSpec, ConvSpec, DenseSpec, FlattenSpec

LARGE_KERNELS = ArchitectureSpec((ConvSpec(32, 7), ConvSpec(24, 7), FlattenSpec(), DenseSpec(10, "softmax")))


def _arrays(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(len(shapes))
    return [rng.standard_normal(shape).astype("float32") for shape in shapes]


def _gradients(convolution: Any, maps: np.ndarray, kernel: np.ndarray) -> list[np.ndarray]:
    """Of a loss with other weights for every output, by the maps and by the kernels."""
    import tensorflow as tf

    maps, kernel = tf.constant(maps), tf.constant(kernel)
    with tf.GradientTape() as tape:
        tape.watch([maps, kernel])
        result = convolution(maps, kernel)
        loss = tf.reduce_sum(result * np.cos(np.arange(np.prod(result.shape))).reshape(result.shape).astype("float32"))
    return [np.asarray(gradient) for gradient in tape.gradient(loss, [maps, kernel])]


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.integers(1, 9), st.integers(1, 9)), st.tuples(st.integers(1, 8), st.integers(1, 8)),
       st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.sampled_from(["same", "valid"]))
def test_maps_of_any_size_come_out_as_from_keras(
    sides: tuple[int, int], size: tuple[int, int], images: int, channels: int, filters: int, padding: str,
) -> None:
    if padding == "valid" and (size[0] > sides[0] or size[1] > sides[1]):
        return
    maps, kernel = _arrays((images, *sides, channels), (*size, channels, filters))
    expected = np.asarray(keras.ops.conv(maps, kernel, 1, padding))
    rounding = 2e-5 * np.sqrt(kernel[..., 0].size)
    np.testing.assert_allclose(np.asarray(convolve(maps, kernel, padding)), expected, atol=rounding)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", [4, 7])
def test_gradients_are_those_of_the_direct_way(size: int, padding: str) -> None:
    maps, kernel = _arrays((3, 14, 13, 4), (size, size, 4, 5))
    direct = _gradients(lambda x, w: keras.ops.conv(x, w, 1, padding), maps, kernel)
    for ours, expected in zip(_gradients(lambda x, w: convolve(x, w, padding), maps, kernel), direct, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5 * np.abs(expected).max())


def test_a_network_computes_the_same_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()
    images = np.random.default_rng(1).random((5, 28, 28, 1)).astype("float32")
    taken = []
    monkeypatch.setattr(fourier, "convolve", lambda *args: taken.append(args[1].shape) or convolve(*args))
    network = build_model(LARGE_KERNELS, (28, 28, 1), seed=3)
    found = np.asarray(network(images))
    assert set(map(tuple, taken)) == {(7, 7, 32, 24)}
    plain = keras.models.clone_model(network)
    plain.set_weights(network.get_weights())
    count = len(taken)
    np.testing.assert_allclose(found, np.asarray(plain(images)), atol=1e-5)
    assert len(taken) == count, "a copy from the configuration is Keras' own layer"


def test_other_steps_precisions_and_machines_go_the_direct_way(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()
    monkeypatch.setattr(fourier, "convolve", lambda *args: pytest.fail("went through the spectra"))
    maps = np.zeros((1, 14, 14, 64), "float32")
    with_fourier(keras.layers.Conv2D(64, 7, strides=2))(maps)
    with_fourier(keras.layers.Conv2D(64, 7, dilation_rate=2, padding="same"))(maps)
    with_fourier(keras.layers.Conv2D(64, 7, groups=2, padding="same"))(maps)
    with_fourier(keras.layers.Conv2D(64, 7, padding="same", dtype="mixed_bfloat16"))(maps)
    monkeypatch.setattr("lib.models.runtime.device_names", lambda: ("gpu:0",))
    with_fourier(keras.layers.Conv2D(64, 7, padding="same"))(maps)


def test_a_file_of_the_network_is_of_kerass_own_layers(tmp_path: Path) -> None:
    network = build_model(LARGE_KERNELS, (28, 28, 1), seed=3)
    save_model(network, tmp_path / "model.keras")
    opened = keras.models.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in opened.layers[1:3]] == [keras.layers.Conv2D] * 2
    image = np.ones((1, 28, 28, 1), "float32")
    np.testing.assert_allclose(np.asarray(opened(image)), np.asarray(network(image)), atol=1e-5)
