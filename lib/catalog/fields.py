"""What an experiment can vary: every field of a run by name, and how a value of it changes a spec."""

from __future__ import annotations

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
    ArchitectureSpec,
    DataSpec,
    RunSpec,
)
from lib.spec.variations import (
    DROPOUT,
    PENALTY,
    REGULARISATIONS,
    with_activation,
    with_batch_norm,
    with_dense_activation,
    with_dense_unit_activation,
    with_dropout,
    with_initializer,
    with_l1,
    with_l2,
    with_regularisation,
    with_units,
)

#: JSON-safe, hashable, and the same after a round trip.
Value = str | int | float
#: The value is one that the field's own `parse` gave: a number for one field, a word for another.
Apply = Callable[[RunSpec, Any], RunSpec]

PIXELS = {"original": None, "permuted": PermutationSpec("full", seed=0)}


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


# --- data and training --------------------------------------------------------------------


def _is_drawn(dataset: str) -> bool:
    """Whether these are clocks that the app draws: as many of every set. Of a user's own there may be fewer."""
    return dataset.startswith("clocks_") and dataset != "clocks_own"


def _in_data(name: str) -> Apply:
    return lambda spec, value: replace(spec, data=replace(spec.data, **{name: value}))


def _in_train(name: str) -> Apply:
    return lambda spec, value: replace(spec, train=replace(spec.train, **{name: value}))


def _with_dataset(spec: RunSpec, value: Value) -> RunSpec:
    """Other images: how the preset's own are split says nothing about them, unless the app draws both, as many of each."""
    if value == spec.data.dataset:
        return spec
    if _is_drawn(str(value)) and _is_drawn(spec.data.dataset):
        return replace(spec, data=replace(spec.data, dataset=str(value)))
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
          suggestions=REGULARISATIONS, help=f"Dropout {DROPOUT:g}; L1 and L2 with factor {PENALTY:g}."),
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
