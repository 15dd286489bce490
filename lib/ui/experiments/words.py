"""What an experiment trains, in words."""

from __future__ import annotations

from collections.abc import Sequence

from lib import datasets
from lib.base.errors import LabError
from lib.base.markdown import as_text
from lib.base.percent import count_text
from lib.catalog.experiments import Experiment, value_label
from lib.runs import run_home


def training_words(experiment: Experiment) -> str:
    """"MLP model 3, relu; MNIST; all images; 100 epochs; seed 0": what launching this experiment trains."""
    trials = experiment.trials()
    specs = [trial.spec for trial in trials]
    sizes = dict.fromkeys(f"{s.data.train_size:,} images" if s.data.train_size else "all images" for s in specs)
    epochs = sorted({s.train.epochs for s in specs})
    stopping = "at most " if any(s.train.patience for s in specs) else ""
    seeds = ", ".join(map(str, experiment.seeds))
    sets = dict.fromkeys(set_title(s.data.dataset) for s in specs)
    parts = [_network_words(experiment), *_axis_words(experiment), " and ".join(sets), " and ".join(sizes),
             f"{stopping}{_range_text(epochs)} epochs", f"seed{'s' * (len(experiment.seeds) > 1)} {seeds}"]
    return "; ".join(parts) + "."


def _network_words(experiment: Experiment) -> str:
    """The networks of the experiment by name where they are the choice, else the one, or how many there are."""
    axis = experiment.axis("network")
    if axis is not None:
        return ", ".join(as_text(value_label("network", value)) for value in axis.values)
    names = dict.fromkeys(experiment.network.format(**dict(cell)) for cell in experiment.cells())
    return as_text(value_label("network", next(iter(names)))) if len(names) == 1 else count_text(len(names), "network")


def _axis_words(experiment: Experiment) -> list[str]:
    """What is varied, "Optimiser: sgd, adam", apart from data set and network."""
    return [f"{axis.title}: {', '.join(value_label(axis.field, value) for value in axis.values)}"
            for axis in experiment.axes if axis.field not in ("dataset", "network")
            and (len(axis.values) > 1 or axis.field not in experiment.network_axes)]


def set_title(name: str) -> str:
    """A data set's title; its name where there is none of that name any more."""
    try:
        return datasets.info(name, run_home()).title
    except LabError:
        return name


def _range_text(values: Sequence[int]) -> str:
    return str(min(values)) if min(values) == max(values) else f"{min(values)} to {max(values)}"
