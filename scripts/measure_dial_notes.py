"""Measure what is noted of a dial beside its time: a second hand, and a dial that is mirrored.

    python scripts/measure_dial_notes.py

Thresholds are chosen on validation clocks and validation scenes; what is written to
checkpoints/measured/clock_reader.json is measured on test clocks of all kinds, of the course, and on the clocks that are
found in test scenes (scripts/measure_photo_clocks.py). Every image is also shown in a mirror.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageOps

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.clockface import FAMILIES as ALL_FAMILIES  # noqa: E402 - needs the path above
from lib.clockface import Style, random_clock  # noqa: E402
from lib.clockface.scenes import Placed  # noqa: E402
from lib.datasets.clocks import clock_labels, draw_clock, stratified_split  # noqa: E402
from lib.measures.clock_confidence import sure_threshold  # noqa: E402
from lib.models.checkpoints import manifest_entry, update_entry  # noqa: E402
from lib.models.clock_finder import FINDER_CHECKPOINT, shipped_finder  # noqa: E402
from lib.models.clock_notes import NOTES_CHECKPOINT, DialNotes, shipped_notes  # noqa: E402
from lib.models.clock_reader import ClockReader, shipped_reader  # noqa: E402
from lib.models.photo_clocks import PhotoReader  # noqa: E402
from lib.models.program import compiled  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.models.tasks.classify import to_unit_range  # noqa: E402
from scripts.measure_clock_reader import PER_MINUTE, SET_SEED, keep  # noqa: E402
from scripts.measure_photo_clocks import TEST, VALIDATION, Scene, Scenes, matched, mixed_scenes  # noqa: E402

#: Normal clocks that may be called mirrored on validation images, half of what is allowed on others.
FALSE_ALARMS = 0.005
#: Share of the second hands named on validation images that should be there.
PRECISION = 0.95
#: Test clocks of each family.
CLOCKS = 1800
KINDS = {"arabic": "Arabic numerals", "twenty_four": "Arabic numerals", "roman": "Roman numerals", "none": "no numerals"}


@dataclass(frozen=True, slots=True)
class DialReading:
    """A clock: its numerals, whether it has a second hand and is mirrored, and what the network says of both."""

    numerals: str
    has_second: bool
    is_mirrored: bool
    second: float
    mirrored: float


def style_of(family: str, index: int) -> Style:
    """How clock `index` of a set looks; the stream is that of `draw_clock`."""
    minute, copy = divmod(index, PER_MINUTE)
    return random_clock(np.random.default_rng([SET_SEED, sorted(ALL_FAMILIES).index(family), minute, copy]), family)[1]


def of_clocks(family: str, split: str, reader: ClockReader, notes: DialNotes) -> list[DialReading]:
    """Clocks of a split, as they are and in a mirror, located by the reader."""

    def look(images: Any) -> tuple[Any, Any]:
        x = to_unit_range(images)
        return notes(x, reader.locate(x))

    ask = compiled(look, [*reader.variables, *notes.network.variables])
    found: list[DialReading] = []
    parts = dict(zip(("train", "validation", "test"), stratified_split(clock_labels(PER_MINUTE), SET_SEED), strict=True))
    positions = parts[split][:CLOCKS].tolist()
    for start in range(0, len(positions), 100):
        block = positions[start : start + 100]
        images = np.stack([draw_clock(family, 150, PER_MINUTE, SET_SEED, index) for index in block])[..., None]
        styles = [style_of(family, index) for index in block]
        for flipped in (False, True):
            said = ask(np.ascontiguousarray(images[:, :, ::-1]) if flipped else images)
            pairs = zip(*said, strict=True)
            found += [dial_reading(style, flipped, *pair) for style, pair in zip(styles, pairs, strict=True)]
    print(family, split, len(found), flush=True)
    return found


def dial_reading(style: Style, flipped: bool, second: float, mirrored: float) -> DialReading:
    """One clock with what is true of it and what was said."""
    return DialReading(style.face.numerals, style.hands.second is not None, flipped, float(second), float(mirrored))


def of_scenes(which: Scenes, photos: PhotoReader) -> list[DialReading]:
    """The clocks that are found in scenes, as they are and in a mirror."""
    found: list[DialReading] = []
    for image, placed in mixed_scenes(which)[: which.mixed]:
        for flipped, (shown, dials) in enumerate(((image, placed), in_mirror((image, placed)))):
            clocks = photos.clocks(shown)
            for clock, partner in zip(clocks, matched(clocks, dials), strict=True):
                if partner is not None and clock.notes is not None:
                    found.append(dial_reading(dials[partner].style, bool(flipped), clock.notes.second, clock.notes.mirrored))
    print(which.split, "scenes", len(found), flush=True)
    return found


def in_mirror(scene: Scene) -> Scene:
    """The scene in a mirror; of its clocks only their frames are mirrored."""
    image, placed = scene
    flipped = [Placed((image.width - x, y, a, -b, d), dial.minutes, dial.pose, dial.style)
               for dial in placed for x, y, a, b, d in [dial.frame]]
    return ImageOps.mirror(image), flipped


def second_figures(clocks: Sequence[DialReading], threshold: float) -> dict[str, float]:
    """How often a second hand is named rightly, and found, among clocks that are not mirrored."""
    normal = [clock for clock in clocks if not clock.is_mirrored]
    said = np.array([clock.second >= threshold for clock in normal])
    true = np.array([clock.has_second for clock in normal])
    return {"clocks": len(normal), "with": int(true.sum()), "precision": float(true[said].mean()) if said.any() else 0.0,
            "recall": float(said[true].mean()) if true.any() else 0.0}


def mirror_figures(clocks: Iterable[DialReading], threshold: float) -> dict[str, dict[str, float]]:
    """By numerals: how many mirrored clocks are called so, and how many others."""
    figures: dict[str, dict[str, float]] = {}
    rows = list(clocks)
    for kind in ("all", *dict.fromkeys(KINDS.values())):
        mine = [clock for clock in rows if kind == "all" or KINDS[clock.numerals] == kind]
        if mine:
            shares = {flipped: np.array([c.mirrored >= threshold for c in mine if c.is_mirrored == flipped])
                      for flipped in (False, True)}
            figures[kind] = {"clocks": len(shares[False]), "false_alarms": float(shares[False].mean()),
                             "found": float(shares[True].mean())}
    return figures


def main() -> None:
    """Choose the thresholds, measure, write."""
    prepare()
    reader, notes = shipped_reader(), shipped_notes()
    photos = PhotoReader(shipped_finder(), reader, manifest_entry(FINDER_CHECKPOINT)["judge"], notes)
    validation = [*of_clocks("varied", "validation", reader, notes), *of_scenes(VALIDATION, photos)]
    normal = np.array([clock.mirrored for clock in validation if not clock.is_mirrored])
    mirrored_from = float(np.quantile(normal, 1 - FALSE_ALARMS, method="higher"))
    mirrored_from = float(np.nextafter(mirrored_from, 2.0))  # strictly more than the allowed ones
    seen = [clock for clock in validation if not clock.is_mirrored]
    second_from = sure_threshold(np.array([c.second for c in seen]), np.array([c.has_second for c in seen]), PRECISION)
    tests = {"clocks of all kinds": of_clocks("varied", "test", reader, notes),
             "the course's clock": of_clocks("course", "test", reader, notes),
             "found in whole images": of_scenes(TEST, photos)}
    figures = {"second_from": second_from, "mirrored_from": mirrored_from, "allowed": FALSE_ALARMS, "wanted": PRECISION,
               "second": {name: second_figures(clocks, second_from) for name, clocks in tests.items()},
               "mirrored": {name: mirror_figures(clocks, mirrored_from) for name, clocks in tests.items()}}
    keep({"notes": figures})
    update_entry(NOTES_CHECKPOINT, {"metrics": {
        "second_precision": figures["second"]["clocks of all kinds"]["precision"],
        "second_recall": figures["second"]["clocks of all kinds"]["recall"],
        "mirrored_found": figures["mirrored"]["clocks of all kinds"]["all"]["found"]}})
    print(json.dumps(figures, indent=1), flush=True)


if __name__ == "__main__":
    main()
