"""The cat page in a browser: the scrubber moves the images, new ones come at a press, a link opens its tab."""

import pytest
from playwright.sync_api import expect

from lib.ui.cats.networks import SHEETS

pytestmark = pytest.mark.e2e


@pytest.mark.skipif(not (SHEETS / "gan_better").is_dir(), reason="no shipped GAN")
def test_the_scrubber_and_new_images(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/cat_faces")
    expect(page.get_by_role("heading", name="GAN or VAE?")).to_be_visible()
    last = page.get_by_alt_text("Images of the GAN after epoch")
    expect(last).to_be_visible()
    before = last.get_attribute("alt")
    page.get_by_role("slider", name="After epoch").focus()
    page.keyboard.press("ArrowLeft")
    expect(last).not_to_have_attribute("alt", before)
    new = page.get_by_alt_text("12 new images of the GAN")
    expect(new).to_be_visible(timeout=60_000)
    source = new.get_attribute("src")
    page.get_by_role("button", name="Draw 12 new ones").click()
    expect(new).not_to_have_attribute("src", source)
    page.goto(server.url + "/cat_faces?cats_tab=Why%3F")
    expect(page.get_by_text("The VAE must redraw.")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []


@pytest.mark.skipif(not (SHEETS / "gan_better").is_dir(), reason="no shipped GAN")
def test_on_a_phone_each_grid_stands_below_its_networks_name(server, new_tab):
    page = new_tab(viewport={"width": 420, "height": 900}).page
    page.goto(server.url + "/cat_faces")
    for kind in ("GAN", "VAE"):
        name = page.get_by_test_id("stMain").get_by_text(f"{kind}: Better {kind}", exact=True)
        grid = page.get_by_alt_text(f"Images of the {kind} after epoch")
        expect(grid).to_be_visible()
        name.scroll_into_view_if_needed()
        gap = grid.bounding_box()["y"] - name.bounding_box()["y"] - name.bounding_box()["height"]
        assert 0 <= gap < 40
