"""Train the lab's clock reader on freshly drawn clocks, measure it, and ship its weights.

    python scripts/train_clock_reader.py                 # 24,000 steps of 64 images, about an hour on two cores
    python scripts/train_clock_reader.py --further       # then 1,500 smaller ones that show it wild clocks too
    python scripts/train_clock_reader.py --steps 2000    # a first impression

Resumable: every 500 steps the whole state goes to $NEURAL_LAB_HOME/reader, and the next call goes on there.
Training clocks have other seeds than the test split of the data sets `clocks_course_150` and `clocks_varied_150`, on
which the figures in the manifest are measured.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.clockface import family_number, random_clock  # noqa: E402
from lib.clockface.pose import frame_of  # noqa: E402
from lib.datasets.clocks import make_clocks  # noqa: E402
from lib.measures.clock_figures import clock_report  # noqa: E402
from lib.models.checkpoints import as_shipped, save_weights  # noqa: E402
from lib.models.clock_reader import BINS, READER_CHECKPOINT, ClockReader, shipped_reader  # noqa: E402
from lib.models.files import read_npz, read_variables, write_variables  # noqa: E402
from lib.models.optimizers import optimizer_by_name  # noqa: E402
from lib.models.program import StepProgram, Update, compiled  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.models.tasks.classify import to_unit_range  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.specs import DataSpec  # noqa: E402

BATCH, CHUNK = 64, 50


@dataclass(frozen=True, slots=True)
class Course:
    """One training: the state's file, the seed of its clocks and their number of each minute, highest rate and steps."""

    state: str
    seed: int
    per_minute: dict[str, int]
    rate: float
    steps: int

    @property
    def images(self) -> int:
        """Clocks that are drawn for it."""
        return 720 * sum(self.per_minute.values())


#: 57,600 of the course's clock and 86,400 of all kinds; then fewer of these, so that they are not forgotten, and wild ones.
FIRST = Course("state.npz", 101, {"course": 80, "varied": 120}, 2e-3, 24_000)
FURTHER = Course("further.npz", 103, {"course": 4, "varied": 10, "wild": 26}, 5e-4, 1_500)


def frames_and_times(family: str, per_minute: int, seed: int) -> np.ndarray:
    """What the locator and the interpreter should find in each image of `make_clocks`: float32 (N, 7).

    Columns: the frame's five numbers, the direction of the 12 in degrees, minutes after 12:00.
    """
    table = np.empty((720 * per_minute, 7), np.float32)
    for index in range(len(table)):
        minute, copy = divmod(index, per_minute)
        # The same stream as the image's, which begins with its pose and style.
        rng = np.random.default_rng([seed, family_number(family), minute, copy])
        frame, twelve = frame_of(random_clock(rng, family)[0])
        table[index] = [*frame, twelve, minute]
    return table


