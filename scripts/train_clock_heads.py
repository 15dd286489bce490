"""Train the light network of every head family on the same clocks with the same budget, and ship the weights.

    python scripts/train_clock_heads.py                          # everything that is missing
    python scripts/train_clock_heads.py --only sincos_time       # one head
    python scripts/train_clock_heads.py --draw                   # only draw the images of the curriculum
    python scripts/train_clock_heads.py --gallery                # only ask the shipped heads about the clocks of the gallery

A network first learns upright clocks, then dials that turn further and further (`lib.catalog.clock_curriculum`), on
images that are drawn ahead by another process. Resumable: an interrupted network goes on after its last whole epoch or
block, a finished one is not trained again. Weights go to checkpoints/clocks/, their manifest entries hold the measured
figures, checkpoints/measured/clock_heads.json the curve of every training and the errors by the dial's turn.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
import time
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.json_files import write_json  # noqa: E402
from lib.catalog.clock_curriculum import WIDENING  # noqa: E402
from lib.catalog.clock_presets import CLOCK_PRESETS, LIGHT_HEADS  # noqa: E402
from lib.catalog.heads import HEADS  # noqa: E402
from lib.catalog.tasks import CLOCK  # noqa: E402
from lib.datasets.turned_clocks import TurnedClocks, draw_turned, kept_turned, turned_file  # noqa: E402
from lib.measures.clock_confidence import KINDS, kinds_of_answers  # noqa: E402
from lib.measures.clock_figures import GALLERY, HEAD_ROWS, clock_report, head_rows  # noqa: E402
from lib.models.checkpoints import as_shipped, load_weights, manifest, save_weights, shipped_of  # noqa: E402
from lib.models.clock_bench import ClockBench  # noqa: E402
from lib.models.curriculum import TurnTraining, turn_report  # noqa: E402
from lib.models.runtime import prepare  # noqa: E402
from lib.models.tasks.clock import build_clock_model  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.runs import EpochLog, RunControl  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec, run_to_stored  # noqa: E402

SHAPE = (75, 75, 1)


def main() -> None:
    """Train what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=25, help="of upright clocks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=LIGHT_HEADS, default=None)
    parser.add_argument("--draw", action="store_true", help="only draw the images")
    parser.add_argument("--gallery", action="store_true", help="only ask the shipped heads about the gallery's clocks")
    parser.add_argument("--measure", action="store_true", help="measure and ship again what is trained")
    parser.add_argument("--wait", action="store_true", help="leave the drawing to another process")
    args = parser.parse_args()
    if args.draw:
        draw_ahead(run_home())
        return
    prepare()
    if args.gallery:
        keep_gallery()
        return
    shipped = [name.partition("/")[2] for name in shipped_of(CLOCK.name)]
    drawing = None
    if not args.wait:
        drawing = multiprocessing.get_context("spawn").Process(target=draw_ahead, args=(run_home(),), daemon=True)
        drawing.start()
    for kind in args.only or shipped:
        preset = CLOCK_PRESETS[f"light_{kind}"]
        spec = replace(preset.spec(DataSpec("clocks_wall_75"), args.seed), train=replace(preset.train, epochs=args.epochs))
        if args.measure or manifest().get(f"clocks/{kind}", {}).get("curriculum") != as_json(WIDENING):
            train_on_turned_dials(kind, spec)
    if drawing is not None:
        drawing.terminate()


def as_json(value: Any) -> Any:
    """A dataclass as it comes back from a JSON file."""
    return json.loads(json.dumps(asdict(value)))


# --- images -----------------------------------------------------------------------------


def draw_ahead(home: Path) -> None:
    """Draw every block of the curriculum that is not there yet, in order."""
    for number in range(len(WIDENING.blocks)):
        kept_turned(home / "turned", WIDENING.images, *WIDENING.images_of(number))


def block(number: int) -> TurnedClocks:
    """The images of block `number`, as soon as they are drawn."""
    wanted = (run_home() / "turned", WIDENING.images, *WIDENING.images_of(number))
    while not turned_file(*wanted).exists():
        time.sleep(0.5)  # the other process writes it
    return kept_turned(*wanted)


def held_out(images: tuple[int, int]) -> TurnedClocks:
    """(images, seed) of freely turned clocks that no training saw."""
    return kept_turned(run_home() / "turned", images[0], 180.0, (images[1],))


# --- networks -----------------------------------------------------------------------------


