"""Sentences of the Results page come from stored figures."""

import json

import pytest

from lib.catalog.digits import CLASSIFIERS
from lib.catalog.generative import GENERATIVE_PRESETS
from lib.catalog.reported import REPORTED
from lib.measures.measured import MEASURED, stored_figures
from lib.measures.measured_words import words_of


@pytest.mark.parametrize("row_id", ["E1", "E2", "E3", "E4", "E5", "E6", "E7", "F1", "F2", "F3"])
def test_every_told_row_has_figures_and_a_date(row_id):
    assert any(row.id == row_id for row in REPORTED)
    told = words_of(row_id)
    assert any(character.isdigit() for character in told.text)
    assert told.date.startswith("20") and told.scale in ("as the report", "reduced", "other network")


def test_nothing_is_told_without_a_measurement(tmp_path):
    assert words_of("E1", tmp_path) is None
    assert words_of("A1") is None


def test_the_reports_vae_counts_once_it_was_trained_as_long_as_there(tmp_path):
    def told(cards, epochs):
        card = {"frechet": [300.0], "recall": [0.2], "sharpness": [0.25]}
        stored = {"cards": {name: card for name in cards}, "date": "2026-01-01", "history": {"f2_vae": [{}] * epochs}}
        (tmp_path / "cats.json").write_text(json.dumps(stored))
        return words_of("F2", tmp_path)

    whole = GENERATIVE_PRESETS["f2_vae"].train.epochs
    assert told(["vae_better"], 0).scale == "other network" and told(["vae_better"], 0).text.startswith("a better one")
    assert told(["vae_better", "f2_vae"], whole - 1).scale == "reduced"
    both = told(["vae_better", "f2_vae"], whole)
    assert both.scale == "as the report" and both.text.count("Fréchet") == 2


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
