"""Lines to measure a run against: of its own data set only, with their sources."""

from dataclasses import replace

import pytest

from lib.catalog.best_known import BEST_KNOWN
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.presets import PRESETS
from lib.datasets.registry import DATASETS
from lib.measures.record_lines import best_here_words, best_stored, record_lines
from lib.spec.permutations import PermutationSpec
from lib.spec.runs import RunRecord, RunState
from lib.spec.settings import DenoiseSettings
from lib.spec.specs import DataSpec, RunSpec

ARCHITECTURE = PRESETS["a1_model3_relu"].architecture
SPEC = RunSpec(ARCHITECTURE, DataSpec("mnist"))


def run(run_id, accuracy, state=RunState.FINISHED, images=10_000.0, data=SPEC.data, **more):
    return RunRecord(run_id, f"run {run_id}", replace(SPEC, data=data), state, 0.0,
                     metrics={"test_accuracy": accuracy, "test_images": images, **more})


def test_a_run_is_measured_against_the_report_the_best_run_here_and_the_best_known():
    lines = {line.name: line for line in record_lines(SPEC, [run("a", 0.97), run("b", 0.985)], "own")}
    assert lines["report"].value == 0.98 and "report 000" in lines["report"].label
    assert lines["best_here"].value == 0.985 and "98.5 %" in lines["best_here"].label
    assert lines["best_known"].value == 0.9991 and "An et al. 2020" in lines["best_known"].label


def test_other_images_have_other_lines():
    digits = replace(SPEC, data=DataSpec("digits"))
    assert record_lines(digits, [run("a", 0.97)]) == ()
    permuted = replace(SPEC, data=DataSpec("mnist", permutation=PermutationSpec("full", seed=1)))
    assert "best_known" not in {line.name for line in record_lines(permuted, [run("a", 0.97)])}
    assert best_stored(permuted, [run("a", 0.97)]) is None
    assert record_lines(replace(SPEC, task="clock"), [run("a", 0.97)]) == ()
    assert record_lines(replace(SPEC, task="gan"), [run("a", 0.97)]) == ()
    assert record_lines(replace(SPEC, task="of another version"), [run("a", 0.97)]) == ()


def other(run_id, spec, **metrics):
    return RunRecord(run_id, f"run {run_id}", spec, RunState.FINISHED, 0.0, metrics={"test_images": 100.0, **metrics})


def test_a_clock_network_is_measured_in_minutes_of_which_fewer_are_better():
    preset = CLOCK_PRESETS["d6_two_heads"]
    spec = RunSpec(preset.architecture, preset.data, preset.train, task="clock", head=preset.head)
    lines = record_lines(spec, [other("a", spec, test_minutes=3.456), other("b", spec, test_minutes=12.0)])
    assert [(line.name, line.value, line.metric) for line in lines] == [
        ("report", 5.062, "minutes"), ("best_here", 3.456, "minutes")]
    assert "5.062 min" in lines[0].label and lines[1].label == "best run here: 3.5 min"
    elsewhere = replace(spec, data=DataSpec("clocks_wall_75"))
    assert record_lines(elsewhere, [other("a", spec, test_minutes=3.0)]) == ()


def test_a_denoiser_is_measured_in_decibels_against_those_that_had_the_same_noise():
    spec = RunSpec(ARCHITECTURE, DataSpec("mnist"), task="denoise", settings=DenoiseSettings.given(noise="gaussian"))
    less = replace(spec, settings=DenoiseSettings.given(noise="gaussian", level_high=0.1, level_low=0.1))
    (line,) = record_lines(spec, [other("a", spec, test_psnr=19.3), other("b", spec, test_psnr=18.0),
                                  other("c", less, test_psnr=30.0)])
    assert (line.value, line.label, line.metric) == (19.3, "best run here: 19.3 dB", "psnr")


@pytest.mark.parametrize("other", [
    run("b", 0.99, RunState.STOPPED), run("b", 0.99, RunState.FAILED), run("b", 0.99, images=500.0),
    run("b", 0.99, data=DataSpec("mnist", overlap=0.1)), run("b", 0.99, diverged=1.0),
    run("b", 0.99, data=DataSpec("digits")),
], ids=["stopped", "failed", "fewer test images", "trained on test images", "diverged", "other images"])
def test_only_finished_runs_that_were_judged_alike_count(other):
    best = best_stored(SPEC, [run("a", 0.9), other])
    assert best is not None and best.id == "a"


def test_the_best_run_here_has_no_line_below_itself_and_a_sentence():
    better, worse = run("a", 0.97), run("b", 0.95)
    assert "best_here" not in {line.name for line in record_lines(SPEC, [better, worse], "a")}
    assert "the best one here" in best_here_words(better, [better, worse])
    lines = {line.name: line for line in record_lines(SPEC, [better, worse], "b")}
    assert lines["best_here"].value == 0.97 and best_here_words(worse, [better, worse]) == ""
    assert best_here_words(better, [better]) == "", "there is none to compare it with"
    level = run("c", 0.97)
    assert best_here_words(level, [better, level]), "none is better"
    assert "best_here" not in {line.name for line in record_lines(SPEC, [better, level], "c")}


def test_best_known_figures_are_of_data_sets_of_this_lab_and_have_sources():
    assert set(BEST_KNOWN) <= set(DATASETS)
    for known in BEST_KNOWN.values():
        assert 0.5 < known.accuracy < 1 and known.link.startswith("https://arxiv.org/abs/") and known.source[-4:].isdigit()
