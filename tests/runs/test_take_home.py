"""A run to take home: its script gives the run's curve in a process without the app; notebook and card say the same."""

import ast
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from lib.datasets.dataset import DatasetInfo
from lib.models.training import train
from lib.runs.take_home import model_card, notebook, stand_alone_script, why_not
from lib.runs.take_home.script import loads_itself
from lib.spec.permutations import PermutationSpec
from lib.spec.runs import EpochLog, RunControl, RunRecord, RunState
from lib.spec.specs import (
    ArchitectureSpec,
    BatchNormSpec,
    ConvSpec,
    DataSpec,
    DenseSpec,
    DropoutSpec,
    FlattenSpec,
    GaussianNoiseSpec,
    PoolSpec,
)
from lib.spec.steering import changed, chosen
from lib.spec.step_plan import StepPlan
from tests.tiny import TINY_INFO, tiny_dataset, tiny_spec

#: The app adds in another order (many steps in one loop, Adam in one kernel); over a few epochs that stays this small.
TOLERANCE = 2e-5
CNN = ArchitectureSpec((
    ConvSpec(4, activation="leaky_relu", slope=0.3), BatchNormSpec(), PoolSpec(2, padding="same"), GaussianNoiseSpec(0.1),
    FlattenSpec(), DenseSpec(16, "tanh", l2=0.001), DropoutSpec(0.2), DenseSpec(3, "softmax")), "tiny")


def record_of(spec, **more):
    return RunRecord("abc", 'A "run" of **mine**', spec, RunState.FINISHED, 1.0, ended=2.0, device="cpu", **more)


PLAIN = tiny_spec(CNN, epochs=4, patience=2, monitor="val_loss")
IMAGES = len(tiny_dataset().x_train)


def steered():
    """A falling rate, set by hand in the midst of an epoch, other batches, and a schedule that a fork chose."""
    spec = replace(tiny_spec(CNN, epochs=6), settings=(("decay", "cosine"),))
    spec = changed(spec, IMAGES, 1, StepPlan(spec, IMAGES).first_step(1) + 2, learning_rate=0.004)
    spec = changed(spec, IMAGES, 2, StepPlan(spec, IMAGES).first_step(2), batch_size=5)
    return chosen(spec, IMAGES, 4, {"decay": "cosine"})


@pytest.mark.parametrize("spec", [PLAIN, steered()], ids=["plain", "steered"])
def test_the_script_gives_the_run_s_curve_in_a_process_of_its_own(spec, tmp_path):
    data = tiny_dataset()
    events = []
    result = train(spec, data, events.append, RunControl())
    stored = [event for event in events if isinstance(event, EpochLog)]
    record = record_of(spec, metrics=result.metrics)
    assert why_not(record, stored, IMAGES) == ""
    names = ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")
    np.savez(tmp_path / "images.npz", **{name: getattr(data, name) for name in names})
    script = tmp_path / "run.py"
    script.write_text(stand_alone_script(record, TINY_INFO, IMAGES), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", script, "images.npz"], cwd=tmp_path, capture_output=True, text=True,
                          timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    again = json.loads((tmp_path / "history.json").read_text())
    assert len(again["epochs"]) == len(stored)
    gaps = [abs(row[name] - log.metrics[name]) for row, log in zip(again["epochs"], stored, strict=True)
            for name in ("loss", "accuracy", "val_loss", "val_accuracy")]
    gaps += [abs(again[name] - result.metrics[name]) for name in ("test_loss", "test_accuracy")]
    assert max(gaps) < TOLERANCE
    assert (tmp_path / "model.keras").exists()


MNIST = DatasetInfo("mnist", "MNIST", "Digits", (28, 28, 1), tuple("0123456789"), 60_000, 10_000, "CC BY-SA 3.0", "LeCun")


@pytest.mark.parametrize("data", [
    DataSpec("mnist", 500), DataSpec("mnist", validation_size=50, validation_from="start"), DataSpec("digits"),
    *(DataSpec("mnist", permutation=PermutationSpec(kind, amount, 3))
      for kind, amount in (("full", 0), ("rows", 0), ("blocks", 7), ("share", 40))),
])
def test_the_script_reads_splits_and_permutes_as_the_app_does(data, monkeypatch, tmp_path):
    """Everything of the script before its network, on images that stand for MNIST's."""
    import keras

    from lib.datasets import splits
    from lib.spec.permutations import apply, make_permutation

    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (1000, 28, 28)).astype(np.uint8), rng.integers(0, 10, 1000).astype(np.uint8)]
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (tuple(arrays), tuple(a[:20] for a in arrays)))
    monkeypatch.setattr(sys, "argv", ["run.py"])
    code = stand_alone_script(record_of(replace(tiny_spec(), data=data)), MNIST, 900).split("model = keras")[0]
    found = {}
    if data.dataset == "digits":
        with pytest.raises(SystemExit, match="Name the file"):
            exec(code, found)
        return
    exec(code, found)
    split = splits.leading_split if data.validation_from == "start" else splits.split_indices
    subject = len(arrays[1]) if data.validation_from == "start" else arrays[1]
    train_rows, validation_rows = split(subject, train_size=data.train_size, validation_size=data.validation_size)
    images = arrays[0][..., None]
    if data.permutation is not None:
        images = apply(images, make_permutation(data.permutation, 28, 28))
    assert np.array_equal(found["x_train"], images[train_rows].astype(np.float32) / 255)
    assert np.array_equal(found["y_validation"].argmax(1), arrays[1][validation_rows])


