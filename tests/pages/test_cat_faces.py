"""The cat page without a browser: it answers from what is shipped, says what is missing, and starts runs."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from lib import datasets
from lib.base.errors import CheckpointError
from lib.catalog.generative import GENERATIVE_PRESETS, generative_run
from lib.measures.fidelity import LatentShape
from lib.measures.latent_mixture import LatentMixture
from lib.models.files import write_npz
from lib.runs import run_home
from lib.spec.specs import DataSpec
from lib.ui.cats import latent as cats_latent
from lib.ui.cats import measured as cats_measured
from lib.ui.cats import networks as cats_networks
from lib.ui.cats import redraw as cats_redraw
from lib.ui.cats import samples as cats_samples
from lib.ui.cats import training as cats_training
from lib.ui.cats import walk as cats_walk
from lib.ui.cats.measured import measured_rows, trainings_rows
from lib.ui.cats.networks import Network, networks
from tests.datasets.test_cats import image, many, packed
from tests.fakes import fake_train
from tests.pages.test_pages import only_record, texts


class FakeGenerator:
    """Draws a grey that depends on the point."""

    latent_size = 4

    def draw(self, latents):
        grey = np.clip(128 + 40 * np.asarray(latents)[:, :1, None, None], 0, 255)
        return np.broadcast_to(grey, (len(latents), 64, 64, 3)).astype(np.uint8)

    def encode(self, images):
        return np.zeros((len(images), 4), np.float32)


@pytest.fixture
def fakes(monkeypatch):
    """No network is opened and no run is shown but what a test adds."""
    for module in (cats_networks, cats_samples, cats_walk, cats_redraw, cats_measured):
        monkeypatch.setattr(module, "generator", lambda network: FakeGenerator())
    for module in (cats_walk, cats_latent):
        monkeypatch.setattr(module, "directions_of", lambda network: LatentShape(np.ones(4), np.eye(4), np.ones(4)))
    around_one = LatentMixture(np.ones(1), np.ones((1, 4)), np.eye(4)[None])
    monkeypatch.setattr(cats_latent, "mixture_of", lambda network: around_one)
    found = {task: a_network(name) for task, name in (("gan", "gan_better"), ("vae", "vae_better"))}
    monkeypatch.setattr(cats_networks, "networks", lambda task: {found[task].key: found[task]})
    return found


def a_network(name, epochs=(), rows=()):
    spec = generative_run(name, DataSpec("cats"))
    return Network(f"shipped:{name}", GENERATIVE_PRESETS[name].title, spec, (64, 64, 3), epochs, rows, "A source.")


def html(app):
    return [element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style>")]


def tab(open_page, name):
    app = open_page("cat_faces", cats_tab=name)
    assert not app.exception
    return app


def test_the_shipped_grids_follow_the_epoch_slider(open_page, use_runner):
    use_runner(fake_train)
    shipped = networks("gan")
    if not shipped or len(next(iter(shipped.values())).epochs) < 2:
        pytest.skip("no shipped GAN with several epochs")
    app = open_page("cat_faces", cats_tab="Why?")
    assert not app.exception and not app.error
    before = html(app)[0]
    assert before.startswith('<img src="data:image/jpeg;base64,') and "Images of the GAN after epoch" in before
    app.slider(key="cats_epoch").set_value(1).run()
    assert html(app)[0] != before and "after epoch 1" in html(app)[0]


def test_new_images_say_of_which_epoch_they_are():
    words = cats_networks.finished_words(a_network("gan_better", epochs=(1, 2, 37)))
    assert "after epoch 37" in words and "the slider above moves only its stored images" in words


def test_new_images_come_with_every_press(open_page, use_runner, fakes):
    use_runner(fake_train)
    app = tab(open_page, "New images")
    before = html(app)
    assert len(before) == 2
    assert "Drawn by the finished network" in texts(app.caption)  # whatever the slider of the grids says
    app.button(key="cats_draw").click().run()
    assert len(html(app)) == 2 and html(app) != before
    before = html(app)
    app.toggle(key="cats_fitted").set_value(False).run()
    assert html(app)[0] == before[0] and html(app)[1] != before[1]


def test_without_training_images_the_nearest_are_said_to_be_missing(open_page, use_runner, fakes):
    use_runner(fake_train)
    app = tab(open_page, "New images")
    app.toggle(key="cats_nearest").set_value(True).run()
    assert not app.exception and "not on this machine" in texts(app.caption)


def test_the_walk_moves_and_so_do_the_directions(open_page, use_runner, fakes):
    use_runner(fake_train)
    app = tab(open_page, "Between two latent codes")
    before = html(app)
    app.slider(key="cats_way").set_value(1.0).run()
    assert html(app) != before
    before = html(app)
    app.slider(key="cats_direction_0").set_value(2.0).run()
    assert html(app) != before
    app.button(key="cats_centre").click().run()
    assert html(app) == before


def test_a_face_is_redrawn_and_a_bad_upload_is_a_message(open_page, use_runner, fakes):
    use_runner(fake_train)
    app = tab(open_page, "Redraw a face")
    assert html(app) == []
    app.file_uploader(key="cats_face").upload("cat.png", image(1, (200, 100)), "image/png").run()
    assert len(html(app)) == 1 and not app.error
    app.file_uploader(key="cats_face").upload("cat.png", b"no image", "image/png").run()
    assert "cannot be used" in texts(app.error)


def test_missing_checkpoints_are_a_message(open_page, use_runner, fakes, monkeypatch):
    def missing(network):
        raise CheckpointError("gan_better.npz is missing.", remedy="Restore it.")

    use_runner(fake_train)
    monkeypatch.setattr(cats_samples, "generator", missing)
    app = tab(open_page, "New images")
    assert "is missing" in texts(app.info)


def test_the_report_card_shows_stored_figures_only(open_page, use_runner, fakes, monkeypatch):
    use_runner(fake_train)
    card = {name: [0.5, 0.6, 0.7] for name in cats_measured.COLUMNS}
    stored = {"cards": {"gan_better": card}, "real": {"images": 10}, "data": {"train": 20}, "device": "a toaster",
              "date": "2026-01-01", "speed": {"f1_gan": {"ms": 7200.0, "steps_per_epoch": 10, "device": "a toaster"}}}
    assert measured_rows(stored)[0]["recall"] == "0.600 ± 0.100"
    monkeypatch.setattr(cats_measured, "measured", lambda: stored)
    app = tab(open_page, "Report card")
    assert "a toaster" in texts(app.caption)
    assert "about 1.0 hours" in texts(app.markdown)
    monkeypatch.setattr(cats_measured, "measured", dict)
    assert "Nothing yet" in texts(tab(open_page, "Report card").caption)


def test_stored_figures_are_complete_and_finite():
    stored = cats_networks.measured()
    for card in stored.get("cards", {}).values():
        for name in cats_measured.COLUMNS:
            assert len(card[name]) == len(card["seeds"]) and np.isfinite(card[name]).all()
    json.dumps(stored, allow_nan=False)


def a_card(frechet):
    return {"seeds": [0], "frechet": [frechet], "frechet_perception": [8.0], "precision": [0.9], "recall": [0.4],
            "sharpness": [0.6], "diversity": [0.8]}


def test_trainings_with_several_seeds_have_a_row_for_each_kind_of_images():
    trainings = [{"seed": seed, "cards": {kind: a_card(100.0 + 10 * seed) for kind in ("normal", "fitted", "redrawn")}}
                 for seed in (0, 1, 2)]
    rows = trainings_rows({"trainings": {"vae_better": trainings, "f2_vae": trainings[:1]}})
    assert [row["images"] for row in rows] == ["Better VAE", "Better VAE, fitted latent codes",
                                               "Better VAE, redrawing unseen faces"]
    assert {row["seeds"] for row in rows} == {"3"} and rows[0]["Fréchet distance"] == "110.0 ± 10.0"


def test_the_trade_off_of_the_kl_weight_is_drawn_from_stored_rows(open_page, use_runner, fakes, monkeypatch):
    use_runner(fake_train)

    def row(weight, structure):
        return {"kl_weight": weight, "structure": structure, "texture": structure, "seed": 0, "epochs": 3, "validation": 837,
                "device": "a machine", "date": "2026-01-01",
                "cards": {kind: a_card(100 * weight) for kind in ("normal", "fitted", "redrawn")}}

    monkeypatch.setattr(cats_measured, "measured", lambda: {"kl_curve": [row(0.5, 0.0), row(0.5, 9.0)]})
    assert not texts(tab(open_page, "Report card").markdown).count("weight of the KL term")  # one point is no curve
    monkeypatch.setattr(cats_measured, "measured", lambda: {"kl_curve": [row(0.5, 0.0), row(0.5, 9.0), row(2.0, 9.0)]})
    app = tab(open_page, "Report card")
    assert "What the weight of the KL term does" in texts(app.markdown)
    assert "2 weights, 3 epochs each" in texts(app.caption) and "837 validation images" in texts(app.caption)
    assert "without what a classifier's feature maps" in texts(app.markdown)
    assert "with 0.5 from fitted latent codes, with 0.5 from standard ones" in texts(app.caption)


def test_controls_reach_the_run(open_page, use_runner, fakes):
    runner = use_runner(fake_train)
    app = tab(open_page, "Train your own")
    assert app.selectbox(key="cats_data").value == "digits"  # nothing else is there without a network
    app.selectbox(key="cats_net").set_value("f2_vae").run()
    next(field for field in app.number_input if field.label == "Epochs").set_value(3).run()
    app.selectbox(key="cats_images").set_value(500).run()
    app.button(key="cats_start").click().run()
    assert not app.exception
    spec = only_record(runner).spec
    assert (spec.task, spec.data.dataset, spec.data.train_size, spec.train.epochs, spec.train.batch_size) == (
        "vae", "digits", 500, 3, 8)
    runner.wait(only_record(runner).id, timeout=60)


def test_cats_cannot_start_without_images_and_a_zip_brings_them(open_page, use_runner, fakes):
    use_runner(fake_train)
    app = tab(open_page, "Train your own")
    app.selectbox(key="cats_data").set_value("cats").run()
    assert app.button(key="cats_start").disabled and "Kaggle" in texts(app.caption)
    app.file_uploader(key="cats_zip").upload("cats.zip", b"no zip", "application/zip").run()
    app.button(key="cats_zip_add").click().run()
    assert "cannot be read" in texts(app.error)
    app.file_uploader(key="cats_zip").upload("cats.zip", packed(many()), "application/zip").run()
    app.button(key="cats_zip_add").click().run()
    assert "30 images" in texts(app.success)
    app.run()
    (own,) = datasets.custom_sets(run_home())
    app.selectbox(key="cats_data").set_value(own).run()
    assert not app.button(key="cats_start").disabled
    app.file_uploader(key="cats_zip").upload("cats.zip", packed({f"{n}.png": image(n + 100) for n in range(25)}),
                                             "application/zip").run()
    app.button(key="cats_zip_add").click().run()
    assert "another data set called" in texts(app.error) and list(datasets.custom_sets(run_home())) == [own]
    app.checkbox(key="cats_zip_replace").check().run()
    app.button(key="cats_zip_add").click().run()
    assert "25 images" in texts(app.success)
    (new,) = datasets.custom_sets(run_home())
    assert new != own and not app.exception
    app.button(key=f"cats_zip_remove_{new}").click().run()
    assert not datasets.custom_sets(run_home()) and not app.exception


def test_a_run_of_ones_own_joins_the_choice(use_runner, monkeypatch):
    runner = use_runner(fake_train)
    run_id = runner.submit(generative_run("vae_better", DataSpec("digits"), epochs=1), name="mine")
    runner.wait(run_id, timeout=60)
    assert f"run:{run_id}" not in networks("vae")
    folder = runner.store.folder(run_id) / "epochs"
    folder.mkdir()
    samples = np.zeros((16, 28, 28, 1), np.uint8)
    write_npz(folder / "00000.npz", samples=samples, originals=samples[:8], reconstructions=samples[:8])
    own = networks("vae")[f"run:{run_id}"]
    assert own.title == "Yours: mine" and own.epochs == (1,) and own.shape == (28, 28, 1)
    assert "<img" in cats_networks.sheet_html(own, 1, "samples", "alt")
    assert "<img" in cats_networks.sheet_html(own, 1, "redrawn", "alt")


def test_an_image_fits_grey_networks_too():
    face = np.asarray(Image.open(io.BytesIO(image(1, (28, 28)))))
    assert cats_redraw.fit_to(face, (28, 28, 1)).shape == (28, 28, 1)
    assert cats_redraw.fit_to(face, (64, 64, 3)) is face


def test_the_own_card_uses_shipped_figures_alone(monkeypatch):
    from lib.models.networks import generators

    features = np.random.default_rng(0).standard_normal((50, 6))
    monkeypatch.setattr(cats_measured, "OWN_SAMPLES", 50)
    monkeypatch.setattr(cats_measured, "generator", lambda network: FakeGenerator())
    monkeypatch.setattr(cats_measured, "feature_network", lambda: SimpleNamespace(features=lambda images: features))
    monkeypatch.setattr(cats_measured, "measured", lambda: {"real": {"sharpness": 1.0, "diversity": 1.0}})
    monkeypatch.setattr(generators, "real_features", lambda: features)
    assert cats_measured.own_card(a_network("gan_better")).frechet == pytest.approx(0, abs=1e-9)


def test_every_offered_set_is_known():
    from lib.datasets import DATASETS

    assert set(cats_training.DATA) <= set(DATASETS)


def test_a_real_run_is_watched_and_then_drawn_with(open_page, use_runner, monkeypatch):
    from lib.runs.local import execute

    runner = use_runner(execute)
    spec = generative_run("vae_better", DataSpec("digits", train_size=64, validation_size=16), epochs=2)
    run_id = runner.submit(spec, name="mine")
    runner.wait(run_id, timeout=200)
    app = tab(open_page, "Train your own")
    assert "lowest in the last epochs" in texts(app.success) or app.warning
    assert any("samples after epoch 2" in body for body in html(app))
    own = networks("vae")[f"run:{run_id}"]
    assert cats_networks.generator(own).draw(np.zeros((2, 64))).shape == (2, 28, 28, 1)
    assert cats_latent.directions_of(own).directions.shape == (64, 64)
