"""Train every classifier preset with its own training on the smallest data set, and store how good it becomes.

    python scripts/check_presets.py

Resumable: presets whose training has not changed since are skipped. tests/models/test_presets_on_digits.py reads the file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.folders import MEASURED  # noqa: E402
from lib.base.json_files import write_json  # noqa: E402
from lib.catalog.presets import PRESETS  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.spec.runs import RunControl  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402

STORED = MEASURED / "presets_on_digits.json"


def main() -> None:
    """Train what is missing, the quick ones first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PRESETS, default=list(PRESETS))
    args = parser.parse_args()
    dataset = datasets.load(DataSpec("digits"))
    rows = json.loads(STORED.read_text()) if STORED.exists() else {}
    for preset in sorted((PRESETS[name] for name in args.only), key=lambda preset: preset.family, reverse=True):
        spec = RunSpec(preset.architecture, DataSpec("digits"), preset.train)
        if rows.get(preset.name, {}).get("digest") == spec.digest:
            continue
        with tempfile.TemporaryDirectory() as folder:
            metrics = train(spec, dataset, lambda event: None, RunControl(), Path(folder)).metrics
        rows[preset.name] = {"digest": spec.digest, "test_accuracy": round(metrics["test_accuracy"], 4),
                             "date": date.today().isoformat()}
        print(preset.name, rows[preset.name]["test_accuracy"], flush=True)
        write_json(STORED, dict(sorted(rows.items())))


if __name__ == "__main__":
    main()
