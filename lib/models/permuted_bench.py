"""The networks of the permutation lens: each with the order in which it takes the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lib.base.errors import SpecError
from lib.catalog.permuted import CONTESTANTS, Contestant, checkpoint_name, examples_name
from lib.models.build import build_model
from lib.models.checkpoints import load_weights, manifest_entry
from lib.models.files import load_model
from lib.models.probes import first_kernel, predictor, saliency_function
from lib.models.runtime import prepare
from lib.spec.permutations import apply, inverse, make_permutation
from lib.spec.specs import RunSpec, run_from_dict


class Network:
    """A trained classifier. `permutation` is the order in which it takes the pixels, None for the image's own."""

    def __init__(self, title: str, model: Any, permutation: np.ndarray | None) -> None:
        self.title, self.model, self.permutation = title, model, permutation

    def shown_permuted(self, permutation: np.ndarray) -> Network:
        """The same network, shown permuted pixels that it never learned."""
        other = Network(f"{self.title}, unprepared", self.model, permutation)
        other.__dict__ |= {"_predict": self._predict, "_saliency": self._saliency}  # compiled once for both
        return other

    def permute(self, images: np.ndarray) -> np.ndarray:
        """`images` as the network takes them."""
        return images if self.permutation is None else apply(images, self.permutation)

    def unpermute(self, images: np.ndarray) -> np.ndarray:
        """Undo `permute`, for whatever has one value for each of the network's inputs."""
        return images if self.permutation is None else apply(images, inverse(self.permutation))

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) for images (N, H, W, C), uint8, in their own order."""
        return self._predict(np.ascontiguousarray(self.permute(images)))

    def saliency(self, images: np.ndarray) -> np.ndarray:
        """Gradient of the predicted logit by every input, (N, H, W, C), in the network's order."""
        return self._saliency(np.ascontiguousarray(self.permute(images)))

    @cached_property
    def _predict(self) -> Any:
        return predictor(self.model)

    @cached_property
    def _saliency(self) -> Any:
        return saliency_function(self.model)

    @cached_property
    def first_kernel(self) -> np.ndarray:
        """See `probes.first_kernel`."""
        return first_kernel(self.model)


def shipped_networks(data: str) -> dict[str, Network]:
    """The four shipped networks of a data set by `Contestant.key`; raises CheckpointError when one is missing."""
    prepare()
    return {contestant.key: shipped_network(data, contestant) for contestant in CONTESTANTS}


def shipped_network(data: str, contestant: Contestant) -> Network:
    """One of the four; raises CheckpointError when it is missing."""
    name = checkpoint_name(data, contestant)
    entry = manifest_entry(name)
    shape = tuple(entry["image_shape"])
    model = build_model(run_from_dict(entry["spec"]).architecture, shape, seed=0)
    shapes = [tuple(weight.shape) for weight in model.weights]
    arrays = load_weights(name, [*shapes, (shape[0] * shape[1],)] if contestant.permuted else shapes)
    model.set_weights(arrays[: len(shapes)])
    return Network(contestant.title, model, arrays[-1] if contestant.permuted else None)


def shipped_examples(data: str) -> tuple[np.ndarray, np.ndarray]:
    """A few test images of a data set, uint8 (N, H, W, C), and their labels, int32 (N,)."""
    name = examples_name(data)
    entry = manifest_entry(name)
    count = entry["data"]["test"]
    images, labels = load_weights(name, [(count, *entry["image_shape"]), (count,)])
    return images, labels


def trained_network(title: str, folder: Path, spec: RunSpec, image_shape: tuple[int, int, int]) -> Network:
    """The network of a finished run, whose model lies in `folder`."""
    prepare()
    model = load_model(folder / "model.keras")
    permutation = spec.data.permutation
    return Network(title, model, None if permutation is None else make_permutation(permutation, *image_shape[:2]))


# --- the theorem --------------------------------------------------------------------------


def rewired(network: Network, permutation: np.ndarray, title: str) -> Network:
    """The MLP `network` with its first weights in another order, so that it answers the same on permuted pixels.

    Raises SpecError for a network that does not begin with a dense layer, or that takes permuted pixels already.
    """
    if network.first_kernel.ndim != 2 or network.permutation is not None:
        raise SpecError("This network cannot be rewired.", expected="a dense first layer on pixels in their own order",
                        received=network.title)
    import keras

    model = keras.models.clone_model(network.model)
    kernel, *rest = network.model.get_weights()
    # A colour image is flattened pixel by pixel, its channels together.
    channels = len(kernel) // len(permutation)
    rows = kernel.reshape(len(permutation), channels, -1)[permutation].reshape(kernel.shape)
    model.set_weights([rows, *rest])
    return Network(title, model, permutation)


@dataclass(frozen=True)
class RewiringCheck:
    """What rewiring did on some images.

    `largest` is the largest difference of any probability as the network computes it, in 32 bits; `exact`
    that of the same network computed without rounding in its first layer. `same` and `same_unprepared`
    are the shares of images that keep their answer when pixels are permuted, with and without rewiring;
    `same_cnn` that of the CNN, for which there is no rewiring.
    """

    images: int
    largest: float
    exact: float
    same: float
    same_unprepared: float
    same_cnn: float


def check_rewiring(mlp: Network, cnn: Network, permutation: np.ndarray, images: np.ndarray) -> RewiringCheck:
    """Permute `images`, rewire `mlp`, and compare with what both networks said before."""
    other = rewired(mlp, permutation, "")
    before, after = mlp.predict(images), other.predict(images)
    permuted_images = apply(images, permutation)
    exact = [_exact_outputs(network.model, seen) for network, seen in ((mlp, images), (other, permuted_images))]
    return RewiringCheck(
        len(images), float(np.abs(before - after).max()), float(np.abs(exact[0] - exact[1]).max()),
        _agreement(before, after), _agreement(before, mlp.predict(permuted_images)),
        _agreement(cnn.predict(images), cnn.predict(permuted_images)),
    )


def _agreement(first: np.ndarray, second: np.ndarray) -> float:
    return float((first.argmax(axis=1) == second.argmax(axis=1)).mean())


def _exact_outputs(model: Any, images: np.ndarray) -> np.ndarray:
    """The logits of a dense relu network in 64 bits, whose first sums have no rounding error.

    Pixels are whole numbers to 255 and shipped weights have 11 significant bits, so every product and
    every partial sum fits the 53 bits of a double, in whatever order they are added.
    """
    layers = [layer for layer in model.layers if layer.weights]
    x = images.reshape(len(images), -1).astype(np.float64)
    for number, layer in enumerate(layers):
        kernel, bias = (np.asarray(w, np.float64) for w in layer.get_weights())
        x = (x @ kernel) / (255.0 if number == 0 else 1.0) + bias
        if number < len(layers) - 1:
            x = np.maximum(x, 0.0)
    return x
