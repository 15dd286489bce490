"""Clock networks, the lab's own reader, and checkpoints."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from lib.base.errors import CheckpointError, SpecError
from lib.catalog.clock_presets import CLOCK_PRESETS
from lib.catalog.heads import HEADS
from lib.clockface import ClockTime, circular_error, random_clock, render
from lib.clockface.pose import frame_of
from lib.datasets import info
from lib.datasets.dataset import Dataset, DatasetInfo
from lib.datasets.turned_clocks import draw_on_turned_background
from lib.measures.clock_background import TABLE_CHECKPOINT
from lib.models.checkpoints import as_shipped, load_weights, manifest, run_entry, save_weights, shipped_model
from lib.models.clock_reader import BINS, ClockReader, unroll
from lib.models.tasks.clock import ClockNetwork, answered_minutes, branch_loss, build_clock_model
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl
from lib.spec.specs import (
    ArchitectureSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    FlattenSpec,
    HeadSpec,
    RunSpec,
    TrainSpec,
    run_from_dict,
)

SIDE = 24
INFO = DatasetInfo("tiny clocks", "", "", (SIDE, SIDE, 1), ("0:00",) * 720, 60, 12, "", "", kind="clock")
BACKBONE = ArchitectureSpec((ConvSpec(4, 3, 2), FlattenSpec(), DenseSpec(16)))


@pytest.fixture(scope="module")
def clocks():
    rng = np.random.default_rng(0)
    minutes = rng.integers(0, 720, 84).astype(np.int32)
    images = np.stack([render(ClockTime.from_minutes(m), *random_clock(rng, "varied"), SIDE) for m in minutes])[..., None]
    return Dataset(INFO, images[:60], minutes[:60], images[60:72], minutes[60:72], images[72:], minutes[72:])


def spec(head, **options):
    options = {"batch_size": 20, "epochs": 3, "learning_rate": 0.01, "monitor": "val_minutes"} | options
    return RunSpec(BACKBONE, DataSpec("clocks_varied_75"), TrainSpec(**options), 0, "clock", HeadSpec(head))


@pytest.mark.parametrize("kind", HEADS)
def test_every_head_trains_and_is_measured_in_minutes(kind, clocks, tmp_path):
    events = []
    result = train(spec(kind, epochs=6), clocks, events.append, RunControl(), tmp_path)
    epochs = [event for event in events if isinstance(event, EpochLog)]
    assert all(0 <= epoch.metrics["val_minutes"] <= 360 for epoch in epochs)
    if kind != "circular":
        assert epochs[-1].metrics["loss"] < epochs[0].metrics["loss"]
    assert {"test_minutes", "test_p95_minutes", "test_within_1", "test_hand_swaps"} <= set(result.metrics)
    with np.load(tmp_path / "test.npz", allow_pickle=False) as stored:
        assert stored["predicted"].shape == (12,)


def test_validation_and_test_losses_have_the_penalty_that_training_has(clocks):
    def task(l2):
        penalised = ArchitectureSpec((ConvSpec(4, 3, 2), FlattenSpec(), DenseSpec(16, l2=l2)))
        return ClockNetwork(replace(spec("classes_24"), architecture=penalised), clocks)

    plain, penalised = task(0.0), task(0.5)
    penalised.model.set_weights(plain.model.get_weights())
    penalty = penalised.penalty()
    assert penalty > 0 == plain.penalty()
    for found in (lambda each: each.validate(lambda: True)["val_loss"], lambda each: each.test(None, 60.0)["test_loss"]):
        assert found(penalised) == pytest.approx(found(plain) + penalty, rel=1e-5)


def test_early_stopping_watches_minutes_downwards(clocks):
    result = train(spec("classes_24", epochs=4, patience=3), clocks, lambda event: None, RunControl())
    assert 0 <= result.metrics["best_val_minutes"] <= 360


@pytest.mark.parametrize("name", [name for name in CLOCK_PRESETS if not name.startswith("d8")])
def test_every_clock_preset_builds(name):
    preset = CLOCK_PRESETS[name]
    model = build_clock_model(preset.spec(), info(preset.dataset).image_shape)
    assert model.output.shape == (None, sum(HEADS[preset.head_kind].outputs))


def test_a_network_without_a_fitting_head_is_refused(clocks):
    for head in (None, HeadSpec("no_such"), HeadSpec("two_heads", ((),))):
        bad = RunSpec(BACKBONE, DataSpec(), TrainSpec(), 0, "clock", head)
        with pytest.raises(SpecError):
            train(bad, clocks, lambda event: None, RunControl())


def test_the_circular_loss_is_flat_in_sum_and_mae_is_not():
    """Why report 000's loss does not train: predictions all over the circle are pulled as much forth as back."""
    target = keras.ops.zeros((1000, 1))
    outputs = keras.ops.reshape(keras.ops.linspace(-5.0, 5.0, 1000), (1000, 1))
    losses = [float(branch_loss("circular", target, outputs + shift)) for shift in (0.0, 0.1, 0.3)]
    assert max(losses) - min(losses) < 0.005
    assert float(branch_loss("mae", target, outputs + 3.0)) > float(branch_loss("mae", target, outputs)) + 0.5


