"""Races: one set-up trained once with each of several optimisers or activations, from the same seed."""

from __future__ import annotations

from lib.base.errors import SpecError
from lib.catalog.experiments import Axis, Experiment
from lib.spec.specs import OPTIMIZERS, RunSpec

#: What can race -> the question and who takes part.
RACES = {
    "optimizer": ("Race of optimisers", "Which optimiser learns this best?", OPTIMIZERS),
    "activation": ("Race of activations", "Which activation learns this best?",
                   ("relu", "leaky_relu", "elu", "softplus", "tanh", "sigmoid")),
}


def race(spec: RunSpec, kind: str, network: str) -> Experiment:
    """The race of this kind over the run `spec`, whose network is called `network`: its seed, and nothing else varied.

    Every optimiser comes with its usual learning rate but the one that `spec` has. Raises SpecError for an unknown kind.
    """
    if kind not in RACES:
        raise SpecError("Unknown race.", expected=", ".join(RACES), received=repr(kind)[:40])
    title, question, values = RACES[kind]
    # The best epoch's figure is kept where that is what early stopping watches.
    metric = "best_val_accuracy" if spec.train.monitor == "val_accuracy" else "val_accuracy"
    return Experiment(f"race_{kind}", f"{title}: {network}"[:150], question, _plain(spec.architecture.name),
                      (Axis(kind, values),), (spec.seed,), _plain(spec.data.dataset), metric=metric, base=spec)


def _plain(name: str) -> str:
    """`name` where braces would stand for axes."""
    return name.replace("{", "{{").replace("}", "}}")
