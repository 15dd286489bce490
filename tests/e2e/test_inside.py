"""Click a pixel of a feature map with a real pointer and read its arithmetic; draw, and every map follows."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_permuted_pixels import stroke

pytestmark = pytest.mark.e2e

PAINTED = "canvas => canvas.toDataURL()"
OTHERWISE_PAINTED = "([canvas, before]) => canvas.toDataURL() !== before"


def test_a_click_on_a_map_is_taken_apart_and_can_be_shared(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/inside?inside=shipped:permuted/mnist_cnn_original&layer=3&unit=1&pixel=1-1")
    maps = page.get_by_role("application", name="Output of layer 3", exact=True)
    expect(page.get_by_text("Map 1, row 1, column 1:")).to_be_visible(timeout=180_000)  # the server loads TensorFlow first
    box = maps.bounding_box()
    # The second tile of the first line, a little above its middle; tiles of 32 maps are 66 pixels wide, 3 apart.
    page.mouse.click(box["x"] + 69 + 33, box["y"] + 30)
    expect(page.get_by_text("Map 2, row 7, column 8:")).to_be_visible()
    for words in ("kernel", "products", "relu: max(0", "the other 13 maps together"):
        expect(page.get_by_text(words).first).to_be_visible()
    page.wait_for_url(re.compile("unit=2&pixel=7-8"))
    enlarged = page.get_by_role("application", name="Output of layer 3, the chosen map enlarged")
    enlarged.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Map 2, row 7, column 9:")).to_be_visible()
    other = new_tab().page
    other.goto(page.url)
    expect(other.get_by_text("Map 2, row 7, column 9:")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []


def test_every_map_follows_the_stroke(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/inside")
    first = page.get_by_role("application", name="Output of layer 1", exact=True)
    dense = page.get_by_role("application", name="Output of layer 6", exact=True)
    expect(page.get_by_text("Shown: a test image")).to_be_visible(timeout=180_000)
    before = [canvas.evaluate(PAINTED) for canvas in (first, dense)]
    stroke(page, page.get_by_role("img", name="Draw a digit here"), [(0.5, 0.15), (0.5, 0.85)])
    expect(page.get_by_text("Shown: your drawing")).to_be_visible()
    for canvas, image in zip((first, dense), before, strict=True):
        page.wait_for_function(OTHERWISE_PAINTED, arg=[canvas.element_handle(), image])
    page.get_by_role("button", name="2 Convolution 64 x 3x3, relu").click()
    expect(page.get_by_text("the other 29 maps together")).to_be_visible()
    assert tab.complaints == []
