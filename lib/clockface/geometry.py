"""Times, hand angles and circular distances. Angles are degrees clockwise from 12."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.base.errors import SpecError

#: Minutes after which a dial with two hands looks the same again.
PERIOD = 720


@dataclass(frozen=True, slots=True, order=True)
class ClockTime:
    """A time on a 12-hour dial: `hour` 0-11 and `minute` in [0, 60), which may be a fraction for drawing."""

    hour: int
    minute: float = 0.0

    def __post_init__(self) -> None:
        if self.hour != int(self.hour) or not 0 <= self.hour <= 11:
            raise SpecError("hour is out of range.", expected="a whole number from 0 to 11 (12 o'clock is 0)",
                            received=repr(self.hour))
        if not 0 <= self.minute < 60:
            raise SpecError("minute is out of range.", expected="a number from 0 to below 60",
                            received=repr(self.minute))

    @classmethod
    def from_minutes(cls, minutes: float) -> ClockTime:
        """The time `minutes` after 12:00, whole half days dropped."""
        # In floating point the remainder of a tiny negative number is 720 itself.
        minutes = float(minutes) % PERIOD % PERIOD
        hour = int(minutes // 60)
        return cls(hour, minutes - 60 * hour)

    @property
    def minutes(self) -> float:
        """Minutes after 12:00, in [0, 720)."""
        return 60 * self.hour + self.minute

    @property
    def hour_angle(self) -> float:
        """Angle of the hour hand, which moves continuously: half a degree a minute."""
        return self.minutes / 2

    @property
    def minute_angle(self) -> float:
        """Angle of the minute hand: six degrees a minute."""
        return 6.0 * self.minute


def time_from_angles(hour_angle: float, minute_angle: float) -> ClockTime:
    """The time whose minute hand stands at `minute_angle` and whose hour hand is nearest to `hour_angle`.

    The minute hand decides the minute; the hour is the one that fits it best, so that an hour hand
    a few degrees off does not move the time by an hour.
    """
    minute = (minute_angle % 360) / 6
    hour = round((hour_angle - minute / 2) / 30)
    return ClockTime.from_minutes(60 * hour + minute)


def hand_angles(minutes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hour-hand and minute-hand angles (float64 arrays, degrees in [0, 360)) of minutes after 12:00."""
    minutes = np.asarray(minutes, dtype=np.float64)
    return minutes % PERIOD / 2, minutes % 60 * 6


def minutes_from_angles(hour_angle: np.ndarray, minute_angle: np.ndarray) -> np.ndarray:
    """`time_from_angles` for arrays: minutes after 12:00, float64 in [0, 720)."""
    minute = np.asarray(minute_angle, dtype=np.float64) % 360 / 6
    hour = np.rint((np.asarray(hour_angle, dtype=np.float64) - minute / 2) / 30)
    return (60 * hour + minute) % PERIOD


def circular_error(true: np.ndarray | float, predicted: np.ndarray | float, period: float = PERIOD) -> np.ndarray:
    """Distance between two times going the shorter way round: float64 in [0, period / 2], same shape as the inputs."""
    difference = np.asarray(predicted, dtype=np.float64) - np.asarray(true, dtype=np.float64)
    return np.abs((difference + period / 2) % period - period / 2)
