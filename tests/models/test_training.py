"""The training loop on data small enough to learn in a second."""

import json
import math
import threading
from dataclasses import replace

import numpy as np
import pytest

from lib.base.errors import CheckpointError, DivergedError, SpecError, TrainingError
from lib.models.files import load_model
from lib.models.tasks.classify import Classifier
from lib.models.training import _Training, train
from lib.runs.outcome import outcome_of
from lib.spec.runs import ChangeRequest, EpochLog, RunControl, RunStarted, StepLog
from lib.spec.specs import OPTIMIZERS, ArchitectureSpec, ConvSpec, DenseSpec, FlattenSpec
from lib.spec.variations import with_classes
from tests.tiny import CNN, MLP, tiny_dataset, tiny_spec


def run(spec, dataset=None, folder=None, control=None):
    """Train and collect the events; (result, events)."""
    events = []
    result = train(spec, dataset or tiny_dataset(), events.append, control or RunControl(), folder)
    return result, events


def of(kind, events):
    return [event for event in events if type(event) is kind]


def losses(events):
    return [loss for log in of(StepLog, events) for loss in log.metrics["loss"]]


def test_a_memorisable_set_is_memorised_and_every_step_is_reported():
    result, events = run(tiny_spec(epochs=30))
    (started,) = of(RunStarted, events)
    assert (started.steps_per_epoch, started.train_images, started.epochs) == (5, 48, 30)
    assert len(losses(events)) == 150
    assert of(StepLog, events)[0].first_step == 0
    epochs = of(EpochLog, events)
    assert [log.epoch for log in epochs] == list(range(30))
    assert epochs[-1].metrics["loss"] < 0.2 * epochs[0].metrics["loss"]
    assert result.state == "finished"
    assert result.metrics["test_accuracy"] == 1.0
    assert result.metrics["test_images"] == 24


def test_epoch_loss_is_the_mean_over_images_also_with_a_smaller_last_batch():
    _, events = run(tiny_spec(epochs=1))
    steps = losses(events)
    weights = [10, 10, 10, 10, 8]
    assert of(EpochLog, events)[0].metrics["loss"] == pytest.approx(np.average(steps, weights=weights), rel=1e-5)


@pytest.mark.parametrize("architecture", [MLP, CNN], ids=["mlp", "cnn"])
def test_the_same_seed_gives_the_same_curve_also_beside_another_run(architecture):
    spec = tiny_spec(architecture, seed=3, epochs=6)
    alone = losses(run(spec)[1])
    beside: list[list[float]] = []
    others = [threading.Thread(target=run, args=(tiny_spec(CNN, seed=s, epochs=6),)) for s in (8, 9)]
    mine = threading.Thread(target=lambda: beside.append(losses(run(spec)[1])))
    for thread in (*others, mine):
        thread.start()
    for thread in (*others, mine):
        thread.join(120)
    assert beside == [alone]
    assert losses(run(tiny_spec(architecture, seed=4, epochs=6))[1]) != alone


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimiser_changes_the_weights(optimizer):
    _, events = run(tiny_spec(optimizer=optimizer, epochs=3))
    assert len(set(losses(events))) > 1


def test_early_stopping_ends_the_run_and_restores_the_best_weights(tmp_path):
    # Labels in a wrong order: what is learned of them makes later epochs worse than the best one.
    data = tiny_dataset(validation=60)
    data = replace(data, y_train=np.random.default_rng(0).permutation(data.y_train))
    result, events = run(tiny_spec(epochs=60, patience=3, learning_rate=0.01, seed=1), data, folder=tmp_path)
    values = [log.metrics["val_accuracy"] for log in of(EpochLog, events)]
    best = int(np.argmax(values))
    assert len(values) == best + 4 < 60
    assert result.metrics["best_epoch"] == best + 1
    assert "Early stopping" in result.message
    kept = load_model(tmp_path / "model.keras")
    answers = np.asarray(kept(data.x_validation.astype(np.float32) / 255)).argmax(axis=1)
    assert np.mean(answers == data.y_validation) == pytest.approx(values[best])
    assert values[-1] < values[best] - 0.1, "the last epoch's weights would not pass for the best"


