"""Measure how clocks are found and read in whole images, after fitting what judges the candidates.

    python scripts/measure_photo_clocks.py

The judge is fitted on validation scenes; what is written to checkpoints/measured/clock_reader.json is measured on test
scenes. Both come from stored seeds and have other backgrounds: textures, gradients, other photographs of the same sets. Two
photographs that come with scikit-learn are looked at last; nothing was chosen by them.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.clockface import circular_error  # noqa: E402 - needs the path above
from lib.clockface.photo import open_photo  # noqa: E402
from lib.clockface.scenes import Placed, draw_scene, frame_box, overlap  # noqa: E402
from lib.datasets.backgrounds import backgrounds, collages  # noqa: E402
from lib.measures.clock_confidence import NEAR, answers  # noqa: E402
from lib.measures.clock_figures import SCENE_FAILURES, reading_figures  # noqa: E402
from lib.measures.reliability import reliability  # noqa: E402
from lib.models.checkpoints import update_entry  # noqa: E402
from lib.models.clock_finder import FINDER_CHECKPOINT, shipped_finder  # noqa: E402
from lib.models.clock_reader import shipped_reader  # noqa: E402
from lib.models.files import write_npz  # noqa: E402
from lib.models.photo_clocks import PhotoClock, PhotoReader  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from scripts.measure_clock_reader import BINS, keep  # noqa: E402

SIDE = 800
#: Height to width of images in which one dial fills more than half of the width.
SHAPES = (0.75, 1.0, 4 / 3)
#: A found dial counts when its box and the true one overlap by so much.
FOUND = 0.5
#: Failures of which the images are kept, and their size.
KEPT, THUMBNAIL = 12, (200, 150)


@dataclass(frozen=True, slots=True)
class Scenes:
    """How many images with one to three clocks of a tenth to the whole width, without clocks, with one dial that fills
    more than half, and of photographs side by side; and the seed of each."""

    mixed: int
    empty: int
    large: int
    collages: int
    seed: int
    split: str


VALIDATION, TEST = Scenes(80, 50, 45, 60, 601, "validation"), Scenes(150, 100, 120, 60, 701, "test")
Scene = tuple[Image.Image, list[Placed]]


def mixed_scenes(which: Scenes) -> list[Scene]:
    """Images of 4:3 with clocks of all sizes, then images without clocks."""
    photos, made = backgrounds(which.split)["cifar10"], []
    for number in range(which.mixed + which.empty):
        rng = np.random.default_rng([which.seed, number])
        count = int(rng.integers(1, 4)) if number < which.mixed else 0
        shares = np.exp(rng.uniform(np.log(0.1), np.log(1.0 if count == 1 else 0.45), count)).tolist()
        photo, placed = draw_scene(rng, SIDE, shares, photos, things=8, aspect=0.75)
        made.append((Image.fromarray(photo), placed))
    return made


def large_scenes(which: Scenes) -> list[Scene]:
    """Images across, square and upright with one dial of half to all of their width, cut by a tenth at most."""
    photos, made = backgrounds(which.split)["cifar10"], []
    for number in range(which.large):
        rng, shape = np.random.default_rng([which.seed + 1, number]), SHAPES[number % len(SHAPES)]
        share = float(np.exp(rng.uniform(np.log(0.5), np.log(min(1.0, 1.1 * shape)))))
        photo, placed = draw_scene(rng, SIDE, [share], photos, things=8, aspect=shape)
        made.append((Image.fromarray(photo), placed))
    return made


def collage_scenes(which: Scenes) -> list[Scene]:
    """Photographs and drawings side by side, sharper than one of them enlarged; no clocks."""
    made = collages(backgrounds(which.split), which.collages, SIDE, which.seed + 2)
    return [(Image.fromarray(square[: 3 * SIDE // 4]), []) for square in made]


def camera_scenes() -> list[Scene]:
    """Two photographs taken by a camera, whole and in parts; no clocks."""
    from sklearn.datasets import load_sample_images

    made, rng = [], np.random.default_rng(TEST.seed + 3)
    for pixels in load_sample_images().images:
        photo = Image.fromarray(pixels).convert("L")
        made.append(photo)
        for _ in range(15):
            part = rng.uniform(0.25, 0.9)
            width, height = round(part * photo.width), round(part * photo.height)
            x, y = rng.integers(0, photo.width - width + 1), rng.integers(0, photo.height - height + 1)
            box = (int(x), int(y), int(x) + width, int(y) + height)
            made.append(photo.resize((SIDE, round(SIDE * height / width)), Image.Resampling.BICUBIC, box=box))
    return [(photo, []) for photo in made]


def matched(clocks: Sequence[PhotoClock], placed: Sequence[Placed]) -> list[int | None]:
    """For each found clock the number of the placed one that it overlaps enough, each at most once, or None."""
    free, found = set(range(len(placed))), []
    for clock in clocks:
        box = frame_box([SIDE * value for value in clock.frame])
        best = max(free, key=lambda k: overlap(box, placed[k].box), default=None)
        fits = best is not None and overlap(box, placed[best].box) > FOUND
        found.append(best if fits else None)
        free -= {best} if fits else set()
    return found


def fitted_judge(photos: PhotoReader, made: Sequence[Scene]) -> list[float]:
    """Weights of the logistic regression that tells clocks from other candidates, bias last."""
    from sklearn.linear_model import LogisticRegression

    evidence, is_clock = [], []
    for photo, placed in made:
        clocks = photos.clocks(photo, least=0.0)
        evidence += [clock.evidence for clock in clocks]
        is_clock += [partner is not None for partner in matched(clocks, placed)]
    model = LogisticRegression(C=1.0).fit(np.array(evidence), np.array(is_clock))
    print(f"judge: {np.mean(is_clock):.2f} of {len(is_clock)} candidates are clocks, "
          f"{model.score(np.array(evidence), np.array(is_clock)):.3f} told apart", flush=True)
    return [*model.coef_[0].tolist(), float(model.intercept_[0])]


class Tally:
    """What was found in some scenes."""

    def __init__(self, photos: PhotoReader, temperature: float) -> None:
        self._photos, self._temperature = photos, temperature
        #: A row for each placed clock, false finds, processor seconds of each image, and failures to be shown.
        self.rows: list[dict[str, Any]] = []
        self.false, self.seconds = 0, list[float]()
        self.failures: list[tuple[Image.Image, Sequence[float], str]] = []

    def look(self, made: Sequence[Scene]) -> Tally:
        """Find and read the clocks of all scenes."""
        for photo, placed in made:
            started = time.process_time()
            clocks = self._photos.clocks(photo) or self._photos.middle(photo)  # as the page does
            self.seconds.append(time.process_time() - started)
            partners = matched(clocks, placed)
            self.false += sum(partner is None for partner in partners)
            for number, dial in enumerate(placed):
                clock = clocks[partners.index(number)] if number in partners else None
                self.rows.append(dial_row(dial, clock, self._temperature))
                if clock is None:
                    self.failures.append((photo, [value / photo.width for value in dial.frame], "not found"))
            self.failures += [(photo, clock.frame, "no clock") for clock, partner in zip(clocks, partners, strict=True)
                              if partner is None]
        return self


def dial_row(dial: Placed, clock: PhotoClock | None, temperature: float) -> dict[str, Any]:
    """One placed clock: what it is, whether it was found, how far off it was read and how surely."""
    face, hands = dial.style.face, dial.style.hands
    row = {"share": (dial.box[2] - dial.box[0]) / SIDE, "dark": face.tone < 120, "numerals": face.numerals,
           "second": hands.second is not None, "oval": dial.pose.axis_ratio < 0.85, "found": clock is not None}
    if clock is not None:
        said, confidence = answers(clock.scores[None], temperature)
        row |= {"off": float(circular_error(dial.minutes, said[0])), "confidence": float(confidence[0])}
    return row


def groups(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Kinds of clocks that the table names."""
    return {
        "all clocks": rows, "about a tenth of the width": [r for r in rows if r["share"] < 0.13],
        "0.13 to 0.2": [r for r in rows if 0.13 <= r["share"] < 0.2],
        "0.2 to 0.5": [r for r in rows if 0.2 <= r["share"] < 0.5],
        "over 0.5, most of them cut by the edge": [r for r in rows if r["share"] >= 0.5],
        "dark dials": [r for r in rows if r["dark"]], "no numerals": [r for r in rows if r["numerals"] == "none"],
        "Roman numerals": [r for r in rows if r["numerals"] == "roman"],
        "with a second hand": [r for r in rows if r["second"]], "seen at a slant": [r for r in rows if r["oval"]],
    }