def training_data(course: Course, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, 150, 150, 1) of all families of `course` and their `frames_and_times`."""
    images, tables = [], []
    for family, per_minute in course.per_minute.items():
        print(f"Drawing {720 * per_minute:,} clocks: {family}", flush=True)
        images.append(make_clocks(family, 150, per_minute, course.seed, cache=cache)[0])
        tables.append(frames_and_times(family, per_minute, course.seed))
    return np.concatenate(images), np.concatenate(tables)


def soft_direction(angle: Any) -> Any:
    """Degrees (N,) as shares (N, 120) of the two nearest bins."""
    from keras import ops

    bins = (360 / BINS) * np.arange(BINS, dtype=np.float32)[None]
    distance = ops.abs(ops.mod(angle[:, None] - bins + 180.0, 360.0) - 180.0)
    return ops.maximum(0.0, 1.0 - distance / (360 / BINS))


def with_random_noise(images: Any, seeds: Any) -> Any:
    """Float images with random contrast, brightness and noise."""
    import keras
    from keras import ops, random

    x = to_unit_range(images)
    count = ops.shape(x)[0]
    gain = random.uniform((count, 1, 1, 1), 0.6, 1.4, seed=seeds)
    bias = random.uniform((count, 1, 1, 1), -0.15, 0.15, seed=seeds)
    x = ops.clip((x - 0.5) * gain + 0.5 + bias, 0, 1)
    strength = random.uniform((count, 1, 1, 1), seed=seeds) ** 3 * 0.08
    return x + strength * keras.random.normal(ops.shape(x), seed=seeds)


def make_loss(reader: ClockReader, seeds: Any) -> Any:
    """Loss of the time, of the three directions and of the frame; a third of the dials is unrolled at the true frame."""
    from keras import ops, random

    def cross_entropy(angle: Any, log_shares: Any) -> Any:
        return -ops.mean(ops.sum(soft_direction(angle) * log_shares, axis=1))

    def loss_fn(images: Any, table: Any) -> tuple[Any, dict[str, Any]]:
        x = with_random_noise(images, seeds)
        true, twelve, minutes = table[:, :5], table[:, 5], table[:, 6]
        frames = reader.locate(x, training=True)
        miss = ops.abs(frames - true)
        locator = ops.mean(ops.where(miss < 0.05, miss**2 / 0.1, miss - 0.025))
        nearly = true + random.normal(ops.shape(true), stddev=0.015, seed=seeds)
        use_true = random.uniform((ops.shape(true)[0], 1), seed=seeds) < 0.35
        directions, scores = reader.read(x, ops.where(use_true, nearly, frames), training=True)
        wanted = ops.cast(ops.round(minutes), "int32")
        time_loss = -ops.mean(ops.take_along_axis(scores, wanted[:, None], axis=1))
        parts = [cross_entropy(twelve + turn, directions[:, i]) for i, turn in enumerate((6 * minutes, minutes / 2, 0.0))]
        loss = time_loss + 0.5 * sum(parts) + 20.0 * locator
        right = ops.mean(ops.cast(ops.argmax(scores, axis=1) == wanted, "float32"))
        return loss, {"loss": loss, "time": time_loss, "frame": ops.mean(miss), "right": right}

    return loss_fn


def rate_at(step: int, steps: int, highest: float) -> float:
    """Warm-up over 300 steps to `highest`, then half a cosine to nearly nothing."""
    return highest * min(1.0, step / 300) * 0.5 * (1 + math.cos(math.pi * step / steps)) + 1e-5


def train(reader: ClockReader, course: Course, steps: int, home: Path) -> None:
    """Train `reader` in place, from the stored state if there is one."""
    import keras

    images, table = training_data(course, home)
    seeds = keras.random.SeedGenerator(7)
    optimizer = optimizer_by_name("adam", course.rate)
    update = Update(make_loss(reader, seeds), reader.trainable_variables, optimizer)
    program = StepProgram([update], (images, table), [*reader.variables, seeds.state])
    variables = [*reader.variables, seeds.state, *optimizer.variables]
    # A training of another length has other rates, and so a state of its own.
    step, state = 0, home / f"{Path(course.state).stem}-{steps}.npz"
    if state.exists():
        step = int(read_variables(state, variables)["step"])
    started, first = time.monotonic(), step
    while step < steps:
        optimizer.learning_rate.assign(rate_at(step, steps, course.rate))
        rng = np.random.default_rng([course.seed, step])
        metrics = program.run(rng.integers(0, len(images), (CHUNK, BATCH)))
        step += CHUNK
        if step % 500 == 0:
            speed = (step - first) * BATCH / (time.monotonic() - started)
            print(step, f"{speed:.0f} images/s", {k: round(float(v.mean()), 3) for k, v in metrics.items()}, flush=True)
        if step % 500 == 0 or step >= steps:
            write_variables(state, variables, step=np.array(step))


def measure(reader: ClockReader) -> dict[str, float]:
    """`clock_report` on the test splits: "test_" for the course's clocks, "varied_" for those of all kinds."""

    scores = compiled(lambda x: reader(to_unit_range(x)).scores, reader.variables)
    metrics: dict[str, float] = {}
    for prefix, name in (("test", "clocks_course_150"), ("varied", "clocks_varied_150")):
        dataset = datasets.load(DataSpec(name))
        x, minutes = dataset.x_test, dataset.y_test
        said = np.concatenate([scores(x[i : i + 200]).argmax(axis=1) for i in range(0, len(x), 200)])
        report = clock_report(minutes, said)
        metrics |= {f"{prefix}_{key}": value for key, value in report.items()} | {f"{prefix}_images": float(len(x))}
        print(name, {key: round(value, 4) for key, value in report.items()}, flush=True)
    return metrics


def main() -> None:
    """Train, measure, ship."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--further", action="store_true", help="train the shipped weights further")
    parser.add_argument("--weights", type=Path, help="an npz of weights to measure and ship instead of training")
    args = parser.parse_args()
    prepare()
    course = FURTHER if args.further else FIRST
    steps = args.steps or course.steps
    reader = shipped_reader() if args.further else ClockReader()
    home = run_home() / "reader"
    home.mkdir(parents=True, exist_ok=True)
    if args.weights:
        arrays = read_npz(args.weights)
        reader.set_weights([arrays[f"arr_{index}"] for index in range(len(arrays))])
    else:
        train(reader, course, steps, home)
    half = as_shipped(reader.get_weights())
    reader.set_weights(half)  # measured as shipped
    save_weights(READER_CHECKPOINT, half, {
        "task": "clock_reader", "metrics": measure(reader), "seed": 0, "steps": steps,
        "data": {"set": "clocks drawn by lib.clockface: " + ", ".join(course.per_minute), "train": course.images}
                | ({"before": FIRST.images} if args.further else {}),
        "image_shape": [150, 150, 1], "date": date.today().isoformat(), "device": f"cpu:0, {platform.machine()}",
    })


if __name__ == "__main__":
    main()
