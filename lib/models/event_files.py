"""Curves of a run as TensorBoard event files, with TensorFlow's own record writer and protocol buffers.

A run has a folder with one file for training and one for validation, as Keras' TensorBoard callback writes them, under
the same tags: "epoch_loss", "epoch_accuracy" by epoch, "batch_loss" by optimiser step. TensorBoard itself is not needed.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.base.errors import RunError
from lib.spec.runs import EpochLog, RunRecord, StepLog
from lib.spec.words import spec_facts

_NO_TENSORFLOW = "TensorBoard's event files are written with TensorFlow, which is not installed here."
_VALIDATION = "val_"
#: Characters of a folder's name that come from the run's.
_LONGEST_NAME = 60
#: A run with its epochs and steps.
History = tuple[RunRecord, Sequence[EpochLog], Sequence[StepLog]]
#: Time of day, step, tag and value of a figure.
Scalar = tuple[float, int, str, float]


def event_zip(runs: Iterable[History]) -> bytes:
    """A zip with a folder for each run, to be unpacked and opened with `tensorboard --logdir`.

    Raises RunError where TensorFlow is not installed.
    """
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        home = Path(name)
        for record, epochs, steps in runs:
            write_events(home / folder_name(record), record, epochs, steps)
        for path in sorted(home.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(home))
    return buffer.getvalue()


def folder_name(record: RunRecord) -> str:
    """The run's name in letters that every file system takes, and its id."""
    words = re.sub(r"[^A-Za-z0-9.=-]+", "_", record.name).strip("._")[:_LONGEST_NAME].strip("._")
    return f"{words}_{record.id}" if words else record.id


def write_events(folder: Path, record: RunRecord, epochs: Sequence[EpochLog], steps: Sequence[StepLog]) -> None:
    """Write the run's files into `folder`/train and `folder`/validation; the latter only where there are figures of it.

    Epochs count from 1 and steps from 1. The time of each event is the run's start and the seconds of training until then.
    """
    begun = record.started if record.started is not None else record.created
    train: list[Scalar] = []
    validation: list[Scalar] = []
    for log in epochs:
        for name, value in log.metrics.items():
            of_validation = name.startswith(_VALIDATION)
            (validation if of_validation else train).append(
                (begun + log.seconds, log.epoch + 1, f"epoch_{name.removeprefix(_VALIDATION)}", value))
    for chunk in steps:
        for name, values in chunk.metrics.items():
            train += [(begun + chunk.seconds, chunk.first_step + place + 1, f"batch_{name}", value)
                      for place, value in enumerate(values)]
    _write_file(folder / "train", begun, sorted(train), spec_facts(record.spec))
    if validation:
        _write_file(folder / "validation", begun, sorted(validation), {})


def _write_file(folder: Path, begun: float, scalars: Sequence[Scalar], facts: Mapping[str, str]) -> None:
    try:
        import tensorflow as tf
    except ImportError as error:
        raise RunError(_NO_TENSORFLOW, remedy="Take the curves as CSV.") from error
    folder.mkdir(parents=True, exist_ok=True)
    event, summary = tf.compat.v1.Event, tf.compat.v1.Summary
    with tf.io.TFRecordWriter(str(folder / f"events.out.tfevents.{int(begun)}.neural_lab")) as writer:
        writer.write(event(wall_time=begun, file_version="brain.Event:2").SerializeToString())
        if facts:
            writer.write(event(wall_time=begun, step=0, summary=_text_summary(tf, facts)).SerializeToString())
        for time, step, tag, value in scalars:
            one = summary(value=[summary.Value(tag=tag, simple_value=value)])
            writer.write(event(wall_time=time, step=step, summary=one).SerializeToString())


def _text_summary(tf: Any, facts: Mapping[str, str]) -> Any:
    """What the run is, as a table on TensorBoard's page of texts."""
    cells = "\n".join(f"| {_cell(name)} | {_cell(value)} |" for name, value in facts.items() if value)
    summary = tf.compat.v1.Summary
    plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="text")
    return summary(value=[summary.Value(
        tag="specification", tensor=tf.make_tensor_proto([f"| | |\n|---|---|\n{cells}".encode()]),
        metadata=tf.compat.v1.SummaryMetadata(plugin_data=plugin))])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