# --- the reader ---------------------------------------------------------------------------


def test_a_perfect_strip_turns_with_the_clock():
    """The 12 of an unrolled dial stands where the frame says, whatever the pose."""
    rng = np.random.default_rng(3)
    reader = ClockReader()
    for _ in range(3):
        pose, style = random_clock(rng, "course")
        image = render(ClockTime(12 % 12, 0), pose, style, 150).astype(np.float32)[None, ..., None] / 255
        frame, twelve = frame_of(pose)
        strip = np.asarray(unroll(image, frame[None].astype(np.float32), reader._points))[0, :, :, 0]
        # Both hands point at the 12: the darkest direction between hub and numerals.
        hand = strip[12:20].mean(axis=0)
        assert abs((np.argmin(hand) - twelve + 180) % 360 - 180) < 12  # hands stand a little above the dial


def test_directions_that_fit_a_time_give_that_time():
    reader = ClockReader()
    minutes = np.array([0, 59, 60, 359, 480, 719])
    twelve = np.array([0, 30, 77, 90, 119, 64])
    logits = np.full((len(minutes), 3, BINS), -20.0, np.float32)
    for row, (minute, r) in enumerate(zip(minutes, twelve, strict=True)):
        logits[row, 0, (r + 2 * (minute % 60)) % BINS] = 0
        low = minute / 6
        for place in (int(low), int(low) + 1):
            logits[row, 1, (r + place) % BINS] = -abs(low - place) * 3
        logits[row, 2, r] = 0
    scores = np.asarray(reader._scores(keras.ops.convert_to_tensor(logits)))
    assert circular_error(minutes, scores.argmax(axis=1)).max() == 0
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1.0, rtol=1e-4)


# --- checkpoints --------------------------------------------------------------------------


def test_weights_come_back_as_they_were_saved(tmp_path):
    weights = [np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4), np.array([70000.0], np.float32)]
    save_weights("some/thing", weights, {"seed": 1}, tmp_path)
    first, second = load_weights("some/thing", [(3, 4), (1,)], tmp_path)
    np.testing.assert_allclose(first, weights[0], atol=1e-3)
    assert second.tolist() == [70000.0]
    assert manifest(tmp_path)["some/thing"]["seed"] == 1


def test_a_network_is_measured_with_the_weights_that_ship(tmp_path):
    weights = [np.linspace(-1, 1, 12, dtype=np.float32), np.array([70000.0], np.float32), np.arange(3)]
    save_weights("thing", weights, {}, tmp_path)
    for ours, theirs in zip(as_shipped(weights), load_weights("thing", [(12,), (1,), (3,)], tmp_path), strict=True):
        assert ours.dtype == theirs.dtype and ours.tolist() == theirs.tolist()


def test_an_entry_says_what_was_trained_on_what(clocks):
    run = spec("sincos_hands")
    entry = run_entry(run, clocks, epochs=3, date="2026-11-29", device="cpu:0", metrics={"test_minutes": 1.5})
    assert run_from_dict(entry["spec"]) == run and entry["metrics"] == {"test_minutes": 1.5} and entry["epochs"] == 3
    assert entry["data"] == {"set": "clocks_varied_75", "train": 60, "validation": 12, "test": 12}
    assert entry["image_shape"] == [SIDE, SIDE, 1]


