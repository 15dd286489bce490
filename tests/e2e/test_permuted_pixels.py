"""Drawing on the pad with a real pointer: the permuted view and the answers follow."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def stroke(page, pad, points):
    box = pad.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_drawing_is_permuted_and_four_networks_answer(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/permuted_pixels")
    pad = page.get_by_role("img", name="Draw a digit here")
    permuted = page.get_by_alt_text("What MLP, permuted gets")
    expect(permuted).to_be_visible()
    expect(page.get_by_text("Shown: a test image")).to_be_visible()
    before = permuted.get_attribute("src")
    stroke(page, pad, [(0.5, 0.15), (0.5, 0.85)])
    expect(page.get_by_text("Shown: your drawing")).to_be_visible()
    expect(permuted).not_to_have_attribute("src", before)
    for title in ("MLP, original", "MLP, permuted", "CNN, original", "CNN, permuted"):
        card = page.locator(".lens-card").filter(has=page.get_by_text(title, exact=True))
        expect(card.locator(".answer-says")).to_have_text("1")
    page.get_by_role("button", name="A test image").click()
    expect(page.get_by_text("Shown: a test image")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert tab.complaints == []


def test_the_panel_inside_shows_what_was_drawn_last(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/permuted_pixels")
    inside = page.get_by_alt_text("Saliency of MLP, original", exact=True)
    expect(page.get_by_text("Of a test image (0).")).to_be_visible()
    before = inside.get_attribute("src")
    stroke(page, page.get_by_role("img", name="Draw a digit here"), [(0.5, 0.15), (0.5, 0.85)])
    expect(page.get_by_text("Of your drawing.")).to_be_visible()
    expect(inside).not_to_have_attribute("src", before)
    page.get_by_role("button", name="Clear the pad").click()
    expect(page.get_by_text("Of a test image (0).")).to_be_visible()
    expect(inside).to_have_attribute("src", before)
    assert tab.complaints == []


def test_the_keyboard_draws_and_the_drawing_survives_a_visit_elsewhere(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/permuted_pixels")
    pad = page.get_by_role("img", name="Draw a digit here")
    expect(page.get_by_alt_text("What MLP, permuted gets")).to_be_visible()
    pad.focus()
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Shown: your drawing")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_role("heading", name="Neural Lab")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Permuted pixels").click()
    expect(page.get_by_text("Shown: your drawing")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Shown: a test image")).to_be_visible()


def test_a_link_opens_a_tab_with_its_permutation(server, new_tab):
    page = new_tab().page
    page.goto(server.url + "/permuted_pixels?shuffle=share&moved=30&lens_tab=Why%3F")
    expect(page.get_by_text("30 % of the pixels change places")).to_be_visible()
    expect(page.get_by_text("equal to the last bit")).to_be_visible()