def group_figures(rows: list[dict[str, Any]], sure_from: float) -> dict[str, float]:
    """Figures of some placed clocks; reading errors are of those that were found."""
    found = [row for row in rows if row["found"]]
    off, confidence = np.array([row["off"] for row in found]), np.array([row["confidence"] for row in found])
    sure = confidence >= sure_from
    return {"clocks": len(rows), "found": len(found) / max(len(rows), 1), "right": float((off <= NEAR).mean()),
            "median_minutes": float(np.median(off)), "minutes": float(off.mean()), "sure": float(sure.mean()),
            "sure_right": float((off[sure] <= NEAR).mean()) if sure.any() else 0.0,
            "ece": reliability(confidence, off <= NEAR, BINS)[1]}


def phone_figures(photos: PhotoReader, repeats: int = 9) -> dict[str, float]:
    """Processor seconds of a photograph of 12 megapixels, from the file to its clocks: medians of `repeats`."""
    rng, file = np.random.default_rng([TEST.seed, 12]), io.BytesIO()
    photo, _ = draw_scene(rng, 4000, [0.3, 0.1], things=6, aspect=0.75)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    Image.fromarray(photo).convert("RGB").save(file, "JPEG", quality=92, exif=exif)
    opening, finding = [], []
    for _ in range(repeats + 1):  # the first one compiles
        started = time.process_time()
        grey = open_photo(file.getvalue(), "RGB").convert("L")
        opened = time.process_time()
        photos.clocks(grey)
        opening.append(opened - started)
        finding.append(time.process_time() - opened)
    return {"megapixels": 12, "bytes": len(file.getvalue()), "open": float(np.median(opening[1:])),
            "find": float(np.median(finding[1:]))}


