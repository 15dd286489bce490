"""What the cat page ships opens, draws, and stays small."""

import numpy as np
import pytest

from lib.base.errors import CheckpointError
from lib.base.folders import CHECKPOINTS
from lib.models.checkpoints import manifest
from lib.models.networks.generators import (
    FeatureNetwork,
    open_run,
    open_shipped,
    real_features,
    shipped_latent,
    shipped_mixture,
)
from tests.models.test_generative_tasks import small

SHIPPED = [name for name, entry in manifest().items() if name.startswith("cats/") and entry["task"] in ("gan", "vae")]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_network_draws_varied_images_and_a_vae_redraws_them(name):
    generator = open_shipped(name)
    latents = np.random.default_rng(0).standard_normal((6, generator.latent_size))
    images = generator.draw(latents)
    assert images.shape == (6, *generator.shape) and images.std(axis=0).mean() > 10
    np.testing.assert_array_equal(images, generator.draw(latents))
    if generator.spec.task == "vae":
        shape = shipped_latent(name)
        assert shape.directions.shape == (generator.latent_size, generator.latent_size)
        assert (np.diff(shape.deviations) <= 1e-6).all()
        latents = shipped_mixture(name).draw(200, np.random.default_rng(0))
        assert latents.shape == (200, generator.latent_size)
        assert latents.mean(axis=0) == pytest.approx(shape.mean, abs=float(0.5 * shape.deviations[0]))
        again = generator.draw(generator.encode(images))
        assert np.abs(again.astype(int) - images).mean() < np.abs(again[::-1].astype(int) - images).mean()


@pytest.mark.skipif("cats/features" not in manifest(), reason="no shipped features")
def test_features_and_their_reference_belong_together():
    network, real = FeatureNetwork(), real_features()
    features = network.features(np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8))
    assert features.shape == (3, real.shape[1]) and len(real) > 500


def test_all_of_the_cat_page_is_small():
    assert sum(path.stat().st_size for path in (CHECKPOINTS / "cats").rglob("*") if path.is_file()) < 25e6


def test_what_is_not_there_is_a_message(tmp_path):
    for action in (lambda: open_shipped("cats/none"), lambda: shipped_latent("cats/none"),
                   lambda: shipped_mixture("cats/none"), lambda: open_run(small("gan_better"), (8, 8, 1), tmp_path),
                   lambda: FeatureNetwork(tmp_path)):
        with pytest.raises(CheckpointError):
            action()
