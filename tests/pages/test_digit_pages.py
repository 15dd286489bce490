"""The denoising and generating pages with the shipped networks, without a browser."""

import base64
import io
import json
import re
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lib.base.errors import CheckpointError
from lib.base.percent import percent_text
from lib.images.decoding import MAX_BYTES
from lib.images.drawing import as_ink
from lib.images.strokes import ink_of
from lib.measures.denoising import denoised_mistakes
from lib.models.checkpoints import manifest
from lib.ui import loading
from lib.ui.denoise import bench as denoise_bench
from lib.ui.denoise.bench import decibel_text
from lib.ui.denoise.quiz import limit_of
from lib.ui.digits.networks import own_denoiser
from lib.ui.lab import lab
from lib.ui.widgets import image_picker
from lib.ui.widgets.latent_map import parse_place
from tests.fakes import fake_train, tiny_run_spec
from tests.pages.test_pages import only_record, texts


def html(app):
    return " ".join(element.proto.body for element in app.get("html") if "Streamlit's theme" not in element.proto.body)


def draw(app, pad, image):
    app.session_state[pad] = {"drawing": {"ink": base64.b64encode(as_ink(image).tobytes()).decode(), "seq": 1}}


MNIST = image_picker.Gallery("mnist", np.zeros((1, 28, 28, 1), np.uint8), np.zeros(1, int), tuple("0123456789"))


def bar():
    image = np.zeros((28, 28, 1), np.uint8)
    image[4:24, 13:15] = 255
    return image


