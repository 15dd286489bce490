"""What a run's figures say, in sentences with the numbers that led to them; silent when there is nothing to say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lib.base.percent import percent_text
from lib.measures.epoch_recording import EpochRecording, rms_gradients
from lib.spec.specs import DEFAULT_LEARNING_RATES, RunSpec
from lib.spec.words import optimizer_title

#: Epochs after the best one before over-fitting is spoken of, and epochs before a rate is judged: one or two are chance.
_SINCE = 3
#: Standard deviations by which a trend is more than chance: one in about forty of no trend looks so.
_RISING = 2.0
#: Relative changes of the losses that count.
_FALL, _RISE = 0.05, 0.05
#: Test accuracy below so many times that of guessing asks for a reason.
_GUESSES = 2.0
#: Fewer steps than this are hardly a training.
_FEW_STEPS = 600
#: Validation accuracy this far above training accuracy asks for a word.
_AHEAD = 0.003
#: Share of a layer's ReLU units without any output from which it is spoken of. The notes of Stanford's course CS231n
#: ("Neural Networks Part 1") name 40 % as what a rate that is too high can do; healthy networks of this lab had less.
_DEAD = 0.4
#: The first layer's gradient beside the last one's, weight for weight: at a hundredth one learning rate cannot move both.
#: Glorot and Bengio ("Understanding the difficulty of training deep feedforward neural networks", 2010) show such ratios
#: for deep sigmoid networks; the networks of this lab that learn well had 0.07 and more on the bundled digits.
_VANISHING = 0.01
#: A gradient so many times as long as the weights: at a rate of 0.01 a plain step moves them by a tenth of their length,
#: where the notes of CS231n ("Neural Networks Part 3") recommend about a thousandth. Healthy networks had less than 1.
_EXPLODING = 10.0
#: A training loss so many times its lowest is no wobble between epochs, which is a few percent.
_JUMP = 1.5
#: A loss this much above that of guessing, ln(classes), is worse than knowing nothing.
_WORSE = 1.05
#: At this pace a loss that has hardly left its start takes so many more epochs to halve.
_SLOW_EPOCHS = 50
#: Above this share of its first epoch's value a loss has hardly left its start.
_START = 0.8
#: So many epochs within this relative range are a plateau; with a training accuracy from the last figure on, nothing is
#: left to learn.
_PLATEAU_EPOCHS, _PLATEAU, _LEARNED = 5, 0.01, 0.98
#: Validation images of a class from which it is no chance that it is never named.
_ENOUGH_OF_A_CLASS = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What is the matter, and a sentence or two: the numbers that say so, and what usually helps."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordedEpoch:
    """What was recorded inside a network, after which epoch (from 1), and what its layers and classes are called."""

    recorded: EpochRecording
    epoch: int
    layers: Sequence[str]
    classes: Sequence[str]


def diagnose(spec: RunSpec, metrics: Sequence[Mapping[str, float]],
             seen: RecordedEpoch | None = None) -> tuple[Finding, ...]:
    """Everything that a classifier's epochs so far (their metrics) and its last recording give reason to say.

    Where a cause is found inside the network, what follows from it is not named beside it: a loss that stands still, classes
    that are never the answer.
    """
    inside = _inside(seen, metrics[-1]) if seen is not None and len(metrics) >= _SINCE else []
    found = [*inside]
    if seen is not None and len(metrics) >= _SINCE and not inside:
        found.append(Finding("class never predicted", never_predicted(seen)))
    found.append(Finding("over-fitting", overfitting(metrics)))
    if len(metrics) > _SINCE:
        exploding = any(finding.kind == "exploding gradients" for finding in inside)
        high = "" if exploding else rate_too_high(metrics, spec, len(seen.classes) if seen is not None else 0)
        low = "" if inside else rate_too_low(metrics, spec)
        still = "" if inside or high or low else plateau(metrics)
        found += [Finding("rate too high", high), Finding("rate too low", low), Finding("plateau", still)]
    return tuple(finding for finding in found if finding.text)


def _inside(seen: RecordedEpoch, now: Mapping[str, float]) -> list[Finding]:
    dead = dead_units(seen)
    if dead:
        return [Finding("dead units", dead)]
    if now.get("accuracy", 0.0) >= _LEARNED:
        return []  # where nothing is left to learn there is no gradient, in no layer
    texts = {"vanishing gradients": vanishing_gradients(seen), "exploding gradients": exploding_gradients(seen)}
    return [Finding(kind, text) for kind, text in texts.items() if text]


def dead_units(seen: RecordedEpoch) -> str:
    """The layer with the largest share of ReLU units that no probe image wakes, from `_DEAD` on."""
    recorded = seen.recorded
    if not len(recorded.dead) or not recorded.dead.max() >= _DEAD:
        return ""
    worst = int(recorded.dead.argmax())
    share = percent_text(float(recorded.dead[worst]), 0)
    return (f"Dead units: {share} of the units of {_layer(seen, recorded.relus[worst])} output 0 for all "
            f"{int(recorded.probe)} probe images after epoch {seen.epoch}, so no gradient reaches them. A lower learning "
            "rate, or leaky ReLU, keeps units alive.")


def vanishing_gradients(seen: RecordedEpoch) -> str:
    """Whether the first layer gets hardly any gradient beside the last one."""
    ratio = _gradient_ratio(seen.recorded)
    if ratio is None or not ratio < _VANISHING:
        return ""
    return (f"Vanishing gradients: after epoch {seen.epoch} a weight of {_layer(seen, seen.recorded.layers[0])} gets "
            f"{ratio:.2g} times the gradient of one of {_layer(seen, seen.recorded.layers[-1])}. ReLU instead of sigmoid or "
            "softmax inside, batch normalisation, or fewer layers help.")


def exploding_gradients(seen: RecordedEpoch) -> str:
    """Whether a layer's gradient is many times as long as its weights, or is no number any more."""
    recorded = seen.recorded
    times = recorded.gradients / np.maximum(recorded.weights, 1e-12)
    if not np.isfinite(times).all():
        found = "they are not numbers any more (NaN)"
    elif len(times) and times.max() > _EXPLODING:
        worst = int(times.argmax())
        found = f"that of {_layer(seen, recorded.layers[worst])} is {times[worst]:,.0f} times as long as its weights"
    else:
        return ""
    return (f"Exploding gradients: after epoch {seen.epoch} {found}. A lower learning rate, a smaller initialisation, batch "
            "normalisation or fewer layers help.")


