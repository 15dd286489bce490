"""The figures of a run: what they are called, their unit, and whether more is better. One place for all tasks."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a figure counts."""

    SHARE = "share"
    """A share of 1; people read it as percent."""
    MINUTES = "min"
    """Minutes on a clock's dial."""
    DECIBELS = "dB"
    NATS = "nats"
    """Natural logarithms of probabilities, of one image."""
    PLAIN = ""
    """A number that compares within one task only."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of an epoch or of a finished run; `more_is_better` is None where neither is."""

    name: str
    title: str
    unit: Unit = Unit.PLAIN
    more_is_better: bool | None = False

    @property
    def axis_title(self) -> str:
        """The title with its unit, as beside an axis; percent stand at the ticks."""
        unit = {Unit.SHARE: "", Unit.PLAIN: "", Unit.MINUTES: " (minutes)"}.get(self.unit, f" ({self.unit})")
        return self.title + unit


#: Every metric by its name, the most telling first. What comes before the name says of which images it is: `SPLITS`.
METRICS: dict[str, Metric] = {metric.name: metric for metric in (
    Metric("accuracy", "accuracy", Unit.SHARE, True), Metric("minutes", "error", Unit.MINUTES),
    Metric("psnr", "PSNR", Unit.DECIBELS, True), Metric("ssim", "SSIM", Unit.PLAIN, True),
    Metric("diversity", "diversity", Unit.SHARE, True), Metric("squared_error", "squared error"), Metric("loss", "loss"),
    Metric("divergence", "divergence", Unit.NATS, None), Metric("kl", "KL divergence", Unit.NATS, None),
    Metric("structure", "difference in structure"), Metric("texture", "difference in texture"),
    Metric("grid", "repeated pattern"),
    Metric("discriminator_loss", "discriminator loss", Unit.PLAIN, None),
    Metric("real_accuracy", "discriminator accuracy, real images", Unit.SHARE, None),
    Metric("fake_accuracy", "discriminator accuracy, generated images", Unit.SHARE, None),
)}
#: What stands before a metric's name in that of a figure, and in words.
SPLITS = {"test_": "test", "best_val_": "best validation", "val_": "validation", "train_": "training"}
#: Parts of an answer that only reports have figures of.
_PARTS = {"hour_class_accuracy": "hour accuracy", "minute_class_accuracy": "minute accuracy", "minute_mae": "minute error",
          "rounded_hours": "error in hours"}
#: Longer names first: "discriminator_loss" is not the loss of a discriminator's split.
_BY_LENGTH = sorted(METRICS.values(), key=lambda metric: -len(metric.name))


@functools.lru_cache(maxsize=256)
def metric_of(figure: str) -> Metric | None:
    """The metric of a run's figure: that of "val_accuracy" is accuracy; None for a figure of another kind ("best_epoch")."""
    return next((metric for metric in _BY_LENGTH if figure == metric.name or figure.endswith(f"_{metric.name}")), None)


def figure_title(figure: str, with_unit: bool = False) -> str:
    """A figure in words: "best validation accuracy", with its unit where asked for: "test error (minutes)"."""
    split = next((split for split in SPLITS if figure.startswith(split)), "")
    name = figure.removeprefix(split)
    metric = METRICS.get(name)
    known = metric and (metric.axis_title if with_unit else metric.title)
    words = known or _PARTS.get(name, name.replace("_", " "))
    return f"{SPLITS[split]} {words}" if split else words


def is_share(figure: str) -> bool:
    """Whether a figure is a share of 1 that people read as percent."""
    metric = metric_of(figure)
    return metric is not None and metric.unit is Unit.SHARE


def is_minutes(figure: str) -> bool:
    """Whether a figure counts minutes."""
    metric = metric_of(figure)
    return metric is not None and metric.unit is Unit.MINUTES


def more_is_better(figure: str) -> bool:
    """Whether a larger figure is the better one."""
    metric = metric_of(figure)
    return metric is not None and metric.more_is_better is True
