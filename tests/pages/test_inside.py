"""The page Inside without a browser: every layer, clicked places, links, networks of all kinds."""

import base64
import json

import numpy as np
import pytest

from lib import datasets
from lib.runs.local import execute
from lib.spec.permutations import PermutationSpec
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
    assert [row["title"] for row in shown["layers"]][:3] == ["Picture", "1  Convolution 32 x 3x3, relu",
                                                             "2  Convolution 64 x 3x3, relu"]
    assert shown["layers"][1]["size"] == "26 × 26 × 32" and shown["layers"][1]["parameters"] == "320 parameters"
    assert shown["pick"]["layer"] == 0 and "kernel" in shown["detail"] and "relu" in shown["detail"]
    maps = np.frombuffer(base64.b64decode(shown["layers"][1]["data"]), np.uint8).reshape(32, 26, 26)
    pick = shown["pick"]
    assert maps[pick["unit"], pick["row"], pick["column"]] == maps.max() == 255
    assert "It says" in " ".join(e.proto.body for e in app.get("html"))


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


def test_a_link_names_network_layer_unit_pixel_and_picture(open_page, use_runner):
    use_runner(fake_train)
    link = {"inside": "shipped:permuted/mnist_cnn_original", "layer": "3", "unit": "4", "pixel": "5-6", "picture": "12"}
    app = open_page("inside", **link)
    assert not app.exception and not app.warning
    shown = view(app)
    assert shown["pick"] == {"layer": 2, "unit": 3, "row": 4, "column": 5}
    assert app.session_state["inside_pad_example"] == 12
    beyond = view(open_page("inside", layer="99", unit="9999", pixel="999-999"))
    assert beyond["pick"] == {"layer": 6, "unit": 9, "row": 0, "column": 0}


@pytest.mark.parametrize("name", ["run:gone", "nonsense", "preset:none", "shipped:digits/cvae_2", "\x00"])
def test_a_link_to_no_network_says_so_and_shows_another(name, open_page, use_runner):
    use_runner(fake_train)
    app = open_page("inside", inside=name)
    assert not app.exception
    assert "names a network that is not here" in texts(app.warning)
    assert view(app)["layers"][0]["title"] == "Picture"


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
    assert view(app)["layers"][-1]["title"].endswith("Concatenate")


def test_while_the_network_loads_its_layers_are_listed(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.ui.inside.bench.loaded", lambda *_: False)
    shown = view(open_page("inside"))
    assert len(shown["layers"]) == 8 and shown["pick"] is None and "data" not in shown["layers"][1]
