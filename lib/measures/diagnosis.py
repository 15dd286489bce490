"""What the curves of a run say, in sentences with the numbers that led to them; silent when there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.spec.specs import RunSpec
from lib.spec.words import optimizer_title

#: Epochs after the best one before over-fitting is spoken of.
_SINCE = 3
#: Relative changes of the losses that count.
_FALL, _RISE = 0.05, 0.05
#: Test accuracy below so many times that of guessing asks for a reason.
_GUESSES = 2.0
#: Fewer steps than this are hardly a training.
_FEW_STEPS = 300
#: Validation accuracy this far above training accuracy asks for a word.
_AHEAD = 0.003


def overfitting(metrics: Sequence[Mapping[str, float]]) -> str:
    """Since which epoch training loss falls while validation loss rises; "" while it does not.

    `metrics` are those of the epochs so far. Losses are compared with those of the epoch of the lowest validation loss.
    """
    if not metrics or any("val_loss" not in values or "loss" not in values for values in metrics):
        return ""
    best = min(range(len(metrics)), key=lambda epoch: metrics[epoch]["val_loss"])
    then, now = metrics[best], metrics[-1]
    fell = now["loss"] < (1 - _FALL) * then["loss"]
    rose = now["val_loss"] > (1 + _RISE) * then["val_loss"]
    if len(metrics) - 1 - best < _SINCE or not (fell and rose):
        return ""
    return (f"Over-fitting since epoch {best + 1}: training loss fell from {then['loss']:.4f} to {now['loss']:.4f}, "
            f"validation loss rose from {then['val_loss']:.4f} to {now['val_loss']:.4f}.")


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

    A stack that cannot learn well is named below half the way from a guess to certainty, other reasons at a guess only.
    """
    layers, guess = spec.architecture.layers, 1 / classes
    activations = [getattr(layer, "activation", "") for layer in layers]
    if test_accuracy < (1 + guess) / 2:
        if activations[-1] not in ("softmax", ""):
            return (f"The output layer is {activations[-1]}, not softmax: what it puts out is no probability, and "
                    "cross-entropy has little to pull at. Report 001 tried such outputs, and most of them failed there too.")
        if "softmax" in activations[:-1]:
            return ("A hidden layer is softmax: its outputs are small and add up to one, so hardly any gradient comes "
                    "through. Report 001 saw the same.")
    if test_accuracy >= _GUESSES * guess:
        return ""
    if steps < _FEW_STEPS:
        return f"Hardly better than guessing: {steps:,} steps are few. Give it more epochs or more images."
    return (f"Hardly better than guessing. A learning rate of {spec.train.learning_rate:g} with "
            f"{optimizer_title(spec.train.optimizer)} is the first thing to change: ten times less, then ten times more.")
