"""Runs beside each other in words."""

from dataclasses import replace

from lib.base.percent import percent_text, points_text
from lib.measures.comparison import best_words, group_labels, run_labels
from lib.spec.runs import RunRecord, RunState
from tests.fakes import tiny_run_spec


def record(name, spec=None, run_id="", **metrics):
    return RunRecord(run_id or f"id of {name}", name, spec or tiny_run_spec(), RunState.FINISHED, 0.0, metrics=metrics)


def with_rate(rate, seed=0):
    spec = tiny_run_spec(seed=seed)
    return replace(spec, train=replace(spec.train, learning_rate=rate))


def test_runs_alike_but_for_the_seed_share_a_label():
    records = [record("a", with_rate(0.1, 0)), record("b", with_rate(0.1, 1)), record("c", with_rate(0.2, 0))]
    assert group_labels(records) == ["learning rate 0.1", "learning rate 0.1", "learning rate 0.2"]


def test_where_only_the_seed_differs_it_is_the_label():
    assert group_labels([record("a", with_rate(0.1, 4)), record("b", with_rate(0.1, 7))]) == ["seed 4", "seed 7"]


def test_equal_runs_keep_apart_by_their_ids():
    records = [record("a", run_id="1234ab"), record("a", run_id="5678cd")]
    assert group_labels(records) == run_labels(records) == ["a (1234)", "a (5678)"]


def test_the_better_run_is_named_with_its_lead():
    slow, fast = record("slow", with_rate(0.1), test_accuracy=0.9), record("fast", with_rate(0.2), test_accuracy=0.926)
    words = best_words([slow, fast])
    assert words.startswith("fast has the best test accuracy, 92.6 %: 2.6 points better than slow.") and "luck" in words
    clocks = [record("a", with_rate(0.1), test_minutes=5.0), record("b", with_rate(0.2), test_minutes=9.0)]
    assert best_words(clocks).startswith("a has the best test error, 5.0 min: 4.0 min better than b.")
    assert best_words([record("a"), record("b")]) == ""


def test_accuracies_have_one_form():
    assert percent_text(0.98149) == "98.1 %" and percent_text(1) == "100.0 %"
    assert points_text(0.0042) == "0.4" and points_text(0.01, sign=True) == "+1.0"
    assert points_text(-0.0004, sign=True) == "-0.04", "not -0.0"
