"""Ways of asking a network the time: what it puts out, what it should put out, and which time that means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.clockface.geometry import PERIOD, hand_angles, minutes_from_angles

#: Minutes after 12:00, (N,) -> one target array per branch, first axis N
Encode = Callable[[np.ndarray], tuple[np.ndarray, ...]]
#: Outputs of all branches side by side, (N, K) -> minutes after 12:00, float64 (N,) in [0, 720)
Decode = Callable[[np.ndarray], np.ndarray]
Extras = Callable[[np.ndarray, np.ndarray], dict[str, float]]


@dataclass(frozen=True)
class Head:
    """One way of asking. `outputs`, `activations` and `losses` have an entry for each branch of the network.

    Losses are "cross_entropy" (targets are classes), "mse", "mae", "circular" and "circular_minutes" (mae on a circle
    of length 1 or 720). `extras` are figures of the head's own: outputs (N, K) and true minutes (N,) -> name, value.
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
    extras: Extras = lambda outputs, minutes: {}

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


def _share(hits: np.ndarray) -> float:
    return float(np.mean(hits))


def _class_head(classes: int) -> Head:
    width = PERIOD / classes
    return Head(
        f"classes_{classes}", f"{classes} classes", f"Which of {classes} pieces of {width:g} minutes is it?",
        (classes,), ("softmax",), ("cross_entropy",),
        lambda minutes: (np.floor(np.asarray(minutes) / width).astype(np.int32),),
        # The middle of the whole minutes that belong to the class.
        lambda outputs: outputs.argmax(axis=1) * width + (width - 1) / 2,
        extras=lambda outputs, minutes: {"accuracy": _share(outputs.argmax(axis=1) == np.asarray(minutes) // width)},
    )


def _hour_of(minutes: np.ndarray) -> np.ndarray:
    return (np.asarray(minutes) // 60).astype(np.int32)


def _two_heads(kind: str, title: str, activation: str, loss: str, unit: float, question: str) -> Head:
    """Hour class and minute number; the minute is learned in units of `unit` minutes."""

    def decode(outputs: np.ndarray) -> np.ndarray:
        return outputs[:, :12].argmax(1) * 60 + np.clip(outputs[:, 12].astype(np.float64) * unit, 0, 59.999)

    def extras(outputs: np.ndarray, minutes: np.ndarray) -> dict[str, float]:
        minute = np.asarray(minutes) % 60 / unit
        return {"hour_class_accuracy": _share(outputs[:, :12].argmax(1) == _hour_of(minutes)),
                "minute_mae": _share(np.abs(outputs[:, 12] - minute))}

    return Head(kind, title, question, (12, 1), ("softmax", activation), ("cross_entropy", loss),
                lambda minutes: (_hour_of(minutes), *_column(minutes % 60 / unit)), decode, extras=extras)


def _hour_minute_class_extras(outputs: np.ndarray, minutes: np.ndarray) -> dict[str, float]:
    return {"hour_class_accuracy": _share(outputs[:, :12].argmax(1) == _hour_of(minutes)),
            "minute_class_accuracy": _share(outputs[:, 12:].argmax(1) == np.asarray(minutes) % 60)}


def _hours_59(minutes: np.ndarray) -> np.ndarray:
    """Report 001's label, hour + minute/59: 3:59 and 4:00 are the same number."""
    return np.asarray(minutes) // 60 + np.asarray(minutes) % 60 / 59.0


def _from_hours_59(outputs: np.ndarray) -> np.ndarray:
    hours = np.clip(np.asarray(outputs[:, 0], np.float64), 0, 11 + 58.999 / 59)
    return np.floor(hours) * 60 + (hours % 1.0) * 59


def _rounded_hours(outputs: np.ndarray, minutes: np.ndarray) -> dict[str, float]:
    """Mean distance in hours, not counted round the dial, of predictions rounded to tenths: as report 001 measured."""
    return {"rounded_hours": _share(np.abs(np.round(outputs[:, 0], 1) - _hours_59(minutes)))}


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
        _regression("minutes_mae", "Regression (minutes 0-719)", "How many minutes after 12, unscaled?", 1.0, "linear",
                    "mae"),
        Head("minutes_circular", "Circular loss (minutes 0-719)", "How many minutes after 12, counted round the dial?", (1,),
             ("linear",), ("circular_minutes",), lambda minutes: _column(minutes),
             lambda outputs: outputs[:, 0].astype(np.float64) % PERIOD),
        Head("hours_59", "Regression (hour + minute/59)", "What time, as a number from 0 to 12?", (1,), ("linear",),
             ("mse",), lambda minutes: _column(_hours_59(minutes)), _from_hours_59, extras=_rounded_hours),
        Head("circular", "Circular loss", "How many minutes after 12, counted round the dial?", (1,), ("linear",),
             ("circular",), lambda minutes: _column(minutes / PERIOD),
             lambda outputs: outputs[:, 0].astype(np.float64) % 1.0 * PERIOD % PERIOD),
        *(_class_head(n) for n in (24, 48, 72, 180, 720)),
        _two_heads("two_heads", "Hour class + minute number", "linear", "mse", 60.0, "Which hour, and how many minutes?"),
        _two_heads("two_heads_softplus", "Hour class + minute number (softplus)", "softplus", "mse", 60.0,
                   "Which hour, and how many minutes?"),
        _two_heads("hour_class_minutes", "Hour class + minutes 0-59", "linear", "mae", 1.0,
                   "Which hour, and how many minutes, unscaled?"),
        Head("hour_minute_classes", "Hour class + minute class", "Which of 12 hours, and which of 60 minutes?", (12, 60),
             ("softmax", "softmax"), ("cross_entropy", "cross_entropy"),
             lambda minutes: (_hour_of(minutes), (np.asarray(minutes) % 60).astype(np.int32)),
             lambda outputs: (outputs[:, :12].argmax(1) * 60 + outputs[:, 12:].argmax(1)).astype(np.float64),
             extras=_hour_minute_class_extras),
        Head("sincos_time", "Sine and cosine of the time", "Where on the circle of half a day?", (2,), ("linear",), ("mse",),
             lambda minutes: (np.stack(_circle(np.asarray(minutes) / 2), 1).astype(np.float32),),
             lambda outputs: _degrees(outputs, 0) * 2 % PERIOD),
        Head("cos_sin_time", "Cosine and sine of the time, two branches", "Where on the circle of half a day?", (1, 1),
             ("linear", "linear"), ("mse", "mse"),
             lambda minutes: tuple(v.astype(np.float32)[:, None] for v in _circle(np.asarray(minutes) / 2)),
             lambda outputs: _degrees(outputs, 0) * 2 % PERIOD),
        Head("cos_sin_hour_minute", "Cosine and sine of hour and of minute", "Which hour of the circle, and which minute?",
             (2, 2), ("linear", "linear"), ("mse", "mse"),
             lambda minutes: tuple(np.stack(_circle(angle), 1).astype(np.float32)
                                   for angle in (_hour_of(minutes) * 30.0, np.asarray(minutes) % 60 * 6.0)),
             lambda outputs: (np.rint(_degrees(outputs, 0) / 30) % 12 * 60 + np.rint(_degrees(outputs, 2) / 6) % 60)),
        Head("sincos_hands", "Sine and cosine of both hands", "Where does each hand point?", (4,), ("tanh",), ("mse",),
             lambda minutes: (np.stack([v for a in hand_angles(minutes) for v in _circle(a)], 1).astype(np.float32),),
             lambda outputs: minutes_from_angles(_degrees(outputs, 0), _degrees(outputs, 2))),
    ]
    return {head.kind: head for head in heads}


#: Stable name -> head.
HEADS: dict[str, Head] = _heads()
