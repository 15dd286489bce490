"""Figures to measure a run against, as lines across its charts: the report's, the best one stored here, the best known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.base.percent import percent_text
from lib.catalog.best_known import BEST_KNOWN
from lib.catalog.tasks import predicts_classes
from lib.measures.results import reported_line
from lib.spec.runs import RunRecord, RunState
from lib.spec.specs import RunSpec

#: Name of a line -> what it is called where it can be hidden.
LINE_TITLES = {"report": "the report", "best_here": "best run here", "best_known": "best known"}


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A test accuracy of LINE_TITLES' kind `name`, and the words beside its line."""

    name: str
    value: float
    label: str


def record_lines(spec: RunSpec, stored: Iterable[RunRecord], own_id: str = "") -> tuple[RecordLine, ...]:
    """The lines for the accuracy of a classifier; those of its data set only. The run itself, `own_id`, does not count.

    The best known figure is of the images as they are: there is none for permuted pixels.
    """
    if not predicts_classes(spec):
        return ()
    lines = []
    reported = reported_line(spec)
    if reported is not None:
        lines.append(RecordLine("report", *reported))
    best = best_stored(spec, stored, own_id)
    if best is not None:
        value = best.metrics["test_accuracy"]
        lines.append(RecordLine("best_here", value, f"best run here: {percent_text(value)}"))
    known = BEST_KNOWN.get(spec.data.dataset)
    if known is not None and spec.data.permutation is None:
        words = f"best known: {percent_text(known.accuracy, 2)}, {known.source}"
        lines.append(RecordLine("best_known", known.accuracy, words))
    return tuple(lines)


def best_stored(spec: RunSpec, stored: Iterable[RunRecord], own_id: str = "") -> RunRecord | None:
    """The finished classifier with the highest test accuracy on the same test images as `spec`, pixels in the same order.

    One that was tested on fewer images than others, or trained on copies of its test images, does not count.
    """
    same = [record for record in stored if record.id != own_id and record.state == RunState.FINISHED and _comparable(
        record.spec, spec) and "test_accuracy" in record.metrics and "diverged" not in record.metrics]
    whole = max((record.metrics.get("test_images", 0.0) for record in same), default=0.0)
    same = [record for record in same if record.metrics.get("test_images", 0.0) == whole]
    return max(same, key=lambda record: record.metrics["test_accuracy"], default=None)


def _comparable(one: RunSpec, other: RunSpec) -> bool:
    return (one.task == other.task and one.data.dataset == other.data.dataset and not one.data.overlap
            and one.data.permutation == other.data.permutation)
