"""What seeds say: spreads and tests against NumPy and SciPy, and sentences."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.catalog.experiments import Axis, Experiment
from lib.catalog.report_grids import EXPERIMENTS
from lib.measures.experiment_reading import reading
from lib.measures.figures import Figure, spread
from lib.measures.forecast import StepCost, cost_key, remaining, trial_seconds
from lib.measures.replicates import (
    LEVEL,
    TrialResult,
    band,
    by_cell,
    comparisons,
    holm,
    paired_differences,
    pairs_needed,
    sign_flip_p,
)
from lib.spec.runs import EpochLog

GRID = Experiment("grid", "A grid", "?", "a6_500_300", (Axis("l2", (0.0, 0.001)), Axis("activation", ("relu", "tanh"))),
                  tuple(range(6)))
values = st.floats(-1e3, 1e3, allow_nan=False)


def result(cell, seed, accuracy, state="finished"):
    return TrialResult(cell, seed, state, (EpochLog(0, 1, 1.0, {"val_accuracy": accuracy}),), {"test_accuracy": accuracy})


def grid_results(effect=0.01, noise=0.001):
    rng = np.random.default_rng(0)
    return [result(t.cell, t.seed, 0.9 + effect * (dict(t.cell)["l2"] > 0) + 0.02 * t.seed + noise * rng.normal())
            for t in GRID.trials()]


@given(st.lists(values, min_size=1, max_size=12))
def test_spread_is_numpys(numbers):
    s = spread(numbers)
    assert math.isclose(s.mean, np.mean(numbers), abs_tol=1e-9) and s.count == len(numbers)
    assert math.isclose(s.std, np.std(numbers, ddof=1) if len(numbers) > 1 else 0.0, abs_tol=1e-9)
    assert (s.low, s.high) == (min(numbers), max(numbers))


def test_bands_count_the_seeds_that_have_come_so_far():
    def history(count, start):
        return tuple(EpochLog(e, e, 1.0, {"val_accuracy": start + 0.1 * e}) for e in range(count))

    rows = band([history(3, 0.1), history(2, 0.3)], "val_accuracy")
    assert [(epoch, s.count) for epoch, s in rows] == [(1, 2), (2, 2), (3, 1)]
    assert rows[0][1].mean == pytest.approx(0.2) and rows[2][1].std == 0.0


@given(st.lists(values, min_size=1, max_size=9))
def test_flipping_signs_is_symmetric_and_a_probability(differences):
    p = sign_flip_p(differences)
    assert 0 < p <= 1
    assert p == pytest.approx(sign_flip_p([-d for d in differences]))
    assert p >= 2.0 ** (1 - len(differences)) - 1e-12


def test_flipping_signs_against_every_flip():
    differences = [0.3, 0.1, 0.25, -0.05, 0.4, 0.2]
    means = [abs(np.mean(np.multiply(differences, signs))) for signs in product((1, -1), repeat=6)]
    share = np.mean(np.array(means) >= abs(np.mean(differences)) - 1e-12)
    assert sign_flip_p(differences) == pytest.approx(share)
    assert sign_flip_p([0.0, 0.0, 0.0]) == sign_flip_p([0.5]) == 1.0 and sign_flip_p([0.1, 0.1, 0.1]) == 0.25


def test_six_pairs_can_show_one_difference_and_five_cannot():
    assert pairs_needed() == 6 and sign_flip_p([0.1] * 6) < 0.05 < sign_flip_p([0.1] * 5)
    for family in (2, 3, 10):
        fewest = pairs_needed(family)
        assert family * sign_flip_p([0.1] * fewest) <= 0.05 < family * 2.0 ** (2 - fewest)


def test_many_pairs_can_show_a_difference_among_any_number_of_comparisons():
    for family in (1, 600, 5000):
        assert family * sign_flip_p([0.1] * 20, family) < LEVEL


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_never_lowers(p_values):
    corrected = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, corrected, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0) and max(corrected) <= 1
    assert corrected[order[0]] == min(1.0, len(p_values) * min(p_values))


def test_pairs_are_alike_in_everything_else():
    results = grid_results(effect=0.01, noise=0.0)
    differences = paired_differences(results, "l2", 0.001, 0.0, "test_accuracy")
    assert len(differences) == 12 and np.allclose(differences, 0.01)
    assert paired_differences(results[:1], "l2", 0.001, 0.0, "test_accuracy") == []


def test_a_real_effect_is_found_and_chance_is_not():
    l2, activation = comparisons(grid_results(), GRID)
    assert (l2.axis, activation.axis, l2.family) == ("l2", "activation", 2)
    assert l2.is_clear and l2.difference == pytest.approx(-0.01, abs=0.002) and l2.pairs == 12
    assert not activation.is_clear
    lines = reading(GRID, grid_results())
    assert lines[0].startswith("Best: **0.001,")
    assert "Next is 0.001, " in lines[0] and "that could be chance (6 pairs, p = " in lines[0]
    assert "0.001 beats 0 by" in lines[1] and "no difference is more than chance" in lines[2]


def test_too_few_pairs_say_so_instead_of_no_difference():
    few = [r for r in grid_results(effect=0.2) if r.seed == 0]
    lines = reading(GRID, few)
    assert "2 pairs are too few to rule out chance, however large it is: 7 are needed among 2 comparisons" in lines[1]
    assert not any("no difference" in line for line in lines)


def test_cells_that_are_level_are_the_best_together():
    values = (0.0, 0.001, 0.01)
    grid = Experiment("grid", "A grid", "?", "a6_500_300", (Axis("l2", values),), (0,))
    figures = {0.0: 0.9, 0.001: 0.95, 0.01: 0.95}
    results = [TrialResult(cell, 0, metrics={grid.metric: figures[dict(cell)["l2"]]}) for cell in grid.cells()]
    best = reading(grid, results)[0]
    assert best.startswith("Best: **0.001** and **0.01** with 95.0 % (1 seed each). Next is 0, 5.0 points behind")
    assert reading(grid, results[1:])[0] == "Best so far: **0.001** and **0.01** with 95.0 % (1 seed each)."
    assert "needed among 1 comparison." in reading(grid, results[:2])[1]


def test_data_sets_are_compared_apart():
    grid = Experiment("grid", "A grid", "?", "a6_500_300",
                      (Axis("l2", (0.0, 0.001)), Axis("dataset", ("mnist", "fashion_mnist"))), tuple(range(8)))
    rng = np.random.default_rng(1)
    better = {"mnist": 0.05, "fashion_mnist": -0.05}
    results = []
    for trial in grid.trials():
        cell = dict(trial.cell)
        effect = better[cell["dataset"]] if cell["l2"] > 0 else 0.0
        results.append(result(trial.cell, trial.seed, 0.9 + effect + rng.normal(0, 0.001)))
    first, second = comparisons(results, grid)
    assert (first.data, second.data) == ("mnist", "fashion_mnist") and first.is_clear and second.is_clear
    assert first.difference < 0 < second.difference, "opposite effects do not cancel"


def test_a_diverged_trial_counts_at_its_result():
    cell = GRID.cells()[0]
    diverged = TrialResult(cell, 1, "failed", (), {"test_accuracy": 0.1, "diverged": 1.0})
    results = [result(cell, 0, 0.9), diverged]
    assert by_cell(results, "test_accuracy")[cell].mean == pytest.approx(0.5)
    assert "1 of 2 runs diverged" in reading(GRID, results)[-1]
    before = (EpochLog(0, 1, 1.0, {"val_accuracy": 0.97}),)
    diverged = TrialResult(cell, 1, "failed", before, {"val_accuracy": 0.1, "diverged": 1.0})
    assert diverged.value("val_accuracy") == diverged.value("best_val_accuracy") == 0.1, "not that of the epoch before"


def test_unfinished_failed_and_broken_trials_are_left_out():
    cell = GRID.cells()[0]
    results = [result(cell, 0, 0.5), result(cell, 1, 0.7, "running"), result(cell, 2, float("nan")),
               TrialResult(cell, 3, "failed")]
    assert by_cell(results, "test_accuracy")[cell].count == 1
    assert "1 of 4 runs failed" in reading(GRID, results)[-1]
    assert reading(GRID, results[1:2]) == []


def test_every_data_set_has_its_own_best():
    results = [result(cell, seed, 0.5 + index / 100) for index, cell in enumerate(EXPERIMENTS["a1"].cells())
               for seed in EXPERIMENTS["a1"].seeds]
    lines = reading(EXPERIMENTS["a1"], results)
    assert lines[0].startswith("Best on MNIST: **model 6, elu**") and lines[1].startswith("Best on Fashion-MNIST: **model 6")
    assert not any("Data set" in line for line in lines)
    unfinished = reading(EXPERIMENTS["a1"], results[:-1])
    assert unfinished[0] == lines[0] and unfinished[1].startswith("Best so far on Fashion-MNIST: **model 6")


def test_minutes_are_better_when_fewer():
    clock = EXPERIMENTS["d5"]
    results = [TrialResult(cell, 0, "finished", (), {"test_minutes": minutes})
               for cell, minutes in zip(clock.cells(), (9.0, 3.0, 40.0, 100.0), strict=True)]
    assert "72 classes** with 3.0 min" in reading(clock, results)[0]
    assert Figure("test_accuracy").spread_text(spread([0.98, 0.99])) == "98.5 % ± 0.7"


# --- forecasts ----------------------------------------------------------------------------


def test_forecasts_are_arithmetic_and_learn_from_what_is_done():
    trials = GRID.trials()
    estimates = {trial.digest: 10.0 for trial in trials}
    waiting = [TrialResult(t.cell, t.seed, "waiting", planned=4) for t in trials]
    assert remaining(trials, waiting, estimates).seconds == 240
    assert remaining(trials, waiting, estimates, workers=4).seconds == 60
    assert remaining(trials, waiting, {}).seconds is None and remaining(trials, waiting, {}).unknown == 24
    done = [TrialResult(trials[0].cell, 0, "finished"), *waiting[1:]]
    half = TrialResult(trials[1].cell, 0, "running", (EpochLog(0, 1, 1, {}), EpochLog(1, 2, 2, {})), planned=4)
    now = [done[0], half, *done[2:]]
    one = {trials[0].digest: 30.0}
    assert remaining(trials, now, estimates, spent=one).seconds == 22 * 10 + 5, "one trial is no measure of the others"
    three = {trial.digest: seconds for trial, seconds in zip(trials, (90.0, 30.0, 20.0), strict=False)}
    later = remaining(trials, now, estimates, spent=three)
    assert later.seconds == pytest.approx(3 * (22 * 10 + 5)) and later.trials == 23
    one_known = {trials[5].digest: 10.0}
    assert remaining(trials, waiting, one_known).seconds == pytest.approx(240)


def test_a_forecast_is_at_most_what_it_says():
    trials = GRID.trials()[:10]
    estimates = {trial.digest: 100.0 for trial in trials}
    waiting = [TrialResult(t.cell, t.seed, "waiting", planned=10) for t in trials]
    two_epochs = tuple(EpochLog(epoch, epoch, 1.0, {}) for epoch in range(2))
    early = [replace(result, state="finished", epochs=two_epochs) for result in waiting[:3]]
    spent = {trial.digest: 20.0 for trial in trials[:3]}
    assert remaining(trials, [*early, *waiting[3:]], estimates, spent=spent).seconds == pytest.approx(700), \
        "that some stopped early says nothing about the others"
    uneven = {trials[0].digest: 1000.0, trials[1].digest: 10.0}
    assert remaining(trials[:2], waiting[:2], uneven, workers=2).seconds == 1000, "one worker has the long one"


def test_costs_belong_to_sizes_not_to_rates():
    spec = GRID.spec(GRID.cells()[0])
    a6 = [EXPERIMENTS["a6_logarithmic"].spec(cell) for cell in EXPERIMENTS["a6_logarithmic"].cells()]
    assert len({cost_key(s) for s in a6}) == 1
    assert cost_key(spec) != cost_key(GRID.spec(GRID.cells()[2])), "a penalty is work"
    assert len({cost_key(EXPERIMENTS["a2"].spec(cell)) for cell in EXPERIMENTS["a2"].cells()}) == 1
    assert trial_seconds(a6[0], StepCost(2.0, 0.01, 0.001), 1280, 100, 1000) == pytest.approx(2 + 40 * (0.1 + 0.1) + 1)
