"""TensorBoard's event files are read back with TensorFlow's own reader."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from lib.models.event_files import event_zip, folder_name
from lib.spec.runs import EpochLog, RunRecord, RunState, StepLog
from tests.fakes import tiny_run_spec

NAME = "MLP 64 · ../../=1+1 <b> · seed 0"
RECORD = RunRecord("0123456789ab", NAME, tiny_run_spec(), RunState.FINISHED, 900.0, 1000.0, 1010.0)
EPOCHS = (EpochLog(0, 4, 1.5, {"loss": 2.0, "val_loss": 2.25}), EpochLog(1, 8, 3.0, {"loss": 1.0, "val_loss": float("nan")}))
STEPS = (StepLog(0, 0, 1.0, {"loss": (2.5, 2.0)}), StepLog(1, 4, 2.5, {"loss": (1.5,)}))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The zip of two runs, unpacked; the second has no validation and no steps."""
    bare = replace(RECORD, id="bare", name="…")
    folder = tmp_path_factory.mktemp("events")
    with zipfile.ZipFile(io.BytesIO(event_zip([(RECORD, EPOCHS, STEPS), (bare, EPOCHS[:0], ())]))) as archive:
        archive.extractall(folder)
    return folder


def events(folder: Path):
    import tensorflow as tf

    (path,) = folder.iterdir()
    return list(tf.compat.v1.train.summary_iterator(str(path)))


def scalars(folder: Path):
    return [(event.wall_time, event.step, value.tag, value.simple_value) for event in events(folder)
            for value in event.summary.value if value.HasField("simple_value")]


def test_every_figure_is_there_with_its_step_and_time(unpacked):
    folder = unpacked / folder_name(RECORD)
    assert scalars(folder / "train") == [
        (1001.0, 1, "batch_loss", 2.5), (1001.0, 2, "batch_loss", 2.0), (1001.5, 1, "epoch_loss", 2.0),
        (1002.5, 5, "batch_loss", 1.5), (1003.0, 2, "epoch_loss", 1.0)]
    first, second = scalars(folder / "validation")
    assert first == (1001.5, 1, "epoch_loss", 2.25) and second[:3] == (1003.0, 2, "epoch_loss") and second[3] != second[3]


def test_the_file_says_its_version_and_what_the_run_is(unpacked):
    found = events(unpacked / folder_name(RECORD) / "train")
    assert found[0].file_version == "brain.Event:2"
    (text,) = [value for event in found for value in event.summary.value if value.metadata.plugin_data.plugin_name == "text"]
    assert "| learning rate | 0.001 |" in text.tensor.string_val[0].decode()


def test_a_run_without_epochs_has_a_file_too(unpacked):
    assert scalars(unpacked / "bare" / "train") == [] and not (unpacked / "bare" / "validation").exists()


def test_a_folder_s_name_is_one_everywhere():
    assert ".." not in Path(folder_name(RECORD)).parts and Path(folder_name(RECORD)).name == folder_name(RECORD)
    name = folder_name(replace(RECORD, name="a/b\\c:d*" + "x" * 300))
    assert not set(name) & set('/\\:*?"<>|') and len(name) < 100 and name.endswith(RECORD.id)
    assert folder_name(replace(RECORD, name="..")) == RECORD.id
