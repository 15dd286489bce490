"""Train the network that finds dials in whole images on scenes drawn by code, and ship its weights.

    python scripts/train_clock_finder.py                # 24,000 scenes, some 15 minutes of one core
    python scripts/train_clock_finder.py --further      # on from the shipped weights
    python scripts/train_clock_finder.py --draw         # only draw them, for instance beside a training

Scenes are drawn ahead in blocks under $NEURAL_LAB_HOME/finder; training resumes after its last whole pass over a block.
Backgrounds are textures, gradients, CIFAR-10's training photographs enlarged, and collages of training photographs and
drawings in their own sharpness (`lib.datasets.backgrounds`); the test scenes have others.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.base.drafts import draft_of  # noqa: E402 - needs the path above
from lib.clockface.scenes import draw_scene  # noqa: E402
from lib.datasets.backgrounds import backgrounds, collages  # noqa: E402
from lib.models.batch_statistics import BatchStatistics  # noqa: E402
from lib.models.checkpoints import manifest_entry, save_weights  # noqa: E402
from lib.models.clock_finder import FINDER_CHECKPOINT, WINDOW, DialFinder, shipped_finder, targets  # noqa: E402
from lib.models.files import read_npz, read_variables, write_variables  # noqa: E402
from lib.models.optimizers import optimizer_by_name  # noqa: E402
from lib.models.program import StepProgram, Update  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.models.tasks.classify import to_unit_range  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.step_plan import cosine_decay  # noqa: E402

SEED, BLOCK, BATCH, RATE, MOST_DIALS = 504, 4000, 64, 2e-3, 3
#: Collages of so many pixels a side, as many of them as enlarged photographs.
COLLAGES, COLLAGE_SIDE = 4000, 150


def photographs() -> list[np.ndarray]:
    """Backgrounds of training scenes, grey uint8 (h, h): photographs to be enlarged, and collages."""
    found = backgrounds("train")
    return [*found["cifar10"][:COLLAGES], *collages(found, COLLAGES, COLLAGE_SIDE, SEED)]


def diameters(rng: np.random.Generator) -> list[float]:
    """How large the dials of a scene are, as shares of its side: none in a third, one beyond the image in a twentieth."""
    kind = rng.random()
    if kind < 0.05:
        return [float(rng.uniform(1.2, 2.5))]
    count = int(rng.choice([0, 1, 2, 3], p=[0.3, 0.4, 0.2, 0.1]))
    return [float(np.exp(rng.uniform(np.log(0.15), np.log(1.05)))) for _ in range(count)]


def block(folder: Path, number: int, photos: Any, draw: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Scenes of block `number`, uint8 (N, 96, 96, 1), and their dials, float32 (N, 3, 3) of x, y, diameter in pixels."""
    path = folder / f"scenes-{number}.npz"
    while not path.exists():
        if not draw:
            time.sleep(1.0)  # another process is at it
            continue
        rng = np.random.default_rng([SEED, number])
        scenes, dials = np.empty((BLOCK, WINDOW, WINDOW, 1), np.uint8), np.zeros((BLOCK, MOST_DIALS, 3), np.float32)
        for index in range(BLOCK):
            scenes[index, ..., 0], placed = draw_scene(rng, WINDOW, diameters(rng), photos())
            for k, dial in enumerate(placed):
                x, y, a, b, d = dial.frame
                dials[index, k] = x, y, 2 * np.sqrt(abs(a * d - b * b))
        folder.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft, open(draft, "wb") as file:
            np.savez(file, scenes=scenes, dials=dials)
    arrays = read_npz(path)
    return arrays["scenes"], arrays["dials"]


