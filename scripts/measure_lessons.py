"""Train what the lessons train, and store what it came to: checkpoints/measured/lessons.json.

    python scripts/measure_lessons.py            what is not stored yet
    python scripts/measure_lessons.py --again    everything

Rows of trainings that no lesson has any more are left out.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib import datasets  # noqa: E402 - needs the path above
from lib.catalog.lessons import LESSONS  # noqa: E402
from lib.measures.lessons import training_row  # noqa: E402
from lib.measures.measured import MEASURED, write_rows  # noqa: E402
from lib.spec.runs import EpochLog, RunControl  # noqa: E402
from lib.spec.specs import RunSpec  # noqa: E402


def measured(spec: RunSpec) -> dict[str, Any]:
    """Train the run and give its row: figures of all splits, and how long it took."""
    from lib.models.training import train

    data, epochs = datasets.load(spec.data), []
    result = train(spec, data, lambda event: epochs.append(event) if isinstance(event, EpochLog) else None, RunControl(),
                   all_splits=True)
    figures = {name: round(value, 4) for name, value in result.metrics.items() if name.endswith(("accuracy", "loss"))}
    return {"digest": spec.digest, "network": spec.architecture.name, "data": spec.data.dataset,
            "train_images": len(data.x_train), "test_images": len(data.x_test), "epochs": len(epochs), "seed": spec.seed,
            **figures, "seconds": round(epochs[-1].seconds, 1), "date": date.today().isoformat(),
            "device": f"{os.cpu_count()} cores, {platform.machine()}"}


def main() -> None:
    """Measure what is asked for, and store all rows in the lessons' order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true", help="measure what is stored as well")
    args = parser.parse_args()
    specs = {spec.digest: spec for lesson in LESSONS.values() for spec in lesson.specs}
    rows = []
    for spec in specs.values():
        stored = None if args.again else training_row(spec)
        rows.append(stored or measured(spec))
        print(f"{spec.architecture.name}, seed {spec.seed}: training {rows[-1]['train_accuracy']:.1%}, "
              f"test {rows[-1]['test_accuracy']:.1%}, {rows[-1]['seconds']} s", flush=True)
    write_rows(rows, MEASURED / "lessons.json")


if __name__ == "__main__":
    main()
