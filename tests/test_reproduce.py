"""scripts/reproduce.py: what it trains, what it writes, that it goes on where it was, and that JAX needs no TensorFlow."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.core.measured import read_rows
from lib.core.runs import EpochLog, RunStarted
from scripts import reproduce
from tests.conftest import ROOT


def arguments(folder: Path, **changes) -> argparse.Namespace:
    values = {"scale": "laptop", "epochs": 1, "images": 200, "seeds": 2, "data": "digits", "out": folder / "rows.json",
              "home": folder / "unfinished"}
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
