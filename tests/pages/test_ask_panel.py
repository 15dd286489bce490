"""Asking a finished run: every shape of image, drawn, uploaded or from the test split."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lib import datasets
from lib.images.drawing import ink_as_image, paper_of, photo_as_image
from lib.runs.local import execute
from lib.spec.permutations import PermutationSpec
from lib.spec.specs import ArchitectureSpec, DataSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec
from lib.ui.widgets import image_picker
from lib.ui.widgets.image_picker import Gallery
from tests.fakes import fake_train
from tests.pages.test_pages import finished, texts

INK = np.zeros((56, 56), np.uint8)
INK[8:48, 26:31] = 255


def html(app):
    return " ".join(element.proto.body for element in app.get("html"))


def npz(shape, bright=False):
    """Sixty images of two classes: the upper or the lower half stands out."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    images = rng.integers(0, 40, (60, *shape)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        half = shape[0] // 2
        image[half * label : half * (label + 1), 2:-2] += 180
    buffer = io.BytesIO()
    np.savez(buffer, images=255 - images if bright else images, labels=labels)
    return buffer.getvalue()


def trained(use_runner, data):
    """A finished run of the smallest classifier on `data`."""
    runner = use_runner(execute)
    architecture = ArchitectureSpec((FlattenSpec(), DenseSpec(10, activation="softmax")), name="tiny")
    if data.dataset.startswith("custom"):
        architecture = ArchitectureSpec((FlattenSpec(), DenseSpec(2, activation="softmax")), name="tiny")
    run_id = runner.submit(RunSpec(architecture, data, TrainSpec(batch_size=8, epochs=3), 0), name="Tiny")
    assert str(finished(runner, run_id).state) == "finished"
    return run_id


def draw(app, ink, seq=1):
    app.session_state["ask_pad"] = {"drawing": {"ink": base64.b64encode(ink.tobytes()).decode(), "seq": seq}}
    return app.run()


def test_a_finished_run_answers_for_test_images_and_drawings(open_page, use_runner):
    run_id = trained(use_runner, DataSpec("digits", 200))
    app = open_page("train", run=run_id)
    assert not app.exception
    assert "Ask it yourself" in texts(app.subheader)
    assert "Shown: a test image" in texts(app.caption) and "it gets" in texts(app.caption)
    app.button(key="ask_pad_test_image").click().run()
    assert 'class="answer-right"' in html(app) or 'class="answer-wrong"' in html(app)
    draw(app, INK)
    assert "Shown: a test image, drawn on" in texts(app.caption)
    draw(app, np.zeros_like(INK), 2)
    draw(app, INK, 3)
    assert not app.exception
    assert "Shown: your drawing" in texts(app.caption)
    assert 'alt="What the network gets"' in html(app)


@pytest.mark.parametrize(("shape", "bright"), [((12, 12, 3), False), ((9, 14), True), ((40, 20), False)])
def test_images_of_any_shape_can_be_asked_about(shape, bright, open_page, use_runner, tmp_path):
    use_runner(fake_train)
    info = datasets.register_npz(npz(shape, bright), "mine", tmp_path / "runs")
    app = open_page("train", run=trained(use_runner, DataSpec(info.name)))
    assert not app.exception and not app.warning
    assert "Shown: a test image" in texts(app.caption)
    draw(app, INK)
    assert not app.exception and "Shown: your drawing" in texts(app.caption)
    draw(app, np.zeros_like(INK), 2)
    assert "Shown: a test image" in texts(app.caption)
    app.button(key="ask_pad_test_image").click().run()
    assert not app.exception


def test_a_run_on_permuted_pixels_is_shown_them(open_page, use_runner):
    run_id = trained(use_runner, DataSpec("digits", 200, permutation=PermutationSpec("full", seed=1)))
    permuted = html(open_page("train", run=run_id)).split('alt="What the network gets"')[0][-600:]
    run_id = trained(use_runner, DataSpec("digits", 200))
    assert html(open_page("train", run=run_id)).split('alt="What the network gets"')[0][-600:] != permuted


def test_a_run_without_a_network_is_not_asked(open_page, use_runner):
    runner = use_runner(fake_train)
    run_id = runner.submit(RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(10, activation="softmax")), name="tiny"),
                                   DataSpec("digits", 64), TrainSpec(batch_size=8, epochs=1), 0), name="Tiny")
    finished(runner, run_id)
    assert "Ask it yourself" not in texts(open_page("train", run=run_id).subheader)


def a_gallery(shape, tone=0):
    return Gallery("custom:mine", np.full((3, *shape), tone, np.uint8), np.zeros(3, int), ("a", "b"))


def test_an_image_is_cut_to_the_images_proportions_and_scaled():
    image = Image.new("RGB", (400, 200), "white")
    image.paste((255, 0, 0), (100, 0, 300, 200))  # the middle square
    square = photo_as_image(image, (32, 32, 3))
    assert square.shape == (32, 32, 3) and np.array_equal(np.unique(square.reshape(-1, 3), axis=0), [[255, 0, 0]])
    assert photo_as_image(image, (10, 20, 1)).shape == (10, 20, 1)
    assert (photo_as_image(image, (10, 20, 1))[:, :4] == 255).all()


@pytest.mark.parametrize("tone", [0, 250])
def test_ink_stands_out_from_the_sets_paper(tone):
    gallery = a_gallery((20, 20, 3), tone)
    image = ink_as_image(INK, gallery.shape, paper_of(gallery.images))
    assert image.shape == (20, 20, 3) and image[0, 0, 0] == tone
    assert abs(int(image[10, 10, 0]) - tone) > 150
    assert ink_as_image(np.zeros_like(INK), gallery.shape) is None


def test_an_uploaded_image_is_asked_about_until_something_is_drawn():
    def page():
        import numpy as np
        import streamlit as st

        from lib.ui.widgets import image_picker

        gallery = image_picker.Gallery("custom:mine", np.zeros((3, 16, 16, 3), np.uint8), np.zeros(3, int), ("a", "b"))
        picked = image_picker.picked_image("pad", gallery)
        st.text(f"{picked.what} {picked.image.mean():.0f} {picked.label}")
        image_picker.picker_buttons("pad", gallery)

    buffer = io.BytesIO()
    Image.new("RGB", (90, 50), (200, 200, 200)).save(buffer, "PNG")
    app = AppTest.from_function(page, default_timeout=30).run()
    assert app.text[0].value == "a test image (a) 0 0"
    app.file_uploader(key="pad_file").upload("a.png", buffer.getvalue(), "image/png").run().run()
    assert app.text[0].value == "your image 200 None"
    app.file_uploader(key="pad_file").upload("b.png", b"nothing", "image/png").run()
    assert "This image cannot be used" in texts(app.error)
    app.session_state["pad"] = {"drawing": {"ink": base64.b64encode(INK.tobytes()).decode(), "seq": 1}}
    app.run()
    assert app.text[0].value.startswith("your drawing")
    app.toggle(key="pad_use_camera").set_value(True).run()
    assert not app.exception
    assert "Its middle is cut out and scaled to 16x16 pixels." in texts(app.caption)


def test_the_way_an_image_is_converted_is_said():
    digits = Gallery("digits", np.zeros((1, 28, 28, 1), np.uint8), np.zeros(1, int), tuple("0123456789"))
    assert "scaled to 20 pixels and centred" in image_picker._how(digits)
    assert image_picker._how(a_gallery((9, 14, 1))) == "Its middle is cut out and scaled to 14x9 pixels, in grey."
