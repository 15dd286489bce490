"""Train the network that sees second hands and mirrored dials (`lib.models.clock_notes`), and ship its weights.

    python scripts/train_dial_notes.py                  # 24,000 clocks, 8 passes: some 20 minutes of one core

Clocks are drawn once, found by the shipped reader's locator and kept unrolled under $NEURAL_LAB_HOME/notes; every step
shows half of them in a mirror. Resumes after its last whole pass. What the answers mean is chosen and measured by
scripts/measure_dial_notes.py.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.base.drafts import draft_of  # noqa: E402 - needs the path above
from lib.clockface import PERIOD, ClockTime, Style, random_clock, render  # noqa: E402
from lib.clockface.chances import between, chance, pick, tone_against  # noqa: E402
from lib.clockface.pose import frame_of  # noqa: E402
from lib.clockface.style import Hand  # noqa: E402
from lib.models.batch_statistics import BatchStatistics  # noqa: E402
from lib.models.checkpoints import save_weights  # noqa: E402
from lib.models.clock_notes import NOTES_CHECKPOINT, DialNotes, in_mirror  # noqa: E402
from lib.models.clock_reader import BINS, shipped_reader  # noqa: E402
from lib.models.files import read_npz, read_variables, write_variables  # noqa: E402
from lib.models.optimizers import optimizer_by_name  # noqa: E402
from lib.models.program import StepProgram, Update, compiled  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.models.tasks.classify import to_unit_range  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.step_plan import cosine_decay  # noqa: E402

SEED, BATCH, RATE, CHUNK = 611, 64, 1e-3, 500


def with_random_second_hand(rng: np.random.Generator, style: Style) -> Style:
    """The style, in a part of the cases with another second hand: longer, broader or shorter ones than most."""
    if not chance(rng, 0.3):
        return style
    tone = pick(rng, [style.hands.minute.tone, tone_against(rng, style.face.tone), between(rng, 70, 180)], [0.3, 0.3, 0.4])
    second = Hand(str(pick(rng, ["bar", "taper", "lollipop", "arrow"], [0.6, 0.2, 0.1, 0.1])), between(rng, 0.5, 1.0),
                  between(rng, 0.007, 0.035), between(rng, 0.0, 0.4), tone)
    return replace(style, hands=replace(style.hands, second=second, second_angle=between(rng, 0, 360)))


def clock(index: int) -> tuple[np.ndarray, float]:
    """Clock number `index`: uint8 (150, 150), and the direction of its second hand in the dial's frame, -1 for none."""
    rng = np.random.default_rng([SEED, index])
    pose, style = random_clock(rng, str(pick(rng, ["varied", "course"], [0.88, 0.12])))
    style = with_random_second_hand(rng, style)
    minutes = int(rng.integers(PERIOD))
    image = render(ClockTime.from_minutes(minutes), pose, style, 150, seed=int(rng.integers(2**31)))
    direction = (frame_of(pose)[1] + style.hands.second_angle) % 360 if style.hands.second is not None else -1.0
    return image, direction


