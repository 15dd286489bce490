"""Stored figures of the load scripts are whole, where there are any."""

import json

import pytest

from lib.base.folders import MEASURED
from lib.ui.frame import PAGES


def stored(name):
    path = MEASURED / name
    if not path.exists():
        pytest.skip(f"no {name}: it is written by a script, on a machine that does nothing else")
    return json.loads(path.read_text())


def test_what_visitors_cost_is_well_formed():
    figures = stored("load.json")
    assert set(figures["viewers_cost"]) == {"1", "3", "10"}
    assert all(cost["lowest"] <= cost["median"] <= cost["highest"] < 1 for cost in figures["viewers_cost"].values())
    for pages in figures["page_seconds"].values():
        assert set(pages) == {"all", *(page.name for page in PAGES)}
        assert all(0 < times["median"] <= times["p95"] for times in pages.values())


def test_the_samples_of_long_use_are_well_formed():
    figures = stored("soak.json")
    assert figures["visits"] > 0 and figures["errors"] == []
    minutes = [sample["minute"] for sample in figures["samples"]]
    assert minutes == sorted(minutes) and minutes[-1] >= figures["minutes"]
    assert all(sample["memory_mb"] > 0 and sample["threads"] > 0 and sample["files"] > 0 for sample in figures["samples"])
