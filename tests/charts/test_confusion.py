"""Confusion matrices against scikit-learn's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix as reference

from lib.charts.confusion import confusion_chart, confusion_rows
from lib.charts.theme import CELL_COLORS, MISTAKE_COLORS, TEXT_COLOR
from lib.measures.epoch_recording import confusion_matrix

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(pairs)
def test_counts_are_scikit_learns(pairs):
    labels, predictions = np.array(pairs).T
    np.testing.assert_array_equal(
        confusion_matrix(labels, predictions, 5), reference(labels, predictions, labels=range(5))
    )


@given(pairs)
def test_shares_of_each_true_class_add_up_to_one(pairs):
    labels, predictions = np.array(pairs).T
    rows = confusion_rows(confusion_matrix(labels, predictions, 5), "abcde")
    sums = rows.groupby("true")["share"].sum()
    for index, name in enumerate("abcde"):
        assert abs(sums[name] - float(index in labels)) < 1e-9
    assert rows["count"].sum() == len(labels)
    assert (rows["correct"] == (rows["true"] == rows["predicted"])).all()


def test_numbers_are_read_on_every_cell():
    spec = confusion_chart(confusion_rows(np.eye(3, dtype=int), "abc"), "abc").to_dict()
    right, wrong, text = spec["layer"][1:]
    assert right["encoding"]["color"]["scale"]["range"] == list(CELL_COLORS)
    assert wrong["encoding"]["color"]["scale"]["range"] == list(MISTAKE_COLORS)
    assert text["mark"]["color"] == TEXT_COLOR, "which both of them are for"


def test_a_cell_can_be_clicked():
    spec = confusion_chart(confusion_rows(np.eye(3, dtype=int), "abc"), "abc").to_dict()
    (selection,) = spec["params"]
    assert selection["name"] == "cell"
    assert selection["select"]["fields"] == ["true", "predicted"]
