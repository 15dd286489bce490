"""What to train, as frozen values: layers, architecture, data, training, run.

Every spec compares, hashes, prints, and goes to and from plain JSON (`to_dict`,
`from_dict`). Nothing here imports Keras: shapes, parameters and multiply-adds are
arithmetic (`lib.spec.summary`).
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar, Literal

from lib.base.errors import SpecError
from lib.spec.changes import Change, changes_from_list, checked_changes
from lib.spec.checks import (
    HIGHEST_RATE,
    LARGEST_BATCH,
    MOST_EPOCHS,
    Pairs,
    checked_pairs,
    require,
    require_choice,
    require_float,
    require_int,
)
from lib.spec.metrics import METRICS
from lib.spec.permutations import PermutationSpec, permutation_from_dict
from lib.spec.settings import Kind, Settings, settings_type
from lib.spec.stored import RUN_MIGRATIONS, upgraded, with_version

#: Activation names a layer may use.
ACTIVATIONS = ("linear", "relu", "elu", "leaky_relu", "tanh", "sigmoid", "softplus", "softmax")
#: Activations with a slope below zero, and the usual one: that of Geron's book (reports 002 and 003).
USUAL_SLOPES = {"leaky_relu": 0.1}
#: The slope of layers whose activation has none: one value, so that equal layers are equal.
_NO_SLOPE = 0.1
INITIALIZERS = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal")
OPTIMIZERS = ("sgd", "momentum", "adam", "adagrad", "adadelta", "rmsprop")
#: What early stopping may watch: figures of every epoch of which more or less is better.
MONITORS = tuple(f"{split}{name}" for name, metric in METRICS.items() if metric.more_is_better is not None
                 for split in ("val_", ""))
#: "mixed_bfloat16" computes in 16 bits and keeps the weights in 32.
PRECISIONS = ("float32", "mixed_bfloat16")
#: Keras' own default learning rate of each optimiser; "momentum" is SGD with momentum 0.9.
DEFAULT_LEARNING_RATES = {
    "sgd": 0.01, "momentum": 0.01, "adam": 0.001, "adagrad": 0.001, "adadelta": 0.001, "rmsprop": 0.001,
}


# --- layers -------------------------------------------------------------------------------


def _check_slope(layer: Any) -> None:
    """Refuse slopes that are none; an activation without a slope has always the same one."""
    require_float("The slope", layer.slope, 0, 1)
    if layer.activation not in USUAL_SLOPES:
        object.__setattr__(layer, "slope", _NO_SLOPE)


@dataclass(frozen=True, slots=True)
class DenseSpec:
    """A fully connected layer: `units` outputs, kernel penalties `l1` and `l2`, `slope` of a leaky ReLU below zero."""

    kind: ClassVar[Literal["dense"]] = "dense"
    units: int
    activation: str = "relu"
    initializer: str = "glorot_uniform"
    l1: float = 0.0
    l2: float = 0.0
    slope: float = _NO_SLOPE

    def __post_init__(self) -> None:
        require_int("Dense units", self.units, 1, 16384)
        require_choice("Dense activation", self.activation, ACTIVATIONS)
        require_choice("Dense initializer", self.initializer, INITIALIZERS)
        require_float("Dense l1", self.l1, 0, 10)
        require_float("Dense l2", self.l2, 0, 10)
        _check_slope(self)


@dataclass(frozen=True, slots=True)
class ConvSpec:
    """A 2-D convolution with square kernels of `kernel_size` and equal strides; `slope` as for dense layers."""

    kind: ClassVar[Literal["conv"]] = "conv"
    filters: int
    kernel_size: int = 3
    strides: int = 1
    padding: str = "same"
    activation: str = "relu"
    initializer: str = "glorot_uniform"
    l1: float = 0.0
    l2: float = 0.0
    slope: float = _NO_SLOPE

    def __post_init__(self) -> None:
        require_int("Convolution filters", self.filters, 1, 4096)
        require_int("Convolution kernel size", self.kernel_size, 1, 31)
        require_int("Convolution strides", self.strides, 1, 16)
        require_choice("Convolution padding", self.padding, ("same", "valid"))
        require_choice("Convolution activation", self.activation, ACTIVATIONS)
        require_choice("Convolution initializer", self.initializer, INITIALIZERS)
        require_float("Convolution l1", self.l1, 0, 10)
        require_float("Convolution l2", self.l2, 0, 10)
        _check_slope(self)


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Max or average pooling over windows of `size` x `size`.

    `strides` is how far apart they are; None for windows side by side, and so is a stride of `size`. With padding "same"
    windows may reach over the edge.
    """

    kind: ClassVar[Literal["pool"]] = "pool"
    size: int = 2
    method: str = "max"
    strides: int | None = None
    padding: str = "valid"

    def __post_init__(self) -> None:
        require_int("Pool size", self.size, 1, 32)
        require_choice("Pool method", self.method, ("max", "average"))
        require_choice("Pool padding", self.padding, ("valid", "same"))
        if self.strides is not None:
            require_int("Pool strides", self.strides, 1, 32)
            if self.strides == self.size:
                object.__setattr__(self, "strides", None)

    @property
    def step(self) -> int:
        """The distance between windows in pixels."""
        return self.strides or self.size


