from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lib.runs.thinning import Thinner, thin_steps
from lib.spec.runs import StepLog

Point = tuple[int, int, float]


def logs_of(first: int, sizes: list[int], gaps: list[int]) -> list[StepLog]:
    logs, step = [], first
    for number, (size, gap) in enumerate(zip(sizes, gaps, strict=True)):
        step += gap
        logs.append(StepLog(number // 3, step, float(number), {"loss": tuple(step + i + 0.5 for i in range(size))}))
        step += size
    return logs


def points(logs: tuple[StepLog, ...] | list[StepLog]) -> list[Point]:
    return [(log.epoch, log.first_step + i, value) for log in logs for i, value in enumerate(log.metrics["loss"])]


@st.composite
def step_logs(draw: st.DrawFn) -> list[StepLog]:
    sizes = draw(st.lists(st.integers(0, 40), max_size=60))
    gaps = draw(st.lists(st.sampled_from((0, 0, 0, 7)), min_size=len(sizes), max_size=len(sizes)))
    return logs_of(draw(st.integers(0, 100)), sizes, gaps)


@given(step_logs(), st.integers(1, 500))
def test_few_measured_points_from_first_to_last(logs: list[StepLog], max_points: int) -> None:
    every, thin = points(logs), points(thin_steps(logs, max_points))
    assert len(thin) <= max(3, max_points)
    assert set(thin) <= set(every)
    assert thin == sorted(thin, key=lambda point: point[1])
    assert thin[:1] + thin[-1:] == every[:1] + every[-1:]


@given(step_logs())
def test_few_steps_stay_as_they_are(logs: list[StepLog]) -> None:
    assert thin_steps(logs, None) == tuple(logs)
    assert thin_steps(logs, max(1, len(points(logs)))) == tuple(logs)


@given(st.integers(0, 3000), st.integers(1, 500))
def test_drawn_points_stay_while_the_run_goes_on(length: int, more: int) -> None:
    """Points only disappear when the grid coarsens; between the ends none appears among the old ones."""
    short, long = logs_of(0, [length], [0]), logs_of(0, [length + more], [0])
    before, after = points(thin_steps(short, 100)), points(thin_steps(long, 100))
    assert {point for point in after if point[1] < length} <= {*before, *points(short)[:1]}


def test_about_as_many_points_as_asked_for() -> None:
    for length in range(401, 5000, 97):
        assert 190 < len(thin_steps(logs_of(0, [length], [0]), 400)) <= 400


def test_every_metric_is_picked_at_the_same_step() -> None:
    log = StepLog(0, 10, 1.5, {"loss": tuple(range(100)), "accuracy": tuple(range(100, 200))})
    for picked in thin_steps([log], 10):
        index = picked.first_step - 10
        assert picked.metrics == {"loss": (index,), "accuracy": (100 + index,)} and picked.seconds == 1.5


@given(step_logs(), st.integers(1, 500), st.lists(st.integers(0, 60)))
def test_steps_that_grow_are_thinned_as_at_once(logs: list[StepLog], max_points: int, looks: list[int]) -> None:
    thinner = Thinner(max_points)
    for end in sorted(looks):
        assert thinner.thin(logs[:end]) == thin_steps(logs[:end], max_points)


def test_what_was_picked_once_is_not_looked_for_again() -> None:
    thinner, logs = Thinner(100), logs_of(0, [50] * 40, [0] * 40)
    before = {id(log) for log in thinner.thin(logs)}
    after = thinner.thin([*logs, *logs_of(2000, [1], [0])])
    assert sum(id(log) not in before for log in after) == 1
