"""The networks of every task as models of one input, which is what can be looked into.

A run keeps one Keras model: of a conditional VAE one of two inputs, of a VAE one with two networks inside, of a GAN only one
of its two. The functions here are named by `lib.catalog.tasks`: those that build what a run keeps, untrained, and those that
make a model of one input of it, an image or a latent code, with a layer for every step in between.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import CheckpointError
from lib.catalog.tasks import task_of
from lib.models.build import build_model
from lib.models.digit_bench import latent_size
from lib.models.files import read_npz
from lib.models.networks.autoencoders import build_autoencoder
from lib.models.networks.generative import build_discriminator, build_generator, generative_settings
from lib.models.networks.generative import build_vae as both_networks
from lib.models.networks.spectral import SpectralNorm
from lib.models.tasks.clock import build_clock_model
from lib.models.tasks.conditional import build_conditional_decoder
from lib.models.tasks.simclr import build_features
from lib.spec.specs import RunSpec
from lib.spec.summary import Shape
from lib.spec.variations import with_classes


@dataclass(frozen=True)
class KeptNetwork:
    """What there is of a network.

    `spec` is what it was or would be trained as, `shape` that of its images (H, W, C), `classes` how many, `model` what a
    run keeps of it (a Keras model), `folder` the run's; None for a shipped or an untrained network.
    """

    spec: RunSpec
    shape: Shape
    classes: int
    model: Any
    folder: Path | None = None


def built(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """What a run of `spec` would keep, untrained; raises SpecError where it does not fit, and CheckpointError."""
    name = task_of(spec).build
    if not name:
        raise CheckpointError("An untrained network of this kind cannot be opened.", remedy="Train one first.")
    return _function(name)(spec, shape, classes)


def shipped(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """What is shipped of such a network, with untrained weights; raises as `built` does."""
    name = task_of(spec).build_shipped
    return _function(name)(spec, shape, classes) if name else built(spec, shape, classes)


def made(name: str, kept: KeptNetwork, told: int) -> Any:
    """The network `name` ("module:function") of what is kept, told the class `told` where it is told one."""
    return _function(name)(kept, told)


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


# --- what runs keep -----------------------------------------------------------------------


def build_classifier(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Images to classes."""
    return build_model(with_classes(spec.architecture, classes), shape, spec.seed)


