"""Figures to measure a run against, as lines across its charts: the report's, the best one stored here, the best known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.base.percent import percent_text
from lib.catalog.best_known import BEST_KNOWN
from lib.catalog.tasks import TASKS
from lib.measures.figures import Figure
from lib.measures.results import reported_line
from lib.spec.metrics import METRICS, Metric
from lib.spec.runs import RunRecord, RunState
from lib.spec.settings import DenoiseSettings
from lib.spec.specs import RunSpec

#: Name of a line -> what it is called where it can be hidden.
LINE_TITLES = {"report": "the report", "best_here": "best run here", "best_known": "best known"}


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A test figure of LINE_TITLES' kind `name`, the words beside its line, and of which metric it is."""

    name: str
    value: float
    label: str
    metric: str = "accuracy"


def record_lines(spec: RunSpec, stored: Iterable[RunRecord], own_id: str = "") -> tuple[RecordLine, ...]:
    """The lines for the figure that the task names (`Task.record`); those of its data set only.

    There is none for the best run here where that is the run itself, `own_id`. The best known figure is of the images as
    they are: there is none for permuted pixels.
    """
    metric = record_metric(spec)
    if metric is None:
        return ()
    lines = []
    reported = reported_line(spec)
    if reported is not None:
        lines.append(RecordLine("report", *reported, metric.name))
    best = best_stored(spec, stored, own_id)
    if best is not None and best.id != own_id:
        figure = Figure(f"test_{metric.name}")
        value = best.metrics[figure.name]
        lines.append(RecordLine("best_here", value, f"best run here: {figure.text(value)}", metric.name))
    known = BEST_KNOWN.get(spec.data.dataset) if metric.name == "accuracy" else None
    if known is not None and spec.data.permutation is None:
        words = f"best known: {percent_text(known.accuracy, 2)}, {known.source}"
        lines.append(RecordLine("best_known", known.accuracy, words))
    return tuple(lines)


def record_metric(spec: RunSpec) -> Metric | None:
    """The metric that a run's record lines are of; None for a task that has none, or that this version does not know."""
    task = TASKS.get(spec.task)
    return METRICS[task.record] if task is not None and task.record else None


def best_stored(spec: RunSpec, stored: Iterable[RunRecord], own_id: str = "") -> RunRecord | None:
    """The finished run with the best figure of its kind on the same test images as `spec`, pixels in the same order.

    One that was tested on fewer images than others, or trained on copies of its test images, does not count. Of equally
    good ones the run called `own_id` comes first.
    """
    metric = record_metric(spec)
    if metric is None:
        return None
    figure, sign = f"test_{metric.name}", 1 if metric.more_is_better else -1
    same = [record for record in stored if record.state == RunState.FINISHED and _comparable(
        record.spec, spec) and figure in record.metrics and "diverged" not in record.metrics]
    whole = max((record.metrics.get("test_images", 0.0) for record in same), default=0.0)
    same = [record for record in same if record.metrics.get("test_images", 0.0) == whole]
    return max(same, key=lambda record: (sign * record.metrics[figure], record.id == own_id), default=None)


def best_here_words(record: RunRecord, stored: Sequence[RunRecord]) -> str:
    """That no other run here is better than this one, in a sentence; "" where one is, or where there is no other."""
    others = [other for other in stored if other.id != record.id]
    best = best_stored(record.spec, stored, record.id)
    if best is None or best.id != record.id or best_stored(record.spec, others) is None:
        return ""
    return "This run is the best one here: no other finished run on the same test images has a better figure."


def _comparable(one: RunSpec, other: RunSpec) -> bool:
    return judged_on(one) == judged_on(other) and not one.data.overlap and one.data.permutation == other.data.permutation


def judged_on(spec: RunSpec) -> tuple[object, ...]:
    """Equal exactly for runs whose figures may be compared: the same task, images, and noise on a denoiser's images."""
    settings = spec.own_settings
    noise = (settings.noise, settings.level_low, settings.level_high) if isinstance(settings, DenoiseSettings) else ()
    return (spec.task, spec.data.dataset, *noise)
