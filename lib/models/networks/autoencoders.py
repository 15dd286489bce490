"""Networks from image to image: dense ones with a latent code in the middle, convolutional ones with skips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.models.build import layer_seeds, make_layer, stack_layers
from lib.models.program import compiled
from lib.models.tasks.classify import to_unit_range
from lib.spec.specs import ArchitectureSpec, ConvSpec
from lib.spec.summary import Shape


def build_autoencoder(architecture: ArchitectureSpec, image_shape: Shape, seed: int, precision: str = "float32") -> Any:
    """A Keras model from float images in 0-1 to such images.

    A stack that ends in a dense layer is used as it is, its outputs put in the image's shape. A stack of
    convolutions is the way down; the way up mirrors it, and adds what it finds on the way down at each size
    (after Ronneberger, Fischer and Brox, "U-Net", MICCAI 2015, which appends it instead). Its layers compute in
    `precision`, the last one in float32.
    """
    import keras

    image = keras.Input(image_shape, name="image")
    convolutions = [layer for layer in architecture.layers if layer.kind == "conv"]
    if len(convolutions) == len(architecture.layers):
        return keras.Model(image, _mirrored(convolutions, image, seed, precision), name=architecture.name)
    size = int(np.prod(image_shape))
    last = architecture.layers[-1]
    if last.kind != "dense" or last.units != size:
        raise SpecError("This stack cannot give an image.", expected=f"a last dense layer of {size} units",
                        received=f"{last.kind} {getattr(last, 'units', '')}".strip())
    output = stack_layers(architecture.layers, image, (seed,), "", precision, is_head=True)
    return keras.Model(image, keras.layers.Reshape(image_shape, name="picture")(output), name=architecture.name)


def _mirrored(layers: Sequence[ConvSpec], image: Any, seed: int, precision: str) -> Any:
    import keras

    x, skips = image, []
    seeds = iter(layer_seeds(3 * len(layers) + 1, seed))
    for number, layer in enumerate(layers):
        if layer.strides > 1:
            skips.append(x)
        x = make_layer(layer, next(seeds), f"down{number}", precision)(x)
    for number, skip in enumerate(reversed(skips)):
        filters = skip.shape[-1]
        x = make_layer(ConvSpec(filters, 1), next(seeds), f"narrow{number}", precision)(x)
        x = keras.layers.UpSampling2D(2, name=f"double{number}", dtype=precision)(x)
        if x.shape[1:3] != skip.shape[1:3]:
            raise SpecError("The image cannot be halved so often.", expected="sides that divide by every stride",
                            received=f"{skip.shape[1]}x{skip.shape[2]}")
        x = keras.layers.Add(name=f"skip{number}", dtype=precision)([x, skip])
        x = make_layer(ConvSpec(filters), next(seeds), f"up{number}", precision)(x)
    return make_layer(ConvSpec(image.shape[-1], activation="sigmoid"), next(seeds), "picture")(x)


class Autoencoder:
    """A trained image-to-image network; dense ones can be cut at their latent code."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.image_shape = tuple(model.input_shape[1:])
        self._through = compiled(lambda images: model(to_unit_range(images), training=False), model.variables)
        dense = [layer for layer in model.layers if "kernel" in dir(layer) and len(layer.kernel.shape) == 2]
        self.latent_size = min((layer.units for layer in dense), default=0)
        if dense:
            self._cut([layer.units for layer in dense].index(self.latent_size), dense)

    def _cut(self, index: int, dense: list[Any]) -> None:
        import keras

        encoder = keras.Model(self.model.inputs[0], dense[index].output)
        after = dense[index + 1 :]

        def decode(latents: Any) -> Any:
            for layer in after:
                latents = layer(latents)
            return keras.ops.reshape(latents, (-1, *self.image_shape))

        self._encode = compiled(lambda images: encoder(to_unit_range(images), training=False), encoder.variables)
        self._decode = compiled(decode, [v for layer in after for v in layer.variables])

    def denoise(self, images: np.ndarray) -> np.ndarray:
        """uint8 (N, H, W, C) to uint8 of the same shape."""
        return to_bytes(self._through(images))

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Latent codes, float32 (N, latent size), of uint8 images; dense networks only."""
        return self._encode(images)

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """uint8 images (N, H, W, C) of latent codes (N, latent size); dense networks only."""
        return to_bytes(self._decode(np.asarray(latents, np.float32)))


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Float images in 0-1 as uint8."""
    return np.clip(images * 255.0 + 0.5, 0, 255).astype(np.uint8)