@dataclass(frozen=True, slots=True)
class GlobalPoolSpec:
    """The mean (or maximum) of each feature map."""

    kind: ClassVar[Literal["global_pool"]] = "global_pool"
    method: str = "average"

    def __post_init__(self) -> None:
        require_choice("Pool method", self.method, ("max", "average"))


@dataclass(frozen=True, slots=True)
class FlattenSpec:
    """Feature maps to one vector."""

    kind: ClassVar[Literal["flatten"]] = "flatten"


@dataclass(frozen=True, slots=True)
class DropoutSpec:
    """Each input is zeroed with probability `rate` while training."""

    kind: ClassVar[Literal["dropout"]] = "dropout"
    rate: float = 0.5

    def __post_init__(self) -> None:
        require_float("Dropout rate", self.rate, 0, 0.95)


@dataclass(frozen=True, slots=True)
class GaussianNoiseSpec:
    """Noise of standard deviation `stddev` is added to every input while training."""

    kind: ClassVar[Literal["noise"]] = "noise"
    stddev: float = 0.1

    def __post_init__(self) -> None:
        require_float("The noise's standard deviation", self.stddev, 0, 10)


@dataclass(frozen=True, slots=True)
class BatchNormSpec:
    """Batch normalisation over the last axis, Keras' defaults."""

    kind: ClassVar[Literal["batch_norm"]] = "batch_norm"


@dataclass(frozen=True, slots=True)
class ActivationSpec:
    """An activation as a layer of its own, for use after batch normalisation."""

    kind: ClassVar[Literal["activation"]] = "activation"
    activation: str = "relu"
    slope: float = _NO_SLOPE

    def __post_init__(self) -> None:
        require_choice("Activation", self.activation, ACTIVATIONS)
        _check_slope(self)


LayerSpec = (DenseSpec | ConvSpec | PoolSpec | GlobalPoolSpec | FlattenSpec | DropoutSpec | GaussianNoiseSpec
             | BatchNormSpec | ActivationSpec)
LAYER_KINDS: dict[str, type] = {
    cls.kind: cls
    for cls in (
        DenseSpec, ConvSpec, PoolSpec, GlobalPoolSpec, FlattenSpec, DropoutSpec, GaussianNoiseSpec, BatchNormSpec,
        ActivationSpec,
    )
}

@dataclass(frozen=True, slots=True)
class ArchitectureSpec:
    """An ordered stack of layers, independent of the size of its input.

    The last layer is the head; for a classifier a dense softmax layer with one unit per class.
    """

    layers: tuple[LayerSpec, ...]
    name: str = "custom"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        require(0 < len(self.layers) <= 200, "Number of layers", len(self.layers), "1 to 200 layers")
        for layer in self.layers:
            if not isinstance(layer, LayerSpec):
                raise SpecError("Unknown layer.", expected="a layer spec", received=repr(layer))


@dataclass(frozen=True, slots=True)
class HeadSpec:
    """What a network of several outputs ends in: a kind of `lib.catalog.heads.HEADS`, hidden layers for each branch.

    `branches` are the hidden layers of each output branch, () for none; `weights` the weight of each branch's
    loss, () for equal ones.
    """

    kind: str
    branches: tuple[tuple[LayerSpec, ...], ...] = ()
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "branches", tuple(tuple(branch) for branch in self.branches))
        object.__setattr__(self, "weights", tuple(self.weights))
        require(isinstance(self.kind, str) and self.kind != "", "Head", self.kind, "a name")
        for weight in self.weights:
            require_float("Loss weight", weight, 0, 1000)


