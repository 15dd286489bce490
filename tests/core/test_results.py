"""Reported figures and what was measured: nothing is mixed and nothing invented."""

from __future__ import annotations

import pytest

from lib.core.measured import best_budget_rows, read_rows, row_cell, source_text, stored_results, write_rows
from lib.core.report_grids import EXPERIMENTS
from lib.core.results import REPORTED, Reported, difference, measured_of, reasons

A6 = next(row for row in REPORTED if row.id == "A6.best")


def stored(l2, seed, accuracy, images=54_000, epochs=40, **more):
    return {"experiment": "a6_logarithmic", "cell": {"l2": l2}, "seed": seed, "data": "mnist", "train_images": images,
            "epochs": epochs, "epochs_asked": epochs, "val_accuracy": accuracy, "date": "2026-01-01", "device": "cpu",
            "test_images": 10_000, **more}


def test_every_reported_figure_names_an_experiment_or_says_words():
    assert len({row.id for row in REPORTED}) == len(REPORTED)
    for row in REPORTED:
        assert row.value is not None or row.text, row.id
        assert (row.experiment in EXPERIMENTS) == bool(row.metric), row.id
        if row.experiment:
            experiment = EXPERIMENTS[row.experiment]
            assert row.system == experiment.system or row.id == "A4.cifar10", row.id
            for name, value in row.cell:
                axis = experiment.axis(name)
                assert set(value if isinstance(value, tuple) else (value,)) <= set(axis.values), row.id
    systems = {"A": 6, "B": 5, "C": 2, "D": 11, "E": 7, "F": 3}
    assert {row.system for row in REPORTED} == {f"{s}{n}" for s, count in systems.items() for n in range(1, count + 1)}


def test_nothing_stored_is_not_measured():
    assert all(measured_of(row, []) is None for row in REPORTED)


def test_the_best_cell_is_picked_by_its_mean():
    rows = [stored(1e-6, 0, 0.97), stored(1e-6, 1, 0.99), stored(1e-3, 0, 0.985), stored(1e-3, 1, 0.985)]
    measured = measured_of(A6, rows)
    assert measured.spread.mean == pytest.approx(0.985) and measured.spread.count == 2 and measured.is_full
    assert difference(A6, measured) == pytest.approx(0.985 - 0.9831)
    assert reasons(A6, measured).startswith("validation here is")


def test_budgets_are_never_mixed_and_cuts_are_named():
    rows = [stored(1e-6, 0, 0.99, images=1000, epochs=2), stored(1e-6, 0, 0.97, images=10_000, epochs=10)]
    assert best_budget_rows(rows) == rows[1:] and best_budget_rows([]) == []
    seeds = [rows[1], rows[0], {**rows[0], "seed": 1}]
    assert best_budget_rows(seeds) == rows[1:] and best_budget_rows(seeds, replicates_first=True) == seeds[1:]
    more = [*rows, stored(1e-3, 0, 0.9, images=1000, epochs=2)]
    assert best_budget_rows(more) == [more[0], more[2]], "the budget that more cells have"
    own = [{**stored(0.0, 0, 0.9, epochs=epochs), "experiment": "a3", "cell": {"change": change}}
           for change, epochs in (("baseline", 30), ("epochs_40", 40))]
    assert best_budget_rows(own) == own, "cells of the report may differ in their own epochs"
    measured = measured_of(A6, rows)
    assert measured.spread.mean == 0.97 and not measured.is_full
    assert measured.cuts == ["10,000 of 54,000 images", "10 of 40 epochs"]


def test_failed_rows_and_other_data_do_not_count():
    rows = [stored(1e-6, 0, 0.5, state="failed"), {**stored(1e-6, 0, 0.5), "data": "digits"}]
    assert measured_of(A6, rows) is None


def test_older_files_are_found_by_the_networks_name():
    row = next(r for r in REPORTED if r.id == "C1.a1_model3_relu.mnist.permuted")
    old = {"network": "a1_model3_relu", "data": "mnist", "pixels": "permuted", "seed": 0, "train_images": 54_000,
           "epochs": 20, "test_accuracy": 0.97, "date": "2026-01-01", "device": "cpu"}
    assert measured_of(row, [old, {**old, "pixels": "original", "test_accuracy": 0.5}]).spread.mean == 0.97
    assert measured_of(row, [old]).cuts == ["20 of at most 200 epochs"]


def test_a_light_network_is_called_one():
    row = Reported("D2", "000", "x", "test_minutes", 15.0, head="circular", experiment="d2")
    light = {"head": "circular", "test_minutes": 20.0, "train_images": 5, "epochs": 3, "data": "clocks_wall_75"}
    measured = measured_of(row, [], [light])
    assert measured.light and not measured.is_full and "light network" in reasons(row, measured)


def test_rows_survive_the_file(tmp_path):
    rows = [stored(1e-6, 0, 0.99, history={"val_accuracy": [0.5, 0.99]})]
    write_rows(rows, tmp_path / "a" / "rows.json")
    assert read_rows(tmp_path / "a" / "rows.json") == rows and read_rows(tmp_path / "none.json") == []
    results, kept = stored_results(EXPERIMENTS["a6_logarithmic"], rows)
    assert kept == rows and results[0].value("val_accuracy") == 0.99 and len(results[0].epochs) == 2
    assert row_cell(rows[0]) == (("l2", 1e-6),)
    assert source_text(rows) == ("54,000 training and 10,000 test images, 40 epochs, seed 0; measured 2026-01-01 on cpu.")


def test_the_shipped_rows_belong_to_the_grids():
    for row in read_rows():
        experiment = EXPERIMENTS[row["experiment"]]
        assert row_cell(row) in experiment.cells(), row["experiment"]
        assert row["state"] in ("finished", "failed") and row["date"] and row["device"] and row["epochs_asked"] > 0