def _gradient_ratio(recorded: EpochRecording) -> float | None:
    """The first layer's typical gradient by the last one's; None with fewer than two layers or without any gradient."""
    typical = rms_gradients(recorded)
    if len(typical) < 2 or not np.isfinite(typical).all() or not typical[-1] > 0:
        return None
    return float(typical[0] / typical[-1])


def _layer(seen: RecordedEpoch, place: int) -> str:
    """"layer 3 (Dense 100, relu)"."""
    known = f" ({seen.layers[int(place)]})" if int(place) < len(seen.layers) else ""
    return f"layer {int(place) + 1}{known}"


def never_predicted(seen: RecordedEpoch) -> str:
    """Which classes no validation image is taken for, though enough of them are there."""
    counts = seen.recorded.confusion
    never = np.flatnonzero((counts.sum(axis=0) == 0) & (counts.sum(axis=1) >= _ENOUGH_OF_A_CLASS))
    if not len(never):
        return ""
    names = ", ".join(f"“{seen.classes[label]}”" for label in never[:4]) + (" and others" if len(never) > 4 else "")
    one = len(never) == 1
    what = f"{names} is never the answer" if one else f"{len(never)} of {len(counts)} classes are never the answer ({names})"
    return (f"Class never predicted: {what} after epoch {seen.epoch}, though {int(counts[never].sum()):,} of "
            f"{int(counts.sum()):,} validation images are of {'it' if one else 'them'}. Early in training that can pass; if "
            "it stays, look whether there are enough such training images.")


