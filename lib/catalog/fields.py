"""What an experiment can vary: every field of a run by name, and how a value of it changes a spec."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from lib.base.errors import SpecError
from lib.spec.permutations import PermutationSpec
from lib.spec.specs import (
    ACTIVATIONS,
    DEFAULT_LEARNING_RATES,
    INITIALIZERS,
    OPTIMIZERS,
    ActivationSpec,
    ArchitectureSpec,
    BatchNormSpec,
    DataSpec,
    DropoutSpec,
    LayerSpec,
    RunSpec,
    with_activation,
    with_dropout,
    with_initializer,
    with_l2,
)

#: JSON-safe, hashable, and the same after a round trip.
Value = str | int | float
#: The value is one that the field's own `parse` gave: a number for one field, a word for another.
Apply = Callable[[RunSpec, Any], RunSpec]

#: Python takes more for digits, and refuses to read some of them.
_COUNT = re.compile(r"[0-9]{1,6}")
REGULARISATIONS = ("none", "dropout", "l1", "l2")
PIXELS = {"original": None, "permuted": PermutationSpec("full", seed=0)}
#: Report 003 names no factor for its L1 and L2 networks.
PENALTY = 0.001
_DROPOUT = 0.2


@dataclass(frozen=True, slots=True)
class Field:
    """A named choice: `choices` are all values of a closed set, () for numbers and words that `parse` reads.

    `suggestions` are what a page offers first. `apply` returns the changed spec and raises SpecError.
    """

    name: str
    title: str
    apply: Apply
    parse: Callable[[str], Value] = str
    choices: tuple[Value, ...] = ()
    suggestions: tuple[Value, ...] = ()
    help: str = ""

    def value_of(self, text: str) -> Value:
        """The value that a user wrote; raises SpecError for one that this field does not have."""
        text = text.strip()
        try:
            value = self.parse(text)
        except ValueError as error:
            raise SpecError(f"{self.title} has no value {text[:40]!r}.", expected=_expected(self)) from error
        if self.choices and value not in self.choices:
            raise SpecError(f"{self.title} has no value {text[:40]!r}.", expected=_expected(self))
        return value


def _expected(field: Field) -> str:
    if field.choices:
        return "one of " + ", ".join(map(str, field.choices))
    kinds: dict[Any, str] = {int: "a whole number", float: "a number"}
    return kinds.get(field.parse, "a word") + (f" such as {field.suggestions[0]}" if field.suggestions else "")


# --- architecture -------------------------------------------------------------------------


def _map_architecture(change: Callable[[ArchitectureSpec, Any], ArchitectureSpec]) -> Apply:
    return lambda spec, value: replace(spec, architecture=change(spec.architecture, value))


def with_dense_activation(architecture: ArchitectureSpec, activation: str) -> ArchitectureSpec:
    """The same stack with `activation` in its hidden dense layers only."""
    *hidden, head = architecture.layers
    changed = tuple(replace(layer, activation=activation) if layer.kind == "dense" else layer for layer in hidden)
    return replace(architecture, layers=(*changed, head))


def with_l1(architecture: ArchitectureSpec, factor: float) -> ArchitectureSpec:
    """The same stack with L1 penalty `factor` on all hidden dense and convolution kernels."""
    *hidden, head = architecture.layers
    changed = tuple(replace(layer, l1=factor) if layer.kind in ("dense", "conv") else layer for layer in hidden)
    return replace(architecture, layers=(*changed, head))


def with_batch_norm(architecture: ArchitectureSpec, on: bool) -> ArchitectureSpec:
    """Batch normalisation after every hidden layer of weights, or nowhere.

    In a network with convolutions it follows these only, as in report 003.
    """
    *hidden, head = [layer for layer in architecture.layers if layer.kind != "batch_norm"]
    kind = "conv" if any(layer.kind == "conv" for layer in hidden) else "dense"
    layers: list[LayerSpec] = []
    for layer in hidden:
        layers += [layer, BatchNormSpec()] if on and layer.kind == kind else [layer]
    return replace(architecture, layers=(*layers, head))


def with_units(architecture: ArchitectureSpec, text: str) -> ArchitectureSpec:
    """The same stack with other hidden dense layers: "512-512" for two of 512 units; dropout as after the first."""
    units = _units(text)
    *hidden, head = architecture.layers
    first = next((layer for layer in hidden if layer.kind == "dense"), None)
    if first is None:
        raise SpecError("This network has no hidden dense layer whose units could change.")
    place = hidden.index(first)
    extras = _followers(hidden, place)
    tail: list[LayerSpec] = []
    for count in units:
        tail += [replace(first, units=count), *extras]
    return replace(architecture, layers=(*hidden[:place], *tail, head))


def _units(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in str(text).split("-")]
    if not all(_COUNT.fullmatch(part) for part in parts):
        raise SpecError("Units cannot be read.", expected="numbers of units such as 512-512", received=repr(text)[:80])
    return tuple(int(part) for part in parts)


def _followers(layers: list[LayerSpec], place: int) -> list[LayerSpec]:
    """What stands between the dense layer at `place` and the next layer of weights."""
    found: list[LayerSpec] = []
    for layer in layers[place + 1 :]:
        if not isinstance(layer, BatchNormSpec | DropoutSpec | ActivationSpec):
            break
        found.append(layer)
    return found


def with_dense_unit_activation(position: int) -> Callable[[ArchitectureSpec, str], ArchitectureSpec]:
    """A change of the activation of dense layer `position` alone: 0 is the first, -1 the output."""

    def change(architecture: ArchitectureSpec, activation: str) -> ArchitectureSpec:
        dense = [(i, layer) for i, layer in enumerate(architecture.layers) if layer.kind == "dense"]
        if not -len(dense) <= position < len(dense):
            raise SpecError("This network has no such dense layer.", expected=f"{len(dense)} of them")
        place, layer = dense[position]
        layers = list(architecture.layers)
        layers[place] = replace(layer, activation=activation)
        return replace(architecture, layers=tuple(layers))

    return change


def with_regularisation(architecture: ArchitectureSpec, kind: str) -> ArchitectureSpec:
    """The same stack with one kind of regularisation and no other: "none", "dropout" (0.2), "l1" or "l2" (0.001)."""
    bare = with_dropout(with_l1(with_l2(architecture, 0.0), 0.0), _DROPOUT if kind == "dropout" else 0.0)
    if kind == "l1":
        return with_l1(bare, PENALTY)
    return with_l2(bare, PENALTY) if kind == "l2" else bare


# --- data and training --------------------------------------------------------------------


def _in_data(name: str) -> Apply:
    return lambda spec, value: replace(spec, data=replace(spec.data, **{name: value}))


def _in_train(name: str) -> Apply:
    return lambda spec, value: replace(spec, train=replace(spec.train, **{name: value}))


def _with_dataset(spec: RunSpec, value: Value) -> RunSpec:
    """Other images: how the preset's own are split says nothing about them."""
    if value == spec.data.dataset:
        return spec
    return replace(spec, data=DataSpec(str(value), spec.data.train_size, permutation=spec.data.permutation))


