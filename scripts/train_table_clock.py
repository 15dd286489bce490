"""Train the clock page's example of a network that reads the background: checkpoints/table/sincos_hands.npz.

    python scripts/train_table_clock.py             some seven minutes on two cores
    python scripts/train_table_clock.py --epochs 5

The light network with sine and cosine of both hands learns clocks on their table, in every turn. A stopped training goes on
after its last epoch.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.folders import run_home  # noqa: E402
from lib.catalog.clock_presets import CLOCK_PRESETS  # noqa: E402
from lib.measures.clock_background import TABLE_CHECKPOINT, TABLE_TASK  # noqa: E402
from lib.measures.clock_figures import clock_report  # noqa: E402
from lib.models.checkpoints import as_shipped, run_entry, save_weights  # noqa: E402
from lib.models.files import load_model  # noqa: E402
from lib.models.tasks.clock import answered_minutes, background_report  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.spec.runs import EpochLog, RunControl  # noqa: E402
from lib.spec.specs import DataSpec  # noqa: E402

EPOCHS = 40


def show(event: object) -> None:
    """Print an epoch."""
    if isinstance(event, EpochLog):
        print(f"epoch {event.epoch + 1}: val {event.metrics['val_minutes']:.1f} min, {event.seconds:.0f} s", flush=True)


def main() -> None:
    """Train, measure as it is shipped, and ship."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    args = parser.parse_args()
    preset = CLOCK_PRESETS["light_sincos_hands"]
    spec = preset.spec(DataSpec("clocks_table_75", validation_size=1800))
    spec = replace(spec, train=replace(spec.train, epochs=args.epochs))
    data, folder = datasets.load(spec.data), run_home() / "checkpoints" / spec.digest
    folder.mkdir(parents=True, exist_ok=True)
    train(spec, data, show, RunControl(), folder)
    model = load_model(folder / "model.keras")
    model.set_weights(as_shipped(model.get_weights()))
    reports = {"test": clock_report(data.y_test, answered_minutes(spec, model, data.x_test)),
               "background": background_report(spec, model)}
    figures = {f"{where}_{name}": value for where, report in reports.items() for name, value in report.items()}
    entry = run_entry(spec, data, epochs=args.epochs, date=date.today().isoformat(), device=f"cpu:0, {platform.machine()}",
                      metrics=figures | {"test_images": float(len(data.x_test))})
    save_weights(TABLE_CHECKPOINT, model.get_weights(), entry | {"task": TABLE_TASK})
    print({name: round(value, 2) for name, value in figures.items()})


if __name__ == "__main__":
    main()
