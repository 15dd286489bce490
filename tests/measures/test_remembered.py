"""Results that are kept for whoever asks the same again."""

import pandas as pd

from lib.base.remembered import MOST, remembered


def counted():
    calls = []

    @remembered
    def total(rows, factor=1):
        calls.append(factor)
        return int(rows["value"].sum()) * factor

    return total, calls


def test_the_same_table_is_the_same_question():
    total, calls = counted()
    for _ in range(3):
        assert total(pd.DataFrame({"value": [1, 2], "label": ["a", "b"]})) == 3
    assert len(calls) == 1


def test_another_value_name_or_argument_is_another_question():
    total, calls = counted()
    answers = [total(pd.DataFrame({"value": [1, 2]})), total(pd.DataFrame({"value": [1, 3]})),
               total(pd.DataFrame({"value": [1, 2]}), 2), total(pd.DataFrame({"value": [1, 2], "more": [0, 0]}))]
    assert (answers, len(calls)) == ([3, 4, 6, 3], 4)


def test_only_the_last_results_are_kept():
    total, calls = counted()
    rows = pd.DataFrame({"value": [1]})
    for factor in range(MOST + 1):
        total(rows, factor)
    total(rows, MOST)
    assert len(calls) == MOST + 1
    total(rows, 0)
    assert calls[-1] == 0 and len(calls) == MOST + 2
