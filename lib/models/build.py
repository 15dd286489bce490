"""Architecture specs to Keras models."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.models.networks.fourier import with_fourier
from lib.spec.specs import ArchitectureSpec, ConvSpec, DenseSpec, LayerSpec
from lib.spec.summary import Shape, summarise

#: Name of an initialiser -> its class in Keras.
INITIALIZER_CLASSES = {
    "glorot_uniform": "GlorotUniform", "glorot_normal": "GlorotNormal", "he_uniform": "HeUniform",
    "he_normal": "HeNormal", "lecun_normal": "LecunNormal",
}


def build_model(architecture: ArchitectureSpec, input_shape: Shape, seed: int, precision: str = "float32") -> Any:
    """A `keras.Model` for images of `input_shape`, float32 in 0-1, weights drawn from `seed`; its outputs are float32.

    Every initialiser and dropout layer has its own seed derived from `seed`, so that models built
    in two threads at once do not change each other. Raises SpecError when layers do not fit.
    """
    summarise(architecture, input_shape)
    import keras

    inputs = keras.Input(input_shape, name="image")
    outputs = stack_layers(architecture.layers, inputs, (seed,), "", precision, is_head=True)
    return keras.Model(inputs, outputs, name=_safe_name(architecture.name))


def stack_layers(
    layers: tuple[LayerSpec, ...], x: Any, seeds: tuple[int, ...], prefix: str, precision: str = "float32", *,
    is_head: bool = False,
) -> Any:
    """`x` through the layers, each with a seed of its own and a name that begins with `prefix`.

    `seeds` are the run's seed and what tells this stack from others of the same run. The last layer of a head
    computes in float32 whatever the precision.
    """
    drawn = layer_seeds(len(layers), *seeds)
    for number, (layer, seed) in enumerate(zip(layers, drawn, strict=True)):
        dtype = "float32" if is_head and number == len(layers) - 1 else precision
        x = make_layer(layer, seed, f"{prefix}{number:02d}_{layer.kind}", dtype)(x)
    return x


def layer_seeds(count: int, seed: int, *which: int) -> list[int]:
    """Seeds for `count` layers of stack `which` of a run: neighbouring runs and stacks share none but by chance."""
    # NumPy takes [s, 1] and [s, 1, 0] for the same seed; the length tells them apart.
    return np.random.default_rng([seed, 1, len(which), *which]).integers(0, 2**31 - 1, size=count).tolist()


def _safe_name(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name) or "model"


def _activation(layer: DenseSpec | ConvSpec) -> Any:
    import keras

    return keras.layers.LeakyReLU(negative_slope=layer.slope) if layer.activation == "leaky_relu" else layer.activation


def _weighted(layer: DenseSpec | ConvSpec, seed: int) -> dict[str, Any]:
    """The arguments that dense and convolution layers share."""
    import keras

    penalty = keras.regularizers.L1L2(layer.l1, layer.l2) if layer.l1 or layer.l2 else None
    initializer = getattr(keras.initializers, INITIALIZER_CLASSES[layer.initializer])(seed=seed)
    return {"activation": _activation(layer), "kernel_initializer": initializer, "kernel_regularizer": penalty}


def make_layer(layer: LayerSpec, seed: int, name: str, precision: str = "float32") -> Any:
    """The Keras layer of one spec."""
    from keras import layers

    common = {"name": name, "dtype": precision}

    match layer.kind:
        case "dense":
            return layers.Dense(layer.units, **common, **_weighted(layer, seed))
        case "conv":
            return with_fourier(layers.Conv2D(layer.filters, layer.kernel_size, layer.strides, layer.padding, **common,
                                              **_weighted(layer, seed)))
        case "pool":
            pool = layers.MaxPooling2D if layer.method == "max" else layers.AveragePooling2D
            return pool(layer.size, layer.step, layer.padding, **common)
        case "global_pool":
            pool = layers.GlobalMaxPooling2D if layer.method == "max" else layers.GlobalAveragePooling2D
            return pool(**common)
        case "flatten":
            return layers.Flatten(**common)
        case "dropout":
            return layers.Dropout(layer.rate, seed=seed, **common)
        case "noise":
            return layers.GaussianNoise(layer.stddev, seed=seed, **common)
        case "batch_norm":
            return layers.BatchNormalization(**common)
        case "activation":
            if layer.activation == "leaky_relu":
                return layers.LeakyReLU(negative_slope=layer.slope, **common)
            return layers.Activation(layer.activation, **common)
    raise ValueError(f"no Keras layer for {layer!r}")
