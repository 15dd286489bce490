"""Sentences of the Results page come from stored figures."""

import pytest

from lib.catalog.reported import REPORTED
from lib.measures.measured_words import words_of


@pytest.mark.parametrize("row_id", ["E1", "E2", "E3", "E4", "E5", "E6", "E7", "F1", "F2", "F3"])
def test_every_told_row_has_figures_and_a_date(row_id):
    assert any(row.id == row_id for row in REPORTED)
    told = words_of(row_id)
    assert any(character.isdigit() for character in told.text)
    assert told.date.startswith("20") and told.scale in ("as the report", "other network")


def test_nothing_is_told_without_a_measurement(tmp_path):
    assert words_of("E1", tmp_path) is None
    assert words_of("A1") is None
