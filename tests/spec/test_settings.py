"""Settings of tasks: typed, in range, stored as they were given."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.catalog.digits import SHIPPED
from lib.catalog.generative import GENERATIVE_PRESETS, generative_run
from lib.catalog.tasks import TASKS, check_monitor
from lib.spec.settings import CvaeSettings, DenoiseSettings, GanSettings, Settings, VaeSettings
from lib.spec.specs import ArchitectureSpec, DataSpec, DenseSpec, RunSpec, TrainSpec, run_from_dict, to_dict

STACK = ArchitectureSpec((DenseSpec(4),))


@pytest.mark.parametrize(("task", "pairs", "message"), [
    ("denoise", (("noise", "fog"),), "noise is out of range.*'salt_pepper'.*'fog'"),
    ("denoise", (("levl_low", 0.3),), "There is no setting 'levl_low'.*level_low"),
    ("classify", (("augment", "brush"),), "augment is out of range"),
    ("classify", (("latent", 3),), "no setting 'latent'"),
    ("cvae", (("latent", 0),), "whole number from 1 to 256.*0"), ("cvae", (("latent", 2.5),), "whole number"),
    ("reverse", (("inputs", "many"),), "inputs is out of range"), ("gan", (("average", 2),), "a number from 0 to 1"),
])
def test_a_typo_or_a_wrong_value_is_an_error_that_says_what_there_is(task, pairs, message):
    with pytest.raises(SpecError, match=message):
        RunSpec(STACK, task=task, settings=pairs)


@pytest.mark.parametrize("value", [10**400, -(10**400), math.nan, math.inf], ids=["huge", "-huge", "nan", "inf"])
def test_a_number_that_no_setting_can_be_is_a_sentence(value):
    for give in (lambda: GanSettings.given(average=value), lambda: CvaeSettings.given(latent_size=value)):
        with pytest.raises(SpecError, match="out of range"):
            give()


def test_what_was_given_is_stored_and_the_rest_is_the_default():
    pairs = GanSettings.given(augmentation=1.0, latent_size=64)
    assert pairs == (("augment", 1.0), ("latent", 64))
    read = RunSpec(STACK, task="gan", settings=pairs).options(GanSettings)
    assert (read.augmentation, read.latent_size, read.loss, read.decay) == (True, 64, "hinge", "")


@given(st.integers(1, 256), st.sampled_from(["", "cosine"]))
def test_settings_come_back_from_what_is_stored(size, decay):
    spec = RunSpec(STACK, task="cvae", settings=CvaeSettings.given(latent_size=size, decay=decay))
    again = run_from_dict(to_dict(spec))
    assert again.options(CvaeSettings) == CvaeSettings(latent_size=size, decay=decay) and again.digest == spec.digest


def test_one_name_is_another_setting_in_another_task():
    assert RunSpec(STACK, task="vae", settings=(("precision", 2.0),)).options(VaeSettings).pixel_weight == 2.0
    with pytest.raises(SpecError, match="precision"):
        DenoiseSettings.given(precision=2.0)


def test_a_task_of_another_version_keeps_what_it_stores():
    spec = RunSpec(STACK, task="telepathy", settings=(("depth", 3),))
    assert run_from_dict(to_dict(spec)) == spec and spec.own_settings == Settings()


@pytest.mark.parametrize(
    "spec", [*SHIPPED.values(), *(generative_run(name, DataSpec("cats")) for name in GENERATIVE_PRESETS)])
def test_every_spec_of_the_catalogue_is_read_by_its_task(spec):
    assert isinstance(spec.own_settings, TASKS[spec.task].settings)


@pytest.mark.parametrize(("task", "monitor", "fits"), [
    ("classify", "val_accuracy", True), ("classify", "val_minutes", False), ("clock", "val_minutes", True),
    ("gan", "val_loss", False), ("denoise", "val_psnr", True),
])
def test_early_stopping_watches_what_the_task_has(task, monitor, fits):
    spec = RunSpec(STACK, train=TrainSpec(patience=3, monitor=monitor), task=task)
    if fits:
        check_monitor(spec)
    else:
        with pytest.raises(SpecError, match="Early stopping watches"):
            check_monitor(spec)
