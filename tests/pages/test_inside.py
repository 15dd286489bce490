"""The page Inside without a browser: every layer, clicked places, links, networks of all kinds."""

import base64
import json

import numpy as np
import pytest

from lib import datasets
from lib.runs.local import execute
from lib.spec.permutations import PermutationSpec
from lib.spec.settings import CvaeSettings, GanSettings, VaeSettings
from lib.spec.specs import ArchitectureSpec, ConvSpec, DataSpec, DenseSpec, FlattenSpec, PoolSpec, RunSpec, TrainSpec
from tests.fakes import fake_train
from tests.pages.test_ask_panel import INK, npz
from tests.pages.test_pages import finished, texts

CNN = ArchitectureSpec((ConvSpec(4), PoolSpec(), FlattenSpec(), DenseSpec(10, "softmax")), "tiny_cnn")
ONE_LAYER = ArchitectureSpec((FlattenSpec(), DenseSpec(10, "softmax")), "tiny")


def view(app):
    """What the browser is sent of the network."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == "network_view":
            return json.loads(element.proto.json)
    raise AssertionError("no view of a network")


def click(app, seq=1, **place):
    app.session_state["inside_view"] = {"pick": {"unit": 0, "row": 0, "column": 0, "seq": seq, **place}}
    return app.run()


def trained(runner, architecture, data=None):
    run_id = runner.submit(RunSpec(architecture, data or DataSpec("digits", 200), TrainSpec(batch_size=20, epochs=1), 0),
                           name="Tiny")
    assert str(finished(runner, run_id).state) == "finished"
    return run_id


def test_the_reports_network_opens_with_every_layer_and_the_strongest_number(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside")
    assert not app.exception and not app.error
    shown = view(app)
    assert [row["title"] for row in shown["layers"]][:3] == ["Image", "1  Convolution 32 x 3x3, relu",
                                                             "2  Convolution 64 x 3x3, relu"]
    assert shown["layers"][1]["size"] == "26 × 26 × 32" and shown["layers"][1]["parameters"] == "320 parameters"
    assert shown["pick"]["layer"] == 0 and "kernel" in shown["detail"] and "relu" in shown["detail"]
    maps = np.frombuffer(base64.b64decode(shown["layers"][1]["data"]), np.uint8).reshape(32, 26, 26)
    pick = shown["pick"]
    assert maps[pick["unit"], pick["row"], pick["column"]] == maps.max() == 255
    assert "Prediction" in " ".join(e.proto.body for e in app.get("html"))


def test_a_click_is_taken_apart_and_stands_in_the_link(open_page, use_runner):
    use_runner(fake_train)
    app = click(open_page("inside"), layer=1, unit=5, row=7, column=9)
    shown = view(app)
    assert "Map 6, row 8, column 10" in shown["detail"] and "the other 29 maps together" in shown["detail"]
    assert {"layer": 0, "unit": None, "top": 7, "left": 9, "height": 3, "width": 3} in shown["marks"]
    assert [app.query_params[key] for key in ("layer", "unit", "pixel")] == ["2", "6", "8-10"]
    pooled = view(click(app, 2, layer=2, unit=5, row=3, column=4))
    assert "the largest" in pooled["detail"] and 'class="top"' in pooled["detail"]
    dense = view(click(app, 3, layer=5, unit=63))
    assert "Largest contributions of 9,216" in dense["detail"] and "map " in dense["detail"]
    assert "pixel" not in app.query_params
    pixel = view(click(app, 4, layer=-1, row=3, column=4))
    assert "Row 4, column 5" in pixel["detail"]
    whole = view(click(app, 5, layer=6, unit=-1, row=-1, column=-1))
    assert whole["pick"]["layer"] == 6 and "softmax" in whole["detail"]


def test_a_link_names_network_layer_unit_pixel_and_image(open_page, use_runner):
    use_runner(fake_train)
    link = {"inside": "shipped:permuted/mnist_cnn_original", "layer": "3", "unit": "4", "pixel": "5-6", "image": "12"}
    app = open_page("inside", **link)
    assert not app.exception and not app.warning
    shown = view(app)
    assert shown["pick"] == {"layer": 2, "unit": 3, "row": 4, "column": 5}
    assert app.session_state["inside_pad_example"] == 12
    beyond = view(open_page("inside", layer="99", unit="9999", pixel="999-999"))
    assert beyond["pick"] == {"layer": 6, "unit": 9, "row": 0, "column": 0}


@pytest.mark.parametrize("name", ["run:gone", "nonsense", "preset:none", "shipped:digits/detector", "\x00"])
def test_a_link_to_no_network_says_so_and_shows_another(name, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside=name)
    assert not app.exception
    assert "names a network that is not here" in texts(app.warning)
    assert view(app)["layers"][0]["title"] == "Image"


def test_the_maps_follow_what_is_drawn(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", layer="1", unit="3", pixel="13-13")
    before = view(app)
    app.session_state["inside_pad"] = {"drawing": {"ink": base64.b64encode(INK.tobytes()).decode(), "seq": 1}}
    after = view(app.run())
    assert after["pick"] == before["pick"]
    assert all(after["layers"][number]["data"] != before["layers"][number]["data"] for number in (0, 1))
    assert after["detail"] != before["detail"]
    assert "Shown: your drawing" in texts(app.caption)


def test_runs_of_this_app_can_be_opened(open_page, use_runner, tmp_path):
    runner = use_runner(execute)
    cnn, one = trained(runner, CNN), trained(runner, ONE_LAYER)
    permuted = trained(runner, CNN, DataSpec("digits", 200, permutation=PermutationSpec("full", seed=1)))
    for run_id, layers in ((cnn, 5), (one, 3), (permuted, 5)):
        app = open_page("inside", inside=f"run:{run_id}")
        assert not app.exception and not app.error and not app.warning
        assert len(view(app)["layers"]) == layers
    assert "its weights" in view(click(app := open_page("inside", inside=f"run:{one}"), layer=1, unit=2))["detail"]


def test_a_damaged_network_is_a_sentence(open_page, use_runner):
    runner = use_runner(execute)
    run_id = trained(runner, ONE_LAYER)
    (runner.store.folder(run_id) / "model.keras").write_bytes(b"damaged")
    app = open_page("inside", inside=f"run:{run_id}")
    assert not app.exception and "model cannot be read" in texts(app.error)


@pytest.mark.parametrize(("shape", "bright"), [((12, 12, 3), False), ((9, 14), True)])
def test_images_of_any_shape_are_looked_into(shape, bright, open_page, use_runner, tmp_path):
    runner = use_runner(execute)
    info = datasets.register_npz(npz(shape, bright), "mine", tmp_path / "runs")
    two = ArchitectureSpec((ConvSpec(3, 3), FlattenSpec(), DenseSpec(2, "softmax")), "tiny")
    app = open_page("inside", inside=f"run:{trained(runner, two, DataSpec(info.name))}")
    assert not app.exception and not app.error
    assert view(app)["layers"][0]["rgb"] == (3 if len(shape) == 3 else 1)
    assert not click(app, layer=-1, row=2, column=3).exception


def test_a_preset_is_opened_with_random_weights_and_says_so(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside="preset:b5_cnn1_003")
    assert not app.exception and not app.error
    assert "nobody has trained it" in texts(app.caption) and "digits stand for it" in texts(app.caption)


def test_a_clock_network_opens_with_a_clock(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside="shipped:clocks/two_heads", layer="3")
    assert not app.exception and not app.error
    assert view(app)["layers"][-1]["title"].endswith("Joined")


def test_while_the_network_loads_its_layers_are_listed(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.ui.inside.bench.loaded", lambda *_: False)
    shown = view(open_page("inside"))
    assert len(shown["layers"]) == 8 and shown["pick"] is None and "data" not in shown["layers"][1]


# --- the panels below ---------------------------------------------------------------------


def html(app):
    return " ".join(element.proto.body for element in app.get("html"))


def open_tab(open_page, tab, **query):
    return open_page("inside", inside_tab=tab, **({"inside": "shipped:permuted/mnist_cnn_original"} | query))


def test_three_maps_say_which_pixels_the_answer_depends_on(open_page, use_runner):
    use_runner(fake_train)
    app = open_tab(open_page, "Saliency", image="3")
    assert not app.exception and not app.error
    first = html(app)
    assert all(f'alt="{title}"' in first for title in ("Gradient", "Occlusion", "Grad-CAM"))
    app.selectbox(key="inside_class_mnist").set_value("8").run()
    assert "Evidence for 8" in texts(app.markdown) and html(app) != first
    app.session_state["inside_pad"] = {"drawing": {"ink": base64.b64encode(INK.tobytes()).decode(), "seq": 1}}
    app.run()
    assert "in a test image, drawn on" in texts(app.markdown)


def test_without_a_convolution_there_is_no_grad_cam_and_kernels_are_weights(open_page, use_runner):
    use_runner(fake_train)
    mlp = "shipped:permuted/mnist_mlp_permuted"
    app = open_tab(open_page, "Saliency", inside=mlp)
    assert not app.exception and "Occlusion" in html(app) and "Grad-CAM" not in html(app)
    app = open_tab(open_page, "Kernels", inside=mlp)
    assert "put back in order" in texts(app.caption) and "no convolution" in texts(app.markdown)


def test_kernels_of_the_clicked_convolution_are_shown_slice_by_slice(open_page, use_runner):
    use_runner(fake_train)
    app = open_tab(open_page, "Kernels", layer="3", unit="6", pixel="2-2")
    assert "The kernels of layer 3" in texts(app.markdown)
    assert "All 32 kernels" in texts(app.caption) and "The kernel of map 6, slice by slice" in texts(app.caption)
    app = open_tab(open_page, "Kernels", layer="7", unit="1")
    assert "All 16 kernels" in texts(app.caption) and "slice by slice" not in texts(app.caption)


def test_what_excites_a_unit_is_computed_beside_the_page_and_an_image_comes_up(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.ui.inside.jobs.GRACE_SECONDS", 60.0)
    app = open_tab(open_page, "What activates a unit", layer="7", unit="4")
    assert not app.exception and not app.error
    assert "Maximised" in html(app) and "unit 4 of layer 7" in texts(app.markdown)
    buttons = [button for button in app.button if button.key.startswith("inside_best_")]
    assert len(buttons) == 10
    # The output for 3: nine of ten favourites are threes.
    assert sum(button.label.startswith("3 ") for button in buttons) >= 4
    index = int(buttons[0].key.rpartition("_")[2])
    buttons[0].click().run()
    assert app.session_state["inside_pad_example"] == index and app.query_params["image"] == str(index)


def test_a_page_does_not_wait_for_what_takes_long(open_page, use_runner, monkeypatch):
    import threading

    use_runner(fake_train)
    gate = threading.Event()
    monkeypatch.setattr("lib.ui.inside.jobs.GRACE_SECONDS", 0.0)
    monkeypatch.setattr("lib.models.inside.embedding.look_at", lambda *_: gate.wait(60))
    app = open_tab(open_page, "Map of test images", inside="shipped:permuted/fashion_mnist_cnn_original")
    assert not app.exception
    assert "Looking at" in " ".join(bar.proto.text for bar in app.get("progress"))
    gate.set()


@pytest.mark.parametrize("way", ["pca", "tsne"])
def test_the_map_shows_mistakes_and_a_clicked_image(way, open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.ui.inside.jobs.GRACE_SECONDS", 120.0)
    app = open_tab(open_page, "Map of test images")
    if way == "tsne":
        app.segmented_control(key="inside_map_way").set_value("tsne").run()
    assert not app.exception and not app.error
    assert "40 test images, 0 mistakes" in texts(app.caption)
    (chart,) = app.get("vega_lite_chart")
    assert ("t-SNE" if way == "tsne" else "of the variance") in chart.proto.spec
    monkeypatch.setattr("lib.ui.inside.map_of_images._clicked", lambda event, count: 23)
    app.run()
    assert "It is **3**; the network says **3**" in texts(app.markdown)
    app.button(key="inside_map_take").click().run()
    assert app.session_state["inside_pad_example"] == 23


@pytest.mark.parametrize("tab", ["Saliency", "Kernels", "What activates a unit", "Map of test images"])
@pytest.mark.parametrize("network", ["shipped:clocks/two_heads", "preset:b5_cnn1_003", "preset:a2_relu_softmax_tanh"])
def test_every_panel_opens_for_networks_of_all_kinds(tab, network, open_page, use_runner):
    use_runner(fake_train)
    app = open_tab(open_page, tab, inside=network)
    assert not app.exception and not app.error and "unexpected error" not in texts(app.error)


def test_a_map_may_send_any_selection():
    from lib.ui.inside.map_of_images import _clicked

    class Event:
        def __init__(self, selection):
            self.selection = selection

    assert _clicked(Event({"image": [{"image": 3}]}), 5) == 3
    wrong = [{"image": [{"image": index}]} for index in (5, -1, True, "1", None, 1.0)]
    for sent in (None, [], {"image": 3}, {"image": []}, {"image": [3]}, *wrong):
        assert _clicked(Event(sent), 5) is None


def test_dropout_can_be_shown_as_in_training(open_page, use_runner):
    use_runner(fake_train)
    plain = view(open_page("inside", layer="4", unit="1", pixel="3-3"))
    app = open_page("inside", layer="4", unit="1", pixel="3-3", dropout="1")
    shown = view(app)
    assert app.toggle(key="dropout").value is True
    assert "As in training" in shown["layers"][4]["note"] and "in this draw" in shown["detail"]
    before, after = (np.frombuffer(base64.b64decode(v["layers"][4]["data"]), np.uint8) for v in (plain, shown))
    assert 0.1 < ((before > 0) & (after == 0)).sum() / (before > 0).sum() < 0.3
    assert shown["layers"][5:] == plain["layers"][5:]


def test_other_pages_lead_into_their_networks(open_page, use_runner):
    run_id = trained(use_runner(execute), ONE_LAYER)
    links = [link.proto for link in open_page("train", run=run_id).get("page_link")]
    assert any("inside" in link.page and f"run%3A{run_id}" in link.query_string for link in links)


# --- networks of other tasks --------------------------------------------------------------


@pytest.mark.parametrize(("network", "part", "words"), [
    ("shipped:digits/mnist_conv", "", "Output"), ("shipped:digits/map_2d", "", "Output"),
    ("preset:cvae_16", "both", "Output"), ("preset:gan_gan_better", "discriminator", "Output"),
    ("shipped:cats/vae_better", "both", "Output"), ("shipped:cats/features", "", "64 numbers"),
    ("preset:clock_light_sincos_hands", "", "Output")])
def test_networks_that_take_images_and_are_no_classifiers_are_opened(network, part, words, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside=network, part=part)
    assert not app.exception and not app.error and not app.warning
    assert words in html(app) and len(view(app)["layers"]) > 3 and "labels" not in view(app)["layers"][-1]
    for tab, said in (("Kernels", ""), ("What activates a unit", ""), ("Map of test images", "gives no class")):
        app = open_tab(open_page, tab, inside=network, part=part)
        assert not app.exception and not app.error and said in texts(app.caption)


def test_an_image_that_a_network_gives_hangs_on_pixels_and_has_no_grad_cam(open_page, use_runner):
    use_runner(fake_train)
    app = open_tab(open_page, "Saliency", inside="shipped:digits/mnist_dense", noisy="1")
    assert "the brightest pixel of its image" in texts(app.markdown) and "with noise" in texts(app.markdown)
    assert "Occlusion" in html(app) and "Grad-CAM" not in html(app)
    assert "Grad-CAM shows the evidence for a class" in texts(app.caption)


def test_a_code_is_drawn_moved_number_by_number_and_stands_in_the_link(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside="shipped:digits/cvae_2", told="3", code="5", values="2:-1.5")
    assert not app.exception and not app.error and not app.warning
    shown = view(app)
    assert shown["layers"][0]["title"] == "Latent code" and shown["layers"][0]["size"] == "12 numbers"
    assert "a latent code of your own, class 3" in texts(app.caption) and app.query_params["values"] == "2:-1.5"
    drawn = html(app)
    app = click(app, layer=-1, unit=1)
    (slider,) = app.slider
    assert slider.label == "Number 2 of 2" and slider.value == -1.5
    slider.set_value(2.0).run()
    assert app.query_params["values"] == "2:2" and html(app) != drawn
    app.button(key="inside_code_undo").click().run()
    assert "values" not in app.query_params and "random latent code 5" in texts(app.caption)
    app.button(key="inside_code_next").click().run()
    assert app.query_params["code"] == "6" and "random latent code 6" in texts(app.caption)


def test_the_slider_of_another_network_stands_where_its_code_is(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside="shipped:digits/cvae_16")
    (drawn,) = app.slider
    before = drawn.value
    app = drawn.set_value(2.0).run()
    app = app.selectbox(key="inside").set_value("shipped:digits/cvae_2").run()
    assert app.slider[0].value == before != 2.0, "both begin with the same random numbers"
    app = app.selectbox(key="inside").set_value("shipped:digits/cvae_16").run()
    assert app.slider[0].value == before and "values" not in app.query_params


@pytest.mark.parametrize("values", ["0:1", "2:9", "x", "1:nan", "99999:1", "1:1_1:2_", "1:1_1:2"])
def test_a_link_may_name_any_code(values, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside="shipped:digits/reversed", values=values, told="77", code="-1")
    assert not app.exception and not app.error


def test_runs_of_other_tasks_and_networks_of_ones_own_are_opened(open_page, use_runner):
    runner = use_runner(execute)
    sizes = {"data": DataSpec("digits", 64, 32), "train": TrainSpec("adam", 0.001, 32, 1, monitor="val_loss")}
    vae = RunSpec(ArchitectureSpec((ConvSpec(4, 3, 2),), "tiny"), **sizes, task="vae",
                  settings=VaeSettings.given(latent_size=3, drawing="8-6"))
    gan = RunSpec(vae.architecture, **sizes, task="gan", settings=GanSettings.given(
        latent_size=3, drawing="8-6", spectral_norm=1.0, average=0.9))
    cvae = RunSpec(ArchitectureSpec((DenseSpec(6),), "tiny"), **sizes, task="cvae",
                   settings=CvaeSettings.given(latent_size=2))
    for spec, parts in ((vae, ("both", "decoder")), (gan, ("generator", "discriminator")), (cvae, ("decoder", "both"))):
        run_id = runner.submit(spec, name="Tiny")
        assert str(finished(runner, run_id).state) == "finished"
        for part in parts:
            app = open_page("inside", inside=f"run:{run_id}", part=part)
            assert not app.exception and not app.error and not app.warning
            assert app.segmented_control(key="part").value == part
    app = open_page("inside", inside="preset:1~c4~m2~f~d8")
    assert not app.exception and not app.error and len(view(app)["layers"]) == 6
