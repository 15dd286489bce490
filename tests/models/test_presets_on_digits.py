"""Every classifier preset, trained with its defaults on the smallest data set: good, or the page says why not."""

import json
import math

import pytest

from lib.base.folders import MEASURED
from lib.catalog.presets import PRESETS
from lib.measures.diagnosis import why_so_low
from lib.spec.specs import DataSpec, RunSpec

STORED = json.loads((MEASURED / "presets_on_digits.json").read_text())
#: What a network of this lab or of a report reaches on 1,350 digits at least, when it learns at all.
SENSIBLE = 0.8
IMAGES = 1350


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_good_on_digits_or_the_page_says_why_not(name):
    spec = RunSpec(PRESETS[name].architecture, DataSpec("digits"), PRESETS[name].train)
    row = STORED.get(name)
    if row is None or row["digest"] != spec.digest:
        pytest.skip("not trained yet: python scripts/check_presets.py")
    steps = spec.train.epochs * math.ceil(IMAGES / spec.train.batch_size)
    words = why_so_low(row["test_accuracy"], 10, spec, steps)
    assert row["test_accuracy"] > SENSIBLE or "softmax" in words or "steps are few" in words, row
