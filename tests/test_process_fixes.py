"""Three process-wide fixes that keep Streamlit's clean-up from stalling or breaking training."""

import os
import subprocess
import sys

import keras
import pytest
from keras.src.backend.common import global_state
from streamlit.runtime.scriptrunner import script_runner

from lib.models.runtime import prepare, protect_from_streamlit
from tests.conftest import ROOT


@pytest.fixture
def unprotected(monkeypatch):
    """Keras' own `clear_session`, as Streamlit finds it without our guard."""
    monkeypatch.setattr(keras.backend, "clear_session", keras.utils.clear_session)


def state_survives_streamlits_clean_up() -> bool:
    global_state.set_global_attribute("test_attribute", "alive")
    script_runner._clean_problem_modules()
    return global_state.get_global_attribute("test_attribute") == "alive"


def test_streamlits_clean_up_leaves_keras_alone(unprotected):
    protect_from_streamlit()
    assert state_survives_streamlits_clean_up()


def test_without_the_guard_it_drops_the_state_of_all_threads(unprotected):
    """Fails when Streamlit stops doing so: then the guard can go."""
    assert not state_survives_streamlits_clean_up()


def test_preparing_keras_installs_the_guard():
    prepare()
    assert keras.backend.clear_session is not keras.utils.clear_session


def run_python(code: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("STREAMLIT_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.strip()


def test_tensorflows_objects_are_out_of_the_garbage_collectors_sight():
    frozen, seen = run_python(
        "import gc; from lib.models.runtime import prepare; prepare(); print(gc.get_freeze_count(), len(gc.get_objects()))"
    ).split()
    assert int(frozen) > 100_000
    assert int(seen) < 20_000


@pytest.mark.parametrize(("option", "value"), [
    ("runner.postScriptGC", False), ("runner.magicEnabled", False), ("server.address", "127.0.0.1"),
    ("browser.gatherUsageStats", False), ("server.allowedHosts", ["localhost", "127.0.0.1"]),
    ("server.enableXsrfProtection", True), ("server.enableCORS", True),
])
def test_the_shipped_configuration_is_the_one_streamlit_sees(option, value):
    code = "from streamlit import config; config.get_config_options(force_reparse=True)"
    assert run_python(f"{code}; print(repr(config.get_option({option!r})))") == repr(value)
