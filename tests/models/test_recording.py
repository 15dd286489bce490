"""Recording a classifier's inside while it trains: what is measured, that it changes nothing, and how much is kept."""

from dataclasses import replace

import numpy as np
import pytest

from lib.base.errors import CheckpointError
from lib.catalog.tasks import Recorded
from lib.measures.epoch_recording import recording_arrays, recording_from
from lib.models import files, recording
from lib.models.files import shared_npz, write_npz
from lib.models.recording import Recorder, epoch_recording, recorded_epochs, shown_images
from lib.models.runtime import prepare
from lib.models.tasks.classify import Classifier
from lib.models.training import _Training, train
from lib.spec.runs import EpochLog, RunControl, StepLog
from lib.spec.specs import ArchitectureSpec, BatchNormSpec, ConvSpec, DenseSpec, DropoutSpec, FlattenSpec, PoolSpec
from tests.tiny import CNN, MLP, tiny_dataset, tiny_spec

EVERYTHING = ArchitectureSpec((ConvSpec(4, activation="relu", l2=0.01), BatchNormSpec(), PoolSpec(), FlattenSpec(),
                               DenseSpec(8, "tanh"), DropoutSpec(0.3), DenseSpec(3, "softmax")), "everything")


@pytest.fixture
def free(monkeypatch):
    """Inspections cost nothing: every epoch is recorded, however busy the machine."""
    monkeypatch.setattr(recording, "SHARE", 1e9)


def trained(spec, folder=None):
    """(numbers of the curves, weights at the end) of a training in `folder`."""
    events = []
    prepare()
    training = _Training(spec, Classifier(spec, tiny_dataset()), events.append, RunControl(), folder)
    training.run("cpu:0")
    steps = [event.metrics for event in events if type(event) is StepLog]
    epochs = [{**event.metrics, "images_per_second": 0} for event in events if type(event) is EpochLog]
    flat = {name: [value for log in steps for value in log[name]] for name in ("loss", "accuracy")}
    return flat, epochs, [np.array(value) for value in training.task.state]


@pytest.mark.parametrize("architecture", [MLP, EVERYTHING], ids=["dropout", "everything"])
def test_recording_changes_no_bit_of_the_training(architecture, tmp_path, free):
    spec = tiny_spec(architecture, epochs=4, seed=2)
    with_steps, with_epochs, with_weights = trained(spec, tmp_path)
    steps, epochs, weights = trained(spec)
    assert recorded_epochs(tmp_path) == [0, 1, 2, 3]
    assert with_steps == steps and with_epochs == epochs
    assert all(np.array_equal(a, b) for a, b in zip(with_weights, weights, strict=True))


def test_norms_are_those_of_the_weights_and_of_the_loss(tmp_path, free):
    import keras
    from keras import ops

    dataset = tiny_dataset()
    spec = tiny_spec(ArchitectureSpec((FlattenSpec(), DenseSpec(5, "relu"), DenseSpec(3, "softmax"))))
    prepare()
    task = Classifier(spec, dataset)
    recorded = task.inspect()
    kernels = [layer.kernel for layer in task.model.layers if hasattr(layer, "kernel")]
    np.testing.assert_allclose(recorded.weights, [np.linalg.norm(kernel) for kernel in kernels], rtol=1e-5)
    assert recorded.layers.tolist() == [1, 2] and recorded.sizes.tolist() == [64 * 5, 15] and recorded.relus.tolist() == [1]

    def loss(weights):
        hidden = np.maximum(images @ weights[0], 0)
        outputs = ops.softmax(hidden @ weights[1])
        return float(ops.mean(keras.losses.sparse_categorical_crossentropy(dataset.y_train, outputs)))

    images = dataset.x_train.reshape(48, -1) / 255.0
    weights = [np.asarray(kernel, np.float64) for kernel in kernels]
    for layer in (0, 1):  # central differences along a random direction: no larger than the norm, and along itself equal
        direction = np.random.default_rng(0).normal(size=weights[layer].shape)
        direction /= np.linalg.norm(direction)
        moved = [[w + (sign * 1e-3 * direction if i == layer else 0) for i, w in enumerate(weights)] for sign in (1, -1)]
        slope = (loss(moved[0]) - loss(moved[1])) / 2e-3
        assert 0 < abs(slope) < recorded.gradients[layer]