def _with_pixels(spec: RunSpec, value: Value) -> RunSpec:
    return replace(spec, data=replace(spec.data, permutation=PIXELS[str(value)]))


def _with_optimizer(spec: RunSpec, value: Value) -> RunSpec:
    """Another optimiser comes with its own usual learning rate."""
    if value == spec.train.optimizer or value not in OPTIMIZERS:
        return _in_train("optimizer")(spec, value)
    rate = DEFAULT_LEARNING_RATES[str(value)]
    return replace(spec, train=replace(spec.train, optimizer=str(value), learning_rate=rate))


def _with_patience(spec: RunSpec, value: Value) -> RunSpec:
    return _in_train("patience")(spec, value or None)


_FIELDS = (
    Field("dataset", "Data set", _with_dataset),
    Field("pixels", "Pixels", _with_pixels, choices=tuple(PIXELS), suggestions=tuple(PIXELS)),
    Field("train_size", "Training images", _in_data("train_size"), int, suggestions=(1000, 5000, 20000)),
    Field("units", "Hidden units", _map_architecture(with_units), suggestions=("128-128", "512-512", "512-512-512"),
          help="Numbers of units of the hidden dense layers, joined by hyphens."),
    Field("batch_norm", "Batch normalisation", lambda s, v: replace(
        s, architecture=with_batch_norm(s.architecture, v == "on")), choices=("off", "on"), suggestions=("off", "on")),
    Field("activation", "Activation", _map_architecture(with_activation), choices=ACTIVATIONS,
          suggestions=("relu", "tanh", "sigmoid"), help="Of all hidden layers."),
    Field("dense_activation", "Activation of dense layers", _map_architecture(with_dense_activation), choices=ACTIVATIONS,
          suggestions=("relu", "tanh", "sigmoid"), help="Of hidden dense layers only."),
    Field("hidden_1", "Hidden layer 1", _map_architecture(with_dense_unit_activation(0)),
          choices=ACTIVATIONS, suggestions=("relu", "tanh", "softmax")),
    Field("hidden_2", "Hidden layer 2", _map_architecture(with_dense_unit_activation(1)),
          choices=ACTIVATIONS, suggestions=("relu", "tanh", "softmax")),
    Field("output", "Output layer", _map_architecture(with_dense_unit_activation(-1)), choices=ACTIVATIONS,
          suggestions=("softmax", "relu", "tanh")),
    Field("initializer", "Initialiser", _map_architecture(with_initializer), choices=INITIALIZERS,
          suggestions=("glorot_uniform", "he_uniform")),
    Field("regularisation", "Regularisation", _map_architecture(with_regularisation), choices=REGULARISATIONS,
          suggestions=REGULARISATIONS, help=f"Dropout {_DROPOUT:g}; L1 and L2 with factor {PENALTY:g}."),
    Field("dropout", "Dropout rate", _map_architecture(with_dropout), float, suggestions=(0.0, 0.2, 0.5),
          help="After every hidden dense layer; 0 for none."),
    Field("l1", "L1 factor", _map_architecture(with_l1), float, suggestions=(0.0, 1e-5, 1e-4)),
    Field("l2", "L2 factor", _map_architecture(with_l2), float, suggestions=(0.0, 1e-5, 1e-4, 1e-3)),
    Field("optimizer", "Optimiser", _with_optimizer, choices=OPTIMIZERS, suggestions=("sgd", "adagrad", "adam"),
          help="Comes with its usual learning rate, unless that is varied too."),
    Field("learning_rate", "Learning rate", _in_train("learning_rate"), float, suggestions=(0.001, 0.01, 0.1)),
    Field("batch_size", "Batch size", _in_train("batch_size"), int, suggestions=(16, 64, 256)),
    Field("epochs", "Epochs", _in_train("epochs"), int, suggestions=(5, 10, 20)),
    Field("patience", "Patience", _with_patience, int, suggestions=(0, 5, 10), help="0 for no early stopping."),
)
#: Name -> field, in the order in which values are applied: what another field builds on comes first.
FIELDS: dict[str, Field] = {field.name: field for field in _FIELDS}
