"""Sentences of the Results page come from stored figures."""

import json

import pytest

from lib.catalog.digits import CLASSIFIERS
from lib.catalog.generative import GENERATIVE_PRESETS, REPORT_IMAGES
from lib.catalog.report_grids import EXPERIMENTS
from lib.catalog.reported import REPORTED
from lib.measures.measured import MEASURED, stored_figures
from lib.measures.measured_words import words_of


@pytest.mark.parametrize("row_id", ["A1.layers", "A1.activation", "A1.regularisation", "A6.spread", "C3",
                                    "D10.minute_head", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "F1", "F2", "F3"])
def test_every_told_row_has_figures_and_a_date(row_id):
    assert any(row.id == row_id for row in REPORTED)
    told = words_of(row_id)
    assert any(character.isdigit() for character in told.text)
    assert told.date.startswith("20") and told.scale in ("as the report", "reduced", "other network")


def test_nothing_is_told_without_a_measurement(tmp_path):
    assert words_of("E1", tmp_path) is None and words_of("C3", tmp_path) is None
    assert words_of("A1") is None


def test_the_reports_vae_counts_once_it_was_trained_as_long_as_there(tmp_path):
    def told(cards, epochs, images=REPORT_IMAGES):
        card = {"frechet": [300.0], "recall": [0.2], "sharpness": [0.25]}
        stored = {"cards": {name: card for name in cards}, "date": "2026-01-01", "history": {"f2_vae": [{}] * epochs},
                  "data": {"train": images}}
        (tmp_path / "cats.json").write_text(json.dumps(stored))
        return words_of("F2", tmp_path)

    whole = GENERATIVE_PRESETS["f2_vae"].train.epochs
    assert told(["vae_better"], 0).scale == "other network" and told(["vae_better"], 0).text.startswith("a better one")
    assert told(["vae_better", "f2_vae"], whole - 1).scale == "reduced"
    both = told(["vae_better", "f2_vae"], whole)
    assert both.scale == "as the report" and both.text.count("Fréchet") == 2 and "images" not in both.text
    fewer = told(["vae_better", "f2_vae"], whole, REPORT_IMAGES - 1)
    assert fewer.scale == "reduced" and f"{REPORT_IMAGES - 1:,} images" in fewer.text


def test_who_loses_to_a_permutation_is_said_of_the_reports_networks_once_both_are_there(tmp_path):
    def row(network, pixels, accuracy, **more):
        return {"network": network, "pixels": pixels, "data": "mnist", "test_accuracy": accuracy, "date": "2026-01-01",
                "experiment": "c1", "scale": "full", "cell": {"network": network, "pixels": pixels}, **more}

    def told(own):
        (tmp_path / "reproduced.json").write_text(json.dumps(own))
        return words_of("C3", tmp_path)

    light = [row("mlp_300_100", "original", 0.98), row("mlp_300_100", "permuted", 0.97),
             row("light_cnn_pool2", "original", 0.99), row("light_cnn_pool2", "permuted", 0.95)]
    (tmp_path / "permuted.json").write_text(json.dumps(light))
    mlp = [row("a1_model3_relu", "original", 0.98), row("a1_model3_relu", "permuted", 0.96)]
    first = told(mlp)
    assert first.scale == "other network" and first.text.startswith("CNNs lose more, as report 000 found")
    both = told([*mlp, row("b1_model4", "original", 0.99), row("b1_model4", "permuted", 0.98)])
    assert both.scale == "as the report" and both.text.startswith("MLPs lose more, as report 001 found")
    assert "MNIST 2.0" in both.text and "MNIST 1.0" in both.text
    (tmp_path / "permuted.json").unlink()
    assert told(mlp) is None


def test_groups_of_report_000s_mlps_are_compared_once_all_are_there(tmp_path):
    rows = [{"experiment": "a1", "scale": "full", "cell": dict(cell), "data": dict(cell)["dataset"], "date": "2026-01-01",
             "test_accuracy": 0.9 + (0.01 if dict(cell)["model"] % 2 else 0.0) + (0.02 if dict(cell)["model"] > 4 else 0.0)}
            for cell in EXPERIMENTS["a1"].cells()]
    (tmp_path / "reproduced.json").write_text(json.dumps(rows))
    assert words_of("A1.layers", tmp_path).text.count("9 of 9") == 2
    assert "Fashion-MNIST: L2 92.5 %, none 90.5 %, dropout 90.5 %" in words_of("A1.regularisation", tmp_path).text
    (tmp_path / "reproduced.json").write_text(json.dumps(rows[1:]))
    assert words_of("A1.layers", tmp_path) is None and words_of("A1.activation", tmp_path) is None


def test_the_factor_of_the_widest_spread_is_named_beside_the_best(tmp_path):
    values = {0.001: (0.97, 0.97), 0.0005: (0.97, 0.99), 1e-6: (0.985, 0.985)}
    rows = [{"experiment": "a6_linear", "scale": "full", "cell": {"l2": factor}, "val_accuracy": value, "date": "2026-01-01"}
            for factor, pair in values.items() for value in pair]
    (tmp_path / "reproduced.json").write_text(json.dumps(rows))
    assert words_of("A6.spread", tmp_path).text.startswith("at 0.0005, not at the best, 1e-06: ")


def test_figures_that_stand_side_by_side_were_read_by_one_network():
    """A table or chart of ways to clean or to generate says nothing where two classifiers judged them."""
    for section, rows in json.loads((MEASURED / "digits.json").read_text()).items():
        read_by: dict[str, set[str]] = {}
        for row in rows:
            if "classifier" in row:
                read_by.setdefault(row.get("data", ""), set()).add(row["classifier"])
        assert all(len(names) == 1 for names in read_by.values()), (section, read_by)
    stored = stored_figures("digits", None)
    judged = {row["classifier"] for section in ("noise", "mixed_pairs", "inventions") for row in stored[section]
              if row.get("data", "mnist") == "mnist"}
    assert judged == {CLASSIFIERS["mnist"]}, "the pages call it our classifier"
