"""Every page test has a run folder, a runner and a session of its own, and trains nothing real unless it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.measures.forecast import StepCost
from lib.runs import Runner, RunStore
from lib.ui import cookies, loading
from lib.ui.experiments.forecast import Calibrator
from lib.ui.lab import lab
from tests.conftest import ROOT

ROUTER = ROOT / "lib" / "ui" / "router" / "main.py"


@pytest.fixture
def use_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Runner]]:
    """`use_runner(execute)` makes the app's one runner train with `execute`."""
    monkeypatch.setenv("NEURAL_LAB_HOME", str(tmp_path / "runs"))
    made: list[Runner] = []

    def use(execute: Callable, **options: int) -> Runner:
        made.append(Runner(RunStore(tmp_path / "runs"), execute, **options))
        lab().use(runner=made[-1])
        return made[-1]

    # No TensorFlow warm-up beside the tests.
    lab().use(background=None, calibrator=Calibrator(lambda spec, info: StepCost(0.5, 0.01, 0.0001)))
    yield use
    calibrator = lab().release("calibrator")
    if calibrator is not None:
        calibrator.close()  # it would make a store of its own once this one is gone
    for name in ("runner", "viewers"):
        lab().release(name)
    sweeps = lab().release("sweeps")
    if sweeps is not None:
        sweeps.shutdown(timeout=20)
        sweeps.store.close()
    for runner in made:
        runner.shutdown(timeout=20)
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """`open_page("train", net="light_cnn")` opens a page through the router, with a query string.

    What its browser keeps is `app.session_state["cookies"]`, by name.
    """
    monkeypatch.setenv("NEURAL_LAB_DATA", str(tmp_path / "no data"))
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "")  # as if every mirror could be reached
    monkeypatch.setattr(loading, "WAIT_FOR_BROWSER", False)
    monkeypatch.setattr(cookies, "_sent", lambda name: st.session_state.get("cookies", {}).get(name, ""))
    monkeypatch.setattr(loading, "GRACE_SECONDS", 60.0)  # pages wait for their networks, unless a test says otherwise

    def open_(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(ROUTER, default_timeout=60).run()
        for key, value in query.items():
            app.query_params[key] = value
        return app.switch_page(str(ROOT / "pages" / f"{name}.py")).run()

    return open_
