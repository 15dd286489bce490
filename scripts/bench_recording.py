"""What recording the inside of a classifier costs: epochs of one training with and without it, in turn, many times.

Every other epoch is recorded, whatever that costs. An epoch's time is that on the clock from the end of the one before to
its own end, so that everything counts: steps, validation, saving and recording. Each recorded epoch is compared with the one
before it, so that a machine that does other things too disturbs both alike. The CPU time of the process is compared as well:
on a busy machine it says more than the clock. The app itself records fewer epochs where this is more than
`lib.models.recording.SHARE`.

    python scripts/bench_recording.py                              # all networks
    python scripts/bench_recording.py a1_model3_relu --pairs 50
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib import datasets  # noqa: E402
from lib.catalog.presets import PRESETS  # noqa: E402
from lib.models import recording, training  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.spec.runs import EpochLog, RunControl, RunEvent  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402
from scripts.bench_store import keep  # noqa: E402

#: Network -> (data set, training images: None for all).
NETWORKS: dict[str, tuple[str, int | None]] = {
    "a1_model3_relu": ("mnist", None), "a5_64_64": ("mnist", None), "light_cnn": ("mnist", 10_000),
    "b4_small_cnn": ("mnist", 5_000), "digits": ("digits", None),
}
_PRESET_OF = {"digits": "a1_model3_relu"}


class OddEpochRecorder(recording.Recorder):
    """Records the epochs of odd numbers, from 0, whatever that costs."""

    def after_epoch(self, epoch: int, seconds: float, epoch_seconds: float) -> None:
        """See `Recorder`."""
        if epoch % 2:
            self._record(epoch)


def epoch_seconds(spec: RunSpec, data: datasets.Dataset) -> list[tuple[float, float]]:
    """The time on the clock and the CPU time of every epoch, every other one recorded."""
    marks = [(time.perf_counter(), time.process_time())]

    def on_event(event: RunEvent) -> None:
        if isinstance(event, EpochLog):
            marks.append((time.perf_counter(), time.process_time()))

    with tempfile.TemporaryDirectory() as folder:
        train(spec, data, on_event, RunControl(), Path(folder))
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(marks)]


def main() -> None:
    """Measure in turn and print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help="names of the table; all of it by default")
    parser.add_argument("--pairs", type=int, default=25, help="pairs of epochs of each network")
    args = parser.parse_args()
    training.Recorder = OddEpochRecorder
    print("| network | images | pairs | epoch (ms) | adds, clock (%) | quartiles | adds, CPU time (%) | quartiles |")
    print("|---|---|---|---|---|---|---|---|")
    for name in args.networks or NETWORKS:
        dataset, images = NETWORKS[name]
        preset = PRESETS[_PRESET_OF.get(name, name)]
        how = replace(preset.train, epochs=2 * args.pairs + 4, patience=None)
        data = datasets.load(DataSpec(dataset, images))
        spec = RunSpec(preset.architecture, DataSpec(dataset, images), how)
        seconds = epoch_seconds(spec, data)[4:]  # the first ones compile
        cells = [name, f"{len(data.x_train):,}", f"{len(seconds) // 2}",
                 f"{1000 * statistics.median(wall for wall, _cpu in seconds[::2]):.0f}"]
        middles: list[float] = []
        for kind in (0, 1):
            shares = [100 * (b[kind] / a[kind] - 1) for a, b in zip(seconds[::2], seconds[1::2], strict=True)]
            low, middle, high = statistics.quantiles(shares, n=4)
            cells += [f"{middle:+.1f}", f"{low:+.1f} to {high:+.1f}"]
            middles.append(round(middle, 1))
        print(f"| {' | '.join(cells)} |", flush=True)
        keep("recording", {name: dict(zip(("clock_percent", "cpu_percent"), middles, strict=True)) | {
            "images": len(data.x_train), "pairs": len(seconds) // 2}})


if __name__ == "__main__":
    main()
