"""Networks of every task opened part by part: the same answers as the network that is kept, and their arithmetic."""

import numpy as np
import pytest

from lib.catalog.tasks import TASKS, Input
from lib.datasets.dataset import Dataset, DatasetInfo
from lib.models.files import write_npz
from lib.models.inside.cost import multiply_adds
from lib.models.inside.network import InsideNetwork
from lib.models.inside.parts import KeptNetwork, built, made
from lib.models.tasks.gan import Gan
from lib.spec.settings import CvaeSettings, DenoiseSettings, GanSettings, ReverseSettings, VaeSettings
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, DenseSpec, FlattenSpec, HeadSpec, RunSpec, TrainSpec
from tests.models.test_inside_arithmetic import an_image, check

SHAPE, CLASSES = (10, 8, 1), 3
LOOKING = ArchitectureSpec((ConvSpec(3, 3, 2, activation="linear"), ConvSpec(4, 4, 2, activation="linear")), "tiny")
DENSE = ArchitectureSpec((DenseSpec(6), DenseSpec(5)), "tiny")
SPECS = {
    "classify": RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(3, "softmax")))),
    "clock": RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(4))), task="clock", head=HeadSpec("two_heads")),
    "denoise": RunSpec(ArchitectureSpec((ConvSpec(3), ConvSpec(4, strides=2))), task="denoise",
                       settings=DenoiseSettings.given()),
    "cvae": RunSpec(DENSE, task="cvae", settings=CvaeSettings.given(latent_size=2)),
    "reverse": RunSpec(DENSE, task="reverse", settings=ReverseSettings.given(latent_size=4)),
    "gan": RunSpec(LOOKING, task="gan", settings=GanSettings.given(latent_size=3, drawing="6-5", spectral_norm=1.0)),
    "vae": RunSpec(LOOKING, task="vae", settings=VaeSettings.given(latent_size=3, drawing="6-5", units=7)),
    "contrast": RunSpec(LOOKING, task="contrast"),
}
PARTS = [(task, part.name) for task in TASKS.values() for part in task.parts if task.name in SPECS]


@pytest.fixture(autouse=True, scope="module")
def _not_compiled():
    def at_once(function, state):
        import keras

        return lambda *arrays: keras.tree.map_structure(keras.ops.convert_to_numpy, function(*arrays))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lib.models.inside.network.compiled", at_once)
        yield


def kept(task, folder=None):
    """The network of a task with random weights everywhere."""
    model = built(SPECS[task], SHAPE, CLASSES)
    rng = np.random.default_rng(1)
    model.set_weights([np.abs(w) + 0.3 * rng.random(w.shape) if "variance" in v.path else w + 0.3 * rng.normal(size=w.shape)
                       for w, v in zip(model.get_weights(), model.weights, strict=True)])
    return KeptNetwork(SPECS[task], SHAPE, CLASSES, model, folder)


def given(network):
    rng = np.random.default_rng(2)
    return an_image(SHAPE) if network.takes_images else rng.standard_normal(network.image_shape).astype(np.float32)


@pytest.mark.parametrize(("task", "name"), PARTS, ids=lambda value: getattr(value, "name", value))
def test_every_part_is_taken_apart_as_keras_computes_it(task, name):
    network = InsideNetwork(made(task.part(name).make, kept(task.name), 1))
    assert network.takes_images == (task.part(name).takes is Input.IMAGE)
    check(network, given(network))
    assert multiply_adds(network) > 0


def test_the_parts_of_a_vae_answer_as_the_whole():
    vae = kept("vae")
    image = an_image(SHAPE)
    through = InsideNetwork(made(TASKS["vae"].part("both").make, vae, 0)).activations(image)
    redrawn = np.asarray(vae.model(image[None].astype(np.float32) / 255))[0]
    assert through[-1] == pytest.approx(redrawn, abs=1e-5)
    latent = next(values for values in through if values.shape == (3,))
    drawn = InsideNetwork(made(TASKS["vae"].part("decoder").make, vae, 0)).activations(latent)[-1]
    assert drawn == pytest.approx(redrawn, abs=1e-5)


def test_a_conditional_vae_draws_what_it_is_told():
    cvae, image = kept("cvae"), an_image(SHAPE)
    for told in range(CLASSES):
        through = InsideNetwork(made(TASKS["cvae"].part("both").make, cvae, told)).activations(image)
        wanted, _ = cvae.model([image[None].astype(np.float32) / 255, np.eye(CLASSES, dtype=np.float32)[[told]]])
        assert through[-1] == pytest.approx(np.asarray(wanted)[0], abs=1e-5)


def test_a_gans_discriminator_is_that_of_its_last_state(tmp_path):
    info = DatasetInfo("tiny", "Tiny", "Tiny.", SHAPE, ("a", "b", "c"), 8, 0, "none", "none")
    images, labels = np.stack([an_image(SHAPE, seed) for seed in range(8)]), np.zeros(8, np.int32)
    data = Dataset(info, images, labels, images[:0], labels[:0], images[:0], labels[:0])
    spec = SPECS["gan"]
    task = Gan(RunSpec(spec.architecture, DataSpec("tiny"), TrainSpec(), 5, "gan", settings=spec.settings), data)
    write_npz(tmp_path / "resume.npz", **{f"state_{n}": np.array(variable) for n, variable in enumerate(task.state)})
    opened = KeptNetwork(spec, SHAPE, CLASSES, task.model, tmp_path)
    network = InsideNetwork(made(TASKS["gan"].part("discriminator").make, opened, 0))
    score = np.asarray(task.discriminator(images[:1].astype(np.float32) / 255))[0]
    assert network.activations(images[0])[-1] == pytest.approx(score, abs=1e-5)
    check(network, images[0])
