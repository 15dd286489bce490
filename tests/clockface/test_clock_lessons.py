"""The demonstrations of the clock page say what its text says."""

import numpy as np
import pytest

from lib.clockface.lessons import ABOUT_TWELVE, absolute_slope, circular_slope, constant_rows, regression_rows


def test_about_twelve_every_number_between_is_as_good_for_the_absolute_error():
    rows = {words: (mae, circle, pull) for words, mae, circle, pull in regression_rows()}
    assert rows["3:00"][0] == rows["6:00"][0] == rows["9:00"][0] and rows["6:00"][2] == "nowhere"
    assert rows["6:00"][1] == pytest.approx(355, abs=1) and rows["12:00"][1] < 6


def test_a_constant_has_no_slope_on_the_circle_and_one_on_the_line():
    for words, _, slope, circle, flat in constant_rows():
        assert circle == pytest.approx(180) and flat == pytest.approx(0, abs=1e-9)
        assert (slope == pytest.approx(0, abs=0.01)) == (words == "6:00")


@pytest.mark.parametrize("prediction", [100.3, 400.7])
def test_slopes_are_those_of_the_errors(prediction):
    from lib.clockface import circular_error

    def mean(at, circular):
        errors = circular_error(ABOUT_TWELVE, np.full(20, at % 720)) if circular else np.abs(ABOUT_TWELVE - at)
        return errors.mean()

    for circular, slope in ((False, absolute_slope), (True, circular_slope)):
        numeric = (mean(prediction + 0.01, circular) - mean(prediction - 0.01, circular)) / 0.02
        assert slope(prediction, ABOUT_TWELVE) == pytest.approx(numeric, abs=1e-6)
