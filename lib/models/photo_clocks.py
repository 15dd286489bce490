"""Reading every clock of a photograph: where dials may be, where exactly they are, what time they show.

The finder (`lib.models.clock_finder`) proposes places; the reader's locator is asked twice, the second time about an
image centred on its first answer; where both agree there is a dial. How likely a place is a clock follows from the
finder, that agreement and the reader's certainty, by a logistic regression fitted on validation scenes. Of those that
are clocks it is noted whether a second hand is there and whether the numerals run backwards, as in a mirror.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from lib.clockface.photo import FILLED, cut_at
from lib.clockface.scenes import covered, frame_box, frame_diameter
from lib.models.checkpoints import manifest_entry
from lib.models.clock_finder import FINDER_CHECKPOINT, Candidate, DialFinder, shipped_finder
from lib.models.clock_notes import DialNotes, shipped_notes
from lib.models.clock_reader import ClockReader
from lib.models.program import compiled
from lib.models.tasks.classify import to_unit_range

#: Clocks that are shown at most, and how much of one another may cover: numerals and subdials look like small dials.
MOST_CLOCKS, _COVERED = 8, 0.5
#: A place is taken for a clock from this probability on: a frame too many is removed by a click, one too few is drawn.
PROBABLE = 0.4
#: What is asked of a clock in the middle: two frames at most so many radii apart, and a time of at least this probability.
STEADY, CERTAIN = 0.2, 0.5

#: What becomes of a frame in the middle of an image when that is mirrored.
_FLIPPED = np.array([-1, 1, 1, -1, 1], np.float32)

#: A dial's frame in an image (hub x, y and the matrix a, b, d), as shares of its width.
Frame = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Notes:
    """What else was seen of a dial: probabilities of a second hand and of its being mirrored, and the scores (720,) of the
    times that it shows in a mirror."""

    second: float
    mirrored: float
    scores: np.ndarray


@dataclass(frozen=True, slots=True)
class PhotoClock:
    """A dial in a photograph, and the logarithms of the probabilities of its times, float32 (720,), as the reader says
    them; `probability` is that of its being a clock, `evidence` what that rests on."""

    frame: Frame
    scores: np.ndarray
    probability: float
    evidence: tuple[float, float, float]
    notes: Notes | None = None


class PhotoReader:
    """Finds and reads the clocks of whole images; `weights` are those of the logistic regression, its bias last."""

    def __init__(self, finder: DialFinder, reader: ClockReader, weights: Sequence[float],
                 notes: DialNotes | None = None) -> None:
        self._finder, self._weights, self._noting = finder, tuple(weights), notes is not None
        state = reader.variables

        def look(images: Any) -> tuple[Any, Any]:
            unit = to_unit_range(images)
            frames = reader.locate(unit)
            return frames, reader.read(unit, frames)[1]

        def read(images: Any, frames: Any) -> Any:
            return reader.read(to_unit_range(images), frames)[1]

        def note(images: Any, frames: Any) -> tuple[Any, ...]:
            from keras import ops

            unit = to_unit_range(images)
            in_mirror = reader.read(ops.flip(unit, axis=2), frames * _FLIPPED)[1]
            return (*notes(unit, frames), in_mirror) if notes is not None else ()

        self._look, self._read = compiled(look, state), compiled(read, state)
        self._note = compiled(note, [*state, *(notes.network.variables if notes is not None else ())])

    def warm_up(self) -> None:
        """Compile what is asked of a first photograph; shapes and numbers that differ once are free afterwards."""
        for count, size in enumerate(((320, 240), (240, 320)), start=1):
            blank = Image.new("L", size, 128)
            self._finder.candidates(blank)
            frames, scores = self._seen(blank, [(0.5, 0.5, 0.4)] * count)
            self._noted(blank, [PhotoClock(*seen, 0.0, (0.0, 0.0, 0.0)) for seen in zip(frames, scores, strict=True)])

    def clocks(self, photo: Image.Image, least: float = PROBABLE) -> list[PhotoClock]:
        """The clocks of a grey image ("L"), the likeliest first: those that are clocks with probability `least`."""
        found = self._judged(photo, self._finder.candidates(photo))
        kept: list[PhotoClock] = []
        for clock in sorted(found, key=lambda c: -c.probability):
            box = frame_box(clock.frame)
            if clock.probability >= least and all(covered(box, frame_box(other.frame)) <= _COVERED for other in kept):
                kept.append(clock)
        return self._noted(photo, kept[:MOST_CLOCKS])

    def middle(self, photo: Image.Image) -> list[PhotoClock]:
        """The clock that fills the middle of a grey image ("L"), for images in which none was found; none unless the
        locator says twice where it is and the reader is certain of one minute."""
        ratio = photo.height / photo.width
        place = Candidate(0.5, 0.5 * ratio, FILLED * min(1.0, ratio), 0.5)
        first, _ = self._seen(photo, [(place.x, place.y, place.diameter)])
        ((frame, scores, evidence),) = self._second_look(photo, [place], first)
        certain = evidence[1] <= STEADY and float(np.exp(scores.max())) >= CERTAIN
        return self._noted(photo, [PhotoClock(frame, scores, 1.0, evidence)] if certain else [])

    def at(self, photo: Image.Image, x: float, y: float, diameter: float) -> PhotoClock:
        """The clock in the circle that a user has drawn, shares of the image's width: it is one, since they say so.

        Its frame is the circle itself or what the locator makes of it, whichever can be read with more certainty.
        """
        (located,), (scores,) = self._seen(photo, [(x, y, diameter)])
        square, half = cut_at(photo, x, y, diameter)
        radius = 0.5 * diameter
        drawn = np.array([[0.0, 0.0, radius / half, 0.0, radius / half]], np.float32)
        by_hand = self._read(square[None, ..., None], drawn)[0]
        if by_hand.max() > scores.max():
            located, scores = (x, y, radius, 0.0, radius), by_hand
        return self._noted(photo, [PhotoClock(located, scores, 1.0, (0.0, 0.0, 0.0))])[0]

    def _noted(self, photo: Image.Image, clocks: Sequence[PhotoClock]) -> list[PhotoClock]:
        """The clocks with what else is seen of them."""
        if not clocks or not self._noting:
            return list(clocks)
        squares, frames = [], []
        for clock in clocks:
            x, y, *shape = clock.frame
            square, half = cut_at(photo, x, y, frame_diameter(clock.frame))
            squares.append(square)
            frames.append([0.0, 0.0, *(value / half for value in shape)])
        second, mirrored, scores = self._note(np.stack(squares)[..., None], np.array(frames, np.float32))
        return [replace(clock, notes=Notes(float(hand), float(turned), times))
                for clock, hand, turned, times in zip(clocks, second, mirrored, scores, strict=True)]

    def _judged(self, photo: Image.Image, candidates: Sequence[Candidate]) -> list[PhotoClock]:
        if not candidates:
            return []
        frames, _ = self._seen(photo, [(c.x, c.y, c.diameter) for c in candidates])
        made = []
        for frame, scores, evidence in self._second_look(photo, candidates, frames):
            total = sum(w * e for w, e in zip(self._weights, (*evidence, 1.0), strict=True))
            made.append(PhotoClock(frame, scores, 1 / (1 + math.exp(-max(-50.0, min(50.0, total)))), evidence))
        return made

    def _second_look(self, photo: Image.Image, candidates: Sequence[Candidate],
                     first: Sequence[Frame]) -> list[tuple[Frame, np.ndarray, tuple[float, float, float]]]:
        """Frame, scores and evidence of every candidate, from squares cut out around their first frames."""
        frames, scores = self._seen(photo, [(f[0], f[1], frame_diameter(f)) for f in first])
        found = []
        for candidate, before, after, times in zip(candidates, first, frames, scores, strict=True):
            odds = math.log(candidate.probability + 1e-4) - math.log(1.0001 - candidate.probability)
            near = float(np.log(np.exp(times.astype(np.float64)).max() + 1e-6))
            found.append((after, times, (odds, _distance(before, after), near)))
        return found

    def _seen(self, photo: Image.Image, places: Sequence[tuple[float, float, float]]) -> tuple[list[Frame], np.ndarray]:
        """The reader's frames and scores for circles (x, y, diameter) in shares of the image's width."""
        squares = [cut_at(photo, *place) for place in places]
        images = np.stack([square for square, _ in squares])[..., None]
        frames, scores = self._look(images)
        placed = []
        for (x, y, _), (_, half), frame in zip(places, squares, frames.astype(float), strict=True):
            placed.append((x + half * frame[0], y + half * frame[1], *(half * frame[2:]).tolist()))
        return placed, scores


def _distance(one: Frame, other: Frame) -> float:
    """How far two frames are apart, in radii of the second."""
    radius = max(0.5 * frame_diameter(other), 1e-6)
    return min(3.0, math.dist(one, other) / radius)


def shipped_photo_reader(reader: ClockReader) -> PhotoReader:
    """`reader` behind the shipped finder; raises CheckpointError when its files are missing or damaged."""
    return PhotoReader(shipped_finder(), reader, manifest_entry(FINDER_CHECKPOINT)["judge"], shipped_notes())