def test_silent_units_are_counted():
    prepare()
    task = Classifier(tiny_spec(CNN), tiny_dataset())
    first = next(layer for layer in task.model.layers if hasattr(layer, "kernel"))
    kernel, bias = (np.array(value) for value in first.get_weights())
    bias[:3] = -1e3
    first.set_weights([kernel, bias])
    assert task.inspect().dead.tolist() == [0.75]


def test_answers_and_confusion_are_those_of_the_validation_split(tmp_path, free):
    train(tiny_spec(epochs=30), tiny_dataset(), lambda event: None, RunControl(), tmp_path)
    recorded, shown, dataset = epoch_recording(tmp_path, 29), shown_images(tmp_path), tiny_dataset()
    assert np.array_equal(recorded.confusion, np.diag(np.bincount(dataset.y_validation)))
    assert np.array_equal(recorded.outputs.argmax(axis=1), shown["labels"])
    assert np.array_equal(recorded.class_accuracy, [1, 1, 1])
    assert {*shown["labels"].tolist()} == {0, 1, 2} and shown["images"].dtype == np.uint8
    assert not np.array_equal(epoch_recording(tmp_path, 0).filters, recorded.filters)


def test_without_validation_images_there_are_no_answers(tmp_path, free):
    train(tiny_spec(), tiny_dataset(validation=0), lambda event: None, RunControl(), tmp_path)
    recorded = epoch_recording(tmp_path, 1)
    assert recorded.confusion.shape == (0, 0) and recorded.outputs.shape == (0, 3) and len(recorded.gradients) == 2


def test_filters_are_small_images_of_the_first_weights():
    prepare()
    for architecture, shape in ((CNN, (4, 3, 3, 1)), (MLP, (16, 8, 8, 1))):
        task = Classifier(tiny_spec(architecture), tiny_dataset())
        recorded = task.inspect()
        kernel = np.asarray(next(layer.kernel for layer in task.model.layers if hasattr(layer, "kernel")))
        assert recorded.filters.shape == shape and recorded.filters.dtype == np.int8
        first = kernel[..., 0].reshape(shape[1:])
        np.testing.assert_allclose(recorded.filter_weights[0], first, atol=float(recorded.filter_limit) / 127)


def test_a_resumed_run_records_again_what_it_trains_again(tmp_path, free):
    spec = tiny_spec(epochs=4)
    trained(spec, tmp_path)
    before = epoch_recording(tmp_path, 3)
    (tmp_path / "epochs" / "00077.npz").write_bytes(b"left by something else")
    saved = dict(np.load(tmp_path / "resume.npz"))
    trained(replace(spec, train=replace(spec.train, epochs=4)), tmp_path)  # nothing left to do
    assert recorded_epochs(tmp_path) == [0, 1, 2, 3] and saved
    assert np.array_equal(epoch_recording(tmp_path, 3).weights, before.weights)


class Inspected:
    """A task that has nothing but recordings, of about `size` bytes each."""

    def __init__(self, size=1000):
        self.size, self.shown, self.taken = size, {"images": np.zeros(1)}, 0

    def inspect(self):
        self.taken += 1
        return a_recording(self.size)


def a_recording(size=1):
    numbers = np.zeros(1, np.float32)
    return recording_from({
        "layers": np.zeros(1, np.int16), "sizes": np.ones(1), "weights": numbers, "gradients": numbers,
        "relus": np.zeros(0, np.int16), "dead": np.zeros(0, np.float32), "probe": np.asarray(1),
        "confusion": np.zeros((0, 0), np.uint32), "outputs": np.zeros((0, 1), np.float16),
        "filters": np.zeros((size, 1, 1, 1), np.int8), "filter_limit": np.asarray(1.0)})


