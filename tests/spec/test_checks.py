"""Checks of single values: what counts as a number, and what a message says."""

import math

import pytest

from lib.base.errors import SpecError
from lib.spec.checks import checked_pairs, is_number, is_whole, require_choice, require_float, require_int


@pytest.mark.parametrize(("value", "whole", "number"), [
    (3, True, True), (3.0, False, True), (0.5, False, True), (True, False, False), ("3", False, False), (None, False, False),
    (math.nan, False, False), (math.inf, False, False),
    pytest.param(10**400, True, False, id="huge"), pytest.param(-(10**400), True, False, id="-huge"),
])
def test_what_is_a_number(value, whole, number):
    assert (is_whole(value), is_number(value)) == (whole, number)


def test_a_message_says_the_range_and_what_came():
    require_int("Units", 1, 1, 64)
    require_float("Rate", 1, 0, 1)
    require_choice("Padding", "same", ("same", "valid"))
    for check, expected in ((lambda: require_int("Units", 65, 1, 64), "a whole number from 1 to 64. Received: 65"),
                            (lambda: require_float("Rate", math.nan, 0, 1), "a number from 0 to 1. Received: nan"),
                            (lambda: require_float("Rate", 10**400, 0, 1), "a number from 0 to 1. Received: 1000"),
                            (lambda: require_choice("Padding", 1, ("same", "valid")), "one of same, valid. Received: 1")):
        with pytest.raises(SpecError, match=f"is out of range. Expected: {expected}."):
            check()


def test_pairs_are_sorted_and_each_name_is_once():
    assert checked_pairs("Setting", [["rate", 0.5], ("kind", "cosine")]) == (("kind", "cosine"), ("rate", 0.5))
    for bad in (None, "ab", [("a",)], [("", 1)], [("a", None)], [("a", True)], [("a", math.inf)], [("a", 1), ("a", 2)],
                [("a", 10**400)]):
        with pytest.raises(SpecError, match="Setting"):
            checked_pairs("Setting", bad)