def rate_too_high(metrics: Sequence[Mapping[str, float]], spec: RunSpec, classes: int = 0) -> str:
    """Whether training loss jumped up from its lowest and stayed up, or stays worse than guessing without falling."""
    losses = [values.get("loss", math.nan) for values in metrics]
    if not all(map(math.isfinite, losses)):
        return ""
    best = min(range(len(losses)), key=losses.__getitem__)
    rate = f"the learning rate {_rate(metrics, spec)} is too high for {optimizer_title(spec.train.optimizer)}; try a third"
    if len(losses) - 1 - best >= 2 and losses[-1] > _JUMP * losses[best] and losses[-1] > 0.1:
        return (f"Training loss rose from {losses[best]:.4f} in epoch {best + 1} to {losses[-1]:.4f} in epoch "
                f"{len(losses)}: {rate}.")
    # A loss with penalties of the weights in it begins above that of guessing at any rate.
    penalised = any(getattr(layer, "l1", 0.0) or getattr(layer, "l2", 0.0) for layer in spec.architecture.layers)
    guess = math.log(classes) if classes > 1 and not penalised else math.inf
    if min(losses[-_SINCE:]) > _WORSE * guess and not _falls(losses):
        return (f"Training loss has been above that of guessing ({guess:.4f}) for {_SINCE} epochs, last {losses[-1]:.4f}: "
                f"{rate}.")
    return ""


def rate_too_low(metrics: Sequence[Mapping[str, float]], spec: RunSpec) -> str:
    """Whether training loss falls in every epoch, and so slowly that it has hardly left its start."""
    losses = [values.get("loss", math.nan) for values in metrics]
    recent = losses[-_SINCE - 1 :]
    if not _falls(losses) or not all(map(math.isfinite, losses)) or losses[-1] <= _START * losses[0]:
        return ""
    pace = (recent[-1] / recent[0]) ** (1 / (len(recent) - 1)) if recent[0] > 0 else 0.0
    halving = math.log(0.5) / math.log(pace) if 0 < pace < 1 else math.inf
    if halving < _SLOW_EPOCHS:
        return ""
    return (f"Training loss falls in every epoch, but slowly: from {losses[0]:.4f} to {losses[-1]:.4f} in {len(losses)} "
            f"epochs; at this pace it takes {halving:,.0f} more to halve. The learning rate {_rate(metrics, spec)} is too "
            f"low for {optimizer_title(spec.train.optimizer)}, whose usual one is "
            f"{DEFAULT_LEARNING_RATES[spec.train.optimizer]:g}; try ten times as much.")


def _falls(losses: Sequence[float]) -> bool:
    """Whether each of the last `_SINCE` epochs was better than the one before."""
    recent = losses[-_SINCE - 1 :]
    return all(later < earlier for earlier, later in pairwise(recent))


def _rate(metrics: Sequence[Mapping[str, float]], spec: RunSpec) -> str:
    """The rate of the last epoch: it may have been changed meanwhile."""
    return f"{metrics[-1].get('learning_rate', spec.train.learning_rate):g}"


def plateau(metrics: Sequence[Mapping[str, float]]) -> str:
    """Whether training loss has stood still for `_PLATEAU_EPOCHS` epochs with something left to learn."""
    recent = [values.get("loss", math.nan) for values in metrics[-_PLATEAU_EPOCHS - 1 :]]
    if len(recent) <= _PLATEAU_EPOCHS or not all(map(math.isfinite, recent)):
        return ""
    if max(recent) - min(recent) > _PLATEAU * max(recent) or metrics[-1].get("accuracy", 1.0) >= _LEARNED:
        return ""
    return (f"Plateau: for {_PLATEAU_EPOCHS} epochs training loss has stayed between {min(recent):.4f} and "
            f"{max(recent):.4f}, at a training accuracy of {percent_text(metrics[-1]['accuracy'])}. If the loss "
            "goes up and down, lower the learning rate; if it is flat, use a larger network or less regularisation.")


