"""Measures the inside of a classifier without touching what it learns: `EpochRecording`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lib.datasets.dataset import Dataset
from lib.measures.epoch_recording import EpochRecording, confusion_matrix, small_filters
from lib.models.networks.penalties import penalties
from lib.models.program import compiled, gradients_by

#: Training images that norms and dead units are measured on: enough that a unit which none of them activates is rare.
PROBE_IMAGES = 128
#: Validation images whose predictions are kept.
SHOWN_IMAGES = 24
#: Filters of the first layer, and what all of them may take in a recording.
MOST_FILTERS, _FILTER_BYTES = 32, 16_000


class Inspector:
    """Inspects `model` after an epoch. Reads variables, changes none; draws no random number of the training's.

    `to_input` turns uint8 images into the network's input, `loss_of` labels and outputs into a loss per image.
    """

    def __init__(self, model: Any, dataset: Dataset, seed: int, to_input: Callable[[Any], Any],
                 loss_of: Callable[[Any, Any], Any]) -> None:
        self._model, self._dataset, self._to_input, self._loss_of = model, dataset, to_input, loss_of
        rows = np.random.default_rng([seed, 5]).permutation(len(dataset.x_train))[:PROBE_IMAGES]
        self._probe = (dataset.x_train[rows], dataset.y_train[rows])
        self._shown = _first_of_each_class(dataset.y_validation)
        self._weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
        self._relus = [layer for layer in model.layers if _is_relu(layer)]
        self._measure: Callable[..., Any] | None = None

    @property
    def shown(self) -> dict[str, np.ndarray]:
        """The validation images whose predictions are recorded: `images`, uint8 (n, H, W, C), and `labels`, int32 (n,)."""
        data = self._dataset
        return {"images": data.x_validation[self._shown], "labels": data.y_validation[self._shown]}

    def __call__(self, outputs: np.ndarray | None) -> EpochRecording:
        """The recording now; `outputs` are those for the whole validation split, None where it was not measured."""
        if self._measure is None:
            self._measure = self._compiled()
        weights, gradients, dead = self._measure(*self._probe)
        filters, limit = small_filters(first_filters(self._weighted, self._dataset.info.image_shape))
        classes, data = self._dataset.info.classes, self._dataset
        confusion = np.zeros((0, 0), np.uint32)
        if outputs is not None:
            confusion = confusion_matrix(data.y_validation, outputs.argmax(axis=1), classes).astype(np.uint32)
        return EpochRecording(
            layers=_places(self._weighted), sizes=np.array([np.prod(layer.kernel.shape) for layer in self._weighted]),
            weights=weights, gradients=gradients, relus=_places(self._relus), dead=dead,
            probe=np.asarray(len(self._probe[0])), confusion=confusion,
            outputs=np.zeros((0, classes), np.float16) if outputs is None else outputs[self._shown].astype(np.float16),
            filters=filters, filter_limit=limit)

    def _compiled(self) -> Callable[..., Any]:
        import keras
        from keras import ops

        inner = keras.Model(self._model.inputs, [*(layer.output for layer in self._relus), self._model.outputs[0]])
        kernels = [layer.kernel for layer in self._weighted]

        def loss(images: Any, labels: Any) -> tuple[Any, Any]:
            found = inner(self._to_input(images), training=False)
            *active, outputs = found if isinstance(found, list | tuple) else [found]
            return sum(penalties(self._model), ops.mean(self._loss_of(labels, outputs))), _dead_shares(active)

        gradients = gradients_by(loss, kernels, self._model.variables)

        def measure(images: Any, labels: Any) -> tuple[Any, Any, Any]:
            by_kernel, dead = gradients(images, labels)
            return _norms([kernel.value for kernel in kernels]), _norms(by_kernel), dead

        return compiled(measure, self._model.variables)


def _is_relu(layer: Any) -> bool:
    import keras

    return getattr(layer, "activation", None) is keras.activations.relu or isinstance(layer, keras.layers.ReLU)


def _places(layers: Sequence[Any]) -> np.ndarray:
    """The layers' numbers in their stack, int16: `stack_layers` begins their names with them."""
    return np.array([int(layer.name.split("_")[0]) for layer in layers], np.int16)


def _norms(tensors: Sequence[Any]) -> Any:
    from keras import ops

    return ops.stack([ops.sqrt(ops.sum(ops.square(ops.cast(tensor, "float32")))) for tensor in tensors])


def _dead_shares(active: Sequence[Any]) -> Any:
    """The share of units whose largest output over all images and places is 0, for each of the layers."""
    from keras import ops

    if not active:
        return ops.zeros((0,))
    largest = [ops.max(values, axis=list(range(len(values.shape) - 1))) for values in active]
    return ops.stack([ops.mean(ops.cast(values <= 0, "float32")) for values in largest])


def _first_of_each_class(labels: np.ndarray) -> np.ndarray:
    """Positions of `SHOWN_IMAGES` images, as many of each class as there is room for, class by class."""
    classes = np.unique(labels)
    each = max(1, SHOWN_IMAGES // max(len(classes), 1))
    picked = [np.flatnonzero(labels == label)[:each] for label in classes[:SHOWN_IMAGES]]
    return np.concatenate(picked) if picked else np.zeros(0, np.int64)


def first_filters(layers: Sequence[Any], image_shape: tuple[int, ...]) -> np.ndarray:
    """Some of the first layer's weights as small images (k, height, width, channels 1 or 3); k = 0 where they are none.

    A convolution's filters over more than three channels are averaged over them; a dense layer's units have an image each
    where they see all pixels.
    """
    kernel: np.ndarray = np.asarray(layers[0].kernel) if layers else np.zeros(())
    if kernel.ndim == 4:
        filters = np.moveaxis(kernel, -1, 0)
    elif kernel.ndim == 2 and len(kernel) == np.prod(image_shape):
        filters = kernel.T.reshape(-1, *image_shape)
    else:
        return np.zeros((0, 1, 1, 1), np.float32)
    if filters.shape[-1] not in (1, 3):
        filters = filters.mean(axis=-1, keepdims=True)
    return filters[: min(MOST_FILTERS, _FILTER_BYTES // filters[0].size)]