def flipped(scenes: np.ndarray, dials: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The block as one of its eight mirror images and quarter turns: a dial stays a dial."""
    dials = dials.copy()
    inside = dials[..., 2] > 0
    if rng.random() < 0.5:
        scenes, dials[..., 0] = scenes[:, :, ::-1], np.where(inside, WINDOW - dials[..., 0], 0)
    if rng.random() < 0.5:
        scenes, dials[..., 1] = scenes[:, ::-1], np.where(inside, WINDOW - dials[..., 1], 0)
    if rng.random() < 0.5:
        scenes, dials[..., :2] = scenes.transpose(0, 2, 1, 3), dials[..., [1, 0]]
    return np.ascontiguousarray(scenes), dials


def make_loss(finder: DialFinder, seeds: Any) -> Any:
    """Focal cross-entropy of "a dial is here" (Lin et al., 2017) and the distance of its place where there is one."""
    from keras import ops, random

    def loss_fn(scenes: Any, wanted: Any, places: Any) -> tuple[Any, dict[str, Any]]:
        images = to_unit_range(scenes)
        count = ops.shape(images)[0]
        # Negatives of some, other light in all.
        negative = ops.cast(random.uniform((count, 1, 1, 1), seed=seeds) < 0.08, "float32")
        images = images + negative * (1.0 - 2.0 * images)
        images = images * random.uniform((count, 1, 1, 1), 0.5, 1.1, seed=seeds)
        answer = finder.model(images, training=True)
        logit, true = answer[..., 0], ops.cast(wanted > 0, "float32")
        counts = ops.cast(wanted >= 0, "float32")
        cross = ops.maximum(logit, 0.0) - logit * true + ops.log1p(ops.exp(-ops.abs(logit)))
        miss = ops.abs(true - ops.sigmoid(logit))
        found = ops.sum(counts * miss**1.5 * cross) / (ops.sum(true) + 1.0)
        off = ops.sum(true[..., None] * ops.abs(answer[..., 1:] - places)) / (ops.sum(true) + 1.0)
        return found + 0.7 * off, {"loss": found + 0.7 * off, "found": found, "off": off}

    return loss_fn


def train(finder: DialFinder, blocks: int, passes: int, folder: Path, draw: bool, rate: float, before: int = 0) -> None:
    """`passes` passes over `blocks` blocks, each time mirrored or turned anew, with a learning rate of at most `rate`.

    `before` is how many scenes the network has seen: a training of other weights or another length has its own state.
    """
    import keras

    photos: list[np.ndarray] = []

    def lazily() -> np.ndarray:
        photos[:] = photos or photographs()
        return photos

    def data(number: int) -> tuple[np.ndarray, ...]:
        scenes, dials = block(folder, number % blocks, lazily, draw)
        scenes, dials = flipped(scenes, dials, np.random.default_rng([SEED, 1, number]))
        return (scenes, *targets(dials))

    seeds, optimizer = keras.random.SeedGenerator(SEED), optimizer_by_name("adam", rate)
    update, first = Update(make_loss(finder, seeds), finder.model.trainable_variables, optimizer), data(0)
    program = StepProgram([update], first, [*finder.model.variables, seeds.state])
    statistics = BatchStatistics(finder.model, first[0], BATCH, SEED, to_unit_range)
    variables = [*finder.model.variables, seeds.state, *optimizer.variables]
    state = folder / f"state-{before}-{blocks}x{passes}-{rate:g}.npz"
    done, total = 0, blocks * passes
    if state.exists():
        done = int(read_variables(state, variables)["done"])
    while done < total:
        arrays_now = data(done)
        program.load(arrays_now)
        order = np.random.default_rng([SEED, 2, done]).permutation(BLOCK)[: BLOCK // BATCH * BATCH].reshape(-1, BATCH)
        steps = (done + np.arange(len(order)) / len(order)) / total
        warm = np.minimum(1.0, 10 * steps * passes + 0.02)
        rates = (warm * [cosine_decay(rate, step) for step in steps.tolist()])[:, None]
        started = time.monotonic()
        metrics = program.run(order, rates)
        done += 1
        print(done, {name: round(float(values.mean()), 4) for name, values in metrics.items()},
              f"{BLOCK / (time.monotonic() - started):.0f} scenes/s", flush=True)
        statistics.update(arrays_now[0])
        write_variables(state, variables, done=np.array(done))


def main() -> None:
    """Draw, train, ship."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--passes", type=int, default=6)
    parser.add_argument("--rate", type=float, default=RATE, help="the highest learning rate")
    parser.add_argument("--further", action="store_true", help="begin with the shipped weights")
    parser.add_argument("--draw", action="store_true", help="only draw the scenes")
    parser.add_argument("--wait", action="store_true", help="leave the drawing to another process")
    args = parser.parse_args()
    folder = run_home() / "finder"
    if args.draw:
        photos = photographs()
        for number in range(args.blocks):
            block(folder, number, lambda: photos)
        return
    prepare()
    finder, data = DialFinder(), {"set": "scenes drawn by lib.clockface.scenes", "train": args.blocks * BLOCK}
    if args.further:
        # How many scenes the weights that it begins with have seen.
        seen = manifest_entry(FINDER_CHECKPOINT)["data"]
        finder, data = shipped_finder(), data | {"before": seen["train"] + seen.get("before", 0)}
    train(finder, args.blocks, args.passes, folder, not args.wait, args.rate, data.get("before", 0))
    save_weights(FINDER_CHECKPOINT, finder.model.get_weights(), {
        # The finder's own odds, until scripts/measure_photo_clocks.py has fitted a judge.
        "task": "clock_finder", "judge": [1.0, 0.0, 0.0, 0.0], "metrics": {}, "seed": 0, "epochs": args.passes,
        "data": data,
        "image_shape": [WINDOW, WINDOW, 1], "date": date.today().isoformat(), "device": f"cpu:0, {platform.machine()}",
    })


if __name__ == "__main__":
    main()