def test_a_stop_keeps_the_model_and_says_where(tmp_path):
    control = RunControl()
    events = []

    def stop_after_two_epochs(event):
        events.append(event)
        if type(event) is EpochLog and event.epoch == 1:
            control.request_stop()

    result = train(tiny_spec(epochs=500), tiny_dataset(), stop_after_two_epochs, control, tmp_path)
    assert result.state == "stopped"
    assert len(of(EpochLog, events)) == 2
    assert (tmp_path / "model.keras").exists()
    assert result.metrics["test_images"] > 0


def test_a_pause_takes_no_steps_until_it_ends():
    control = RunControl()
    paused_at, reached = [], threading.Event()
    events = []

    def pause_once(event):
        events.append(event)
        if type(event) is EpochLog and event.epoch == 0:
            control.pause()
            reached.set()

    thread = threading.Thread(target=train, args=(tiny_spec(epochs=3), tiny_dataset(), pause_once, control))
    thread.start()
    assert reached.wait(120)
    paused_at.append(len(losses(events)))
    thread.join(0.2)
    assert thread.is_alive()
    assert len(losses(events)) == paused_at[0] == 5
    control.resume()
    thread.join(120)
    assert len(losses(events)) == 15


def test_the_learning_rate_can_be_changed_while_training():
    control = RunControl()
    control.request_change(ChangeRequest(learning_rate=0.0))
    _, events = run(tiny_spec(ArchitectureSpec((FlattenSpec(), DenseSpec(3, "softmax"))), epochs=2), control=control)
    first, second = of(EpochLog, events)
    assert first.metrics["learning_rate"] == 0.0
    assert first.metrics["val_loss"] == second.metrics["val_loss"]


def test_a_nan_loss_fails_with_the_epoch_and_a_likely_cause():
    # With this penalty a step of SGD multiplies the weights by 1 - 2 * 10 * 100.
    exploding = ArchitectureSpec((FlattenSpec(), DenseSpec(16, "linear"), DenseSpec(3, "softmax", l2=10.0)))
    expected = r"loss became \S+ in epoch \d+, step \d+\. The learning rate 100 is probably too high for sgd; try 0\.01"
    with pytest.raises(TrainingError, match=expected):
        run(tiny_spec(exploding, learning_rate=100.0, optimizer="sgd", epochs=50))


def test_a_killed_run_resumes_with_the_curve_it_would_have_had(tmp_path):
    spec = tiny_spec(epochs=6, seed=5, patience=20)
    whole = of(EpochLog, run(spec)[1])

    class Killed(BaseException):
        pass

    def die_in_the_fourth_epoch(event):
        if type(event) is StepLog and event.epoch == 3:
            raise Killed

    with pytest.raises(Killed):
        train(spec, tiny_dataset(), die_in_the_fourth_epoch, RunControl(), tmp_path)
    _, events = run(spec, folder=tmp_path)
    assert of(RunStarted, events)[0].first_epoch == 3
    resumed = of(EpochLog, events)
    assert [log.epoch for log in resumed] == [3, 4, 5]
    for log, expected in zip(resumed, whole[3:], strict=True):
        assert log.step == expected.step
        for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
            assert log.metrics[name] == expected.metrics[name]


def test_a_damaged_or_foreign_resume_file_is_named(tmp_path):
    (tmp_path / "resume.npz").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(CheckpointError, match=r"resume\.npz cannot be read"):
        run(tiny_spec(), folder=tmp_path)
    (tmp_path / "resume.npz").unlink()
    run(tiny_spec(), folder=tmp_path)
    with pytest.raises(CheckpointError, match="another run"):
        run(tiny_spec(seed=9), folder=tmp_path)


def _without(arrays, name):
    return {key: value for key, value in arrays.items() if key != name}


def _meta(arrays, **changes):
    return arrays | {"meta": np.array(json.dumps(json.loads(str(arrays["meta"])) | changes))}


@pytest.mark.parametrize("spoil", [
    lambda a: {}, lambda a: _without(a, "meta"), lambda a: _without(a, "state_0"), lambda a: _without(a, "slot_2"),
    lambda a: a | {"meta": np.array("[")}, lambda a: a | {"meta": np.array("[]")}, lambda a: a | {"meta": np.zeros((3, 3))},
    lambda a: a | {"state_0": np.zeros((2, 2), np.float32)}, lambda a: a | {"state_0": np.array("text")},
    lambda a: a | {"state_99": np.zeros(3)}, lambda a: _meta(a, epoch="x"), lambda a: _meta(a, progress=[1]),
    lambda a: _meta(a, epoch=-5), lambda a: _meta(a, seconds=None),
])
def test_a_state_that_makes_no_sense_is_a_message(spoil, tmp_path):
    run(tiny_spec(epochs=1), folder=tmp_path)
    with np.load(tmp_path / "resume.npz") as saved:
        arrays = dict(saved)
    np.savez(tmp_path / "resume.npz", **spoil(arrays))
    with pytest.raises(CheckpointError, match="cannot be used") as caught:
        run(tiny_spec(epochs=1), folder=tmp_path)
    assert caught.value.remedy


