"""Calibrate the digit classifier on validation images, and test it on what it never saw.

    python scripts/measure_digit_classifier.py --calibrate     temperature, detector and threshold
    python scripts/measure_digit_classifier.py --test          every figure of the page's tab, on test images

Calibration reads validation images alone: MNIST's 6,000, and drawings of the stroke model with a seed of their own. The
test reads MNIST's test images, digits and scribbles drawn by other means (scripts/other_hands.py), printed characters and
Fashion-MNIST. Figures go to checkpoints/measured/digit_classifier.json, mistakes to digit_mistakes.npz beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.drafts import replace_text  # noqa: E402
from lib.base.folders import MEASURED  # noqa: E402
from lib.catalog.digits import CLASSIFIERS, FIRST_STAGE  # noqa: E402
from lib.datasets.drawn import drawn_digits, drawn_others  # noqa: E402
from lib.images.drawing import as_digit  # noqa: E402
from lib.measures.reliability import (  # noqa: E402
    Detector,
    detector_inputs,
    fitted_temperature,
    least_score,
    log_loss,
    logarithms,
    reliability,
    tempered,
)
from lib.models.checkpoints import save_weights, update_entry  # noqa: E402
from lib.models.digit_bench import FeatureClassifier, shipped_classifier  # noqa: E402
from lib.spec.specs import DataSpec  # noqa: E402
from scripts.other_hands import (  # noqa: E402
    by_one_threshold,
    mouse_digits,
    mouse_scribbles,
    photographed_digits,
    prepared,
    typeset,
)

RESULTS = MEASURED / "digit_classifier.json"
MISTAKES = MEASURED / "digit_mistakes.npz"
NAME = CLASSIFIERS["mnist"]
#: Seeds of drawings: for the detector, for choices, and for the test, which is read once.
DETECTOR_SEED, VALIDATION_SEED, TEST_SEED = 77, 1001, 2002
DETECTOR = "digits/detector"
#: How many validation digits may be refused: of MNIST's, and of drawn ones, some of which nobody could read.
REFUSED_OF_MNIST, REFUSED_OF_DRAWN = 0.005, 0.01
#: Where Debian and Ubuntu keep fonts; characters of those that are there are printed. Those of emoji have one size alone.
FONTS = sorted(path for path in Path("/usr/share/fonts/truetype").rglob("*.ttf") if "Emoji" not in path.name)
#: Letters that look like digits are counted on their own: nobody could refuse them.
LIKE_DIGITS = "OoDQIlijZzSsbGTJBgqyYcCeau"
LETTERS = [chr(code) for code in (*range(65, 91), *range(97, 123))]
#: Mistakes that are kept of each group.
KEPT = 30


@dataclass
class Mistakes:
    """What went wrong: images, their true digit (-1 for none), what was said (-1 for no digit), how sure, and where."""

    rows: list[tuple[np.ndarray, int, int, float, str]]

    def add(self, group: str, images: np.ndarray, true: np.ndarray, said: np.ndarray, sure: np.ndarray) -> None:
        """Keep the first `KEPT` of a group where `said` is not `true`."""
        for index in np.flatnonzero(said != true)[:KEPT]:
            self.rows.append((images[index, ..., 0], int(true[index]), int(said[index]), float(sure[index]), group))

    def save(self) -> None:
        """Write them beside the figures."""
        images, true, said, sure, groups = zip(*self.rows, strict=True)
        np.savez_compressed(MISTAKES, images=np.stack(images), true=np.array(true, np.int8), said=np.array(said, np.int8),
                            sure=np.array(sure, np.float32), group=np.array(groups))


def batch(images: Sequence[np.ndarray | None]) -> np.ndarray:
    """Prepared images as uint8 (N, 28, 28, 1), black where nothing was found."""
    empty = np.zeros((28, 28), np.uint8)
    return np.stack([empty if image is None else image for image in images])[..., None]


# --- choices, on validation images --------------------------------------------------------


def calibrate() -> None:
    """Temperature, detector and threshold of the digit classifier, put into the manifest.

    The detector learns from training images: MNIST's, and drawings with a seed of their own. All that is chosen after it
    is chosen on validation images.
    """
    network, dataset = shipped_classifier(NAME), datasets.load(DataSpec("mnist"))
    learned = drawn_digits(2000, DETECTOR_SEED), drawn_others(2000, DETECTOR_SEED)
    inputs = [detector_inputs(*network.outputs(x)[1:])
              for x in (dataset.x_train[:3000], learned[0].images, learned[1].images)]
    weights, bias = fitted_detector(np.concatenate(inputs[:2]), inputs[2])
    drawn, others = drawn_digits(2000, VALIDATION_SEED), drawn_others(2000, VALIDATION_SEED)
    outputs = [network.outputs(x) for x in (dataset.x_validation, drawn.images, others.images)]
    labels = np.concatenate([dataset.y_validation, drawn.labels])
    temperature = fitted_temperature(logarithms(np.concatenate([outputs[0][0], outputs[1][0]])), labels)
    detector = Detector(weights, bias, 0.0)
    scores = [detector.scores(features, logits) for _, features, logits in outputs]
    least = least_score({REFUSED_OF_MNIST: scores[0], REFUSED_OF_DRAWN: scores[1]})
    save_weights(DETECTOR, [weights.astype(np.float32), np.array([bias], np.float32)], {
        "task": "detector", "data": {"set": "mnist", "train": 3000, "drawn": 2000, "others": 2000}, "inputs": len(weights),
        "date": date.today().isoformat(), "metrics": {}})
    found = {"temperature": round(temperature, 4), "detector": DETECTOR, "least": round(least, 4)}
    update_entry(NAME, {"calibration": found})
    for kind, score in zip(("MNIST's validation digits", "drawn digits", "drawn others"), scores, strict=True):
        print(f"refused of {kind}: {float((score < least).mean()):.4f}")
    print(f"temperature {temperature:.3f}, right of MNIST's validation digits "
          f"{float((outputs[0][0].argmax(1) == dataset.y_validation).mean()):.4f}, of drawn digits "
          f"{float((outputs[1][0].argmax(1) == drawn.labels).mean()):.4f}", flush=True)


def fitted_detector(accepted: np.ndarray, refused: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias of a logistic regression that tells rows of `accepted` from rows of `refused`, equally weighed."""
    rows = np.concatenate([accepted, refused])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    fit = LogisticRegression(C=0.1, max_iter=1000, class_weight="balanced").fit(
        (rows - mean) / scale, np.arange(len(rows)) < len(accepted))
    weights = fit.coef_[0] / scale
    return weights, float(fit.intercept_[0] - weights @ mean)


