"""How long an experiment will take: from timed steps before it starts, from its own trials once it runs."""

from __future__ import annotations

import hashlib
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lib.catalog.experiments import Trial
from lib.measures.replicates import TrialResult
from lib.spec.runs import RunState
from lib.spec.specs import RunSpec, to_dict

#: Finished trials from which on they correct the forecast.
FEWEST_DONE = 3


@dataclass(frozen=True, slots=True)
class StepCost:
    """Seconds on this machine: to build and compile a network, for one training step, to evaluate one image."""

    setup: float
    step: float
    image: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds` left at most (early stopping may end trials sooner); None while networks are still being timed.

    `trials` are left to do, `unknown` of them are of networks that have not been timed.
    """

    seconds: float | None
    trials: int
    unknown: int = 0


@lru_cache(maxsize=4096)
def cost_key(spec: RunSpec) -> str:
    """Equal for runs whose steps cost the same: weights' penalties, rates and initialisers do not matter, sizes do."""
    plain = replace(spec.train, learning_rate=0.01, epochs=1, patience=None)
    values = to_dict(replace(spec, train=plain, data=replace(spec.data, train_size=None, permutation=None), seed=0))
    for layer in values["architecture"]["layers"]:
        layer.pop("initializer", None)
        for name in ("l1", "l2", "rate"):
            if name in layer:
                layer[name] = bool(layer[name])
        # A softmax costs a little more than a relu; what is looked for here is minutes against hours.
        layer.pop("activation", None)
    values["architecture"].pop("name")
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def trial_seconds(spec: RunSpec, cost: StepCost, train: int, validation: int, test: int) -> float:
    """The longest that a run can take, for splits of so many images."""
    steps = math.ceil(train / min(spec.train.batch_size, train)) if train else 0
    epoch = steps * cost.step + validation * cost.image
    return cost.setup + spec.train.epochs * epoch + test * cost.image


def remaining(
    trials: Sequence[Trial], results: Sequence[TrialResult], estimates: Mapping[str, float], workers: int = 1,
    spent: Mapping[str, float] | None = None,
) -> Forecast:
    """What is left of a launched experiment; `estimates` are seconds by digest.

    `spent` are the seconds that finished trials took, by digest: their ratios to the estimates of as many epochs correct
    the rest, so that a forecast from an idle minute becomes right on a busy machine. Trials in flight count by the epochs
    left.
    """
    done = {trial.digest: len(result.epochs) / result.planned for trial, result in zip(trials, results, strict=True)
            if result.state == RunState.FINISHED and result.epochs and result.planned}
    factor = _correction({digest: seconds * done.get(digest, 1.0) for digest, seconds in estimates.items()}, spent or {})
    left, unknown, seconds, longest = 0, 0, 0.0, 0.0
    for trial, result in zip(trials, results, strict=True):
        if result.state in (RunState.FINISHED, RunState.FAILED):
            continue
        left += 1
        if trial.digest not in estimates:
            unknown += 1
            continue
        share = 1 - len(result.epochs) / max(result.planned, 1)
        takes = factor * estimates[trial.digest] * max(share, 0.0)
        seconds, longest = seconds + takes, max(longest, takes)
    known = left - unknown
    if left and not known:
        return Forecast(None, left, unknown)
    seconds *= left / known if known else 1.0
    return Forecast(max(seconds / max(1, min(workers, left)), longest), left, unknown)


def _correction(estimates: Mapping[str, float], spent: Mapping[str, float]) -> float:
    """The middle of the ratios of what trials took to what was estimated; 1 before FEWEST_DONE trials are done.

    The first trial of a process also waits for its libraries, which says nothing about the others.
    """
    ratios = [spent[digest] / estimates[digest] for digest in spent if estimates.get(digest, 0) > 0]
    return statistics.median(ratios) if len(ratios) >= FEWEST_DONE else 1.0
