"""A network that is looked into: its layers in order, and what each of them puts out for one image."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from lib.base.errors import CheckpointError, guarded
from lib.models.program import compiled
from lib.models.tasks.classify import to_unit_range
from lib.spec.permutations import apply, inverse

T = TypeVar("T")
#: The number of the image itself, before the first layer.
IMAGE = -1
#: Compiled functions that one network keeps; each belongs to a way of looking or to one layer.
_MOST_PROGRAMS = 12
#: Keras class -> what it is here; "other" for all others.
_KINDS = {
    "Conv2D": "conv", "Dense": "dense", "MaxPooling2D": "max_pool", "AveragePooling2D": "average_pool",
    "GlobalMaxPooling2D": "global_max_pool", "GlobalAveragePooling2D": "global_average_pool", "Flatten": "flatten",
    "Dropout": "dropout", "GaussianNoise": "noise", "GaussianDropout": "noise", "BatchNormalization": "batch_norm",
    "Activation": "activation", "LeakyReLU": "activation", "ReLU": "activation", "ELU": "activation",
    "Softmax": "activation", "PReLU": "other", "Conv2DTranspose": "conv_transpose", "UpSampling2D": "double",
    "Reshape": "reshape", "Cropping2D": "crop", "Rescaling": "rescale", "Add": "add", "Concatenate": "join",
    "First": "first", "Given": "told",
}
#: Kinds that change each number by itself.
ELEMENTWISE = ("batch_norm", "activation", "dropout", "noise", "rescale")


@dataclass(frozen=True)
class InsideLayer:
    """One layer: Keras' name for it, its kind, the shape of its output without the batch, how many parameters it has.

    `before` is the number of the layer that feeds it, IMAGE for the image, None where several do.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    before: int | None

    @property
    def units(self) -> int:
        """Feature maps, or units of a vector."""
        return self.shape[-1]

    @property
    def is_maps(self) -> bool:
        """Whether it puts out feature maps (height, width, maps) and not a vector."""
        return len(self.shape) == 3


class InsideNetwork:
    """A Keras model with one input, an image or a latent code, opened.

    `image_shape` is that of its input, (H, W, C) or (values,); an image is given as uint8, a code as float32.
    `permutation` is the order in which it takes the pixels, None for the image's own. Raises CheckpointError for a
    model that cannot be opened.
    """

    def __init__(self, model: Any, permutation: np.ndarray | None = None) -> None:
        import keras

        self.model, self.permutation = model, permutation
        with guarded("This network cannot be opened.", CheckpointError, 
                     expected="layers with one image or one code as their input", remedy="Choose another network."):
            self.parts = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
            self.layers = _described(model, self.parts)
            self.image_shape = tuple(int(side) for side in model.inputs[0].shape[1:])
            self.takes_images = len(self.image_shape) == 3
            body = keras.Model(model.inputs[0], [part.output for part in self.parts])
        # Of a single layer Keras returns no list.
        self._body = compiled(
            lambda images: _as_float(keras.tree.flatten(body(self.prepared(images), training=False))), model.variables)
        self._programs: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def prepared(self, images: Any) -> Any:
        """A batch as the layers take it: images from 0 to 1, codes as they are."""
        return to_unit_range(images) if self.takes_images else images

    def permute(self, images: np.ndarray) -> np.ndarray:
        """uint8 images (N, H, W, C) in the order in which the network takes their pixels."""
        return images if self.permutation is None else apply(images, self.permutation)

    def unpermute(self, values: np.ndarray) -> np.ndarray:
        """Undo `permute`, for values (N, H, W, C) that belong to the pixels."""
        return values if self.permutation is None else apply(values, inverse(self.permutation))

    def activations(self, image: np.ndarray) -> list[np.ndarray]:
        """What every layer puts out for one image, uint8 (H, W, C), or one code: float32 arrays of the layers' shapes."""
        return [part[0] for part in self._body(np.ascontiguousarray(self.permute(image[None])))]

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The network's outputs, float32 (N, K) or (N, H, W, C), for uint8 images (N, H, W, C)."""
        ask = self.program("outputs", lambda: compiled(
            lambda seen: _as_float(self.model(self.prepared(seen), training=False)), self.model.variables))
        return ask(np.ascontiguousarray(self.permute(images)))

    def program(self, key: Any, make: Callable[[], T]) -> T:
        """The network's function called `key`, made on first use; the least used ones are dropped beyond a dozen."""
        with self._lock:
            if key not in self._programs:
                self._programs[key] = make()
                while len(self._programs) > _MOST_PROGRAMS:
                    self._programs.popitem(last=False)
            self._programs.move_to_end(key)
            return self._programs[key]

    def last(self, kind: str) -> int | None:
        """The number of the last layer of this kind, None where there is none."""
        return next((n for n in reversed(range(len(self.layers))) if self.layers[n].kind == kind), None)


def _described(model: Any, parts: list[Any]) -> tuple[InsideLayer, ...]:
    """The layers of `model` without its input; raises where one of them has no single output."""
    numbers = {id(part.output): number for number, part in enumerate(parts)} | {id(model.inputs[0]): IMAGE}
    found = []
    for part in parts:
        shape = tuple(int(side) for side in part.output.shape[1:])
        before = None if isinstance(part.input, list | tuple) else numbers.get(id(part.input))
        kind = _KINDS.get(type(part).__name__, "other")
        if kind == "dense" and len(shape) != 1:
            kind = "other"
        found.append(InsideLayer(part.name, kind, shape, int(part.count_params()), before))
    return tuple(found)


def _as_float(values: Any) -> Any:
    """Tensors of any floating type as float32."""
    import keras

    return keras.tree.map_structure(lambda tensor: keras.ops.cast(tensor, "float32"), values)