# --- the test -----------------------------------------------------------------------------


Networks = dict[str, FeatureClassifier]


def said_by(network: FeatureClassifier, images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Digits (N,), whether they are taken for digits (N,), and how sure the network is (N,)."""
    probabilities, known = network.read(images)
    return probabilities.argmax(axis=1), known, probabilities.max(axis=1)


def mnist_rows(networks: Networks, mistakes: Mistakes) -> Iterator[dict[str, Any]]:
    """Right answers, honesty before and after calibration, and digits refused, of MNIST's test images."""
    dataset = datasets.load(DataSpec("mnist"))
    x, y = dataset.x_test, dataset.y_test
    for name, network in networks.items():
        calibrated, knows = network.read(x)
        plain = tempered(logarithms(calibrated), 1 / network.temperature)
        said = calibrated.argmax(axis=1)
        row: dict[str, Any] = {"name": name, "images": len(x), "accuracy": float((said == y).mean()),
                               "refused": float((~knows).mean()), "temperature": network.temperature}
        for stage, p in (("before", plain), ("after", calibrated)):
            bins, error = reliability(p.max(axis=1), said == y)
            row |= {f"ece_{stage}": error, f"log_loss_{stage}": log_loss(p, y), f"reliability_{stage}": bins}
        yield row
        if name == NAME:
            mistakes.add("MNIST's test images", x, y, said, calibrated.max(axis=1))
            mistakes.add("MNIST's test images, refused", x, y, np.where(knows, y, -1), calibrated.max(axis=1))


def hand_rows(networks: Networks, mistakes: Mistakes) -> Iterator[dict[str, Any]]:
    """Right answers for digits drawn with a mouse, by variant and network."""
    drawn = list(mouse_digits(40, TEST_SEED))
    images, labels = batch([image for _, _, image in drawn]), np.array([digit for _, digit, _ in drawn])
    names = np.array([variant for variant, _, _ in drawn])
    for name, network in networks.items():
        said, knows, sure = said_by(network, images)
        for variant in dict.fromkeys(names):
            mine = names == variant
            yield {"name": name, "variant": variant, "images": int(mine.sum()), "refused": float((~knows[mine]).mean()),
                   "accuracy": float((said[mine] == labels[mine]).mean())}
        bins, error = reliability(sure, said == labels)
        yield {"name": name, "variant": "all", "images": len(images), "accuracy": float((said == labels).mean()),
               "refused": float((~knows).mean()), "ece_after": error, "reliability_after": bins}
        if name == NAME:
            mistakes.add("Drawn with a mouse", images, labels, said, sure)


def paper_rows(networks: Networks, mistakes: Mistakes) -> Iterator[dict[str, Any]]:
    """Right answers for photographs of paper, by paper, network and way to find the ink."""
    photos = list(photographed_digits(1, TEST_SEED))
    labels, papers = np.array([p[2] for p in photos]), np.array([p[0] for p in photos])
    for ink, images in (("local", batch([prepared(p[3]) for p in photos])),
                        ("one threshold", batch([as_digit(by_one_threshold(p[3])) for p in photos]))):
        for name, network in networks.items():
            said, knows, sure = said_by(network, images)
            for paper in (*dict.fromkeys(papers), "all"):
                mine = (papers == paper) | (paper == "all")
                yield {"name": name, "ink": ink, "paper": paper, "images": int(mine.sum()),
                       "refused": float((~knows[mine]).mean()), "accuracy": float((said[mine] == labels[mine]).mean())}
            if (name, ink) == (NAME, "local"):
                mistakes.add("Photographs of paper", images, labels, said, sure)


def font_rows(networks: Networks, mistakes: Mistakes) -> Iterator[dict[str, Any]]:
    """Right answers for printed digits of every font that is installed."""
    images = batch([typeset(str(digit), str(font)) for font in FONTS for digit in range(10)])
    labels = np.tile(np.arange(10), len(FONTS))
    for name, network in networks.items():
        said, knows, sure = said_by(network, images)
        yield {"name": name, "fonts": len(FONTS), "images": len(images), "accuracy": float((said == labels).mean()),
               "refused": float((~knows).mean())}
        if name == NAME:
            mistakes.add("Printed digits", images, labels, said, sure)


def other_rows(networks: Networks, mistakes: Mistakes) -> Iterator[dict[str, Any]]:
    """The share of things that are no digits which are refused."""
    fonts = FONTS[:: max(1, len(FONTS) // 12)]
    kinds = {
        "clothes (Fashion-MNIST's test images)": datasets.load(DataSpec("fashion_mnist")).x_test[:1000],
        "printed letters": batch([typeset(a, str(f)) for f in fonts for a in LETTERS if a not in LIKE_DIGITS]),
        "printed letters that look like digits": batch([typeset(a, str(f)) for f in fonts for a in LIKE_DIGITS]),
    }
    scribbles: dict[str, list[np.ndarray | None]] = {}
    for kind, drawing in mouse_scribbles(60, TEST_SEED):
        scribbles.setdefault(f"scribbles: {kind}", []).append(drawing)
    kinds |= {kind: batch(drawings) for kind, drawings in scribbles.items()}
    for kind, images in kinds.items():
        said, knows, sure = said_by(networks[NAME], images)
        yield {"name": NAME, "kind": kind, "images": len(images), "refused": float((~knows).mean())}
        mistakes.add(f"No digits: {kind}", images, np.full(len(images), -1), np.where(knows, said, -1), sure)


SECTIONS = {"mnist": mnist_rows, "hands": hand_rows, "paper": paper_rows, "fonts": font_rows, "others": other_rows}


def rounded(value: Any) -> Any:
    """Floats to four places, in lists and mappings too."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list) else value


def test() -> None:
    """Measure every section with both stages of the classifier, and keep what went wrong."""
    networks, mistakes = {name: shipped_classifier(name) for name in (FIRST_STAGE, NAME)}, Mistakes([])
    stamp = {"date": date.today().isoformat(), "seed": TEST_SEED}
    sections = []
    for section, measure in SECTIONS.items():
        lines = [json.dumps(rounded({**row, **stamp})) for row in measure(networks, mistakes)]
        sections.append(f' "{section}": [\n  ' + ",\n  ".join(lines) + "\n ]")
        print(section, *lines, sep="\n", flush=True)
    replace_text(RESULTS, "{\n" + ",\n".join(sections) + "\n}\n")
    mistakes.save()


def main() -> None:
    """Calibrate, test, or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--test", action="store_true")
    options = parser.parse_args()
    if options.calibrate:
        calibrate()
    if options.test:
        test()


if __name__ == "__main__":
    main()