def test_a_run_does_not_go_on_with_other_images(tmp_path):
    run(tiny_spec(), replace(tiny_dataset(), fingerprint="one"), folder=tmp_path)
    with pytest.raises(CheckpointError, match="not those that it began with"):
        run(tiny_spec(), replace(tiny_dataset(), fingerprint="two"), folder=tmp_path)
    run(tiny_spec(), replace(tiny_dataset(), fingerprint="one"), folder=tmp_path)


def test_the_saved_model_predicts_what_the_run_measured(tmp_path):
    import keras

    dataset = tiny_dataset()
    run(tiny_spec(CNN, epochs=3), dataset, tmp_path)
    with np.load(tmp_path / "test.npz", allow_pickle=False) as stored:
        outputs, labels = stored["outputs"], stored["labels"]
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    again = np.asarray(model(dataset.x_test.astype(np.float32) / 255.0, training=False))
    np.testing.assert_allclose(again, outputs, atol=1e-5)
    np.testing.assert_array_equal(labels, dataset.y_test)
    assert not list(tmp_path.glob(".part-*"))


def test_without_validation_images_training_still_ends():
    result, events = run(tiny_spec(), tiny_dataset(validation=0))
    assert result.state == "finished"
    assert "val_loss" not in of(EpochLog, events)[0].metrics


def test_a_batch_larger_than_the_set_is_the_whole_set():
    _, events = run(tiny_spec(batch_size=4096, epochs=1))
    assert len(losses(events)) == 1


def test_no_images_and_unknown_tasks_are_refused():
    from dataclasses import replace

    with pytest.raises(SpecError, match="no training images"):
        run(tiny_spec(), tiny_dataset(train=0))
    with pytest.raises(SpecError, match="Unknown task"):
        run(replace(tiny_spec(), task="juggle"))


def test_an_output_that_is_no_softmax_uses_cross_entropy_as_it_is():
    stack = ArchitectureSpec((FlattenSpec(), DenseSpec(8), DenseSpec(3, "relu")))
    _, events = run(tiny_spec(stack, epochs=2))
    assert all(math.isfinite(loss) for loss in losses(events))


def test_weight_penalties_are_part_of_both_losses():
    plain = ArchitectureSpec((ConvSpec(2), FlattenSpec(), DenseSpec(3, "softmax")))
    heavy = ArchitectureSpec((ConvSpec(2, l2=1.0), FlattenSpec(), DenseSpec(3, "softmax")))
    light, fat = (of(EpochLog, run(tiny_spec(a, epochs=1, learning_rate=0.0))[1])[0].metrics for a in (plain, heavy))
    extra = fat["loss"] - light["loss"]
    assert extra > 0
    assert fat["val_loss"] - light["val_loss"] == pytest.approx(extra, rel=1e-4)


def test_a_network_that_diverged_says_what_it_is_worth():
    """It is tested as it is then: a grid counts it at that instead of leaving it out."""
    with pytest.raises(DivergedError) as caught:
        exploding = ArchitectureSpec((FlattenSpec(), DenseSpec(16, "linear"), DenseSpec(3, "softmax", l2=10.0)))
        run(tiny_spec(exploding, learning_rate=100.0, optimizer="sgd", epochs=50))
    assert caught.value.metrics["diverged"] == 1.0
    assert 0 <= caught.value.metrics["test_accuracy"] <= 1
    assert all(math.isfinite(value) for value in caught.value.metrics.values())
    outcome = outcome_of(None, caught.value)
    assert outcome.state == "failed" and outcome.metrics == caught.value.metrics


def test_without_validation_images_nothing_is_called_the_best():
    result, _ = run(tiny_spec(), tiny_dataset(validation=0))
    assert not any(name.startswith("best_") for name in result.metrics) and "best epoch" not in result.message
    with pytest.raises(TrainingError, match="Early stopping watches a figure"):
        run(tiny_spec(patience=2), tiny_dataset(validation=0))


