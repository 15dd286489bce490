"""Ways of asking a network the time: what it puts out, what it should put out, and which time that means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.core.clock.geometry import PERIOD, hand_angles, minutes_from_angles

#: Minutes after 12:00, (N,) -> one target array per branch, first axis N
Encode = Callable[[np.ndarray], tuple[np.ndarray, ...]]
#: Outputs of all branches side by side, (N, K) -> minutes after 12:00, float64 (N,) in [0, 720)
Decode = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Head:
    """One way of asking. `outputs`, `activations` and `losses` have an entry for each branch of the network.

    Losses are "cross_entropy" (targets are classes), "mse", "mae" and "circular" (mae on a circle of length 1).
    """

    kind: str
    title: str
    question: str
    outputs: tuple[int, ...]
    activations: tuple[str, ...]
    losses: tuple[str, ...]
    encode: Encode
    decode: Decode
    weights: tuple[float, ...] = ()

    @property
    def classes(self) -> int | None:
        """Number of classes when the head is a single classifier, else None."""
        return self.outputs[0] if self.losses == ("cross_entropy",) else None


def _column(values: np.ndarray) -> tuple[np.ndarray]:
    return (np.asarray(values, np.float32)[:, None],)


def _clipped(minutes: np.ndarray) -> np.ndarray:
    """A number line has ends: what lies beyond them is the first or the last minute."""
    return np.clip(np.asarray(minutes, np.float64), 0.0, PERIOD - 1.0)


def _regression(kind: str, title: str, question: str, unit: float, activation: str, loss: str) -> Head:
    return Head(
        kind, title, question, (1,), (activation,), (loss,),
        lambda minutes: _column(minutes / unit), lambda outputs: _clipped(outputs[:, 0] * unit),
    )


def _class_head(classes: int) -> Head:
    width = PERIOD / classes
    return Head(
        f"classes_{classes}", f"{classes} classes", f"Which of {classes} pieces of {width:g} minutes is it?",
        (classes,), ("softmax",), ("cross_entropy",),
        lambda minutes: (np.floor(np.asarray(minutes) / width).astype(np.int32),),
        # The middle of the whole minutes that belong to the class.
        lambda outputs: outputs.argmax(axis=1) * width + (width - 1) / 2,
    )


def _hour_of(minutes: np.ndarray) -> np.ndarray:
    return (np.asarray(minutes) // 60).astype(np.int32)


def _circle(angle: np.ndarray) -> list[np.ndarray]:
    """Cosine and sine of degrees."""
    return [np.cos(np.radians(angle)), np.sin(np.radians(angle))]


def _degrees(outputs: np.ndarray, first: int) -> np.ndarray:
    return np.degrees(np.arctan2(outputs[:, first + 1].astype(np.float64), outputs[:, first].astype(np.float64))) % 360


def _heads() -> dict[str, Head]:
    heads = [
        _regression("regression_minutes", "Regression (minutes)", "How many minutes after 12?", PERIOD, "linear", "mae"),
        _regression("regression_hours", "Regression (hours)", "What time, as a number from 0 to 12?", 60.0, "linear", "mse"),
        _regression("regression_softplus", "Regression (hours, softplus)", "What time, as a number that cannot be negative?",
                    60.0, "softplus", "mse"),
        Head("circular", "Circular loss", "How many minutes after 12, counted round the dial?", (1,), ("linear",),
             ("circular",), lambda minutes: _column(minutes / PERIOD),
             lambda outputs: outputs[:, 0].astype(np.float64) % 1.0 * PERIOD % PERIOD),
        *(_class_head(n) for n in (24, 48, 72, 180, 720)),
        Head("two_heads", "Hour class + minute number", "Which hour, and how many minutes?", (12, 1),
             ("softmax", "linear"), ("cross_entropy", "mse"),
             lambda minutes: (_hour_of(minutes), *_column(minutes % 60 / 60)),
             lambda outputs: outputs[:, :12].argmax(1) * 60 + np.clip(outputs[:, 12].astype(np.float64) * 60, 0, 59.999)),
        Head("two_heads_softplus", "Hour class + minute number (softplus)", "Which hour, and how many minutes?", (12, 1),
             ("softmax", "softplus"), ("cross_entropy", "mse"),
             lambda minutes: (_hour_of(minutes), *_column(minutes % 60 / 60)),
             lambda outputs: outputs[:, :12].argmax(1) * 60 + np.clip(outputs[:, 12].astype(np.float64) * 60, 0, 59.999)),
        Head("hour_minute_classes", "Hour class + minute class", "Which of 12 hours, and which of 60 minutes?", (12, 60),
             ("softmax", "softmax"), ("cross_entropy", "cross_entropy"),
             lambda minutes: (_hour_of(minutes), (np.asarray(minutes) % 60).astype(np.int32)),
             lambda outputs: (outputs[:, :12].argmax(1) * 60 + outputs[:, 12:].argmax(1)).astype(np.float64)),
        Head("sincos_time", "Sine and cosine of the time", "Where on the circle of half a day?", (2,), ("linear",), ("mse",),
             lambda minutes: (np.stack(_circle(np.asarray(minutes) / 2), 1).astype(np.float32),),
             lambda outputs: _degrees(outputs, 0) * 2 % PERIOD),
        Head("sincos_hands", "Sine and cosine of both hands", "Where does each hand point?", (4,), ("tanh",), ("mse",),
             lambda minutes: (np.stack([v for a in hand_angles(minutes) for v in _circle(a)], 1).astype(np.float32),),
             lambda outputs: minutes_from_angles(_degrees(outputs, 0), _degrees(outputs, 2))),
    ]
    return {head.kind: head for head in heads}


#: Stable name -> head.
HEADS: dict[str, Head] = _heads()