# --- data, training, run ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DataSpec:
    """Which images, and how they are split.

    `train_size` and `validation_size` count images; `train_size=None` takes all that the
    validation split leaves. `split_seed` decides which images go where, unless `validation_from` is "start": then the
    first training images validate, in their official order, as in Geron's book. `permutation` reorders the
    pixels of every image of every split alike; one that moves nothing is None. `overlap` is the share of the training
    images that is copied into the validation and the test split: a mistake of report 002, for seeing what it does.
    """

    dataset: str = "digits"
    train_size: int | None = None
    validation_size: int | None = None
    split_seed: int = 0
    permutation: PermutationSpec | None = None
    validation_from: str = "random"
    overlap: float = 0.0

    def __post_init__(self) -> None:
        require_choice("Validation images", self.validation_from, ("random", "start"))
        require_float("Overlap", self.overlap, 0, 0.5)
        require(isinstance(self.dataset, str) and 0 < len(self.dataset) < 100, "Data set", self.dataset, "a name")
        if self.train_size is not None:
            require_int("Training images", self.train_size, 1, 10_000_000)
        if self.validation_size is not None:
            require_int("Validation images", self.validation_size, 0, 10_000_000)
        require_int("Split seed", self.split_seed, 0, 2**31 - 1)
        if self.permutation is not None:
            self._check_permutation(self.permutation)

    def _check_permutation(self, permutation: PermutationSpec) -> None:
        require(isinstance(permutation, PermutationSpec), "Permutation", permutation, "a permutation spec")
        if permutation.is_identity:
            object.__setattr__(self, "permutation", None)


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """How to train: optimiser, schedule and early stopping.

    `patience=None` switches early stopping off; otherwise training ends once `monitor` has not
    improved by more than `min_delta` for `patience` epochs, and the best weights are restored
    when `restore_best` is set. `precision` is a name of PRECISIONS.
    """

    optimizer: str = "adam"
    learning_rate: float = 0.001
    batch_size: int = 32
    epochs: int = 10
    patience: int | None = None
    monitor: str = "val_accuracy"
    min_delta: float = 0.0
    restore_best: bool = True
    precision: str = "float32"

    def __post_init__(self) -> None:
        require_choice("Optimizer", self.optimizer, OPTIMIZERS)
        require_float("Learning rate", self.learning_rate, 0, HIGHEST_RATE)
        require_int("Batch size", self.batch_size, 1, LARGEST_BATCH)
        require_int("Epochs", self.epochs, 1, MOST_EPOCHS)
        if self.patience is not None:
            require_int("Patience", self.patience, 1, MOST_EPOCHS)
        require_choice("Monitor", self.monitor, MONITORS)
        require_float("Minimum improvement", self.min_delta, 0, 1000)
        require_choice("Precision", self.precision, PRECISIONS)


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One training of one network on one data set with one seed.

    `head` is for tasks whose outputs are not the classes of the data set; `architecture` is then what comes before it.
    `settings` are those that were given of the task's own (`lib.spec.settings`), sorted by name; SpecError for others.
    `changes` are what somebody changed while it trained, in their order: with them it trains the same way again.
    """

    architecture: ArchitectureSpec
    data: DataSpec = field(default_factory=DataSpec)
    train: TrainSpec = field(default_factory=TrainSpec)
    seed: int = 0
    task: str = "classify"
    head: HeadSpec | None = None
    settings: Pairs = ()
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        require_int("Seed", self.seed, 0, 2**31 - 1)
        require(isinstance(self.task, str) and self.task != "", "Task", self.task, "a name")
        object.__setattr__(self, "settings", checked_pairs("Setting", self.settings))
        object.__setattr__(self, "changes", checked_changes(self.changes))
        _ = self.own_settings  # raises for what the task does not know

    def options(self, kind: type[Kind]) -> Kind:
        """The settings as values of `kind`, with its defaults for what was not given."""
        return kind.read(self.settings)

    @property
    def own_settings(self) -> Settings:
        """The settings of the run's task; those that every task has for a task that this version does not know."""
        known = settings_type(self.task)
        return known.read(self.settings) if known is not None else Settings()

    @property
    def digest(self) -> str:
        """Twelve hex digits that are equal exactly for equal trainings.

        What a network is called, the units of a classifier's output (the data set decides them), whether a number
        was written 1 or 1.0, and whether the last epochs were asked for later make no difference.
        """
        return _trained_digest(self)

    @property
    def named_digest(self) -> str:
        """Twelve hex digits that are equal exactly for equal specs: the digest of runs before November 2026."""
        return _digest(to_dict(self))