def keep_failures(failures: Sequence[tuple[Image.Image, Sequence[float], str]]) -> None:
    """Put small images of the failures aside, not found and found where none is in turn."""
    kinds = [[one for one in failures if one[2] == kind] for kind in ("not found", "no clock")]
    chosen = [one for pair in zip(*[kind + [None] * KEPT for kind in kinds], strict=False) for one in pair if one][:KEPT]
    write_npz(SCENE_FAILURES, frames=np.array([frame for _, frame, _ in chosen], np.float32),
              images=np.stack([np.asarray(photo.resize(THUMBNAIL, Image.Resampling.BOX)) for photo, _, _ in chosen]),
              what=np.array([what for *_, what in chosen]))


def main() -> None:
    """Fit, put the judge beside the finder's weights, measure, write."""
    prepare()
    reader, finder, before = shipped_reader(), shipped_finder(), reading_figures()
    unjudged = PhotoReader(finder, reader, (1.0, 0.0, 0.0, 0.0))
    judge = fitted_judge(unjudged, mixed_scenes(VALIDATION) + large_scenes(VALIDATION) + collage_scenes(VALIDATION))
    photos = PhotoReader(finder, reader, judge)
    scenes = mixed_scenes(TEST)
    mixed = Tally(photos, before["temperature"]).look(scenes[: TEST.mixed])
    looked = {"images without clocks": Tally(photos, 1.0).look(scenes[TEST.mixed :]),
              "photographs side by side": Tally(photos, 1.0).look(collage_scenes(TEST)),
              "two photographs and parts of them": Tally(photos, 1.0).look(camera_scenes())}
    large = Tally(photos, before["temperature"]).look(large_scenes(TEST))
    kinds = groups(mixed.rows) | {"large ones, in an image of their own": large.rows}
    figures = {
        "seed": TEST.seed, "images": TEST.mixed, "clocks": len(mixed.rows), "empty_images": TEST.empty,
        "false_per_image": looked["images without clocks"].false / TEST.empty,
        "false_beside_clocks": mixed.false / TEST.mixed, "seconds": float(np.median(mixed.seconds)),
        "without_clocks": {name: {"images": len(tally.seconds), "false": tally.false} for name, tally in looked.items()},
        "large_images": TEST.large, "false_beside_large": large.false / TEST.large,
        "groups": {name: group_figures(rows, before["sure_from"]) for name, rows in kinds.items()},
        "phone": phone_figures(photos)}
    update_entry(FINDER_CHECKPOINT, {"judge": judge, "metrics": {
        "found": figures["groups"]["all clocks"]["found"], "false_per_image": figures["false_per_image"]}})
    keep_failures([*mixed.failures, *(one for tally in looked.values() for one in tally.failures), *large.failures])
    keep({"scenes": figures})
    print(json.dumps(figures, indent=1), flush=True)


if __name__ == "__main__":
    main()
