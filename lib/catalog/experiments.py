"""Experiments: a question, a network, what is varied, and the seeds that every cell of the grid is repeated with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from string import Formatter
from typing import Any

from lib.base.errors import SpecError
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.fields import FIELDS, Value
from lib.catalog.networks import is_network, network_named, network_title
from lib.spec.metrics import figure_title, more_is_better
from lib.spec.specs import RunSpec, run_from_dict, to_dict
from lib.spec.stored import Migration, upgraded, with_version
from lib.spec.words import optimizer_title

#: Values of an experiment's axes, in their order: (("l2", 0.001), ("activation", "relu")).
Cell = tuple[tuple[str, Value], ...]
#: The figures that the charts and the reading can be about.
EXPERIMENT_METRICS = ("val_accuracy", "best_val_accuracy", "test_accuracy", "test_loss", "test_minutes")
FIGURES = ("curves", "heatmap", "factor")
MAX_TRIALS = 2000
_SET_TITLES = {"mnist": "MNIST", "fashion_mnist": "Fashion-MNIST", "cifar10": "CIFAR-10"}
_WORDS = {"rate_001": "rate 0.001", "epochs_40": "40 epochs", "dropout_25": "dropout 0.25", "mlp_002": "MLP (002)",
          "cnn_002": "CNN (002)", "cnn_dropout_002": "CNN, dropout 0.25 (002)", "mlp1_003": "MLP1 (003)",
          "mlp2_003": "MLP2 (003)", "cnn1_003": "CNN1 (003)"}
_TITLES = {"model": "Model", "change": "Change", "network": "Network"}


@dataclass(frozen=True, slots=True)
class Axis:
    """One choice and the values it takes. `field` is a name of FIELDS or a part of the network's name."""

    field: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        if not self.values or len(set(self.values)) != len(self.values):
            raise SpecError(f"The axis {self.field} cannot be varied.", expected="at least one value, each once",
                            received=", ".join(map(str, self.values)) or "none")

    @property
    def title(self) -> str:
        """The choice in words."""
        return FIELDS[self.field].title if self.field in FIELDS else _TITLES.get(self.field, self.field.capitalize())

    @property
    def is_numeric(self) -> bool:
        """Whether its values can stand on a number line."""
        return all(isinstance(value, int | float) for value in self.values)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a laptop leaves out of an experiment: images, epochs and seeds; None for no cut."""

    train_size: int | None = None
    epochs: int | None = None
    seeds: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One cell of the grid with one seed: a run."""

    cell: Cell
    seed: int
    spec: RunSpec

    @property
    def digest(self) -> str:
        """Equal for equal runs, wherever they were started."""
        return self.spec.digest

    @property
    def label(self) -> str:
        """The cell and the seed in words."""
        return f"{cell_label(self.cell)}, seed {self.seed}" if self.cell else f"seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Experiment:
    """A grid over `axes`, each cell repeated with each of `seeds`.

    `network` is the name of a preset, or a pattern of one in which axes stand in braces
    ("a1_model{model}_{activation}"); `dataset` likewise. `epochs`, `train_size` and `patience` replace those of the
    presets where they are not None (`patience` 0: no early stopping). With a `base` every cell is that run with the cell's
    values, and `network` is only what it is called. `references` are figures to
    draw as lines: (label, value). `metric` is a name of EXPERIMENT_METRICS, `figure` one of FIGURES.
    """

    name: str
    title: str
    question: str
    network: str
    axes: tuple[Axis, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)
    dataset: str = "mnist"
    train_size: int | None = None
    epochs: int | None = None
    patience: int | None = None
    metric: str = "test_accuracy"
    figure: str = "curves"
    system: str = ""
    report: str = ""
    references: tuple[tuple[str, float], ...] = ()
    laptop: Reduction = Reduction()
    base: RunSpec | None = None

    def __post_init__(self) -> None:
        for name in ("axes", "seeds"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "references", tuple((str(label), float(value)) for label, value in self.references))
        self._check_axes()
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise SpecError("An experiment needs different seeds.", expected="at least one, each once",
                            received=", ".join(map(str, self.seeds)) or "none")
        if self.trial_count > MAX_TRIALS:
            raise SpecError("The grid is too large.", expected=f"at most {MAX_TRIALS:,} runs",
                            received=f"{self.trial_count:,}", remedy="Take out values, an axis or seeds.")
        if self.metric not in EXPERIMENT_METRICS or self.figure not in FIGURES:
            raise SpecError("The experiment shows nothing known.", expected=f"a metric of {', '.join(EXPERIMENT_METRICS)} "
                            f"and a figure of {', '.join(FIGURES)}", received=f"{self.metric}, {self.figure}")

    def _check_axes(self) -> None:
        names = [axis.field for axis in self.axes]
        parts = self.network_axes
        for name in names:
            if name not in FIELDS and name not in parts:
                raise SpecError("Unknown axis.", expected=", ".join([*FIELDS, *parts]), received=name)
        missing = [part for part in parts if part not in names]
        if missing or len(set(names)) != len(names):
            raise SpecError("The axes do not fit the network.", expected=f"each axis once, {', '.join(parts) or 'none'} "
                            "among them", received=", ".join(names) or "none")

    @property
    def metric_title(self) -> str:
        """What its figures are, with their unit."""
        return figure_title(self.metric, with_unit=True) + (", last epoch" if self.metric.startswith("val_") else "")

    @property
    def network_axes(self) -> tuple[str, ...]:
        """The axes that the names of the network and of the data set consist of."""
        parts = [name for text in (self.network, self.dataset) for _, name, _, _ in Formatter().parse(text) if name]
        return tuple(dict.fromkeys(parts))

    @property
    def trial_count(self) -> int:
        """Cells times seeds."""
        return math.prod(len(axis.values) for axis in self.axes) * len(self.seeds)

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger metric is a better one."""
        return more_is_better(self.metric)

    def axis(self, name: str) -> Axis | None:
        """The axis of this field, None when it does not vary."""
        return next((axis for axis in self.axes if axis.field == name), None)

    def cells(self) -> list[Cell]:
        """Every combination of the axes' values, the last axis fastest."""
        names = [axis.field for axis in self.axes]
        return [tuple(zip(names, values, strict=True)) for values in product(*(axis.values for axis in self.axes))]

    def trials(self) -> list[Trial]:
        """All runs: the whole grid with the first seed, then with the next, so that a chart of all of it comes early."""
        specs = {cell: self.spec(cell) for cell in self.cells()}
        return [Trial(cell, seed, replace(spec, seed=seed)) for seed in self.seeds for cell, spec in specs.items()]

    def spec(self, cell: Cell, seed: int = 0) -> RunSpec:
        """The run of one cell; raises SpecError where its values do not go together."""
        values = dict(cell)
        parts = {name: values[name] for name in self.network_axes}
        spec = replace(self.base or base_spec(self.network.format(**parts)), seed=seed)
        dataset = self.dataset.format(**parts)
        fixed: dict[str, Value | None] = {"dataset": dataset, "train_size": self.train_size, "epochs": self.epochs,
                                          "patience": self.patience}
        chosen = {**{k: v for k, v in fixed.items() if v is not None}, **values}
        for name, field in FIELDS.items():
            if name in chosen and name not in self.network_axes:
                spec = field.apply(spec, chosen[name])
        return spec

    def reduced(self) -> Experiment:
        """The same question at the scale of a laptop."""
        cut = self.laptop
        return replace(self, train_size=cut.train_size or self.train_size, epochs=cut.epochs or self.epochs,
                       seeds=self.seeds[: cut.seeds] if cut.seeds else self.seeds)


