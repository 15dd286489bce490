"""Write the measured figures into README.md, between its <!-- measured: NAME --> and <!-- end --> marks.

    python scripts/readme_tables.py           write
    python scripts/readme_tables.py --check   fail when README and stored figures differ
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.core.digits import INVENTIONS, METHODS  # noqa: E402 - needs the path above
from lib.core.heads import HEADS  # noqa: E402
from lib.core.measured import stored_figures  # noqa: E402
from lib.core.presets import PRESETS  # noqa: E402
from lib.core.results import reported_words  # noqa: E402
from lib.models.checkpoints import manifest  # noqa: E402


def stored(name: str) -> Any:
    """A file of measured results."""
    return stored_figures(name, None)


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def mean_spread(values: list[float], scale: float = 100.0) -> str:
    """Mean and standard deviation over seeds; a single value alone."""
    mean = scale * statistics.fmean(values)
    return f"{mean:.2f} ± {scale * statistics.stdev(values):.2f}" if len(values) > 1 else f"{mean:.2f}"


def classifiers() -> str:
    """Test accuracy through the app's own runner."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in stored("classifiers"):
        groups.setdefault(row["preset"], []).append(row)
    for row in stored("digits")["trained"]:
        if row["name"] == "digits/reader":
            groups.setdefault("reader", []).append({
                "seed": row["seed"], "epochs": row["epochs"], "test_accuracy": row["metrics"]["test_accuracy"],
                "date": row["date"]})
    rows = []
    for name, runs in groups.items():
        preset = PRESETS.get(name)
        title = preset.title if preset else "Our digit reader, trained on changed digits"
        rows.append([title, mean_spread([run["test_accuracy"] for run in runs]), ", ".join(str(r["seed"]) for r in runs),
                     ", ".join(str(run["epochs"]) for run in runs), runs[0]["date"],
                     (reported_words(name) if preset else "") or "–"])
    head = ["network, on MNIST 54,000/6,000/10,000", "test accuracy (%)", "seeds", "epochs", "date", "the report"]
    return table(head, rows)


def clocks() -> str:
    """Every head on the same clocks, and the reader."""
    entries = manifest()
    rows = []
    for kind, head in HEADS.items():
        entry = entries.get(f"clocks/{kind}")
        if entry:
            rows.append([head.title, *_clock_figures(entry["metrics"], "test_")])
    reader = entries["clocks/reader"]["metrics"]
    rows.append(["**Our reader**, course clocks, every rotation", *_clock_figures(reader, "test_")])
    rows.append(["**Our reader**, clocks of all kinds, every rotation", *_clock_figures(reader, "varied_")])
    return table(["asked as", "mean (min)", "median", "p95", "within 1 min (%)", "within 5 min (%)", "hour right (%)"], rows)


def _clock_figures(metrics: dict[str, float], prefix: str) -> list[str]:
    minutes = [f"{metrics[prefix + name]:.1f}" for name in ("minutes", "median_minutes", "p95_minutes")]
    return minutes + [f"{100 * metrics[prefix + name]:.1f}" for name in ("within_1", "within_5", "hour_accuracy")]


def permuted() -> str:
    """Test accuracy on original and permuted pixels."""
    groups: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in stored("permuted"):
        groups.setdefault((row["data"], row["network"]), {}).setdefault(row["pixels"], []).append(row["test_accuracy"])
    rows = [[PRESETS[network].title, data, mean_spread(part["original"]), mean_spread(part["permuted"])]
            for (data, network), part in sorted(groups.items()) if len(part) == 2]
    return table(["network", "images", "original (%)", "all pixels permuted (%)"], rows)


def noise() -> str:
    """Salt-and-pepper on MNIST's test set."""
    rows = {(r["method"], r["level"]): r for r in stored("digits")["noise"]
            if r["data"] == "mnist" and r["noise"] == "salt_pepper"}
    lines = []
    for method, title in METHODS.items():
        cells = [rows[method, level] for level in (0.0, 0.2, 0.5, 0.8)]
        lines.append([title, *(f"{c['psnr']:.1f} / {c['ssim']:.2f} / {100 * c['accuracy']:.1f}" for c in cells[1:])])
    return table(["cleaned with", "20 % noise", "50 %", "80 %"], lines)


def inventions() -> str:
    """Report card of invented digits."""
    titles = {"real": "Real test images", **INVENTIONS}
    rows = []
    for row in stored("digits")["inventions"]:
        agrees = "–" if row["agrees"] is None else f"{100 * row['agrees']:.1f}"
        rows.append([titles[row["way"]], f"{100 * row['recognised']:.1f}", agrees, f"{row['diversity']:.2f}",
                     f"{row['frechet']:.3f}"])
    return table(["way", "recognised (%)", "as asked (%)", "diversity", "Frechet distance"], rows)


def cats() -> str:
    """Report card of the shipped cat networks; mean and spread over sets of random points."""
    titles = {"training pictures": "Real faces, from training", "gan_better": "Better GAN", "vae_better": "Better VAE",
              "vae_better fitted": "Better VAE, fitted points", "vae_better redrawn": "Better VAE, redrawing unseen faces"}
    cards = stored("cats")["cards"]
    rows = []
    for name, title in titles.items():
        card = cards[name]
        frechet = statistics.fmean(card["frechet"])
        spread = f" ± {statistics.stdev(card['frechet']):.0f}" if len(card["frechet"]) > 1 else ""
        rows.append([title, f"{frechet:.0f}{spread}",
                     *(f"{statistics.fmean(card[key]):.2f}" for key in ("precision", "recall", "sharpness"))])
    return table(["pictures", "Frechet distance", "precision", "recall", "sharpness (real = 1)"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "classifiers": classifiers, "clocks": clocks, "permuted": permuted, "noise": noise, "inventions": inventions,
    "cats": cats,
}


def filled(text: str) -> str:
    """`text` with every table between its marks."""
    def block(match: re.Match[str]) -> str:
        return f"<!-- measured: {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- measured: (\w+) -->\n.*?<!-- end -->", block, text, flags=re.S)


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    path = ROOT / "README.md"
    before = path.read_text()
    after = filled(before)
    if options.check:
        return int(before != after)
    path.write_text(after)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
