"""Train presets through the app's own runner and write what they measured.

    python scripts/measure_classifiers.py a1_model3_relu b4_small_cnn --data mnist --seeds 0 1 2

Each run is one row of checkpoints/measured/classifiers.json: data set, split, seed, epochs, date, device, figures.
Runs that are already there are not repeated; an interrupted one goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.core.presets import PRESETS  # noqa: E402 - needs the path above
from lib.core.runs import RunState  # noqa: E402
from lib.core.specs import DataSpec, RunSpec  # noqa: E402
from lib.jobs import Runner, RunStore  # noqa: E402
from lib.ui.resources import execute, run_home  # noqa: E402

LONGEST_RUN_SECONDS = 7 * 24 * 3600
RESULTS = ROOT / "checkpoints" / "measured" / "classifiers.json"


def read_results() -> list[dict[str, Any]]:
    """The rows measured so far."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else []


def measured_row(spec: RunSpec, runner: Runner) -> dict[str, Any]:
    """Train `spec` to its end; the row about it."""
    earlier = [r for r in runner.store.records() if r.spec == spec and r.state == RunState.INTERRUPTED]
    run_id = earlier[0].id if earlier else runner.submit(spec, name=spec.architecture.name)
    if earlier:
        runner.resume(run_id)
    runner.wait(run_id, timeout=LONGEST_RUN_SECONDS)
    snapshot = runner.snapshot(run_id)
    if snapshot.state != RunState.FINISHED:
        raise SystemExit(f"{spec.architecture.name}, seed {spec.seed}: {snapshot.state}. {snapshot.record.message}")
    epochs = snapshot.epochs[-1].epoch + 1
    last = next(e for e in snapshot.epochs if e.epoch + 1 == snapshot.record.metrics.get("best_epoch", epochs))
    return {
        "preset": spec.architecture.name, "data": spec.data.dataset, "digest": spec.digest, "seed": spec.seed,
        "train_images": snapshot.started.train_images, "epochs": epochs, "date": date.today().isoformat(),
        "device": f"{snapshot.started.device}, {platform.machine()}", "message": snapshot.record.message,
        "seconds": round(snapshot.seconds, 1), "train_accuracy": last.metrics["accuracy"], **snapshot.record.metrics,
    }


def main() -> None:
    """Measure what is asked for and not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="+", choices=list(PRESETS), metavar="preset")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, help="instead of the preset's own")
    args = parser.parse_args()
    runner = Runner(RunStore(run_home()), execute)
    for name in args.presets:
        preset = PRESETS[name]
        train = replace(preset.train, epochs=args.epochs) if args.epochs else preset.train
        for seed in args.seeds:
            spec = RunSpec(preset.architecture, DataSpec(args.data), train, seed)
            rows = read_results()
            if any(row["digest"] == spec.digest for row in rows):
                continue
            row = measured_row(spec, runner)
            RESULTS.parent.mkdir(parents=True, exist_ok=True)
            RESULTS.write_text(json.dumps([*rows, row], indent=1) + "\n")
            print(name, args.data, "seed", seed, f"test accuracy {row['test_accuracy']:.4f}, {row['message']}", flush=True)
    runner.shutdown()


if __name__ == "__main__":
    main()