def test_a_test_image_is_corrupted_cleaned_and_read(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise")
    assert not app.exception
    page = html(app)
    for title in ("Original", "Noisy", "Median 3x3", "Median 5x5", "Dense denoiser (E1)", "Our convolutional denoiser"):
        assert title in page
    assert "a test image (0)" in page
    app.slider(key="level").set_value(0.0).run()
    assert "∞" in html(app)


def test_what_is_drawn_is_what_is_corrupted(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", level="0.1")
    draw(app, "denoise_pad", bar())
    app.run()
    assert "your drawing" in html(app)
    app.button(key="denoise_pad_test_image").click().run()
    assert "a test image (1)" in html(app)


@pytest.mark.parametrize("query", [{"level": "7"}, {"noise": "fog"}, {"images_of": "cats"}, {"noise_seed": "-3"}])
def test_nonsense_in_a_link_is_ignored(query, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", **query)
    assert not app.exception
    assert "Noisy" in html(app)


@pytest.mark.parametrize("tab", ["Gallery", "You against the network", "What we measured", "Our classifier"])
@pytest.mark.parametrize("images_of", ["mnist", "fashion_mnist"])
def test_every_tab_of_the_denoising_page_opens(tab, images_of, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", denoise_tab=tab, images_of=images_of)
    assert not app.exception
    assert not app.error


def test_what_denoising_gets_wrong_is_shown(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", denoise_tab="What we measured")
    found = denoised_mistakes()
    assert found is not None and (found.true != found.said).all()
    assert html(app).count("<figure") == len(found.true)
    assert "What denoising gets wrong" not in texts(open_page("denoise", denoise_tab="What we measured",
                                                              images_of="fashion_mnist").markdown)


def test_without_kept_mistakes_there_is_no_gallery(tmp_path):
    assert denoised_mistakes(tmp_path / "none.npz") is None


@pytest.mark.parametrize(
    "tab", ["Mix two", "Salt a latent code", "Latent map", "Reverse it", "Conditional VAE", "What we measured"])
def test_every_way_to_generate_opens(tab, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("invent_digits", invent_tab=tab)
    assert not app.exception
    assert not app.error


@pytest.fixture
def slow_networks(monkeypatch):
    """Networks that arrive when the test says so: `slow_networks.set()`."""
    arrived = threading.Event()
    real = loading._load
    monkeypatch.setattr(loading, "_load", lambda loads: arrived.wait(60) and real(loads))
    lab().loading.clear()
    yield arrived
    arrived.set()
    for job in lab().loading.values():
        job.wait(60)


@pytest.mark.parametrize(("page", "query", "shown"), [
    ("denoise", {}, "Median 5x5"), ("invent_digits", {}, "Pixels mixed"), ("permuted_pixels", {}, "What CNN, permuted gets"),
    ("invent_digits", {"invent_tab": "Salt a latent code"}, "Before the salt"), ("cat_faces", {}, "after epoch"),
])
def test_images_are_there_before_the_networks(page, query, shown, open_page, use_runner, slow_networks, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr(loading, "GRACE_SECONDS", 0.0)
    app = open_page(page, **query)
    assert not app.exception
    assert shown in html(app)
    assert "Loading the networks" in texts(app.caption)
    slow_networks.set()
    for job in lab().loading.values():
        job.wait(60)
    monkeypatch.setattr(loading, "GRACE_SECONDS", 60.0)
    app.run()
    assert not app.exception
    assert "Loading the networks" not in texts(app.caption)


def test_only_the_last_loads_are_remembered():
    lab().loading.clear()
    for number in range(3 * loading.REMEMBERED):
        assert loading.loaded(f"run {number}", lambda: None)
    assert len(lab().loading) == loading.REMEMBERED
    assert loading.loaded("run 0", lambda: None)


def test_a_wrong_answer_is_marked_and_test_accuracies_stand_beside_it(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", level="0.9")
    page = html(app)
    assert 'class="answer-wrong"' in page  # the noisy one is read as something else
    assert percent_text(manifest()["digits/reader"]["metrics"]["test_accuracy"]) in page
    page = html(open_page("permuted_pixels"))
    for stored in (0.9785, 0.9756, 0.9889, 0.9666):  # of the manifest
        assert f"test images: {percent_text(stored)}" in page
    assert 'class="answer-right"' in page
    app = open_page("permuted_pixels")
    draw(app, "lens_pad", bar())
    app.run()
    assert "Shown: your drawing" in texts(app.caption)
    assert 'class="answer-right"' not in html(app)  # nobody knows what a drawing means


def test_a_network_given_what_it_never_learned_says_how_many_test_images_it_still_gets_right(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("permuted_pixels")
    app.toggle(key="lens_unprepared").set_value(True).run()
    counts = [int(right) for right in re.findall(r"(\d+) of 40 test images right", html(app))]
    assert len(counts) == 2 and max(counts) < 20  # about chance, of ten classes
    assert "not measured" not in html(app)


def test_an_image_of_another_set_does_not_stay_on_the_pad(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise")
    app.button(key="denoise_pad_test_image").click().run()
    assert "a test image (1)" in html(app)
    app.segmented_control(key="images_of").set_value("fashion_mnist").run()
    assert "drawn on" not in html(app)
    assert "a test image (T-shirt" in html(app)


def test_after_the_pad_was_wiped_a_drawing_is_a_drawing(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise")
    app.button(key="denoise_pad_test_image").click().run()
    draw(app, "denoise_pad", np.zeros((28, 28, 1), np.uint8))
    app.run()
    draw(app, "denoise_pad", bar())
    app.session_state["denoise_pad"]["drawing"]["seq"] = 2
    app.run()
    assert "your drawing" in html(app)


def test_a_missing_checkpoint_is_a_message(open_page, use_runner, monkeypatch):
    def missing(data):
        raise CheckpointError("mnist_conv.npz is missing.", remedy="Restore checkpoints/ from the repository.")

    use_runner(fake_train)
    monkeypatch.setattr(denoise_bench, "cleaners", missing)
    app = open_page("denoise")
    assert not app.exception
    assert "Restore checkpoints/" in texts(app.error)


def test_the_quiz_counts_limits(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", denoise_tab="You against the network")
    app.button(key="quiz_less").click().run()
    app.button(key="quiz_3").click().run()
    assert not app.exception
    (score,) = app.session_state["quiz_scores_mnist_salt_pepper"]
    assert score.yours in (0.0, 0.95)
    assert 0 <= score.noisy_read <= 1
    # Another noise is another game: it has neither this round's verdict nor its score.
    app.pills(key="quiz_noise").set_value("blur").run()
    assert app.button(key="quiz_less")
    assert not app.metric
    app.pills(key="quiz_noise").set_value("salt_pepper").run()
    assert app.metric
    app.button(key="quiz_next").click().run()
    assert app.button(key="quiz_less")


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_a_limit_is_the_last_right_answer_before_the_first_wrong_one(answers):
    levels = [round(0.05 * (i + 1), 2) for i in range(len(answers))]
    limit = limit_of(answers, levels)
    good = answers.index(False) if False in answers else len(answers)
    assert limit == (levels[good - 1] if good else 0.0)


@pytest.mark.parametrize("kind", ["denoise", "invent"])
def test_a_network_of_ones_own_is_queued_with_its_settings(kind, open_page, use_runner):
    runner = use_runner(fake_train)
    page = {"denoise": "denoise", "invent": "invent_digits"}[kind]
    app = open_page(page, **{f"{kind}_tab": "Train your own"})
    app.button(key=f"{kind}_start").click().run()
    assert not app.exception
    record = only_record(runner)
    assert record.spec.task == {"denoise": "denoise", "invent": "cvae"}[kind]
    assert dict(record.spec.settings)
    runner.wait(record.id, 20)
    assert not app.run().exception


def test_another_network_brings_its_usual_number_of_epochs(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", denoise_tab="Train your own")

    def epochs():
        return next(field.value for field in app.number_input if field.label == "Epochs")

    usual = epochs()
    next(field for field in app.number_input if field.label == "Epochs").set_value(7).run()
    app.selectbox(key="dn_network").set_value("convolutional").run()
    assert epochs() not in (usual, 7)
    app.selectbox(key="dn_network").set_value("dense").run()
    assert epochs() == 7


def test_an_image_of_ones_own_lands_on_the_pad(monkeypatch):
    filled = {}
    monkeypatch.setattr(image_picker, "fill_pad", lambda key, ink: filled.update({key: ink}))
    monkeypatch.setattr(image_picker, "clear_pad", lambda key: filled.pop(key, None))
    image = Image.new("L", (400, 400), 240)
    ImageDraw.Draw(image).line([(200, 80), (200, 320)], fill=20, width=30)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    assert image_picker.take_image("pad", buffer.getvalue(), MNIST) == ""
    assert filled["pad"].max() > 200
    assert "broken" in image_picker.take_image("pad", buffer.getvalue()[:200], MNIST)
    assert "too large" in image_picker.take_image("pad", b"0" * (MAX_BYTES + 1), MNIST)
    blank = io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, "PNG")
    assert "no ink" in image_picker.take_image("pad", blank.getvalue(), MNIST)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                    lambda inner: st.dictionaries(st.sampled_from(["x", "y", "seq"]), inner, max_size=3))


@given(JSON)
def test_whatever_a_browser_sends_is_a_place_or_ignored(payload):
    place = parse_place(payload)
    assert place is None or all(np.isfinite(place))


def test_the_map_decodes_where_the_pointer_is(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("invent_digits", invent_tab="Latent map")
    before = html(app)
    app.session_state["invent_map"] = {"place": {"x": 3.0, "y": -2.0, "seq": 2}}
    app.run()
    assert html(app) != before
    assert "Latent code 3.00, -2.00" in texts(app.caption)
    sent = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    assert any(data.get("ack") == 2 for data in sent)


def test_equal_images_have_an_infinite_ratio():
    assert decibel_text(float("inf")) == "∞"
    assert decibel_text(17.36) == "17.4"


def test_a_link_to_a_tab_of_an_older_title_opens_it(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("invent_digits", invent_tab="Two numbers")
    assert not app.exception and "The whole map, decoded" in texts(app.caption)


def drawn(app, pad, ink):
    app.session_state[pad] = {"drawing": {"ink": base64.b64encode(ink.tobytes()).decode(), "seq": 1}}
    return app.run()


def test_a_one_with_a_long_flag_is_a_one_and_a_scribble_is_no_digit(open_page, use_runner):
    use_runner(fake_train)
    app = drawn(open_page("denoise", level="0.0"), "denoise_pad", ink_of([np.array([[14.0, 26], [30, 8], [30, 48]])], 4.4))
    assert '<div class="answer-says"><span class="">1</span>' in html(app)
    zigzag = np.stack([np.linspace(6, 50, 14), np.where(np.arange(14) % 2, 10.0, 46.0)], axis=1)
    app = drawn(open_page("denoise", level="0.0"), "denoise_pad", ink_of([zigzag], 2.8))
    assert "not a digit" in html(app)
    assert 'class="answer-right"' not in html(app) and 'class="answer-wrong"' not in html(app), "nothing is right or wrong"


def test_the_twin_is_asked_about_noisy_digits_alone(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", level="0.3")
    assert html(app).count("noise-trained") == 1
    assert "noise-trained" not in html(open_page("denoise", images_of="fashion_mnist"))


def test_mistakes_and_figures_of_the_classifier_are_shown(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("denoise", denoise_tab="Our classifier")
    assert "What it gets wrong" in texts(app.markdown) and "not a digit" in texts(app.markdown)
    assert "MNIST&#x27;s test images" in html(app)
    variants = {row for table in app.table for row in table.value.iloc[:, 0]}
    assert {"1 long flag (European)", "7 barred", "0 crossed", "hard shadow"} <= variants


def test_a_denoiser_that_was_trained_further_is_loaded_again(use_runner, monkeypatch):
    runner = use_runner(fake_train)
    run_id = runner.submit(tiny_run_spec())
    runner.wait(run_id, 30)
    monkeypatch.setattr("lib.models.digit_bench.own_denoiser", lambda folder: object())

    def loaded():
        return own_denoiser(run_id, runner.store.record(run_id).ended)

    first = loaded()
    assert loaded() is first
    runner.extend(run_id, 1)
    runner.wait(run_id, 30)
    assert loaded() is not first
