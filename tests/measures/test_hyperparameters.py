"""What runs were trained with as axes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.measures.figures import FIGURES
from lib.measures.hyperparameters import dimension, figure_dimension, spec_dimensions
from lib.spec.runs import RunRecord, RunState
from tests.many_runs import made_spec


@pytest.mark.parametrize(("texts", "kind", "steps"), [
    (["0.1", "0.2"], "number", ["0.1", "0.2"]), (["0.0001", "0.1"], "log", ["0.0001", "0.1"]),
    (["1,000", "500"], "number", ["500", "1000"]), (["all", "500", "1,000"], "words", ["1,000", "500", "all"]),
    (["64-10", "128-10"], "words", ["64-10", "128-10"]), (["²", "nan"], "words", ["nan", "²"]),
    (["0", "100"], "number", ["0", "100"]),
])
def test_texts_become_numbers_where_all_of_them_are(texts, kind, steps):
    made = dimension("images", texts)
    assert made.kind == kind and made.steps == steps


def test_no_dropout_is_a_rate_of_nought():
    assert dimension("dropout", ["none", "0.5"]).values == (0.0, 0.5)
    assert dimension("patience", ["none", "5"]).kind == "words"


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6), st.sampled_from(["a", "b7", "b12"])), min_size=1, max_size=12))
def test_every_value_has_a_place_on_its_axis_in_order(values):
    made = dimension("x", values)
    shares = [made.share(value) for value in made.values]
    assert [share is None for share in shares] == [value is None for value in made.values]
    there = [share for share in shares if share is not None]
    assert all(0 <= share <= 1 for share in there)
    if made.kind != "words":
        pairs = sorted((float(value), share) for value, share in zip(made.values, shares, strict=True) if value is not None)
        assert [share for _, share in pairs] == sorted(share for _, share in pairs)


def test_only_what_differs_is_a_dimension_and_what_a_run_lacks_is_nothing():
    first, second = made_spec(0), replace(made_spec(0), seed=5, settings=(("drawn", 16),))
    records = [RunRecord(str(n), "", spec, RunState.FINISHED, 0.0, metrics={"test_loss": float(n)})
               for n, spec in enumerate((first, second))]
    found = spec_dimensions(records)
    assert set(found) == {"seed", "drawn"} and found["drawn"].values == (None, 16.0)
    assert figure_dimension(records, FIGURES["test_loss"]).ends == (0.0, 1.0)
