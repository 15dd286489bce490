"""Reported figures and what was measured: nothing is mixed and nothing generated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.presets import PRESETS
from lib.catalog.report_grids import EXPERIMENTS, QUEUE
from lib.catalog.reported import OTHER_UNITS, REPORTED, Reported, best_minutes, lines_of
from lib.measures.figures import spread
from lib.measures.measured import best_budget_rows, device_text, read_rows, row_cell, source_text, stored_results, write_rows
from lib.measures.results import (
    Measured,
    Scale,
    assumptions_about,
    assumptions_of,
    difference,
    figure_experiment,
    is_as_report,
    is_notable,
    light_rows,
    measured_of,
    measured_of_all,
    networks_of,
    reasons,
    reported_line,
    reported_text,
    reported_words,
    scale_counts,
    status_line,
    stored_rows,
)
from lib.spec.metrics import figure_title, metric_of


def figure(row_id):
    return next(row for row in REPORTED if row.id == row_id)


A6 = figure("A6.linear")
FACTORS = EXPERIMENTS["a6_linear"].axes[0].values


def stored(l2, seed, accuracy, images=54_000, epochs=40, **more):
    """A row of the weight decay sweep; as the report trained it unless images or epochs are cut."""
    experiment = EXPERIMENTS["a6_linear"]
    cut = replace(experiment, train_size=None if images == 54_000 else images, epochs=None if epochs == 40 else epochs)
    return {"experiment": "a6_linear", "cell": {"l2": l2}, "seed": seed, "data": "mnist", "train_images": images,
            "epochs": epochs, "epochs_asked": epochs, "val_accuracy": accuracy, "date": "2026-01-01", "device": "cpu",
            "test_images": 10_000, "digest": cut.spec((("l2", l2),), seed).digest, **more}


def test_every_reported_figure_names_an_experiment_or_says_words():
    assert len({row.id for row in REPORTED}) == len(REPORTED)
    for row in REPORTED:
        assert row.value is not None or row.text, row.id
        assert row.experiment in EXPERIMENTS or not (row.metric or row.experiment), row.id
        assert metric_of(row.metric) or row.metric in ("", "parameters", "best_epoch") or row.metric.startswith(
            ("test_", "val_", "train_")), row.id
        assert "_" not in figure_title(row.metric), row.id
        if row.experiment:
            experiment = EXPERIMENTS[row.experiment]
            assert row.system == experiment.system, row.id
            for name, value in row.cell:
                axis = experiment.axis(name)
                assert set(value if isinstance(value, tuple) else (value,)) <= set(axis.values), row.id
            assert set(networks_of(row)) <= {*PRESETS, *CLOCK_PRESETS}
    systems = {"A": 6, "B": 5, "C": 3, "D": 11, "E": 7, "F": 3}
    assert {row.system for row in REPORTED} == {f"{s}{n}" for s, count in systems.items() for n in range(1, count + 1)}


def test_every_network_of_a_report_says_what_is_assumed():
    for name, preset in {**PRESETS, **CLOCK_PRESETS}.items():
        assert bool(preset.assumed) == bool(preset.system), name
        assert assumptions_of(name) == preset.assumed


def test_nothing_stored_is_not_measured():
    assert all(measured_of(row, []) is None for row in REPORTED)


def test_the_best_of_several_needs_all_of_them_and_names_its_winner():
    rows = [stored(l2, seed, 0.97 + l2) for l2 in FACTORS for seed in (0, 1)]
    measured = measured_of(A6, rows)
    assert (measured.scale, measured.winner, measured.spread.count) == (Scale.REPORT, "L2 factor 0.001", 2)
    assert difference(A6, measured) == pytest.approx(0.971 - 0.9831)
    some = measured_of(A6, rows[:4])
    assert some.scale == Scale.REDUCED and some.cuts == ("2 of 5 networks",) and difference(A6, some) is None
    assert A6.winner == "L2 0.0005" and round(FACTORS[2], 4) == 0.0005


def test_figures_told_in_words_say_what_their_report_leaves_open():
    told = [row for row in REPORTED if row.system[0] in "EF"]
    assert told and all(assumptions_about(row) for row in told)
    row = figure("A1.best_mnist")
    assert any("He for tanh" in sentence for sentence in assumptions_about(row))
    assert len(assumptions_about(row)) == len(set(assumptions_about(row)))


def test_no_error_stands_as_minutes_that_cannot_be_minutes():
    assert {row.id for row in REPORTED} >= OTHER_UNITS and all(figure(row_id).why for row_id in OTHER_UNITS)
    assert best_minutes("sincos_time") is None and best_minutes("two_heads") == 3.1311
    row = figure("D7")
    assert difference(row, Measured(spread([20.0]), (), Scale.REPORT)) is None
    assert difference(replace(row, id="D6"), Measured(spread([20.0]), (), Scale.REPORT)) == pytest.approx(20 - 1.7273)
    assert reported_line(CLOCK_PRESETS["d7_sincos"].spec()) is None
    assert reported_line(CLOCK_PRESETS["d6_two_heads"].spec()) == (5.062, "report 001: 5.062 min")


def test_a_reported_line_is_of_the_same_split_and_names_another_number_of_epochs():
    assert reported_line(CLOCK_PRESETS["d8_classes_720_75"].spec()) is None
    assert reported_line(CLOCK_PRESETS["d8_classes_720_75_overlap"].spec()) == (2.17, "report 002: 2.17 min")
    spec = PRESETS["a3_baseline"].spec()
    assert reported_line(spec) == (0.874, "report 002: 87.4 %")
    assert reported_line(replace(spec, train=replace(spec.train, epochs=3))) == (0.874, "report 002, 30 epochs: 87.4 %")


def test_a_report_is_quoted_with_the_digits_that_it_printed():
    assert [reported_text(figure(row_id)) for row_id in (
        "D5.24.accuracy", "D8.720_75.accuracy", "B5.cnn1_003", "B3.cnn1", "D10.minutes_75", "D2.test", "D4.minutes")] == [
        "94.42 %", "51.75 %", "almost 75 %", "over 90 %", "14.95 to 14.99 min", "15.2369 min", "approximately 30 min"]
    assert "80.5 % validation accuracy on Fashion-MNIST after 3 epochs" in reported_words("b2_baseline")


def test_a_training_that_its_most_epochs_ended_says_so():
    row = next(row for row in stored_rows() if row["experiment"] == "d2" and row["scale"] == "full")

    def why(**changes):
        return reasons(figure("D2.test"), Measured(spread([30.0]), ({**row, **changes},), Scale.REPORT))

    assert "limit of 30 epochs before early stopping, still improving" in why(epochs=30, epochs_asked=30, best_epoch=30.0)
    assert why(epochs=30, epochs_asked=30, best_epoch=25.0).endswith("before early stopping")
    assert "early stopping" not in why(epochs=30, epochs_asked=30, best_epoch=20.0)
    assert "early stopping" not in why(epochs=25, epochs_asked=30, best_epoch=15.0)


def test_a_figure_that_was_printed_in_words_is_not_called_notably_different():
    far = Measured(spread([0.80, 0.801, 0.802]), (), Scale.REPORT)
    assert is_notable(figure("A6.none"), far) and not is_notable(figure("A4.default"), far)


def test_a_difference_is_notable_beyond_two_deviations_of_several_seeds():
    row = replace(A6, pick="mean", cell=(("l2", FACTORS[0]),), value=0.98)
    near = [stored(FACTORS[0], seed, value) for seed, value in enumerate((0.979, 0.981, 0.983))]
    far = [stored(FACTORS[0], seed, value) for seed, value in enumerate((0.959, 0.961, 0.963))]
    assert not is_notable(row, measured_of(row, near)) and is_notable(row, measured_of(row, far))
    assert not is_notable(row, measured_of(row, far[:1])), "one seed has no spread"


def test_budgets_are_never_mixed_and_cuts_are_named():
    rows = [stored(FACTORS[0], 0, 0.99, images=1000, epochs=2), stored(FACTORS[0], 0, 0.97, images=10_000, epochs=10)]
    assert best_budget_rows(rows) == rows[1:] and best_budget_rows([]) == []
    seeds = [rows[1], rows[0], {**rows[0], "seed": 1}]
    assert best_budget_rows(seeds) == rows[1:] and best_budget_rows(seeds, replicates_first=True) == seeds[1:]
    more = [*rows, stored(FACTORS[1], 0, 0.9, images=1000, epochs=2)]
    assert best_budget_rows(more) == [more[0], more[2]], "the budget that more cells have"
    measured = measured_of(A6, rows)
    assert measured.spread.mean == 0.97 and measured.scale == Scale.REDUCED
    assert measured.cuts == ("10,000 of 54,000 images", "10 of 40 epochs") and difference(A6, measured) is None
    exact = [stored(l2, 0, 0.9) for l2 in FACTORS]
    assert measured_of(A6, [*rows, *exact]).scale == Scale.REPORT, "the report's comes first"


def test_a_changed_network_or_a_part_of_the_test_images_is_not_as_the_report():
    row = stored(FACTORS[0], 0, 0.98)
    assert is_as_report(row)
    assert not is_as_report({**row, "digest": "0" * 12})
    assert not is_as_report({**row, "test_images": 1000})
    spec = EXPERIMENTS["a6_linear"].spec((("l2", FACTORS[0]),), 0)
    half = replace(spec, train=replace(spec.train, precision="mixed_bfloat16"))
    assert is_as_report({**row, "precision": "mixed_bfloat16", "digest": half.digest})


def test_other_data_does_not_count_and_a_diverged_training_does():
    assert measured_of(A6, [{**stored(FACTORS[0], 0, 0.5), "data": "digits"}]) is None
    diverged = {**stored(FACTORS[0], 0, 0.098), "state": "failed", "message": "The loss became nan."}
    measured = measured_of(replace(A6, pick="mean"), [diverged])
    assert measured.spread.mean == 0.098 and "1 of 1 runs diverged" in reasons(A6, measured)


def test_networks_of_the_permutation_page_are_other_networks():
    row = figure("C1.a1_model3_relu.mnist.permuted.test")
    measured = measured_of(row, [], light_rows())
    assert measured.scale == Scale.OTHER and "MLP 300-100, dropout twice" in reasons(row, measured)


def test_a_light_network_is_called_one():
    row = Reported("D2", "000", "x", "test_minutes", 15.0, light="circular", experiment="d2")
    light = {"light": "circular", "test_minutes": 20.0, "train_images": 5, "epochs": 3, "data": "clocks_wall_75"}
    measured = measured_of(row, [], [light])
    assert (measured.scale, difference(row, measured)) == (Scale.OTHER, None)
    assert "another network" in reasons(row, measured)
    cnn = figure("C1.b1_model4.mnist.permuted.test")
    assert measured_of(cnn, [], light_rows()).rows[0]["pixels"] == "permuted"


def test_the_counts_are_one_for_each_figure():
    counts = scale_counts(REPORTED, stored_rows(), light_rows())
    assert sum(counts.values()) == len(REPORTED)
    assert status_line() == ", ".join(f"{scale} {count}" for scale, count in counts.items())
    assert list(counts) == ["as the report", "reduced", "other network", "not measured"]


def test_reports_are_quoted_where_a_network_is_chosen():
    assert reported_words("b4_small_cnn") == "98.8 % test accuracy on MNIST"
    assert "87.4 % test accuracy on Fashion-MNIST" in reported_words("a3_baseline")
    assert reported_words("light_cnn") == ""
    assert ("Hinton", 0.9847) in lines_of("a6_logarithmic")


def test_the_figure_s_own_experiment_is_its_cells_only():
    experiment = figure_experiment(figure("A1.model3_mnist"))
    assert experiment.cells() == [(("model", 3), ("activation", "relu"), ("dataset", "mnist"))]


def test_the_queue_trains_every_experiment_of_the_reports():
    assert {name for group in QUEUE.values() for name, _ in group} == set(EXPERIMENTS)


def test_rows_survive_the_file(tmp_path):
    rows = [stored(FACTORS[0], 0, 0.99, history={"val_accuracy": [0.5, 0.99]})]
    write_rows(rows, tmp_path / "a" / "rows.json")
    assert read_rows(tmp_path / "a" / "rows.json") == rows and read_rows(tmp_path / "none.json") == []
    results, kept = stored_results(EXPERIMENTS["a6_linear"], rows)
    assert kept == rows and results[0].value("val_accuracy") == 0.99 and len(results[0].epochs) == 2
    assert row_cell(rows[0]) == (("l2", 1e-6),)
    assert source_text(rows) == ("54,000 training and 10,000 test images, 40 epochs, seed 0; measured 2026-01-01 on cpu.")
    assert [device_text(name) for name in ("cpu:0, x86_64, jax", "gpu:1", "2 CPU cores")] == [
        "CPU (x86_64, jax)", "GPU 1", "2 CPU cores"]


def test_the_shipped_rows_belong_to_the_grids():
    for row in read_rows():
        experiment = EXPERIMENTS[row["experiment"]]
        assert row_cell(row) in experiment.cells(), row["experiment"]
        assert row["state"] in ("finished", "failed") and row["date"] and row["device"] and row["epochs_asked"] > 0
        assert (row["scale"] == "full") == is_as_report(row) or row["data"] == "cifar10", row["digest"]


def test_all_figures_at_once_are_each_of_them():
    rows, lights = stored_rows(), light_rows()
    assert measured_of_all(REPORTED, rows, lights) == [measured_of(row, rows, lights) for row in REPORTED]
