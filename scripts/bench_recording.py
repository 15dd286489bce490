"""What recording the inside of a classifier costs: the same training with and without it, in turn, many times.

Images/s are taken from the clock on the wall between the end of the first epoch and that of the last, so that everything
counts: steps, validation, saving and recording. The CPU time of the whole process is compared too: on a machine that does
other things it says more than the clock.

    python scripts/bench_recording.py                              # all networks
    python scripts/bench_recording.py a1_model3_relu --pairs 9
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib import datasets  # noqa: E402
from lib.catalog.presets import PRESETS  # noqa: E402
from lib.models import recording  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.spec.runs import EpochLog, RunControl, RunEvent  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402

#: Network -> (data set, training images, epochs).
NETWORKS = {
    "a1_model3_relu": ("mnist", 20_000, 5), "a5_64_64": ("mnist", 20_000, 6), "light_cnn": ("mnist", 10_000, 4),
    "b4_small_cnn": ("mnist", 3_000, 4), "digits": ("digits", None, 40),
}
_PRESET_OF = {"digits": "a1_model3_relu"}


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds from the first epoch's end to the last one's, and how many epochs were recorded."""

    wall: float
    cpu: float
    recorded: int


def measure(spec: RunSpec, data: datasets.Dataset, share: float) -> Cost:
    """Train with recording within `share` of the training time; 0 records nothing."""
    recording.SHARE = share
    marks: list[tuple[float, float]] = []

    def on_event(event: RunEvent) -> None:
        if isinstance(event, EpochLog):
            marks.append((time.perf_counter(), time.process_time()))

    with tempfile.TemporaryDirectory() as folder:
        train(spec, data, on_event, RunControl(), Path(folder))
        count = len(recording.recorded_epochs(Path(folder)))
    return Cost(marks[-1][0] - marks[0][0], marks[-1][1] - marks[0][1], count)


def main() -> None:
    """Measure in turn and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help="names of the table; all of it by default")
    parser.add_argument("--pairs", type=int, default=7, help="measurements of each, in turn")
    args = parser.parse_args()
    share = recording.SHARE
    print("| network | images | epochs recorded | without (images/s) | with (images/s) | cost, wall (%) | cost, CPU (%) |")
    print("|---|---|---|---|---|---|---|")
    for name in args.networks or NETWORKS:
        dataset, images, epochs = NETWORKS[name]
        preset = PRESETS[_PRESET_OF.get(name, name)]
        spec = RunSpec(preset.architecture, DataSpec(dataset, images), replace(preset.train, epochs=epochs, patience=None))
        data = datasets.load(spec.data)
        pairs = []
        for number in range(args.pairs):  # who begins changes too
            order = (0.0, share) if number % 2 else (share, 0.0)
            found = {each: measure(spec, data, each) for each in order}
            pairs.append((found[0.0], found[share]))
        rate = [(epochs - 1) * len(data.x_train) / statistics.median(pair[i].wall for pair in pairs) for i in (0, 1)]
        wall, cpu = (statistics.median(100 * (getattr(a, kind) / getattr(b, kind) - 1) for b, a in pairs)
                     for kind in ("wall", "cpu"))
        recorded = statistics.median(pair[1].recorded for pair in pairs)
        cells = (name, f"{len(data.x_train):,}", f"{recorded:g} of {epochs}", f"{rate[0]:,.0f}", f"{rate[1]:,.0f}",
                 f"{wall:+.1f}", f"{cpu:+.1f}")
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
