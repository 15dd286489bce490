"""Denoisers: the noise inside the compiled step, training, resuming, cutting a network at its code."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from lib.base.errors import SpecError
from lib.catalog.digits import dense_autoencoder
from lib.measures.corruptions import NOISES, corrupt
from lib.models.networks.autoencoders import Autoencoder, build_autoencoder
from lib.models.networks.digit_augmentation import DigitAugmentation, sample
from lib.models.networks.noise import RandomNoise
from lib.models.recording import epoch_images
from lib.models.tasks.classify import _changes
from lib.models.tasks.denoise import corrupted
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl, StepLog
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec
from lib.spec.step_plan import cosine_decay
from tests.measures.test_corruptions import images
from tests.tiny import MLP, tiny_dataset, tiny_spec

DENSE = ArchitectureSpec((FlattenSpec(), DenseSpec(24), DenseSpec(6), DenseSpec(24), DenseSpec(64, "sigmoid")), "tiny_dense")
CONV = ArchitectureSpec((ConvSpec(4), ConvSpec(6, strides=2), ConvSpec(6)), "tiny_conv")


def denoise_spec(architecture=DENSE, settings=(), **options):
    train_options = {"batch_size": 12, "epochs": 6, "learning_rate": 0.01, "monitor": "val_loss"} | options
    noise = {"noise": "salt_pepper", "level_low": 0.2, "level_high": 0.4} | dict(settings)
    return RunSpec(architecture, DataSpec("tiny"), TrainSpec(**train_options), 1, "denoise", settings=tuple(noise.items()))


def run(spec, folder=None, dataset=None, control=None):
    events = []
    result = train(spec, dataset or tiny_dataset(), events.append, control or RunControl(), folder)
    return result, events


@pytest.mark.parametrize("kind", NOISES)
def test_noise_in_the_step_is_the_noise_on_the_page(kind):
    """Both corrupt images equally much, on average over many."""
    clean = np.concatenate([images(20, seed=s) for s in range(20)])
    level = 0.4
    inside = np.asarray(RandomNoise(kind, level, level, 3)(clean.astype(np.float32) / 255))
    outside = corrupt(clean, kind, level, seed=8).astype(np.float32) / 255
    assert 0 <= inside.min() <= inside.max() <= 1
    error = [np.mean((noisy - clean / 255.0) ** 2) for noisy in (inside, outside)]
    assert error[0] == pytest.approx(error[1], rel=0.06)
    assert inside.mean() == pytest.approx(outside.mean(), abs=0.01)


def test_all_kinds_come_in_turn_and_fresh_each_time():
    noise, clean = RandomNoise("all", 0.3, 0.9, 0), images(64).astype(np.float32) / 255
    first, second = np.asarray(noise(clean)), np.asarray(noise(clean))
    assert not np.array_equal(first, second)
    assert ((first != clean).mean(axis=(1, 2, 3)) > 0).mean() > 0.95
    assert np.array_equal(np.asarray(RandomNoise("none", 0, 0, 0)(clean)), clean)


def test_a_task_without_figures_of_all_splits_can_be_asked_for_them():
    result = train(denoise_spec(epochs=1), tiny_dataset(), lambda event: None, RunControl(), all_splits=True)
    assert "test_psnr" in result.metrics


@pytest.mark.parametrize("architecture", [DENSE, CONV], ids=["dense", "conv"])
def test_a_denoiser_learns_and_shows_every_epoch(architecture, tmp_path):
    result, events = run(denoise_spec(architecture, epochs=8), tmp_path)
    epochs = [event for event in events if isinstance(event, EpochLog)]
    assert epochs[-1].metrics["val_psnr"] > epochs[0].metrics["val_psnr"] + 0.5
    assert result.metrics["test_images"] == 24
    shown = epoch_images(tmp_path, 7)
    assert {name: images.shape for name, images in shown.items()} == dict.fromkeys(
        ("clean", "noisy", "restored"), (10, 8, 8, 1))
    assert np.array_equal(shown["noisy"], epoch_images(tmp_path, 0)["noisy"])
    assert not np.array_equal(shown["restored"], epoch_images(tmp_path, 0)["restored"])
    assert epoch_images(tmp_path, 99) == {}
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert np.array_equal(Autoencoder(model).denoise(shown["noisy"]), shown["restored"])


def test_a_resumed_denoiser_draws_the_same_noise(tmp_path):
    whole = [step for e in run(denoise_spec(epochs=6))[1] if isinstance(e, StepLog) for step in e.metrics["loss"]]

    class StopAfterThree(RunControl):
        def should_stop(self):
            return (tmp_path / "epochs" / "00002.npz").exists()

    _, first = run(denoise_spec(epochs=6), tmp_path, control=StopAfterThree())
    _, second = run(denoise_spec(epochs=6), tmp_path)
    parts = [step for e in (*first, *second) if isinstance(e, StepLog) for step in e.metrics["loss"]]
    assert parts == pytest.approx(whole, rel=1e-5)


def test_a_network_cut_at_its_code_is_the_network():
    model = build_autoencoder(dense_autoencoder((32, 5, 32)), (28, 28, 1), 0)
    network, clean = Autoencoder(model), images(4)
    latents = network.encode(clean)
    assert latents.shape == (4, 5) and network.latent_size == 5
    assert np.abs(network.decode(latents).astype(int) - network.denoise(clean)).max() <= 1


@pytest.mark.parametrize(("spec", "message"), [
    (denoise_spec(ArchitectureSpec((FlattenSpec(), DenseSpec(10, "softmax")))), "cannot give an image"),
    (denoise_spec(ArchitectureSpec((ConvSpec(4, strides=3),))), "cannot be halved"),
    (denoise_spec(settings={"level_low": 0.9}.items()), "noise levels are out of range"),
])
def test_what_cannot_denoise_says_why(spec, message):
    with pytest.raises(SpecError, match=message):
        run(spec)


def test_validation_noise_covers_kinds_and_levels_and_never_changes():
    clean = images(80)
    noisy = corrupted(clean, "all", (0.1, 0.9))
    assert np.array_equal(noisy, corrupted(clean, "all", (0.1, 0.9)))
    assert np.array_equal(corrupted(clean, "none", (0, 0)), clean)
    error = ((noisy.astype(float) - clean) ** 2).mean(axis=(1, 2, 3))
    assert (error > 0).mean() > 0.9


# --- augmentation -------------------------------------------------------------------------


def test_digit_augmentation_changes_strokes_but_not_digits():
    clean = images(30).astype(np.float32) / 255
    augment = DigitAugmentation(0)
    changed = np.asarray(augment(clean))
    assert changed.shape == clean.shape
    assert 0 <= changed.min() <= changed.max() <= 1
    assert (np.abs(changed - clean).mean(axis=(1, 2, 3)) > 1e-3).all()
    assert not np.array_equal(np.asarray(augment(clean)), changed)
    assert np.array_equal(np.asarray(DigitAugmentation(0)(clean)), changed)
    # The blob stays the brightest thing, not far from where it was.
    assert changed.max(axis=(1, 2, 3)).min() > 0.3


def test_reading_at_every_pixel_gives_the_image_back_and_outside_is_black():
    clean = images(2).astype(np.float32) / 255
    row, column = np.mgrid[:28, :28].reshape(2, 1, -1).astype(np.float32)
    same = np.asarray(sample(clean, row.repeat(2, 0), column.repeat(2, 0)))
    assert same == pytest.approx(clean, abs=1e-6)
    assert not np.asarray(sample(clean, row.repeat(2, 0) + 100, column.repeat(2, 0))).any()


def test_a_classifier_with_augmentation_still_learns_and_colours_are_refused():
    spec = tiny_spec(MLP, epochs=30)
    settings = (("augment", "pen"), ("decay", "cosine"))
    with_augmentation = RunSpec(spec.architecture, spec.data, spec.train, 0, settings=settings)
    result, events = run(with_augmentation)
    assert result.metrics["test_accuracy"] > 0.5
    rates = [event.metrics["learning_rate"] for event in events if isinstance(event, EpochLog)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1 * rates[0]
    with pytest.raises(SpecError, match="grey images"):
        _changes(with_augmentation, SimpleNamespace(info=SimpleNamespace(image_shape=(8, 8, 3))))


def test_the_cosine_falls_from_the_rate_to_a_hundredth_of_it():
    assert cosine_decay(2.0, 0.0) == pytest.approx(2.0)
    assert cosine_decay(2.0, 1.0) == pytest.approx(0.02)
    assert cosine_decay(2.0, 7.0) == pytest.approx(0.02)
