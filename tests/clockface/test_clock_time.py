"""Times, hand angles and circular errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.base.errors import SpecError
from lib.clockface import (
    PERIOD,
    ClockTime,
    circular_error,
    hand_angles,
    minutes_from_angles,
    time_from_angles,
)
from tests.clockface.clock_cases import times, whole_times

minutes = st.floats(-5000, 5000)


@given(whole_times)
def test_the_minute_hand_moves_six_degrees_a_minute_and_the_hour_hand_half_a_degree(time: ClockTime) -> None:
    assert time.minute_angle == 6 * time.minute
    assert time.hour_angle == 30 * time.hour + time.minute / 2


@given(whole_times)
def test_whole_times_survive_the_way_through_angles(time: ClockTime) -> None:
    assert time_from_angles(time.hour_angle, time.minute_angle) == time


@given(times)
def test_fractional_times_survive_the_way_through_angles(time: ClockTime) -> None:
    back = time_from_angles(time.hour_angle, time.minute_angle)
    assert circular_error(time.minutes, back.minutes) < 1e-6


@given(whole_times, st.floats(-14, 14))
def test_an_hour_hand_a_little_off_does_not_change_the_hour(time: ClockTime, off: float) -> None:
    assert time_from_angles(time.hour_angle + off, time.minute_angle) == time


@given(minutes)
def test_a_dial_shows_the_same_after_twelve_hours(value: float) -> None:
    now, later = ClockTime.from_minutes(value), ClockTime.from_minutes(value + PERIOD)
    assert circular_error(now.minutes, later.minutes) < 1e-6


def test_arrays_of_angles_agree_with_single_times() -> None:
    every = np.arange(PERIOD)
    hour, minute = hand_angles(every)
    assert [ClockTime.from_minutes(m).hour_angle for m in every] == hour.tolist()
    assert [ClockTime.from_minutes(m).minute_angle for m in every] == minute.tolist()
    np.testing.assert_allclose(minutes_from_angles(hour, minute), every)


@given(minutes, minutes)
def test_circular_error_is_symmetric_and_at_most_half_a_turn(a: float, b: float) -> None:
    error = circular_error(a, b)
    assert 0 <= error <= PERIOD / 2
    assert error == pytest.approx(circular_error(b, a), abs=1e-9)


def test_circular_error_goes_the_shorter_way() -> None:
    assert circular_error(np.array([719, 1, 0, 100]), np.array([1, 719, 360, 100])).tolist() == [2, 2, 360, 0]
    assert circular_error(59, 1, period=60) == 2


@pytest.mark.parametrize(("hour", "minute"), [(12, 0), (-1, 0), (3, 60), (3, -0.1), (1.5, 0)])
def test_times_that_do_not_exist_are_refused(hour: float, minute: float) -> None:
    with pytest.raises(SpecError, match=r"out of range.*Expected"):
        ClockTime(hour, minute)
