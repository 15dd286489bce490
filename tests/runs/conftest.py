from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.runs import Runner, RunStore
from lib.spec.runs import Execute


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def store(home: Path) -> Iterator[RunStore]:
    store = RunStore(home)
    yield store
    store.close()


@pytest.fixture
def make_runner(store: RunStore) -> Iterator[Callable[..., Runner]]:
    made: list[Runner] = []

    def make(execute: Execute, workers: int = 1, flush_seconds: float = 1.0) -> Runner:
        made.append(Runner(store, execute, workers, flush_seconds))
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown()
