"""Networks from label and random numbers to images."""

import keras
import numpy as np
import pytest

from lib.base.errors import SpecError
from lib.models.digit_bench import Decoder
from lib.models.recording import epoch_images
from lib.models.tasks.conditional import SHOWN_PER_CLASS
from lib.models.training import train
from lib.spec.runs import EpochLog, RunControl
from lib.spec.specs import ArchitectureSpec, DataSpec, DenseSpec, RunSpec, TrainSpec
from tests.tiny import tiny_dataset

HIDDEN = ArchitectureSpec((DenseSpec(32), DenseSpec(24)), "tiny_inventor")


def conditional_spec(task, epochs=40, **settings):
    options = TrainSpec("adam", 0.01, 12, epochs, monitor="val_loss")
    return RunSpec(HIDDEN, DataSpec("tiny"), options, 2, task, settings=tuple(settings.items()))


def run(spec, folder=None):
    events = []
    result = train(spec, tiny_dataset(), events.append, RunControl(), folder)
    return result, [event for event in events if isinstance(event, EpochLog)]


SPECS = {
    "reverse": conditional_spec("reverse", inputs=3), "closest": conditional_spec("reverse", inputs=3, tries=4),
    "cvae": conditional_spec("cvae", latent=3),
}


@pytest.mark.parametrize("name", SPECS)
def test_conditional_generators_learn_what_a_label_looks_like(name, tmp_path):
    result, epochs = run(SPECS[name], tmp_path)
    assert epochs[-1].metrics["loss"] < 0.9 * epochs[0].metrics["loss"]
    assert np.isfinite(result.metrics["test_loss"])
    samples = epoch_images(tmp_path, len(epochs) - 1)["samples"]
    assert samples.shape == (3 * SHOWN_PER_CLASS, 8, 8, 1)
    # Label 0 is bright top left, label 1 top right, label 2 bottom left.
    for label, (top, left) in enumerate([(0, 0), (0, 4), (4, 0)]):
        mine = samples[label * SHOWN_PER_CLASS : (label + 1) * SHOWN_PER_CLASS].astype(float)
        quarter = mine[:, top : top + 4, left : left + 4].mean()
        assert quarter > 2 * (mine.sum() / len(mine) - 16 * quarter) / 48


def test_the_closest_of_several_tries_makes_random_inputs_matter(tmp_path):
    spread = {}
    for name in ("reverse", "closest"):
        (tmp_path / name).mkdir()
        _, epochs = run(SPECS[name], tmp_path / name)
        samples = epoch_images(tmp_path / name, len(epochs) - 1)["samples"].astype(float)
        spread[name] = samples.reshape(3, SHOWN_PER_CLASS, -1).std(axis=1).mean()
    assert spread["closest"] > 1.5 * spread["reverse"]


def test_the_same_seed_generates_the_same_images_and_validation_draws_nothing_away(tmp_path):
    first, second = (run(SPECS["cvae"])[1] for _ in range(2))
    assert [log.metrics["loss"] for log in first] == [log.metrics["loss"] for log in second]


def test_a_saved_conditional_vae_gives_its_decoder_back(tmp_path):
    run(conditional_spec("cvae", epochs=2, latent=3), tmp_path)
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    drawn = Decoder(model.get_layer("decoder"), 3, 3).draw(np.zeros((2, 3), np.float32), np.array([0, 2]))
    assert (drawn.shape, drawn.dtype) == ((2, 8, 8, 1), np.uint8)


@pytest.mark.parametrize(("task", "settings"), [
    ("cvae", {"latent": 0}), ("cvae", {"latent": 2.5}), ("reverse", {"tries": 1000}), ("reverse", {"inputs": "many"}),
])
def test_settings_out_of_range_are_refused(task, settings):
    with pytest.raises(SpecError, match="out of range"):
        run(conditional_spec(task, epochs=1, **settings))
