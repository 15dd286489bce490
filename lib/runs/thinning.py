"""Fewer points for a chart, each of them a measured one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lib.spec.runs import StepLog

_FEWEST = 3


def thin_steps(steps: Sequence[StepLog], max_points: int | None) -> tuple[StepLog, ...]:
    """At most `max_points` steps (at least 3; None for all) of `steps`, as they are when these are few enough.

    Otherwise one-step logs: the first step, the last, and every step whose number is a multiple of
    a power of two. Values are picked, never averaged, so every point is one that was measured; and
    because the grid is fixed, drawn points stay where they are while the run goes on.
    """
    if max_points is None or sum(log.count for log in steps) <= max_points:
        return tuple(steps)
    filled = [log for log in steps if log.count]
    first, last = filled[0].first_step, filled[-1].first_step + filled[-1].count - 1
    stride = _stride(last - first, max(_FEWEST, max_points))
    return tuple(_pick(log, step - log.first_step) for log in filled for step in _picked(log, stride, first, last))


def _stride(span: int, max_points: int) -> int:
    """The smallest power of two whose multiples within `span`, with both ends, are at most `max_points`."""
    stride = 1
    while span // stride + _FEWEST > max_points:
        stride *= 2
    return stride


def _picked(log: StepLog, stride: int, first: int, last: int) -> Iterator[int]:
    """The numbers of the log's steps that stay, ascending."""
    end = log.first_step + log.count
    grid = -(-log.first_step // stride) * stride
    if log.first_step <= first < end and first % stride:
        yield first
    yield from range(grid, end, stride)
    if log.first_step <= last < end and last % stride and last != first:
        yield last


def _pick(log: StepLog, index: int) -> StepLog:
    """The one step of `log` at `index`; its time is the log's, the only one that was taken."""
    metrics = {name: (values[index],) for name, values in log.metrics.items()}
    return replace(log, first_step=log.first_step + index, metrics=metrics)
