"""Families of clocks, and how to choose a clock of one at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lib.base.errors import SpecError
from lib.clockface.course import course_pose, course_style
from lib.clockface.draw import render
from lib.clockface.geometry import ClockTime
from lib.clockface.pose import Pose
from lib.clockface.style import Style
from lib.clockface.table import on_table, table_style
from lib.clockface.varied import varied_pose, varied_style
from lib.clockface.wild import wild_style

#: Raise this whenever the same seed gives another image: cached sets are named after it.
RENDERER_VERSION = 1

#: Degrees by which a clock on the wall hangs askew at most.
WALL_TURN = 10.0


def _wall_pose(rng: np.random.Generator, max_turn: float = 180.0) -> Pose:
    """The course's camera before a clock that hangs nearly upright."""
    return course_pose(rng, min(max_turn, WALL_TURN))


#: name -> (pose, style) at random. Seeds of a set follow this order: new ones go to its end.
FAMILIES: dict[str, tuple[Callable[..., Pose], Callable[[np.random.Generator], Style]]] = {
    "course": (course_pose, course_style),
    "varied": (varied_pose, varied_style),
    "wall": (_wall_pose, course_style),
    "wild": (varied_pose, wild_style),
    "table": (course_pose, table_style),
}
#: Of families whose look follows from where the camera stands.
_SEEN_FROM: dict[str, Callable[[Style, Pose], Style]] = {"table": on_table}


def _family(name: str) -> tuple[Callable[..., Pose], Callable[[np.random.Generator], Style]]:
    if name not in FAMILIES:
        raise SpecError("There is no such family of clocks.", expected="one of " + ", ".join(FAMILIES),
                        received=repr(name))
    return FAMILIES[name]


def family_number(name: str) -> int:
    """The family's part in the seeds of its images."""
    _family(name)
    return list(FAMILIES).index(name)


def random_pose(rng: np.random.Generator, family: str = "course", max_turn: float = 180.0) -> Pose:
    """A pose for `family`; the dial is turned by `max_turn` degrees at most (see `Face.max_turn`)."""
    return _family(family)[0](rng, max_turn)


def random_style(rng: np.random.Generator, family: str = "course") -> Style:
    """A look for `family`; `seen_from` fits it to a pose."""
    return _family(family)[1](rng)


def seen_from(style: Style, pose: Pose, family: str = "course") -> Style:
    """A look of `family` as the camera of `pose` sees it: in some, background and light turn with the dial."""
    return _SEEN_FROM[family](style, pose) if family in _SEEN_FROM else style


def random_clock(rng: np.random.Generator, family: str = "course") -> tuple[Pose, Style]:
    """A pose and a style that go together: a dial that does not mark its 12 is upright."""
    style = random_style(rng, family)
    pose = random_pose(rng, family, style.face.max_turn)
    return pose, seen_from(style, pose, family)


def is_ambiguous(pose: Pose, style: Style) -> bool:
    """Whether the image cannot tell the time: an unmarked dial is turned, or the hands look the same."""
    turn = abs((pose.rotation + 180) % 360 - 180)
    return turn > style.face.max_turn or not style.hands.are_distinct


def render_many(times: Sequence[ClockTime], poses: Sequence[Pose], styles: Sequence[Style], size: int = 150,
                seeds: Sequence[int] | None = None) -> np.ndarray:
    """Images of many clocks, uint8 (N, size, size); `seeds` for their noise default to 0, 1, 2, ..."""
    if not len(times) == len(poses) == len(styles):
        raise SpecError("Times, poses and styles do not match.", expected="as many of each",
                        received=f"{len(times)}, {len(poses)} and {len(styles)}")
    images = np.empty((len(times), size, size), np.uint8)
    for index, (time, pose, style) in enumerate(zip(times, poses, styles, strict=True)):
        images[index] = render(time, pose, style, size, index if seeds is None else seeds[index])
    return images
