"""Images compared by what a classifier of photographs sees in them, for a VAE's loss.

J. Johnson, A. Alahi and L. Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution", ECCV 2016:
images are alike when the feature maps of a trained classifier are. Their structure is compared place by place, as by R.
Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric", CVPR 2018; their texture by how
strong each map is in a neighbourhood, as by L. Gatys, A. Ecker and M. Bethge, "Texture Synthesis Using Convolutional
Neural Networks", NeurIPS 2015 (there over the whole image): fur must look like fur, but no hair has to lie where it lay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lib.base.folders import CHECKPOINTS
from lib.models.build import build_model
from lib.models.checkpoints import load_weights, manifest_entry
from lib.models.program import compiled
from lib.models.runtime import prepare
from lib.models.tasks.classify import to_unit_range
from lib.spec.specs import run_from_dict

#: The shipped classifier of CIFAR-10 whose feature maps are compared (`lib.catalog.generative.perception_run`).
NAME = "cats/perception"
#: Texture is the strength of a map over so many by so many of its places.
_NEIGHBOURHOOD = 4
_SMALL = 1e-6


class Perception:
    """The shipped classifier's feature maps for images of `height` by `width` pixels; its weights do not change.

    Raises CheckpointError when it is not there.
    """

    def __init__(self, height: int, width: int, folder: Path = CHECKPOINTS) -> None:
        import keras

        spec = run_from_dict(manifest_entry(NAME, folder)["spec"])
        # No weight depends on the size of the images.
        model = build_model(spec.architecture, (height, width, 3), spec.seed)
        model.set_weights(load_weights(NAME, [tuple(v.shape) for v in model.weights], folder))
        maps = [layer.output for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
        self._model = keras.Model(model.input, maps)
        self._model.trainable = False

    @property
    def variables(self) -> list[Any]:
        """The weights, which a compiled step must know."""
        return list(self._model.variables)

    def maps(self, images: Any) -> list[Any]:
        """Feature maps, a tensor (N, h, w, channels) for each convolution, of images (N, H, W, 1 or 3) in 0-1."""
        from keras import ops

        colour = ops.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images
        return list(self._model(colour, training=False))

    def differences(self, originals: Any, drawn: Any) -> tuple[Any, Any]:
        """(structure, texture) of each pair of images (N, H, W, C) in 0-1, each (N,) and 0 for equal ones."""
        from keras import ops

        pairs = list(zip(self.maps(ops.stop_gradient(originals)), self.maps(drawn), strict=True))
        return sum(structure_difference(*pair) for pair in pairs), sum(texture_difference(*pair) for pair in pairs)


def structure_difference(a: Any, b: Any) -> Any:
    """Mean squared difference of the directions of feature vectors of maps (N, h, w, channels), (N,)."""
    from keras import ops

    def direction(x: Any) -> Any:
        return x / ops.sqrt(ops.sum(x * x, axis=-1, keepdims=True) + _SMALL)

    return ops.mean(ops.sum((direction(a) - direction(b)) ** 2, axis=-1), axis=(1, 2))


def texture_difference(a: Any, b: Any) -> Any:
    """Squared difference of how strong each map is in a neighbourhood, as a share of its strength in `a`, (N,)."""
    from keras import ops

    def strength(x: Any) -> Any:
        size = min(_NEIGHBOURHOOD, x.shape[1] or _NEIGHBOURHOOD)
        return ops.sqrt(ops.average_pool(x * x, size, max(1, size // 2), "valid") + _SMALL)

    first, second = strength(a), strength(b)
    return ops.mean((first - second) ** 2, axis=(1, 2, 3)) / (ops.mean(first**2, axis=(1, 2, 3)) + _SMALL)


class PerceptionFeatures:
    """The mean of each of the classifier's last maps: features to measure with, beside those of the report card."""

    def __init__(self, height: int = 64, width: int = 64, folder: Path = CHECKPOINTS) -> None:
        from keras import ops

        prepare()
        network = Perception(height, width, folder)
        self._features = compiled(lambda x: ops.mean(network.maps(to_unit_range(x))[-1], axis=(1, 2)), network.variables)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features (N, D) float32 of uint8 images (N, height, width, 1 or 3)."""
        return np.concatenate([self._features(images[start : start + 250]) for start in range(0, len(images), 250)])
