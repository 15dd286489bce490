"""GAN, VAE and feature network on images small enough to train in a second."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from lib.base.errors import CheckpointError, SpecError, TrainingError
from lib.catalog.generative import FIXED_LATENTS, GENERATIVE_PRESETS, generative_run, simclr_run
from lib.models.files import read_npz
from lib.models.networks.generators import open_run
from lib.models.recording import epoch_images
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl, StepLog
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, DenseSpec, run_from_dict, to_dict
from tests.conftest import ROOT
from tests.tiny import tiny_dataset

SMALL = ArchitectureSpec((ConvSpec(8, 3, 2, activation="linear"), ConvSpec(8, 3, 2, activation="linear")), "small")


def small(name, seed=0, **train_options):
    options = {"epochs": 2, "batch_size": 16} | train_options
    spec = generative_run(name, DataSpec("tiny"), seed, **options)
    settings = dict(spec.settings) | {"latent": 4}
    if "drawing" in settings:
        settings["drawing"] = "8-8"
    return replace(spec, architecture=SMALL, settings=tuple(settings.items()))


def run(spec, folder=None, control=None, dataset=None):
    events = []
    result = train(spec, dataset or tiny_dataset(), events.append, control or RunControl(), folder)
    return result, [event for event in events if type(event) is EpochLog], events


def weights(folder):
    return {key: value for key, value in read_npz(folder / "resume.npz").items() if key != "meta"}


class StopAfter(RunControl):
    """Asks for a stop in the epoch after `epochs` whole ones."""

    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def __call__(self, event):
        if type(event) is EpochLog and event.epoch + 1 == self.epochs:
            self.request_stop()


@pytest.mark.parametrize("name", GENERATIVE_PRESETS)
def test_every_preset_trains_shows_images_and_can_be_opened(name, tmp_path):
    spec = small(name)
    assert run_from_dict(to_dict(spec)) == spec
    result, epochs, _ = run(spec, tmp_path)
    assert result.state == "finished" and len(epochs) == 2
    assert all(np.isfinite(list(log.metrics.values())).all() for log in epochs)
    first, last = (epoch_images(tmp_path, epoch)["samples"] for epoch in (0, 1))
    assert first.shape == (FIXED_LATENTS, 8, 8, 1) and first.dtype == np.uint8
    assert not np.array_equal(first, last)
    generator = open_run(spec, (8, 8, 1), tmp_path)
    assert generator.draw(np.zeros((3, 4))).shape == (3, 8, 8, 1)
    if spec.task == "vae":
        assert generator.encode(tiny_dataset().x_test).shape == (24, 4)
        assert epoch_images(tmp_path, 1)["reconstructions"].shape == (8, 8, 8, 1)
        assert {"val_loss", "val_kl", "val_squared_error"} <= set(epochs[0].metrics)
    else:
        assert {"discriminator_loss", "real_accuracy", "val_diversity"} <= set(epochs[0].metrics)
        with pytest.raises(CheckpointError, match="no encoder"):
            generator.encode(tiny_dataset().x_test)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 64, 3)])
@pytest.mark.parametrize("name", GENERATIVE_PRESETS)
def test_every_preset_draws_images_of_every_set(name, shape):
    from lib.models.networks.generative import build_discriminator, build_generator, build_vae

    spec = generative_run(name, DataSpec("cats"))
    if spec.task == "gan":
        assert build_generator(spec, shape).output_shape == (None, *shape)
        assert build_discriminator(spec, shape).output_shape == (None, 1)
    else:
        assert build_vae(spec, shape)[2].output_shape == (None, *shape)


def test_the_reports_networks_are_the_reports():
    from lib.models.networks.generative import build_discriminator, build_encoder, build_generator

    gan, vae = (generative_run(name, DataSpec("cats")) for name in ("f1_gan", "f2_vae"))
    names = [type(layer).__name__ for layer in build_discriminator(gan, (64, 64, 3)).layers]
    assert names.count("Conv2D") == names.count("LeakyReLU") == names.count("GaussianNoise") == 5
    generator = build_generator(gan, (64, 64, 3))
    assert [layer.filters for layer in generator.layers if "Transpose" in type(layer).__name__] == [128] * 5
    assert generator.layers[1].units == 1024
    encoder = build_encoder(vae, (64, 64, 3))
    assert encoder.output_shape == (None, 64) and encoder.layers[-2].units == 64
    assert gan.train.batch_size == 32 and vae.train.batch_size == 8 and gan.train.epochs == vae.train.epochs == 50


def test_a_vae_learns_to_redraw():
    _, epochs, _ = run(small("vae_better", epochs=25, learning_rate=0.01))
    assert epochs[-1].metrics["val_squared_error"] < 0.5 * epochs[0].metrics["val_squared_error"]


def test_a_discriminator_learns_while_the_generator_may_not():
    _, epochs, _ = run(replace(small("gan_better", epochs=20, learning_rate=1e-3), settings=(
        ("augment", 0.0), ("average", 0.999), ("discriminator_rate", 20.0), ("drawing", "8-8"), ("latent", 4),
        ("loss", "hinge"), ("network", "light"), ("slope", 0.2), ("spectral", 1.0))))
    assert epochs[-1].metrics["discriminator_loss"] < epochs[0].metrics["discriminator_loss"]


@pytest.mark.parametrize("name", ["gan_better", "vae_better"])
def test_the_same_seed_gives_the_same_curve_and_a_resumed_run_the_same_weights(name, tmp_path):
    spec = small(name, epochs=3)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    _, _, events = run(spec, whole)
    control, cut = StopAfter(1), []
    train(spec, tiny_dataset(), lambda event: (cut.append(event), control(event)), control, parts)
    _, _, rest = run(spec, parts)
    losses = [[x for e in seen if type(e) is StepLog and e.epoch > 0 for x in e.metrics["loss"]] for seen in (events, rest)]
    assert losses[0] == losses[1]
    one, two = weights(whole), weights(parts)
    assert one.keys() == two.keys() and any(key.startswith("slot_") for key in one)
    for key in one:
        np.testing.assert_array_equal(one[key], two[key])
    other = run(replace(spec, seed=1))[1]
    assert other[0].metrics["loss"] != next(e for e in events if type(e) is EpochLog).metrics["loss"]


@pytest.mark.parametrize("name", ["f1_gan", "f2_vae"])
def test_a_loss_that_is_no_number_ends_with_a_message(name):
    with pytest.raises(TrainingError, match="learning rate"):
        run(small(name, optimizer="sgd", learning_rate=1000.0, epochs=20))


def test_both_networks_and_both_optimisers_are_in_the_checkpoint(tmp_path):
    from lib.models.tasks.gan import Gan

    spec = small("gan_better", epochs=1)
    run(spec, tmp_path)
    task = Gan(spec, tiny_dataset())
    networks = [*task.generator.variables, *task.discriminator.variables, *task.model.variables]
    saved = weights(tmp_path)
    assert sum(key.startswith("state_") for key in saved) == len(networks) + 2
    assert sum(key.startswith("slot_") for key in saved) == sum(2 * len(u.variables) + 2 for u in task.updates)


def test_spectral_layers_divide_by_the_largest_singular_value():
    import keras

    from lib.models.networks.spectral import power_iterate, spectral_layers

    image = keras.Input((6,))
    layer = spectral_layers()[1](4)
    model = keras.Model(image, layer(image))
    for _ in range(50):
        power_iterate(model)
    kernel = np.asarray(keras.ops.convert_to_numpy(layer.normalised(layer.kernel)))
    assert np.linalg.norm(kernel, 2) == pytest.approx(1, abs=1e-3)


def test_structural_similarity_of_equal_images_is_one_and_of_noise_less():
    from lib.models.tasks.vae import structural_similarity

    x = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
    assert np.asarray(structural_similarity(x, x)) == pytest.approx(1, abs=1e-5)
    assert np.asarray(structural_similarity(x, x[::-1].copy())).max() < 0.3


def test_a_grid_is_found_and_what_repeats_nothing_is_not():
    from lib.models.tasks.vae import repeated_pattern

    rng = np.random.default_rng(0)
    image = rng.random((1, 64, 64, 3)).astype(np.float32)
    grid = np.tile(0.1 * np.array([[1, -1], [-1, 1]], np.float32), (32, 32))[None, :, :, None]
    noise = 0.1 * rng.choice([-1, 1], image.shape).astype(np.float32)
    assert float(np.asarray(repeated_pattern(image, image + grid))[0]) == pytest.approx(0.01, rel=1e-3)
    assert float(np.asarray(repeated_pattern(image, image + noise))[0]) < 0.002
    small_grey = rng.random((2, 5, 9, 1)).astype(np.float32)
    assert np.asarray(repeated_pattern(small_grey, small_grey)).tolist() == [0, 0]


def test_the_feature_network_learns_to_tell_images_apart(tmp_path):
    spec = replace(simclr_run(DataSpec("tiny"), epochs=12), architecture=SMALL)
    _, epochs, _ = run(spec, tmp_path)
    assert epochs[-1].metrics["loss"] < epochs[0].metrics["loss"]


def test_other_layers_than_convolutions_are_refused():
    with pytest.raises(SpecError, match="convolutions only"):
        run(replace(small("vae_better"), architecture=ArchitectureSpec((DenseSpec(3),))))


def test_jax_trains_them_too():
    pytest.importorskip("jax", reason="JAX is not installed (optional)")
    code = (
        "import keras; assert keras.backend.backend() == 'jax'\n"
        "from tests.models.test_generative_tasks import run, small\n"
        "for name in ('gan_better', 'vae_better'): print(run(small(name, epochs=1))[1][0].metrics['loss'])"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert np.isfinite(np.array(done.stdout.split(), float)).all()
