"""Stored specs of every form are read, and mean what they meant."""

from __future__ import annotations

import json

import pytest

from lib.base.errors import SpecError
from lib.catalog.experiments import EXPERIMENT_MIGRATIONS, experiment_from_dict, experiment_to_dict
from lib.catalog.report_grids import EXPERIMENTS
from lib.spec.settings import DenoiseSettings
from lib.spec.specs import ArchitectureSpec, DenseSpec, RunSpec, run_from_dict, run_to_stored, to_dict
from lib.spec.stored import RUN_MIGRATIONS, upgraded, with_version

RUN = RunSpec(ArchitectureSpec((DenseSpec(4),)), task="denoise", settings=DenoiseSettings.given(noise="blur", level_low=0.1))


def plain(values):
    return json.loads(json.dumps(values))


def test_a_run_comes_back_from_its_stored_form():
    stored = plain(run_to_stored(RUN))
    assert stored["version"] == 1 + len(RUN_MIGRATIONS)
    assert run_from_dict(stored) == RUN and run_from_dict(stored).digest == RUN.digest


def test_a_run_of_the_first_form_opens_without_the_settings_that_its_task_never_read():
    first = plain(to_dict(RUN))
    first["settings"].append(["levle_high", 0.9])
    assert "version" not in first and run_from_dict(first) == RUN
    with pytest.raises(SpecError, match="no setting 'levle_high'"):
        run_from_dict(first | {"version": 2})


def test_a_run_of_the_first_form_may_lack_what_came_later():
    first = plain(to_dict(RunSpec(RUN.architecture)))
    for name in ("settings", "head", "task"):
        first.pop(name, None)
    first["train"].pop("precision", None)
    assert run_from_dict(first) == RunSpec(RUN.architecture)


@pytest.mark.parametrize("version", [99, 0, -1, "two", None, 1.5])
def test_a_form_of_another_version_is_said_to_be_one(version):
    with pytest.raises(SpecError, match="another version of Neural Lab"):
        run_from_dict(plain(to_dict(RUN)) | {"version": version})


def test_an_experiment_of_the_first_form_opens():
    experiment = next(iter(EXPERIMENTS.values()))
    first = plain(experiment_to_dict(experiment)) | {"reported": "98.31 %"}
    del first["version"]
    assert experiment_from_dict(first) == experiment
    with pytest.raises(SpecError, match="cannot be read"):
        experiment_from_dict(first | {"version": 1 + len(EXPERIMENT_MIGRATIONS)})


def test_every_step_is_taken_from_the_form_that_was_stored():
    steps = (lambda values: values | {"a": 1}, lambda values: values | {"b": values.get("a", 0) + 1})
    assert upgraded({"x": 0}, steps, "It") == {"x": 0, "a": 1, "b": 2}
    assert upgraded({"version": 2, "a": 5}, steps, "It") == {"a": 5, "b": 6}
    assert upgraded(with_version({"b": 7}, steps), steps, "It") == {"b": 7}