def build_clock(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Images of clocks to what their head says."""
    return build_clock_model(spec, shape)


def build_denoiser(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Images to images."""
    return build_autoencoder(spec.architecture, shape, spec.seed)


def build_told_decoder(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Codes and labels to images: a reversed network, or the decoder of a conditional VAE, which is all that is shipped."""
    return build_conditional_decoder(spec, latent_size(spec), classes, shape)


def build_gan(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Latent codes to images: the generator, which is what a GAN's run keeps."""
    return build_generator(spec, shape)


def build_vae(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Images to redrawn images."""
    return both_networks(spec, shape)[2]


def build_feature_network(spec: RunSpec, shape: Shape, classes: int) -> Any:
    """Images to features."""
    return build_features(spec, shape)


# --- models of one input ------------------------------------------------------------------


def whole(kept: KeptNetwork, told: int) -> Any:
    """What is kept, as it is."""
    return kept.model


def both(kept: KeptNetwork, told: int) -> Any:
    """A VAE: image to latent means to the image that they give."""
    import keras

    encoder, decoder = kept.model.get_layer("encoder"), kept.model.get_layer("decoder")
    image = keras.Input(kept.shape, name="image")
    copies = _LayerCopies()
    (latent,) = copies(encoder, [image])
    means = _layers()[1](generative_settings(kept.spec).latent_size, name="means")(latent)
    (redrawn,) = copies(decoder, [means])
    return copies.model(image, redrawn)


def decoder(kept: KeptNetwork, told: int) -> Any:
    """A VAE's decoder."""
    return kept.model.get_layer("decoder")


def told_decoder(kept: KeptNetwork, told: int) -> Any:
    """The decoder of a conditional VAE, or a reversed network: a latent code and a one-hot label, beside each other, to an
    image."""
    import keras

    decoder = kept.model if kept.model.name == "decoder" else kept.model.get_layer("decoder")
    after = _after_joining(decoder)
    size = int(after[0].input.shape[-1])
    code = keras.Input((size,), name="code_and_label")
    copies = _LayerCopies()
    (image,) = copies.chain(after, code)
    return copies.model(code, image)


def told_both(kept: KeptNetwork, told: int) -> Any:
    """A conditional VAE that is told the class `told`: image to latent means to the image that they give."""
    import keras

    outer = kept.model
    image = keras.Input(kept.shape, name="image")
    label = _layers()[0](np.eye(kept.classes, dtype=np.float32)[told], name="class_told")(image)
    copies = _LayerCopies()
    inner = outer.get_layer("decoder")
    encoder = keras.Model(outer.inputs, outer.get_layer("mean").output)
    (mean,) = copies(encoder, [image, label])
    (redrawn,) = copies(inner, [mean, label])
    return copies.model(image, redrawn)


def discriminator(kept: KeptNetwork, told: int) -> Any:
    """A GAN's discriminator. A run keeps it among the state from which it is extended."""
    import keras

    network = build_discriminator(kept.spec, kept.shape)
    if kept.folder is not None:
        first = len(build_generator(kept.spec, kept.shape).variables)
        arrays = read_npz(kept.folder / "resume.npz")
        values = [arrays.get(f"state_{number}") for number in range(first, first + len(network.variables))]
        if [None if v is None else v.shape for v in values] != [tuple(v.shape) for v in network.variables]:
            raise CheckpointError("The saved state of this run belongs to another network.", remedy="Train it again.")
        for variable, value in zip(network.variables, values, strict=True):
            variable.assign(value)
    image = keras.Input(kept.shape, name="image")
    copies = _LayerCopies()
    (score,) = copies(network, [image])
    return copies.model(image, score)


def _after_joining(model: Any) -> list[Any]:
    """The layers after the one that joins the inputs of a model whose other layers follow one another."""
    names = [type(layer).__name__ for layer in model.layers]
    return model.layers[names.index("Concatenate") + 1 :]


class _LayerCopies:
    """Copies of layers on other inputs: Keras knows of a layer only the first tensors that it was called with."""

    def __init__(self) -> None:
        self._pairs: list[tuple[Any, Any]] = []

    def __call__(self, model: Any, inputs: Sequence[Any]) -> list[Any]:
        """What `model` gives for the tensors `inputs`, through copies of its layers."""
        import keras

        known = {id(old): new for old, new in zip(model.inputs, inputs, strict=True)}
        for layer in model.layers:
            if type(layer).__name__ != "InputLayer":
                known[id(layer.output)] = self._copy(layer)(keras.tree.map_structure(lambda t: known[id(t)], layer.input))
        return [known[id(tensor)] for tensor in model.outputs]

    def chain(self, layers: Sequence[Any], tensor: Any) -> list[Any]:
        """What `layers`, one after the other, give for `tensor`."""
        for layer in layers:
            tensor = self._copy(layer)(tensor)
        return [tensor]

    def model(self, start: Any, end: Any) -> Any:
        """The model from `start` to `end`, its layers with the weights of those that they are copies of."""
        import keras

        made = keras.Model(start, end)
        for old, new in self._pairs:
            new.set_weights(_plain_weights(old))
        return made

    def _copy(self, layer: Any) -> Any:
        import keras

        kind = type(layer)
        if isinstance(layer, SpectralNorm):  # the copy has the kernel that it computes with
            kind = keras.layers.Conv2D if isinstance(layer, keras.layers.Conv2D) else keras.layers.Dense
        copy = kind.from_config(layer.get_config() | {"name": f"{len(self._pairs)}_{layer.name}"})
        self._pairs.append((layer, copy))
        return copy


def _plain_weights(layer: Any) -> list[np.ndarray]:
    if not isinstance(layer, SpectralNorm):
        return layer.get_weights()
    kernel = np.array(layer.normalised(layer.kernel))
    return [kernel] if layer.bias is None else [kernel, np.array(layer.bias)]


@functools.cache
def _layers() -> tuple[type, type]:
    """The classes of a layer that says the same of every image, and of one that passes on the first of its numbers."""
    import keras
    from keras import ops

    class Given(keras.layers.Layer):
        """A vector for each image of a batch, the same for all."""

        def __init__(self, values: np.ndarray, **more: Any) -> None:
            super().__init__(**more)
            self.values = values

        def call(self, images: Any) -> Any:
            """images (N, H, W, C) to (N, values)."""
            return ops.zeros_like(ops.reshape(images, (-1, int(np.prod(images.shape[1:]))))[:, :1]) + self.values

    class First(keras.layers.Layer):
        """The first `count` numbers of a vector."""

        def __init__(self, count: int, **more: Any) -> None:
            super().__init__(**more)
            self.count = count

        def call(self, vectors: Any) -> Any:
            """vectors (N, numbers) to (N, count)."""
            return vectors[:, : self.count]

    return Given, First
