"""The README says what is stored."""

import re

from scripts.readme_tables import TABLES, filled
from tests.conftest import ROOT


def test_every_measured_table_is_the_stored_one():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- measured: (\w+) -->", text)) == set(TABLES)
    assert filled(text) == text


def test_every_image_of_the_readme_is_there():
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / path).stat().st_size < 200_000
