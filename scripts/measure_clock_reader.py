"""Calibrate and measure the clock reader: its probabilities, its mistakes, and the clocks that it finds in images.

    python scripts/measure_clock_reader.py                # everything, some minutes
    python scripts/measure_clock_reader.py --only reader  # without scenes

Everything chosen (temperature, thresholds, the judge of candidates) is fitted on validation splits and validation scenes;
what is written to checkpoints/measured/clock_reader.json is measured on test splits and test scenes. Scenes come from
stored seeds; their backgrounds are textures, gradients and CIFAR-10's test photographs, other ones for each.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.drafts import draft_of  # noqa: E402
from lib.clockface import circular_error  # noqa: E402
from lib.clockface.scenes import Placed, draw_scene, frame_box, overlap  # noqa: E402
from lib.datasets.clocks import clock_labels, draw_clock, stratified_split  # noqa: E402
from lib.measures.clock_confidence import (  # noqa: E402
    KINDS,
    NEAR,
    answers,
    kinds_of_answers,
    near_probability,
    sure_threshold,
)
from lib.measures.clock_figures import READING_ROWS, reading_figures  # noqa: E402
from lib.measures.reliability import fitted_temperature, reliability  # noqa: E402
from lib.models.checkpoints import load_weights, manifest, manifest_entry, save_weights  # noqa: E402
from lib.models.clock_finder import FINDER_CHECKPOINT, shipped_finder  # noqa: E402
from lib.models.clock_reader import ClockReader, shipped_reader  # noqa: E402
from lib.models.photo_clocks import PhotoClock, PhotoReader  # noqa: E402
from lib.models.program import compiled  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.spec.specs import DataSpec  # noqa: E402

#: Family -> images of each minute, as in the data sets of the same names.
FAMILIES, PER_MINUTE, SET_SEED = ("varied", "course"), 25, 0
#: Share of the answers called sure that should be right.
WANTED = 0.99
#: Parts of the reliability curve.
BINS = 10
#: Scenes with one to three clocks and without any, their seeds, and how wide they are in pixels.
VALIDATION_SCENES, TEST_SCENES, SCENE_SIDE = (80, 50, 601), (150, 100, 701), 800
#: A found dial counts when its box and the true one overlap by so much.
FOUND = 0.5


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("reader", "scenes"), default=None)
    args = parser.parse_args()
    prepare()
    reader = shipped_reader()
    if args.only != "scenes":
        keep(measure_reader(reader))
    if args.only != "reader":
        keep(measure_scenes(reader))


def keep(new: dict[str, Any]) -> None:
    """Write the figures beside those of before."""
    figures = reading_figures() | new
    with draft_of(READING_ROWS) as draft:
        draft.write_text(json.dumps(figures | {"date": date.today().isoformat()}, indent=1) + "\n")


# --- the reader alone ---------------------------------------------------------------------


def measure_reader(reader: ClockReader) -> dict[str, Any]:
    """Temperature and threshold from the validation splits; reliability, mistakes and their images on the test splits."""
    from keras import ops

    scores_of = compiled(lambda x: reader(ops.cast(x, "float32") / 255.0).scores, reader.variables)
    parts = dict(zip(("train", "validation", "test"), stratified_split(clock_labels(PER_MINUTE), SET_SEED), strict=True))
    found: dict[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for family in FAMILIES:
        for split in ("validation", "test"):
            positions, scores = parts[split], []
            for start in range(0, len(positions), 100):
                images = [draw_clock(family, 150, PER_MINUTE, SET_SEED, int(i)) for i in positions[start : start + 100]]
                scores.append(scores_of(np.stack(images)[..., None]))
            found[family, split] = positions, positions // PER_MINUTE, np.concatenate(scores)
            print(family, split, len(positions), flush=True)
    _, true, scores = found["varied", "validation"]
    temperature = fitted_temperature(scores, true, near_probability)
    said, confidence = answers(scores, temperature)
    sure_from = sure_threshold(confidence, circular_error(true, said) <= NEAR, WANTED)
    return {"temperature": temperature, "sure_from": sure_from,
            "families": {family: family_figures(*found[family, "test"], temperature, sure_from) for family in FAMILIES}}


def family_figures(positions: np.ndarray, true: np.ndarray, scores: np.ndarray, temperature: float,
                   sure_from: float) -> dict[str, Any]:
    """Figures of one test split; `mistakes` are (index in the set, said, its probability), the surest first."""
    said, confidence = answers(scores, temperature)
    raw_said, raw_confidence = answers(scores, 1.0)
    right = circular_error(true, said) <= NEAR
    rows, error = reliability(confidence, right, BINS)
    _, raw_error = reliability(raw_confidence, circular_error(true, raw_said) <= NEAR, BINS)
    kinds, sure, wrong = kinds_of_answers(true, said), confidence >= sure_from, np.flatnonzero(~right)
    wrong = wrong[np.argsort(-confidence[wrong])]
    return {
        "images": len(true), "right": float(right.mean()), "reliability": rows, "ece": error, "ece_before": raw_error,
        "sure": float(sure.mean()), "sure_right": float(right[sure].mean()),
        "kinds": {name: kinds.count(name) / len(kinds) for name in KINDS},
        "mistakes": [{"index": int(positions[i]), "said": int(said[i]), "probability": float(confidence[i]),
                      "kind": kinds[i]} for i in wrong[:60]],
    }


# --- whole images -----------------------------------------------------------------------


def photos_of(split: str) -> np.ndarray:
    """Half of CIFAR-10's test photographs in grey, uint8 (5000, 32, 32): the first for validation, the second for tests."""
    cifar = datasets.load(DataSpec("cifar10"), on_progress=lambda text, part: None)
    images = np.array_split(cifar.x_test, 2)[split == "test"]
    return (images @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


def scenes(which: tuple[int, int, int], split: str) -> list[tuple[Image.Image, list[Placed]]]:
    """Images of 4:3 with clocks from a tenth to the whole of the width, then images without clocks."""
    with_clocks, without, seed = which
    photos, made = photos_of(split), []
    for number in range(with_clocks + without):
        rng = np.random.default_rng([seed, number])
        count = int(rng.integers(1, 4)) if number < with_clocks else 0
        shares = np.exp(rng.uniform(np.log(0.1), np.log(1.0 if count == 1 else 0.45), count)).tolist()
        image, placed = draw_scene(rng, SCENE_SIDE, shares, photos, things=8, aspect=0.75)
        made.append((Image.fromarray(image), placed))
    return made


def matched(clocks: Sequence[PhotoClock], placed: Sequence[Placed]) -> list[int | None]:
    """For each found clock the number of the placed one that it overlaps enough, each at most once, or None."""
    free, found = set(range(len(placed))), []
    for clock in clocks:
        box = frame_box([SCENE_SIDE * value for value in clock.frame])
        best = max(free, key=lambda k: overlap(box, placed[k].box), default=None)
        fits = best is not None and overlap(box, placed[best].box) > FOUND
        found.append(best if fits else None)
        free -= {best} if fits else set()
    return found


def measure_scenes(reader: ClockReader) -> dict[str, Any]:
    """Fit the judge on validation scenes, put it beside the finder's weights, and measure test scenes."""
    finder, temperature = shipped_finder(), reading_figures()["temperature"]
    judge = fitted_judge(PhotoReader(finder, reader, (1.0, 0.0, 0.0, 0.0)), scenes(VALIDATION_SCENES, "validation"))
    entry = manifest_entry(FINDER_CHECKPOINT) | {"judge": judge}
    photos, rows, seconds, false_finds = PhotoReader(finder, reader, judge), [], [], [0, 0]
    for image, placed in scenes(TEST_SCENES, "test"):
        started = time.process_time()
        clocks = photos.clocks(image)
        seconds.append(time.process_time() - started)
        partners = matched(clocks, placed)
        false_finds[bool(placed)] += sum(partner is None for partner in partners)
        for number, dial in enumerate(placed):
            clock = clocks[partners.index(number)] if number in partners else None
            rows.append(dial_row(dial, clock, temperature))
    sure_from = reading_figures()["sure_from"]
    figures = {"seed": TEST_SCENES[2], "images": TEST_SCENES[0], "clocks": len(rows), "empty_images": TEST_SCENES[1],
               "false_per_image": false_finds[0] / TEST_SCENES[1],
               "false_beside_clocks": false_finds[1] / TEST_SCENES[0], "seconds": float(np.median(seconds)),
               "groups": {name: group_figures(group, sure_from) for name, group in groups(rows).items()}}
    entry["metrics"] = {"found": figures["groups"]["all clocks"]["found"], "false_per_image": figures["false_per_image"]}
    weights = load_weights(FINDER_CHECKPOINT, [tuple(weight.shape) for weight in finder.model.weights])
    save_weights(FINDER_CHECKPOINT, weights, {name: value for name, value in entry.items()
                                              if name not in ("name", "file", "sha256", "bytes")})
    assert manifest()[FINDER_CHECKPOINT]["judge"] == judge
    print(json.dumps(figures, indent=1), flush=True)
    return {"scenes": figures}


def fitted_judge(photos: PhotoReader, made: Sequence[tuple[Image.Image, list[Placed]]]) -> list[float]:
    """Weights of the logistic regression that tells clocks from other candidates, bias last."""
    from sklearn.linear_model import LogisticRegression

    evidence, is_clock = [], []
    for image, placed in made:
        clocks = photos.clocks(image, least=0.0)
        evidence += [clock.evidence for clock in clocks]
        is_clock += [partner is not None for partner in matched(clocks, placed)]
    model = LogisticRegression(C=1.0).fit(np.array(evidence), np.array(is_clock))
    print(f"judge: {np.mean(is_clock):.2f} of {len(is_clock)} candidates are clocks, "
          f"{model.score(np.array(evidence), np.array(is_clock)):.3f} told apart", flush=True)
    return [*model.coef_[0].tolist(), float(model.intercept_[0])]


def dial_row(dial: Placed, clock: PhotoClock | None, temperature: float) -> dict[str, Any]:
    """One placed clock: what it is, whether it was found, how far off it was read and how surely."""
    face, hands = dial.style.face, dial.style.hands
    row = {"share": (dial.box[2] - dial.box[0]) / SCENE_SIDE, "dark": face.tone < 120, "numerals": face.numerals,
           "second": hands.second is not None, "oval": dial.pose.axis_ratio < 0.85, "found": clock is not None}
    if clock is not None:
        said, confidence = answers(clock.scores[None], temperature)
        row |= {"off": float(circular_error(dial.minutes, said[0])), "confidence": float(confidence[0])}
    return row


def groups(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Kinds of clocks that the table names."""
    return {
        "all clocks": rows, "under 0.2 of the width": [r for r in rows if r["share"] < 0.2],
        "0.2 to 0.5": [r for r in rows if 0.2 <= r["share"] < 0.5], "over 0.5": [r for r in rows if r["share"] >= 0.5],
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


if __name__ == "__main__":
    main()