def upright_weights(kind: str, spec: RunSpec) -> list[np.ndarray]:
    """Weights of the network that reads upright clocks: kept, shipped, or trained now."""
    model = build_clock_model(spec, SHAPE)
    folder = run_home() / "checkpoints" / spec.digest
    entry = manifest().get(f"clocks/{kind}", {})
    if entry and "curriculum" not in entry and not (folder / "model.keras").exists():
        model.set_weights(load_weights(f"clocks/{kind}", [tuple(weight.shape) for weight in model.weights]))
        folder.mkdir(parents=True, exist_ok=True)
        model.save(folder / "model.keras")  # the shipped file will be that of turned dials
    if not (folder / "model.keras").exists():
        folder.mkdir(parents=True, exist_ok=True)
        dataset = datasets.load(spec.data, on_progress=lambda text, part: None)
        train(spec, dataset, lambda event: show_epoch(kind, event), RunControl(), folder)
    import keras

    return keras.saving.load_model(folder / "model.keras", compile=False).get_weights()


def show_epoch(kind: str, event: object) -> None:
    """Print an epoch of the upright training."""
    if isinstance(event, EpochLog):
        print(f"{kind} upright, epoch {event.epoch + 1}: val {event.metrics['val_minutes']:.2f} min", flush=True)


def train_on_turned_dials(kind: str, spec: RunSpec) -> None:
    """Take `kind` from upright clocks to freely turned ones, and ship it."""
    folder = run_home() / "turned_heads" / f"{kind}-{spec.digest}"  # which says the seed
    folder.mkdir(parents=True, exist_ok=True)
    started, before = time.monotonic(), time.process_time()
    training = TurnTraining(spec, upright_weights(kind, spec), WIDENING, block, held_out(WIDENING.validation), folder)

    def show(row: dict[str, float]) -> None:
        print(f"{kind} block {len(training.rows)}, up to {row['turn']:g} degrees: loss {row['loss']:.4f}, val median "
              f"{row['val_median_minutes']:.2f}, mean {row['val_minutes']:.2f} min; {time.monotonic() - started:.0f} s, "
              f"{time.process_time() - before:.0f} s of computing", flush=True)

    training.run(show)
    ship(kind, spec, training)


def ship(kind: str, spec: RunSpec, training: TurnTraining) -> None:
    """Measure the network as it is shipped, in half precision, and write weights, manifest entry and rows."""
    model, test = training.network.model, held_out(WIDENING.test)
    model.set_weights(as_shipped(model.get_weights()))
    answers = training.minutes(test.images)
    kinds = kinds_of_answers(test.minutes, answers)
    found = clock_report(test.minutes, answers)
    save_weights(f"clocks/{kind}", model.get_weights(), {
        "task": spec.task, "spec": run_to_stored(spec), "image_shape": list(SHAPE), "curriculum": as_json(WIDENING),
        "data": {"set": "clocks_course_75", "train": WIDENING.total, "validation": WIDENING.validation[0],
                 "test": WIDENING.test[0]},
        "seed": spec.seed, "date": date.today().isoformat(), "device": f"cpu:0, {platform.machine()}",
        "metrics": {**{f"test_{name}": value for name, value in found.items()}, "test_images": float(len(answers))},
    })
    rows = {row["kind"]: row for row in head_rows()}
    rows[kind] = {"kind": kind, "seed": spec.seed, "test_seed": WIDENING.test[1], "date": date.today().isoformat(),
                  "curve": training.rows, "bands": turn_report(test.minutes, answers, test.turns),
                  "kinds": {name: kinds.count(name) / len(kinds) for name in KINDS}}
    write_rows(rows)
    print(kind, {name: round(value, 3) for name, value in found.items()}, flush=True)
    keep_gallery()


def write_rows(rows: dict[str, dict[str, Any]]) -> None:
    """Replace the stored rows by these, by head."""
    write_json(HEAD_ROWS, [rows[name] for name in sorted(rows)])


def keep_gallery() -> None:
    """Put every shipped network's answers to the gallery's clocks into its row."""
    count, seed = GALLERY
    # The bench takes images of 150 pixels and halves them for these networks.
    clocks = draw_turned(count, 180.0, seed, 150)
    answers = ClockBench().predict(clocks.images[..., 0])
    # By title: the network that learned on the table has the head of one of these.
    said = {row["kind"]: [round(float(answer.minutes), 1) for image in answers for answer in image
                          if answer.title == HEADS[row["kind"]].title] for row in head_rows()}
    write_rows({row["kind"]: {**row, "gallery": said[row["kind"]]} for row in head_rows()})


if __name__ == "__main__":
    main()
