"""scripts/reproduce.py: what it trains, what it writes, that it goes on where it was, and that JAX needs no TensorFlow."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lib.base.errors import StorageError
from lib.catalog.report_grids import EXPERIMENTS
from lib.catalog.reported import REPORTED
from lib.measures.measured import read_rows
from lib.models.files import save_model
from lib.models.tasks.clock import build_clock_model
from lib.spec.runs import EpochLog, RunStarted
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, FlattenSpec, HeadSpec, RunSpec, TrainSpec
from scripts import reproduce
from tests.conftest import ROOT


def arguments(folder: Path, **changes) -> argparse.Namespace:
    values = {"scale": "laptop", "epochs": 1, "images": 200, "seeds": 2, "data": "digits", "out": folder / "rows.json",
              "home": folder / "unfinished", "precision": "float32", "groups": [1], "only": [], "workers": 2,
              "minutes": None}
    return argparse.Namespace(**{**values, **changes})


def test_ids_are_systems_or_experiments():
    assert [e.name for e in reproduce.chosen_experiments(["A6"])] == ["a6_logarithmic", "a6_linear", "a6_none"]
    assert [e.name for e in reproduce.chosen_experiments(["a6_none", "a5"])] == ["a6_none", "a5"]
    with pytest.raises(SystemExit, match="no experiment 'Z9'"):
        reproduce.chosen_experiments(["Z9"])


def test_scales_cut_what_they_say(tmp_path):
    (a1,) = reproduce.chosen_experiments(["a1"])
    full = reproduce.scaled(a1, arguments(tmp_path, scale="full", epochs=None, images=None, seeds=None))
    assert full == a1
    small = reproduce.scaled(a1, arguments(tmp_path, epochs=None, images=None, seeds=None))
    assert (small.train_size, small.epochs) == (10_000, 10) and small.dataset == a1.dataset, "its data sets are an axis"


def test_trials_are_stored_and_not_repeated(tmp_path, monkeypatch, capsys):
    (a5,) = reproduce.chosen_experiments(["a5"])
    args = arguments(tmp_path)
    experiment = reproduce.scaled(a5, args)
    reproduce.measure(experiment, args)
    rows = read_rows(args.out)
    assert [row["seed"] for row in rows] == [0, 1] and {row["data"] for row in rows} == {"digits"}
    assert rows[0]["train_images"] == 200 and rows[0]["epochs"] == 1 and rows[0]["parameters"] == 55_050
    assert 0 <= rows[0]["test_accuracy"] <= 1 and len(rows[0]["history"]["val_accuracy"]) == 1
    assert not any(args.home.iterdir()), "a finished trial leaves nothing behind"
    monkeypatch.setattr(reproduce, "measured_row", lambda *_: pytest.fail("trained again"))
    reproduce.measure(experiment, args)
    assert read_rows(args.out) == rows and "a5 1/2 seed 0" in capsys.readouterr().out


def tiny_queue(monkeypatch, seeds=2):
    """A queue of one small experiment: A5 on 200 digits for one epoch."""
    tiny = replace(EXPERIMENTS["a5"], dataset="digits", train_size=200, epochs=1)
    monkeypatch.setitem(EXPERIMENTS, "a5", tiny)
    monkeypatch.setattr(reproduce, "QUEUE", {1: (("a5", seeds),)})
    return tiny


def test_a_full_disk_is_no_result_and_the_training_can_go_on(tmp_path, monkeypatch):
    args = arguments(tmp_path)
    experiment = reproduce.scaled(reproduce.chosen_experiments(["a5"])[0], args)

    def full(spec, dataset, on_event, control, folder, **options):
        (folder / "resume.npz").write_bytes(b"state")
        raise StorageError("The disk is full.")

    monkeypatch.setattr("lib.models.training.train", full)
    with pytest.raises(StorageError):
        reproduce.measure(experiment, args)
    assert not args.out.exists() and list(args.home.glob("*/resume.npz"))


def test_the_queue_trains_in_processes_of_their_own_and_repeats_nothing(tmp_path, monkeypatch):
    """The processes are stand-ins that do what the real ones do: train the trial of a digest and leave a row."""
    tiny = tiny_queue(monkeypatch)
    args = arguments(tmp_path, scale="full", epochs=None, images=None, data=None, seeds=None)
    started = []

    class Process:
        pid, returncode = os.getpid(), 0

        def __init__(self, command, **_):
            started.append(command)
            digest = command[command.index("--trial") + 1]
            reproduce.train_one(replace(tiny, seeds=(0, 1)), digest, args)

        def poll(self):
            return 0

    monkeypatch.setattr(reproduce.subprocess, "Popen", Process)
    monkeypatch.setattr(reproduce.os, "sched_setaffinity", lambda *_: None, raising=False)
    monkeypatch.setattr(reproduce.signal, "signal", lambda *_: None)
    monkeypatch.setattr(reproduce, "POLL_SECONDS", 0)
    reproduce.Queue(args).run()
    rows = read_rows(args.out)
    assert [row["seed"] for row in rows] == [0, 1] and len(started) == 2
    assert not any(args.home.iterdir()), "a finished trial leaves nothing behind"
    reproduce.Queue(args).run()
    assert len(started) == 2 and read_rows(args.out) == rows


def test_a_process_that_dies_is_tried_again_and_then_left(tmp_path, monkeypatch, capsys):
    tiny_queue(monkeypatch, seeds=1)
    started = []

    class Process:
        pid, returncode = os.getpid(), -9

        def __init__(self, command, **_):
            started.append(command)

        def poll(self):
            return -9

    monkeypatch.setattr(reproduce.subprocess, "Popen", Process)
    monkeypatch.setattr(reproduce.os, "sched_setaffinity", lambda *_: None, raising=False)
    monkeypatch.setattr(reproduce.signal, "signal", lambda *_: None)
    monkeypatch.setattr(reproduce, "POLL_SECONDS", 0)
    reproduce.Queue(arguments(tmp_path, scale="full")).run()
    assert len(started) == reproduce.ATTEMPTS and "ended with -9" in capsys.readouterr().out
    assert read_rows(tmp_path / "rows.json") == []


def test_two_cells_of_one_training_share_its_row(tmp_path, monkeypatch):
    """Report 002's "learning rate 0.01" is its baseline: trained once, stored for both."""
    a3 = EXPERIMENTS["a3"]
    trials = {dict(trial.cell)["change"]: trial for trial in a3.trials() if trial.seed == 0}
    args = arguments(tmp_path)
    row = {"experiment": "a3", "cell": {"change": "baseline"}, "digest": trials["baseline"].digest, "seed": 0, "data": "x"}
    reproduce.keep(row, args)
    found = reproduce.stored_row(read_rows(args.out), a3, trials["rate_01"])
    assert found == row and not reproduce.is_own(found, a3, trials["rate_01"])
    assert reproduce.is_own(reproduce.relabelled(found, a3, trials["rate_01"]), a3, trials["rate_01"])