def unrolled(folder: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Strips uint8 (N, 32, 360, 1) of clocks as the locator finds them, and their second hands float32 (N,)."""
    path = folder / f"strips-{count}.npz"
    if not path.exists():

        reader, notes = shipped_reader(), DialNotes()

        def strips_of(images: Any) -> Any:
            x = to_unit_range(images)
            return notes.strips(x, reader.locate(x))

        look = compiled(strips_of, reader.variables)
        strips, seconds = np.empty((count, 32, 360, 1), np.uint8), np.empty(count, np.float32)
        for start in range(0, count, 100):
            made = [clock(index) for index in range(start, min(start + 100, count))]
            found = look(np.stack([image for image, _ in made])[..., None])
            strips[start : start + 100] = np.clip(np.rint(255 * found), 0, 255)
            seconds[start : start + 100] = [second for _, second in made]
        folder.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft, open(draft, "wb") as file:
            np.savez(file, strips=strips, seconds=seconds)
    arrays = read_npz(path)
    return arrays["strips"], arrays["seconds"]


def wanted_direction(seconds: Any) -> Any:
    """Directions in degrees (N,), -1 for none, as shares (N, 121) of the two nearest bins, or of none."""
    from keras import ops

    bins = (360 / BINS) * np.arange(BINS, dtype=np.float32)[None]
    away = ops.abs(ops.mod(seconds[:, None] - bins + 180.0, 360.0) - 180.0)
    there = ops.cast(seconds >= 0, "float32")[:, None]
    return ops.concatenate([there * ops.maximum(0.0, 1.0 - away / (360 / BINS)), 1.0 - there], axis=1)


def make_loss(notes: DialNotes, seeds: Any) -> Any:
    """Cross-entropy of the second hand's direction and of "in a mirror", which half of the strips are put into."""
    from keras import ops, random

    def loss_fn(strips: Any, seconds: Any) -> tuple[Any, dict[str, Any]]:
        x = to_unit_range(strips)
        count = ops.shape(x)[0]
        gain, bias = (random.uniform((count, 1, 1, 1), -1, 1, seed=seeds) for _ in range(2))
        x = ops.clip((x - 0.5) * (1.0 + 0.4 * gain) + 0.5 + 0.15 * bias, 0, 1)
        x = x + 0.04 * random.uniform((count, 1, 1, 1), seed=seeds) ** 2 * random.normal(ops.shape(x), seed=seeds)
        mirror = ops.cast(random.uniform((count,), seed=seeds) < 0.5, "float32")
        chosen = mirror[:, None, None, None]
        x = chosen * in_mirror(x) + (1.0 - chosen) * x
        seconds = ops.where(seconds < 0, seconds, ops.where(mirror > 0, ops.mod(360.0 - seconds, 360.0), seconds))
        hands, mirrored = notes.network(x, training=True)
        hand = -ops.mean(ops.sum(wanted_direction(seconds) * ops.log_softmax(hands, axis=1), axis=1))
        cross = ops.maximum(mirrored, 0.0) - mirrored * mirror + ops.log1p(ops.exp(-ops.abs(mirrored)))
        seen = ops.argmax(hands, axis=1) != BINS
        return hand + 2.0 * ops.mean(cross), {
            "second": hand, "mirror": ops.mean(cross),
            "seen": ops.mean(ops.cast(seen == (seconds >= 0), "float32")),
            "told": ops.mean(ops.cast((mirrored > 0) == (mirror > 0), "float32"))}

    return loss_fn


def train(notes: DialNotes, data: tuple[np.ndarray, np.ndarray], passes: int, folder: Path) -> None:
    """`passes` passes over all strips, from the stored state if there is one."""
    import keras

    seeds, optimizer = keras.random.SeedGenerator(SEED), optimizer_by_name("adam", RATE)
    update = Update(make_loss(notes, seeds), notes.network.trainable_variables, optimizer)
    program = StepProgram([update], data, [*notes.network.variables, seeds.state])
    statistics = BatchStatistics(notes.network, data[0], BATCH, SEED, to_unit_range)
    variables, state = [*notes.network.variables, seeds.state, *optimizer.variables], folder / "state.npz"
    done = 0
    if state.exists():
        done = int(read_variables(state, variables)["done"])
    while done < passes:
        order = np.random.default_rng([SEED, 2, done]).permutation(len(data[0]))
        order = order[: len(order) // BATCH * BATCH].reshape(-1, BATCH)
        steps = (done + np.arange(len(order)) / len(order)) / passes
        rates = (np.minimum(1.0, 20 * steps + 0.02) * [cosine_decay(RATE, step) for step in steps.tolist()])[:, None]
        started = time.monotonic()
        for start in range(0, len(order), CHUNK):
            metrics = program.run(order[start : start + CHUNK], rates[start : start + CHUNK])
        done += 1
        print(done, {name: round(float(values.mean()), 4) for name, values in metrics.items()},
              f"{len(order) * BATCH / (time.monotonic() - started):.0f} strips/s", flush=True)
        statistics.update()
        write_variables(state, variables, done=np.array(done))


def main() -> None:
    """Draw, train, ship."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=24_000)
    parser.add_argument("--passes", type=int, default=8)
    args = parser.parse_args()
    prepare()
    folder, notes = run_home() / "notes", DialNotes()
    notes.begin_with(shipped_reader())
    train(notes, unrolled(folder, args.clocks), args.passes, folder)
    save_weights(NOTES_CHECKPOINT, notes.network.get_weights(), {
        "task": "dial_notes", "metrics": {}, "seed": 0, "epochs": args.passes,
        "data": {"set": "clocks_varied_150 and clocks_course_150, drawn afresh", "train": args.clocks},
        "image_shape": [150, 150, 1], "date": date.today().isoformat(), "device": f"cpu:0, {platform.machine()}",
    })


if __name__ == "__main__":
    main()