def test_a_run_that_the_script_cannot_repeat_says_why():
    spec = tiny_spec()
    steps = StepPlan(spec, IMAGES).steps(0)
    logs = [EpochLog(n, steps * (n + 1), 1.0, {"learning_rate": rate}) for n, rate in enumerate((0.01, 0.01, 0.001))]
    spec = replace(spec, train=replace(spec.train, learning_rate=0.01))
    assert "other steps" in why_not(record_of(spec), logs, IMAGES) and why_not(record_of(spec), logs[:2], IMAGES) == ""
    assert "other steps" in why_not(record_of(spec), [logs[0], replace(logs[1], step=20 * steps)], IMAGES)
    fork = chosen(spec, IMAGES, 1, {"optimizer": "sgd"})
    assert "other choices" in why_not(record_of(fork), logs[:1], IMAGES)
    assert "settings" in why_not(record_of(replace(spec, settings=(("augment", "pen"),))), [], IMAGES)
    half = replace(spec, train=replace(spec.train, precision="mixed_bfloat16"))
    assert "half precision" in why_not(record_of(half), [], IMAGES)
    assert "a run of a classifier" in why_not(record_of(replace(spec, task="clock")), [], IMAGES)


def test_overlapping_splits_come_in_a_file():
    spec = replace(tiny_spec(), data=DataSpec("mnist", overlap=0.2))
    script = stand_alone_script(record_of(spec), MNIST, 900)
    assert 'KERAS_SET = \'\'' in script and not loads_itself(spec) and loads_itself(replace(spec, data=DataSpec("mnist")))


def test_names_stay_text_in_the_script():
    hostile = 'x"""\nimport os\n# %%\nos.abort()\n"""\\'
    record, info = replace(record_of(tiny_spec()), name=hostile), replace(TINY_INFO, title=hostile)
    script = stand_alone_script(record, info, IMAGES)
    assert "abort" not in ast.dump(ast.Module(ast.parse(script).body[1:], [])) and len(script.split("# %%\n")) == 6


def test_the_notebook_has_the_script_s_code_in_cells():
    script = stand_alone_script(record_of(tiny_spec()), TINY_INFO, IMAGES)
    made = json.loads(notebook(script, "Mine"))
    kinds = [cell["cell_type"] for cell in made["cells"]]
    assert made["nbformat"] == 4 and kinds == ["markdown", *["code"] * 5]
    compile("\n".join("".join(cell["source"]) for cell in made["cells"][1:]), "notebook", "exec")
    assert len({cell["id"] for cell in made["cells"]}) == len(kinds)


def test_the_card_names_data_network_training_figures_and_date():
    card = model_card(record_of(tiny_spec(CNN), metrics={"test_accuracy": 0.875, "test_loss": 0.5}), [], TINY_INFO, "http://x")
    assert "1970-01-01" in card and "| test accuracy | 87.50 % |" in card and "| **All** |" in card
    assert "Bright quarters" in card and "optimiser: Adam" in card and "<http://x>" in card and "**mine**" not in card
