"""Calibrate and measure the clock reader: its probabilities and its mistakes.

    python scripts/measure_clock_reader.py

Everything chosen (temperature, threshold) is fitted on validation splits; what is written to
checkpoints/measured/clock_reader.json is measured on test splits.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.base.json_files import write_json  # noqa: E402 - needs the path above
from lib.clockface import circular_error  # noqa: E402
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
from lib.models.clock_reader import ClockReader, shipped_reader  # noqa: E402
from lib.models.program import compiled  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.models.tasks.classify import to_unit_range  # noqa: E402

#: Family -> images of each minute, as in the data sets of the same names.
FAMILIES, PER_MINUTE, SET_SEED = ("varied", "course"), 25, 0
#: Share of the answers called sure that should be right.
WANTED = 0.99
#: Parts of the reliability curve.
BINS = 10


def main() -> None:
    """Measure and write."""
    prepare()
    keep(measure_reader(shipped_reader()))


def keep(new: dict[str, Any]) -> None:
    """Write the figures beside those of before."""
    figures = reading_figures() | new
    write_json(READING_ROWS, figures | {"date": date.today().isoformat()})


def measure_reader(reader: ClockReader) -> dict[str, Any]:
    """Temperature and threshold from the validation splits; reliability, mistakes and their images on the test splits."""

    scores_of = compiled(lambda x: reader(to_unit_range(x)).scores, reader.variables)
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


if __name__ == "__main__":
    main()