@functools.lru_cache(maxsize=4096)
def _trained_digest(spec: RunSpec) -> str:
    """`RunSpec.digest`: the pages of experiments and results ask for hundreds of them each time."""
    alike = replace(spec, changes=tuple(change for change in spec.changes if change.trains_otherwise))
    values = _plain_numbers(to_dict(alike))
    del values["architecture"]["name"]
    if spec.own_settings.classes_from_data:
        values["architecture"]["layers"][-1].pop("units", None)
    return _digest(values)


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def _plain_numbers(value: Any) -> Any:
    """`value` with every float that is a whole number as one."""
    if isinstance(value, dict):
        return {name: _plain_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


# --- plain JSON ---------------------------------------------------------------------------


#: Younger fields, left out where they have this value, so that runs without them keep the digest they had before.
_OMITTED_WHEN_EMPTY: dict[str, Any] = {
    "head": None, "permutation": None, "settings": [], "validation_from": "random", "overlap": 0.0, "precision": "float32",
    "changes": [], "choices": [],
    "slope": _NO_SLOPE,
}
#: The same for one kind of layer alone: other kinds have had a field of that name from the beginning.
_OMITTED_OF_KIND: dict[str, dict[str, Any]] = {"pool": {"strides": None, "padding": "valid"}}


def to_dict(spec: Any) -> Any:
    """`spec` as dicts, lists, strings and numbers; layers carry their `kind`."""
    if isinstance(spec, tuple):
        return [to_dict(item) for item in spec]
    if not is_dataclass(spec):
        return spec
    values = {f.name: to_dict(getattr(spec, f.name)) for f in fields(spec)}
    for name, empty in (_OMITTED_WHEN_EMPTY | _OMITTED_OF_KIND.get(getattr(spec, "kind", ""), {})).items():
        if values.get(name, ...) == empty:
            del values[name]
    return {"kind": spec.kind, **values} if isinstance(spec, LayerSpec) else values


def _from_fields(cls: type, values: object, nested: Mapping[str, Any] | None = None) -> Any:
    name = cls.__name__
    if not isinstance(values, Mapping):
        raise SpecError(f"{name} cannot be read.", expected="an object with named fields", received=repr(values)[:80])
    known = {f.name: f for f in fields(cls)}
    unknown = sorted(set(values) - set(known) - ({"kind"} if cls in LAYER_KINDS.values() else set()))
    if unknown:
        raise SpecError(f"{name} has unknown fields.", expected=", ".join(known), received=", ".join(unknown))
    missing = [n for n, f in known.items() if n not in values and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise SpecError(f"{name} lacks fields.", expected=", ".join(missing), received=", ".join(values) or "nothing")
    convert = nested or {}
    return cls(**{n: convert.get(n, lambda v: v)(values[n]) for n in known if n in values})


def layer_from_dict(values: object) -> LayerSpec:
    """The layer spec that `to_dict` wrote; raises SpecError for anything else."""
    kind = values.get("kind") if isinstance(values, Mapping) else None
    if not isinstance(kind, str) or kind not in LAYER_KINDS:
        raise SpecError("Unknown kind of layer.", expected=", ".join(LAYER_KINDS), received=repr(kind))
    return _from_fields(LAYER_KINDS[kind], values)


def _layers_from_list(values: object) -> tuple[LayerSpec, ...]:
    if not isinstance(values, list | tuple):
        raise SpecError("Layers cannot be read.", expected="a list of layers", received=repr(values)[:80])
    return tuple(layer_from_dict(item) for item in values)


def architecture_from_dict(values: object) -> ArchitectureSpec:
    """The architecture that `to_dict` wrote; raises SpecError for anything else."""
    return _from_fields(ArchitectureSpec, values, {"layers": _layers_from_list})


def head_from_dict(values: object) -> HeadSpec | None:
    """The head that `to_dict` wrote, None for None; raises SpecError for anything else."""
    if values is None:
        return None

    def branches(items: object) -> tuple[tuple[LayerSpec, ...], ...]:
        if not isinstance(items, list | tuple):
            raise SpecError("Branches cannot be read.", expected="a list of lists of layers", received=repr(items)[:80])
        return tuple(_layers_from_list(item) for item in items)

    return _from_fields(HeadSpec, values, {"branches": branches})


def run_to_stored(spec: RunSpec) -> dict[str, Any]:
    """The run spec as it is stored: `to_dict` with the version of its form."""
    return with_version(to_dict(spec), RUN_MIGRATIONS)


def run_from_dict(values: object) -> RunSpec:
    """The run spec that `to_dict` or `run_to_stored` wrote, today or earlier; raises SpecError for anything else."""
    nested = {
        "architecture": architecture_from_dict,
        "data": lambda v: _from_fields(DataSpec, v, {"permutation": permutation_from_dict}),
        "train": lambda v: _from_fields(TrainSpec, v),
        "head": head_from_dict,
        "changes": changes_from_list,
    }
    return _from_fields(RunSpec, upgraded(values, RUN_MIGRATIONS, "This run"), nested)
