"""An image of one's own in a real browser: its clock is framed and read, and the frame can be moved, sized and removed."""

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from lib.clockface.scenes import draw_scene
from tests.e2e.conftest import PATIENCE

pytestmark = pytest.mark.e2e
TIME = re.compile(r"^\d+:\d\d\??$")


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A photograph with one clock in its left half."""
    for seed in range(50):
        image, placed = draw_scene(np.random.default_rng([seed, 77]), 800, [0.3], things=0, aspect=0.75)
        x, y, *_ = placed[0].frame
        if 160 < x < 330 and 200 < y < 400:
            path = tmp_path_factory.mktemp("photo") / "kitchen.png"
            Image.fromarray(image).save(path)
            return path
    raise AssertionError("no such scene")


def centre(node):
    # It is drawn anew when an answer comes: an element that has just been replaced has no box.
    box = next(box for box in (node.bounding_box() for _ in range(100)) if box is not None)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 2


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def test_a_found_clock_can_be_corrected(server, new_tab, image):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/tell_time")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(image)
    photo = page.get_by_role("group", name="Clocks found in the image")
    frame = photo.get_by_role("button", name=re.compile("^Clock 1"))
    expect(frame).to_be_visible(timeout=3 * PATIENCE)  # the networks are imported first
    row = page.locator(".row").filter(has_text="Clock 1")
    expect(row.locator(".time")).to_have_text(TIME)
    frame.scroll_into_view_if_needed()
    x, y, radius = centre(frame)
    seen = row.get_by_role("img").get_attribute("src")
    drag(page, (x, y), (x + 2.5 * radius, y))  # away from the dial
    expect(row.get_by_role("img")).not_to_have_attribute("src", seen)
    moved = centre(frame)
    assert moved[0] - x > radius
    drag(page, moved[:2], (x, y))  # and back
    expect(row.get_by_role("img")).not_to_have_attribute("src", seen)
    x, y, radius = centre(frame)
    frame.focus()
    for _ in range(3):
        page.keyboard.press("+")
    page.get_by_role("button", name="Frame another clock").click()  # while the key's change is on its way
    expect(page.locator(".row")).to_have_count(2)
    photo.get_by_role("button", name=re.compile("^Clock 2")).press("Delete")
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("button", name="Remove this one").click()
    expect(page.get_by_text("No clock was found here")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []
