"""The four kinds of network of generative models, built from a run spec: they look at images, or draw them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.models.networks.spectral import spectral_layers
from lib.spec.settings import GanSettings, GenerativeSettings, VaeSettings
from lib.spec.specs import ConvSpec, RunSpec
from lib.spec.summary import Shape

#: Report 003: a dense layer of 1024 units before the generator's convolutions.
_REPORT_UNITS = 1024


class LayerSeeds:
    """A fresh initialiser seed for each layer, decided by the run's seed and the network's number."""

    def __init__(self, seed: int, network: int) -> None:
        self._drawn = iter(np.random.default_rng([seed, 3, network]).integers(0, 2**31 - 1, size=200))

    def __next__(self) -> int:
        return int(next(self._drawn))

    def __iter__(self) -> Iterator[int]:
        return self


def _convolutions(spec: RunSpec) -> list[ConvSpec]:
    """The layers of the spec; raises SpecError for one that is no convolution."""
    found = []
    for layer in spec.architecture.layers:
        if layer.kind != "conv":
            raise SpecError("A generative network looks through convolutions only.", expected="conv", received=layer.kind)
        found.append(layer)
    return found


def convolution_features(
    spec: RunSpec, image: Any, seeds: LayerSeeds, slope: float, noise: float = 0.0, normalise: bool = False,
    spectral: bool = False,
) -> Any:
    """Feature maps of `image` after the spec's convolutions, each followed by LeakyReLU (ReLU for slope 0), flat."""
    from keras import initializers, layers

    conv_class = spectral_layers()[0] if spectral else layers.Conv2D
    x = image
    for conv in _convolutions(spec):
        x = conv_class(conv.filters, conv.kernel_size, conv.strides, conv.padding, use_bias=not normalise,
                       kernel_initializer=initializers.GlorotUniform(seed=next(seeds)))(x)
        x = layers.BatchNormalization(momentum=0.9)(x) if normalise else x
        x = layers.LeakyReLU(negative_slope=slope)(x) if slope else layers.ReLU()(x)
        x = layers.GaussianNoise(noise, seed=next(seeds))(x) if noise else x
    return layers.Flatten()(x)


def build_discriminator(spec: RunSpec, shape: Shape) -> Any:
    """Images (N, H, W, C) in 0-1 to one number each (N, 1): high for real ones. No activation."""
    import keras

    seeds, settings = LayerSeeds(spec.seed, 0), spec.options(GanSettings)
    image = keras.Input(shape, name="image")
    x = keras.layers.Rescaling(2.0, -1.0)(image)
    x = convolution_features(spec, x, seeds, settings.slope, settings.input_noise, spectral=settings.spectral_norm)
    dense = spectral_layers()[1] if settings.spectral_norm else keras.layers.Dense
    score = dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)))(x)
    return keras.Model(image, score, name="discriminator")


def build_encoder(spec: RunSpec, shape: Shape) -> Any:
    """Images (N, H, W, C) in 0-1 to the mean and log-variance of their latent values, (N, 2 * latent size)."""
    import keras

    seeds, settings = LayerSeeds(spec.seed, 1), spec.options(VaeSettings)
    image = keras.Input(shape, name="image")
    light = settings.network == "light"
    x = convolution_features(spec, image, seeds, 0.2 if light else 0.0, normalise=light, spectral=settings.spectral_norm)
    if settings.units:
        first = keras.initializers.GlorotUniform(seed=next(seeds))
        x = keras.layers.Dense(settings.units, "relu", kernel_initializer=first)(x)
    start = keras.initializers.GlorotUniform(seed=next(seeds))
    outputs = keras.layers.Dense(2 * settings.latent_size, kernel_initializer=start, name="latent")(x)
    return keras.Model(image, outputs, name="encoder")


def build_vae(spec: RunSpec, shape: Shape) -> tuple[Any, Any, Any]:
    """Encoder, decoder, and both in a row: images in 0-1 to the images of their latent means."""
    import keras

    encoder, decoder = build_encoder(spec, shape), build_generator(spec, shape, "decoder")
    image = keras.Input(shape, name="image")
    latent_size = spec.options(VaeSettings).latent_size
    return encoder, decoder, keras.Model(image, decoder(encoder(image)[:, :latent_size]), name="vae")


def build_generator(spec: RunSpec, shape: Shape, name: str = "generator") -> Any:
    """Latent codes (N, latent size) to images (N, H, W, C) in 0-1: a GAN's generator, a VAE's decoder."""
    import keras

    seeds, settings = LayerSeeds(spec.seed, 2), generative_settings(spec)
    latent_code = keras.Input((settings.latent_size,), name="latent")
    layers = _report_generator if settings.network == "report" else _light_generator
    return keras.Model(latent_code, _cropped(layers(spec, latent_code, shape, seeds), shape), name=name)


def generative_settings(spec: RunSpec) -> GenerativeSettings:
    """The settings of a GAN's or a VAE's run; raises SpecError for a run of another task."""
    settings = spec.own_settings
    if not isinstance(settings, GenerativeSettings):
        raise SpecError("This run generates no images.", expected="the task gan or vae", received=spec.task)
    return settings


def _report_generator(spec: RunSpec, latent_code: Any, shape: Shape, seeds: LayerSeeds) -> Any:
    """Report 003: dense 1024, five transposed 128-filter convolutions (kernel 3, stride 2), a convolution (kernel 3)."""
    from keras import initializers, layers

    depth = len(spec.architecture.layers)
    base = max(1, math.ceil(max(shape[:2]) / 2**depth))
    maps = max(1, _REPORT_UNITS // base**2)
    start = initializers.GlorotUniform
    x = layers.Dense(base * base * maps, "relu", kernel_initializer=start(seed=next(seeds)))(latent_code)
    x = layers.Reshape((base, base, maps))(x)
    for conv in reversed(_convolutions(spec)):
        x = layers.Conv2DTranspose(conv.filters, conv.kernel_size, 2, "same", activation="relu",
                                   kernel_initializer=start(seed=next(seeds)))(x)
    return layers.Conv2D(shape[2], 3, padding="same", activation="sigmoid", kernel_initializer=start(seed=next(seeds)))(x)


def _light_generator(spec: RunSpec, latent_code: Any, shape: Shape, seeds: LayerSeeds) -> Any:
    """DCGAN's form (A. Radford et al., ICLR 2016): transposed convolutions of kernel 4, the last one draws the colours.

    No layer works at full size, which is what makes it affordable on a CPU, unless `finish` maps do: a last convolution over
    them evens out the grid that transposed ones leave (A. Odena et al., "Deconvolution and Checkerboard Artifacts", 2016).
    """
    from keras import initializers, layers

    filters = [int(text) for text in generative_settings(spec).drawing.split("-")]
    # The image doubles from 4x4; small images need fewer doublings.
    depth = min(len(filters), math.ceil(math.log2(max(shape[:2]) / 4)))
    filters, base = filters[:depth], math.ceil(max(shape[:2]) / 2**depth)
    start = initializers.GlorotUniform
    x = layers.Dense(base * base * filters[0], use_bias=False, kernel_initializer=start(seed=next(seeds)))(latent_code)
    x = layers.Reshape((base, base, filters[0]))(x)
    finish = generative_settings(spec).finish
    for count in (*filters[1:], finish):
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
        x = layers.Conv2DTranspose(count or shape[2], 4, 2, "same", use_bias=not count,
                                   kernel_initializer=start(seed=next(seeds)))(x)
    if finish:
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
        x = layers.Conv2D(shape[2], 3, padding="same", kernel_initializer=start(seed=next(seeds)))(x)
    return layers.Activation("sigmoid")(x)


def _cropped(image: Any, shape: Shape) -> Any:
    from keras import layers

    rows, columns = image.shape[1] - shape[0], image.shape[2] - shape[1]
    if not rows and not columns:
        return image
    return layers.Cropping2D(((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)))(image)


def to_pixels(images: np.ndarray) -> np.ndarray:
    """Float images in 0-1 as uint8 0-255."""
    return np.clip(np.rint(255.0 * images), 0, 255).astype(np.uint8)


def fixed_latents(seed: int, count: int, latent_size: int) -> np.ndarray:
    """The latent codes (count, latent size) float32 whose images are shown after every epoch."""
    return np.random.default_rng([seed, 7]).standard_normal((count, latent_size)).astype(np.float32)
