"""The README says what is stored."""

import importlib
import operator
import re

from scripts.readme_tables import TABLES, filled
from tests.conftest import ROOT
from tests.test_architecture import ORDER


def test_every_measured_table_is_the_stored_one():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"<!-- measured: (\w+) -->", text)) == set(TABLES)
    assert filled(text) == text


def test_every_image_of_the_readme_is_there():
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / path).stat().st_size < 200_000


def test_the_map_has_every_folder_in_the_order_of_the_imports():
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Map of the code\n\n```\n")[2].partition("```")[0]
    named = [line.split()[0].rstrip("/") for line in text.splitlines()]
    assert [name.removeprefix("lib/") for name in named if name.startswith("lib/")] == list(ORDER)
    assert {path.parent.name for path in ROOT.glob("lib/*/__init__.py")} == set(ORDER)
    assert all((ROOT / name).exists() for name in named)
    assert {path.parent.name for path in ROOT.glob("*/*.py")} - {"lib"} <= set(named)


def test_the_walk_from_the_button_to_the_worker_names_what_there_is():
    steps = re.findall(r"`(lib/[\w/]+\.py):([\w.]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(steps) > 5
    for path, name in steps:
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        assert callable(operator.attrgetter(name)(module)), f"{path}:{name}"