def test_damaged_missing_and_foreign_checkpoints_are_named(tmp_path):
    save_weights("thing", [np.zeros(3, np.float32)], {}, tmp_path)
    with pytest.raises(CheckpointError, match="another network"):
        load_weights("thing", [(4,)], tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint other"):
        load_weights("other", [(3,)], tmp_path)
    (tmp_path / "thing.npz").write_bytes(b"PK")
    with pytest.raises(CheckpointError, match="damaged"):
        load_weights("thing", [(3,)], tmp_path)
    (tmp_path / "thing.npz").unlink()
    with pytest.raises(CheckpointError, match="missing"):
        load_weights("thing", [(3,)], tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"manifest\.json cannot be read"):
        manifest(tmp_path)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "a/b/c", "", "A b"])
def test_names_stay_in_the_folder(name, tmp_path):
    with pytest.raises(CheckpointError):
        save_weights(name, [np.zeros(1, np.float32)], {}, tmp_path)


def test_every_shipped_checkpoint_is_the_file_of_the_manifest():
    import hashlib

    from lib.base.folders import CHECKPOINTS

    for name, entry in manifest().items():
        content = (CHECKPOINTS / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert json.dumps(entry["metrics"])
    assert sum(entry["bytes"] for entry in manifest().values()) < 60e6


# --- figures of the reports ---------------------------------------------------------------


def test_heads_are_measured_as_their_reports_did(clocks, tmp_path):
    events = []
    result = train(spec("two_heads"), clocks, events.append, RunControl(), tmp_path, all_splits=True)
    for split in ("train", "val", "test"):
        assert 0 <= result.metrics[f"{split}_hour_class_accuracy"] <= 1 and result.metrics[f"{split}_minute_mae"] >= 0
        assert 0 <= result.metrics[f"{split}_minutes"] <= 360
    assert 0 <= train(spec("classes_24"), clocks, events.append, RunControl()).metrics["test_accuracy"] <= 1
    other = tmp_path / "other"
    other.mkdir()
    train(spec("cos_sin_time"), clocks, events.append, RunControl(), other)
    with np.load(other / "test.npz", allow_pickle=False) as stored:
        assert stored["outputs"].shape == (12, 2), "few outputs are kept for the image of points on the circle"


def test_an_hour_class_is_right_or_wrong_whatever_the_minute_says():
    outputs = np.zeros((1, 13), np.float32)
    outputs[0, 8], outputs[0, 12] = 1.0, 0.999  # the eighth hour, minute 59.94
    extras = HEADS["two_heads"].extras(outputs, np.array([8 * 60 + 58]))
    assert extras["hour_class_accuracy"] == 1.0 and extras["minute_mae"] == pytest.approx(0.999 - 58 / 60, abs=1e-6)


def test_losses_in_minutes_are_those_on_a_circle_of_720():
    target, outputs = keras.ops.convert_to_tensor([[715.0]]), keras.ops.convert_to_tensor([[725.0]])
    assert float(branch_loss("circular_minutes", target, outputs)) == pytest.approx(10.0)
    assert float(branch_loss("mae", target, outputs)) == pytest.approx(10.0)
    assert float(branch_loss("circular", target / 720, outputs / 720)) == pytest.approx(10 / 720, rel=1e-3)


def test_what_learned_on_the_table_needs_its_background():
    model, spec = shipped_model(TABLE_CHECKPOINT, build_clock_model), run_from_dict(manifest()[TABLE_CHECKPOINT]["spec"])
    turned = draw_on_turned_background(75, seed=5)
    rng, images = np.random.default_rng(5), []
    for minute in range(0, 720, 6):
        pose, style = random_clock(rng, "table")
        images.append(render(ClockTime.from_minutes(minute), pose, style, 75, minute))
    there = circular_error(np.arange(0, 720, 6), answered_minutes(spec, model, np.stack(images)[..., None]))
    elsewhere = circular_error(turned.minutes[::6], answered_minutes(spec, model, turned.images[::6]))
    assert np.median(there) < 10
    assert np.median(elsewhere) > 90