def overfitting(metrics: Sequence[Mapping[str, float]]) -> str:
    """Since which epoch training loss falls while validation loss rises; "" while it does not.

    `metrics` are those of the epochs so far. Losses are compared with those of the epoch of the lowest validation loss. With
    few validation images their loss jumps from epoch to epoch: only a trend since then that is more than chance counts.
    """
    if not metrics or any("val_loss" not in values or "loss" not in values for values in metrics):
        return ""
    best = min(range(len(metrics)), key=lambda epoch: metrics[epoch]["val_loss"])
    then, now = metrics[best], metrics[-1]
    fell = now["loss"] < (1 - _FALL) * then["loss"]
    rose = now["val_loss"] > (1 + _RISE) * then["val_loss"]
    since = np.array([values["val_loss"] for values in metrics[best + 1 :]])
    if len(since) < _SINCE or not (fell and rose) or _trend(since) < _RISING:
        return ""
    return (f"Over-fitting since epoch {best + 1}: training loss fell from {then['loss']:.4f} to {now['loss']:.4f}, "
            f"validation loss rose from {then['val_loss']:.4f} to {now['val_loss']:.4f}.")


def _trend(values: np.ndarray) -> float:
    """How much more later values are larger than earlier ones than by chance, in standard deviations (Mann-Kendall's test).

    `values` (N,), N > 1. H. B. Mann, "Nonparametric tests against trend", 1945.
    """
    count = len(values)
    larger = np.sign(np.triu(values[None, :] - values[:, None], 1)).sum()
    return float(larger / math.sqrt(count * (count - 1) * (2 * count + 5) / 18))


def validation_ahead(metrics: Sequence[Mapping[str, float]], spec: RunSpec) -> str:
    """Why validation accuracy can be above training accuracy, where it is; "" elsewhere."""
    now = metrics[-1] if metrics else {}
    if now.get("val_accuracy", 0.0) < now.get("accuracy", 1.0) + _AHEAD:
        return ""
    dropout = any(layer.kind == "dropout" for layer in spec.architecture.layers)
    why = "dropout is off while validating, and " if dropout else ""
    return (f"Validation accuracy is above training accuracy: {why}the training figure is the average over the epoch, "
            "while the network was still getting better; validation comes at its end.")


def why_so_low(test_accuracy: float, classes: int, spec: RunSpec, steps: int) -> str:
    """Why a trained classifier of so many classes is poor, as far as its spec tells; "" when it is not, or nothing tells.

    A stack that cannot learn well is named below half the way from a guess to certainty, few steps below three quarters of
    it, a rate at a guess only.
    """
    layers, guess = spec.architecture.layers, 1 / classes
    activations = [getattr(layer, "activation", "") for layer in layers]
    if test_accuracy < (1 + guess) / 2:
        if activations[-1] not in ("softmax", ""):
            tried = (" Report 001 tried relu and tanh there, and no such network learned."
                     if activations[-1] in ("relu", "tanh") else "")
            return (f"The output layer is {activations[-1]}, not softmax: its outputs are not probabilities, so "
                    f"cross-entropy gives almost no gradient. Use softmax there.{tried}")
        if "softmax" in activations[:-1]:
            return ("A hidden layer is softmax: its outputs are small and add up to one, so hardly any gradient comes "
                    "through. Report 001 saw the same.")
    if test_accuracy < (3 + guess) / 4 and steps < _FEW_STEPS:
        return f"It may only have begun: {steps:,} steps are few. Give it more epochs or more images."
    if test_accuracy >= _GUESSES * guess:
        return ""
    return (f"Hardly better than guessing. A learning rate of {spec.train.learning_rate:g} with "
            f"{optimizer_title(spec.train.optimizer)} is the first thing to change: ten times less, then ten times more.")