def test_what_one_experiment_trained_counts_for_the_others(tmp_path):
    """C1 on original pixels is A1's model 3."""
    args = arguments(tmp_path)
    trial = next(t for t in EXPERIMENTS["a1"].trials() if dict(t.cell) == {
        "model": 3, "activation": "relu", "dataset": "mnist"})
    row = {"experiment": "a1", "system": "A1", "cell": dict(trial.cell), "digest": trial.digest, "seed": 0, "data": "mnist"}
    reproduce.keep(row, args)
    reproduce.adopt(args)
    assert [(r["experiment"], r["cell"].get("pixels")) for r in read_rows(args.out)] == [("a1", None), ("c1", "original")]


def test_only_convolutions_are_trained_in_16_bits():
    (mlp, *_), (cnn, *_) = EXPERIMENTS["a5"].trials(), EXPERIMENTS["b4"].trials()
    assert reproduce.with_precision(mlp, "mixed_bfloat16") == mlp
    assert reproduce.with_precision(cnn, "mixed_bfloat16").spec.train.precision == "mixed_bfloat16"
    row = {"digest": reproduce.with_precision(cnn, "mixed_bfloat16").digest, "experiment": "b4", "cell": {}}
    assert reproduce.stored_row([row], EXPERIMENTS["b4"], cnn) == row, "a row in any precision is not trained again"


