"""Fewer points for a chart, each of them a measured one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib.spec.runs import StepLog

_FEWEST = 3


def thin_steps(steps: Sequence[StepLog], max_points: int | None) -> tuple[StepLog, ...]:
    """At most `max_points` steps (at least 3; None for all) of `steps`, as they are when these are few enough.

    Otherwise one-step logs: the first step, the last, and every step whose number is a multiple of
    a power of two. Values are picked, never averaged, so every point is one that was measured; and
    because the grid is fixed, drawn points stay where they are while the run goes on.
    """
    return tuple(steps) if max_points is None else Thinner(max_points).thin(steps)


class Thinner:
    """`thin_steps` for steps that grow: what was picked once is not looked for again."""

    def __init__(self, max_points: int) -> None:
        self._most = max_points
        self._counted = self._count = self._searched = 0
        self._filled: list[StepLog] = []
        self._stride = 1
        self._grid: list[StepLog] = []

    def thin(self, steps: Sequence[StepLog]) -> tuple[StepLog, ...]:
        """What `thin_steps` gives for `steps`, which begin with those of the last call."""
        for log in steps[self._counted :]:
            if log.count:
                self._filled = [*self._filled[:1], log]  # the first and the last one
                self._count += log.count
        self._counted = len(steps)
        if self._count <= self._most:
            return tuple(steps)
        first, last = self._filled[0], self._filled[-1]
        end = last.first_step + last.count - 1
        self._pick_up_to(steps, _stride(end - first.first_step, max(_FEWEST, self._most)))
        before = [] if first.first_step % self._stride == 0 else [_pick(first, 0)]
        after = [] if end % self._stride == 0 or end == first.first_step else [_pick(last, last.count - 1)]
        return (*before, *self._grid, *after)

    def _pick_up_to(self, steps: Sequence[StepLog], stride: int) -> None:
        """Have the grid's steps of all of `steps`."""
        if stride != self._stride:
            self._grid = [log for log in self._grid if log.first_step % stride == 0]
            self._stride = stride
        for log in steps[self._searched :]:
            self._grid += [_pick(log, step - log.first_step) for step in _on_grid(log, stride)]
        self._searched = len(steps)


def _stride(span: int, max_points: int) -> int:
    """The smallest power of two whose multiples within `span`, with both ends, are at most `max_points`."""
    stride = 1
    while span // stride + _FEWEST > max_points:
        stride *= 2
    return stride


def _on_grid(log: StepLog, stride: int) -> range:
    """The numbers of the log's steps that are multiples of `stride`."""
    return range(-(-log.first_step // stride) * stride, log.first_step + log.count, stride)


def _pick(log: StepLog, index: int) -> StepLog:
    """The one step of `log` at `index`; its time is the log's, the only one that was taken."""
    metrics = {name: (values[index],) for name, values in log.metrics.items()}
    return replace(log, first_step=log.first_step + index, metrics=metrics)