def test_outputs_that_are_no_probabilities_are_clipped_not_normalised_away():
    """System A2: a network whose outputs are all zero has the loss of a guess among its classes, as report 001 printed."""
    dead = ArchitectureSpec((FlattenSpec(), DenseSpec(4), DenseSpec(3, "relu")))
    task = Classifier(tiny_spec(dead), tiny_dataset())
    task.model.set_weights([np.zeros_like(weight) for weight in task.model.get_weights()])
    metrics = task.validate(lambda: True)
    assert metrics["val_loss"] == pytest.approx(math.log(3), rel=1e-5) and metrics["val_accuracy"] == pytest.approx(1 / 3)


def test_training_and_validation_figures_are_of_the_finished_network():
    events = []
    result = train(tiny_spec(epochs=8), tiny_dataset(), events.append, RunControl(), all_splits=True)
    last = of(EpochLog, events)[-1].metrics
    assert result.metrics["val_accuracy"] == last["val_accuracy"]
    assert result.metrics["train_accuracy"] >= last["accuracy"] - 0.2, "without dropout it is at least about as good"


def test_the_name_of_a_network_and_the_form_of_a_number_do_not_change_the_digest():
    spec = tiny_spec(learning_rate=1.0)
    assert spec.digest == tiny_spec(replace(MLP, name="other"), learning_rate=1).digest
    assert spec.digest == replace(spec, architecture=with_classes(MLP, 7)).digest, "the data set decides the classes"
    assert spec.named_digest != tiny_spec(replace(MLP, name="other"), learning_rate=1).named_digest
    assert spec.digest != tiny_spec(learning_rate=0.5).digest


def test_runs_saved_under_their_older_digest_go_on(tmp_path):
    spec = tiny_spec(epochs=3)
    run(replace(spec, train=replace(spec.train, epochs=3)), folder=tmp_path)
    with np.load(tmp_path / "resume.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    meta = json.loads(str(arrays["meta"])) | {"digest": spec.named_digest}
    del meta["origin"]  # younger than that digest
    np.savez(tmp_path / "resume.npz", **{**arrays, "meta": np.array(json.dumps(meta))})
    result, events = run(spec, folder=tmp_path)
    assert of(RunStarted, events)[0].first_epoch == 3 and result.state == "finished"


@pytest.mark.parametrize("decay", ["", "cosine"])
def test_the_curve_does_not_depend_on_how_steps_are_put_into_chunks(decay, tmp_path):
    """Chunks follow the clock, so a schedule that looked at them gave another curve every time."""
    settings = (("decay", decay),) if decay else ()
    spec = replace(tiny_spec(epochs=4, seed=2), settings=settings)

    def curve(chunk, folder=None, epochs=None):
        events = []
        training = _Training(spec, Classifier(spec, tiny_dataset()), events.append, RunControl(), folder)
        training._adapt_chunk = lambda *_: setattr(training, "chunk", chunk)
        training.chunk = chunk
        if epochs is not None:
            training.control.should_stop = lambda: training.epoch >= epochs
        training.run("cpu")
        return losses(events), [np.array(v) for v in training.task.state]

    one, weights = curve(1)
    for chunk in (2, 4):
        other, others = curve(chunk)
        assert other == one and all(np.array_equal(a, b) for a, b in zip(weights, others, strict=True))
    before, _ = curve(4, tmp_path, epochs=2)
    after, resumed = curve(1, tmp_path)
    assert before + after == one and all(np.array_equal(a, b) for a, b in zip(weights, resumed, strict=True))


def test_every_step_has_the_rate_of_its_place_in_the_schedule():
    spec = replace(tiny_spec(epochs=3), settings=(("decay", "cosine"),))
    training = _Training(spec, Classifier(spec, tiny_dataset()), lambda event: None, RunControl(), None)
    rates = training._rates(15)[:, 0]
    expected = [0.01 * (0.01 + 0.495 * (1 + math.cos(math.pi * step / 15))) for step in range(15)]
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_a_run_that_does_not_fit_into_memory_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr("lib.spec.memory_need.free_bytes", lambda: 10_000)
    monkeypatch.setattr("lib.models.tasks.classify.build_model", lambda *_: pytest.fail("it was built"))
    with pytest.raises(SpecError, match="does not fit into memory"):
        run(tiny_spec(CNN))
