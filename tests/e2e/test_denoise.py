"""Drawing, undoing and cleaning with a real pointer; moving over the map of codes."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_permuted_pixels import stroke

pytestmark = pytest.mark.e2e


def test_a_drawing_is_corrupted_cleaned_undone_and_erased(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/denoise")
    original = page.get_by_alt_text("The original image")
    expect(page.locator(".dn-cards")).to_contain_text("a test image (0)")
    pad = page.get_by_role("img", name="Draw a digit here")
    stroke(page, pad, [(0.5, 0.15), (0.5, 0.85)])
    expect(page.locator(".dn-cards")).to_contain_text("your drawing")
    expect(page.locator(".dn-cards .answer-says").first).to_have_text("1")
    expect(pad).to_have_attribute("aria-busy", "false")
    one = original.get_attribute("src")
    stroke(page, pad, [(0.2, 0.5), (0.8, 0.5)])
    expect(original).not_to_have_attribute("src", one)
    page.get_by_role("button", name="Undo").click()
    expect(original).to_have_attribute("src", one)
    page.get_by_role("button", name="Eraser").click()
    stroke(page, pad, [(0.3, 0.2), (0.7, 0.2)])
    expect(original).not_to_have_attribute("src", one)
    page.get_by_role("button", name="Clear the pad").click()
    expect(page.locator(".dn-cards")).to_contain_text("a test image (0)")
    assert tab.complaints == []


def test_the_slider_moves_every_image(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/denoise")
    noisy = page.get_by_alt_text("Noisy", exact=True)
    cleaned = page.get_by_alt_text("Our convolutional denoiser", exact=True)
    before = noisy.get_attribute("src"), cleaned.get_attribute("src")
    page.locator(".st-key-level").get_by_role("slider").press("ArrowRight")
    expect(noisy).not_to_have_attribute("src", before[0])
    expect(cleaned).not_to_have_attribute("src", before[1])
    assert tab.complaints == []


def test_the_gallery_follows_the_pad_and_the_noise(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/denoise")
    caption = page.get_by_text("Red and struck through: wrong.")
    expect(caption).to_contain_text("Noise: salt and pepper, seed 0, on a test image (0)")
    noisy = page.get_by_alt_text("Noisy at level 0.3")
    before = noisy.get_attribute("src")
    stroke(page, page.get_by_role("img", name="Draw a digit here"), [(0.5, 0.15), (0.5, 0.85)])
    expect(caption).to_contain_text("on your drawing")
    expect(noisy).not_to_have_attribute("src", before)
    page.locator(".st-key-noise").get_by_text("Gaussian").click()
    expect(caption).to_contain_text("Noise: Gaussian, seed 0, on your drawing")
    assert tab.complaints == []


def test_the_map_draws_where_the_pointer_is(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/invent_digits?invent_tab=Two+numbers")
    field = page.get_by_role("application", name="Map of latent codes")
    drawn = page.get_by_alt_text("Decoded", exact=True)
    expect(drawn).to_be_visible()
    before = drawn.get_attribute("src")
    box = field.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    expect(drawn).not_to_have_attribute("src", before)
    moved = drawn.get_attribute("src")
    field.press("ArrowRight")
    field.press("ArrowRight")
    expect(drawn).not_to_have_attribute("src", moved)
    assert tab.complaints == []


def test_a_drawing_and_its_undo_outlive_a_change_of_tab(server, new_tab):
    tab = new_tab()
    page = tab.page
    page.goto(server.url + "/invent_digits")
    pad = page.get_by_role("img", name="Draw a digit here")
    stroke(page, pad, [(0.3, 0.15), (0.6, 0.85)])
    expect(pad).to_have_attribute("aria-busy", "false")
    shows = "([canvas, address]) => canvas.toDataURL() === address"
    first = pad.evaluate("canvas => canvas.toDataURL()")
    stroke(page, pad, [(0.2, 0.5), (0.8, 0.4)])
    expect(pad).to_have_attribute("aria-busy", "false")
    both = pad.evaluate("canvas => canvas.toDataURL()")
    page.get_by_text("Salt a latent code", exact=True).click()
    expect(page.locator(".st-key-salt_level")).to_be_visible()
    page.wait_for_function(shows, arg=[pad.element_handle(), both])
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function(shows, arg=[pad.element_handle(), first])
    assert tab.complaints == []