def base_spec(network: str) -> RunSpec:
    """The run of a network as its source trained it, on digits or clocks until a data set is chosen; raises SpecError."""
    return (CLOCK_PRESETS.get(network) or network_named(network)).spec()


def value_label(field: str, value: Value) -> str:
    """A value of the axis `field` as people read it: "SGD", "Fashion-MNIST", "5.62e-06"."""
    if field == "network" and str(value) in CLOCK_PRESETS:
        return CLOCK_PRESETS[str(value)].title
    if field == "network" and is_network(str(value)):
        return network_title(str(value))
    if field == "dataset":
        return _SET_TITLES.get(str(value), str(value))
    if field == "model":
        return f"model {value}"
    if field == "optimizer":
        return optimizer_title(str(value))
    if isinstance(value, float):
        return f"{value:.3g}"
    return _WORDS.get(str(value), str(value).replace("_", " "))


def cell_label(cell: Cell) -> str:
    """"relu, 0.001": the values of a cell in words."""
    return ", ".join(value_label(field, value) for field, value in cell)


# --- plain JSON ---------------------------------------------------------------------------


def _without_reported(values: dict[str, Any]) -> dict[str, Any]:
    """Experiments that were stored before November 2026 carry the report's words, which stand in one place now."""
    return {name: value for name, value in values.items() if name != "reported"}


EXPERIMENT_MIGRATIONS: tuple[Migration, ...] = (_without_reported,)


def experiment_to_dict(experiment: Experiment) -> dict[str, Any]:
    """The experiment as dicts, lists, strings and numbers, with the version of its form."""
    return with_version(to_dict(experiment), EXPERIMENT_MIGRATIONS)


def experiment_from_dict(values: object) -> Experiment:
    """The experiment that `experiment_to_dict` wrote, today or earlier; raises SpecError for anything else."""
    chosen = _known(Experiment, upgraded(values, EXPERIMENT_MIGRATIONS, "This experiment"))
    try:
        axes = [_known(Axis, axis) for axis in chosen.pop("axes", ())]
        laptop = Reduction(**_known(Reduction, chosen.pop("laptop", {})))
        base = chosen.pop("base", None)
        return Experiment(**chosen, axes=tuple(Axis(**axis) for axis in axes), laptop=laptop,
                          base=None if base is None else run_from_dict(base))
    except (TypeError, ValueError) as error:
        raise SpecError(f"The experiment cannot be read: {error}.") from error


def _known(cls: type, values: object) -> dict[str, Any]:
    """`values` as keyword arguments of `cls`; raises SpecError for what is no object of known fields."""
    names = {field.name for field in fields(cls)}
    if not isinstance(values, Mapping) or not set(values) <= names:
        raise SpecError(f"{cls.__name__} cannot be read.", expected="an object with " + ", ".join(sorted(names)),
                        received=repr(values)[:80])
    return dict(values)