def test_a_long_run_keeps_a_bounded_number_of_bytes(tmp_path, free, monkeypatch):
    monkeypatch.setattr(recording, "MOST_BYTES", 100_000)
    recorder = Recorder(Inspected(2000), Recorded.INSIDE, tmp_path, 0, 0.0, 100)
    for epoch in range(500):
        recorder.after_epoch(epoch, epoch + 1.0, 1.0)
    kept = recorded_epochs(tmp_path)
    assert sum(path.stat().st_size for path in (tmp_path / "epochs").iterdir()) < 110_000
    assert kept[0] == 0 and kept[-1] > 470 and 10 < len(kept) < 40
    assert max(np.diff(kept)) <= 2 * min(np.diff(kept[:-1]))  # evenly spread
    resumed = Recorder(Inspected(2000), Recorded.INSIDE, tmp_path, 500, 0.0, 100)
    for epoch in range(500, 900):
        resumed.after_epoch(epoch, epoch + 1.0, 1.0)
    assert sum(path.stat().st_size for path in (tmp_path / "epochs").iterdir()) < 110_000


def test_recording_takes_no_more_than_its_share_of_the_time(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(recording.time, "monotonic", lambda: now[0])
    task = Inspected()
    inspect = task.inspect

    def slow():
        now[0] += 0.1
        return inspect()

    task.inspect = slow
    recorder = Recorder(task, Recorded.INSIDE, tmp_path, 0, 0.0, 10_000)
    for epoch in range(100):
        recorder.after_epoch(epoch, epoch + 1.0, 1.0)  # an epoch takes a second, an inspection a tenth
    assert recorded_epochs(tmp_path)[0] == 0
    assert 35 <= task.taken <= 41  # of 100 seconds at most 4


def test_a_network_whose_recording_would_cost_too_much_is_not_recorded(tmp_path):
    recorder = Recorder(Inspected(), Recorded.INSIDE, tmp_path, 0, 0.0, 500)  # a probe is more than a quarter of an epoch
    for epoch in range(3):
        recorder.after_epoch(epoch, 10.0 * (epoch + 1), 10.0)
    recorder.after_last(2, 30.0)
    assert recorded_epochs(tmp_path) == []


def test_the_last_epoch_is_kept_too(tmp_path, free, monkeypatch):
    monkeypatch.setattr(recording, "MOST_BYTES", 10_000)
    recorder = Recorder(Inspected(), Recorded.INSIDE, tmp_path, 0, 0.0, 10_000)
    for epoch in range(10):
        recorder.after_epoch(epoch, epoch + 1.0, 1.0)
    recorder.after_last(9, 10.0)
    assert recorded_epochs(tmp_path)[-1] == 9


@pytest.mark.parametrize("change", [
    {"dead": np.zeros(3)}, {"filters": np.zeros(3)}, {"confusion": np.zeros((2, 3))}, {"probe": np.zeros(2)},
    {"weights": np.zeros((1, 2))}, {"outputs": np.zeros(())}])
def test_a_damaged_recording_is_a_message(change):
    with pytest.raises(CheckpointError, match="recording"):
        recording_from({**recording_arrays(a_recording()), **change})
    with pytest.raises(CheckpointError, match="recording"):
        recording_from({})


def test_a_run_that_is_stopped_in_the_midst_of_an_epoch_does_not_record_it_as_the_last_one(tmp_path, free, monkeypatch):
    control, inspected = RunControl(), []
    monkeypatch.setattr(Recorder, "after_last", lambda self, epoch, seconds: inspected.append(epoch))

    def stop_in_the_third_epoch(event):
        if type(event) is StepLog and event.epoch == 2:
            control.request_stop()

    train(tiny_spec(epochs=9), tiny_dataset(), stop_in_the_third_epoch, control, tmp_path)
    assert recorded_epochs(tmp_path) == [0, 1] and inspected == []


def test_what_was_recorded_is_read_once_until_it_is_written_anew(tmp_path, monkeypatch):
    path, reads, real = tmp_path / "00000.npz", [], files.read_npz
    monkeypatch.setattr(files, "read_npz", lambda path: reads.append(path) or real(path))
    for number, times in ((1, 2), (22, 2)):
        write_npz(path, value=np.arange(number))
        assert [len(shared_npz(path)["value"]) for _ in range(times)] == [number] * times
    assert len(reads) == 2
    path.unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        shared_npz(path)