def test_the_queue_takes_the_precision_that_was_timed_as_the_faster_one(tmp_path, monkeypatch, capsys):
    (first, *others), (cnn, *_) = EXPERIMENTS["b1"].trials(), EXPERIMENTS["b4"].trials()
    costs = {reproduce.cost_key(first.spec): {"step": 2.0, "image": 0.0, "precision": "mixed_bfloat16"}}
    monkeypatch.setattr("lib.measures.results.stored_figures", lambda *_: {"networks": costs})
    assert reproduce.with_precision(first, reproduce.FASTER).spec.train.precision == "mixed_bfloat16"
    assert reproduce.with_precision(cnn, reproduce.FASTER).spec.train.precision == "float32", "it was not timed"
    assert reproduce.timed_network(reproduce.with_precision(first, reproduce.FASTER).spec) == next(iter(costs.values()))

    arguments_ = arguments(tmp_path, only=["B1"], groups=[4], seeds=None, precision=reproduce.FASTER)
    reproduce.Queue(arguments_).print_left()
    *lines, total = capsys.readouterr().out.splitlines()
    train = first.spec.train
    hours = train.epochs * -(-54_000 // train.batch_size) * 2.0 / 3600
    assert len(lines) == 1 and lines[0].startswith("b1") and total.startswith("all")
    assert f"{len(others) + 1} trainings" in total and f"{len(others)} of them not timed" in total
    assert f"at most {hours:.1f} hours" in total
    assert not arguments_.home.exists(), "listing trains nothing"


def test_the_queue_can_be_cut_to_some_experiments_and_seeds():
    trials = reproduce.queued([1], ["A5"], most_seeds=2)
    assert [(experiment.name, trial.seed) for experiment, trial in trials] == [("a5", 0), ("a5", 1)]


def test_the_status_counts_every_figure():
    done = subprocess.run([sys.executable, "scripts/reproduce.py", "--status"], cwd=ROOT, capture_output=True, text=True,
                          timeout=100, check=True)
    counts = [int(part.split()[-1]) for part in done.stdout.strip().split(", ")]
    assert done.stdout.startswith("as the report ") and sum(counts) == len(REPORTED)


def test_an_interrupted_trial_keeps_its_epochs(tmp_path):
    history = reproduce.History(tmp_path)
    for epoch in range(3):
        history(EpochLog(epoch, epoch, 1.0, {"val_accuracy": epoch / 10}))
    again = reproduce.History(tmp_path)
    again(RunStarted(5, 1, 10, 10, "cpu", first_epoch=2))
    assert [log.epoch for log in again.epochs] == [0, 1], "the epoch after the saved state is trained again"


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_jax_trains_without_tensorflow(tmp_path):
    code = "import sys; from scripts import reproduce; reproduce.main(); " \
           "print([name for name in sys.modules if name.startswith('tensorflow.')])"
    command = [sys.executable, "-c", code, "--only", "a5", "--data", "digits", "--images", "100", "--epochs", "1", "--seeds",
               "1", "--out", str(tmp_path / "rows.json"), "--home", str(tmp_path / "home")]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"}, capture_output=True, text=True,
                          timeout=200, check=True)
    assert done.stdout.strip().endswith("[]")
    assert json.loads((tmp_path / "rows.json").read_text())[0]["device"].endswith("jax")


def test_a_clock_network_is_also_asked_on_a_background_that_is_turned_by_itself(tmp_path):
    backbone = ArchitectureSpec((ConvSpec(2, 5, 8), FlattenSpec()), "tiny")
    spec = RunSpec(backbone, DataSpec("clocks_table_75"), TrainSpec(), 0, "clock", HeadSpec("sincos_hands"))
    save_model(build_clock_model(spec, (75, 75, 1)), tmp_path / "model.keras")
    figures = reproduce.background_figures(spec, tmp_path)
    assert figures["background_minutes"] == pytest.approx(180, abs=25), "it has learned nothing"
    assert set(figures) == {"background_minutes", "background_median_minutes"}
